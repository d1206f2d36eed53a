/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts a program held back before its exec, so that a sampler can attach to it first. For
 * `record`; measured trials have a launcher of their own (src/trial/). */
#ifndef RS_CAPTURE_LAUNCH_H
#define RS_CAPTURE_LAUNCH_H

#include <glib.h>
#include <sys/types.h>

typedef struct RsHeld RsHeld;

/* Forks; the child waits. argv NULL-ended, found through PATH; environment NULL-ended. The child
 * has our stdin, stdout and stderr, default signal actions and an empty signal mask, and is killed
 * when we die before the release. Errors G_SPAWN_ERROR. */
RsHeld *rs_launch_hold(char **argv, char **environment, GError **error);
pid_t rs_held_pid(const RsHeld *held);
/* Lets it execute. FALSE: the program could not be executed (G_SPAWN_ERROR: not found, no
 * permission, ...); the child has ended then and still has to be reaped. */
gboolean rs_held_release(RsHeld *held, GError **error);
void rs_held_free(RsHeld *held); /* not released: the child is killed and reaped */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsHeld, rs_held_free)

#endif
