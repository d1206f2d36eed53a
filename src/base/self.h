/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command that starts this program again. That is /proc/self/exe, but not in the relocatable
 * tarball: there bin/rustscope hands over to the loader that lies beside the bundled libraries, so
 * that /proc/self/exe is that loader, which would take our arguments for its own. */
#ifndef RS_BASE_SELF_H
#define RS_BASE_SELF_H

#include <glib.h>

/* Absolute, yours. Errors G_FILE_ERROR: /proc is not to be had, or the tarball's own starter is
 * gone. */
char *rs_self_path(GError **error);

/* Was the loader given to exec, with the program as its argument? Then the kernel knows the process
 * by the loader's name. */
gboolean rs_self_is_behind_loader(void);

/* For rs_self_path: what lies at executable (/proc/self/exe read), when that is a loader in the
 * tarball's lib/ and when it is not. Yours. Errors G_FILE_ERROR_NOENT. */
char *rs_self_path_of(const char *executable, gboolean is_loader, GError **error);

#endif
