/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which file a command executes, what is in it, and whether two arms are the same program on the
 * same input. */
#ifndef RS_TRIAL_PROGRAM_H
#define RS_TRIAL_PROGRAM_H

#include <glib.h>

#include "model/session.h"

/* Finds argv[0] as the shell would (relative to the program's working directory, or along PATH) and
 * fills executable_path, _sha256 and _bytes. Errors G_FILE_ERROR. */
gboolean rs_program_resolve(RsProgram *program, GError **error);

/* TRUE only when it is certain: same content of the executed file, same arguments, working
 * directory, environment and stdin, and no library path that depends on where the file lies. Both
 * must be resolved. */
gboolean rs_programs_are_identical(const RsProgram *a, const RsProgram *b);

#endif
