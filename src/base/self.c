/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/self.h"

#include <sys/auxv.h>
#include <unistd.h>

/* A program with an interpreter is told where that was mapped; one that was executed itself, the
 * loader among them, is not (getauxval(3), AT_BASE). We are never linked statically. */
gboolean rs_self_is_behind_loader(void)
{
    return getauxval(AT_BASE) == 0;
}

char *rs_self_path_of(const char *executable, gboolean is_loader, GError **error)
{
    g_autofree char *lib = g_path_get_dirname(executable);
    g_autofree char *top = g_path_get_dirname(lib);
    g_autofree char *starter = g_build_filename(top, "bin", "rustscope", NULL);

    if (!is_loader)
        return g_strdup(executable);
    if (access(starter, X_OK) == 0)
        return g_steal_pointer(&starter);
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                "cannot start itself again: it runs by way of %s, and there is no program %s",
                executable, starter);
    return NULL;
}

char *rs_self_path(GError **error)
{
    g_autofree char *executable = g_file_read_link("/proc/self/exe", error);

    return executable ? rs_self_path_of(executable, rs_self_is_behind_loader(), error) : NULL;
}
