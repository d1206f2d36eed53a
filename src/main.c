/* SPDX-License-Identifier: GPL-3.0-or-later */
/* argv -> command row -> exit status; flushes stdout and fails if that fails. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/self.h"
#include "base/suggest.h"
#include "cmd/command.h"

static int unknown_command(const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *near;

    for (const RsCommandRow *const *row = rs_commands; *row; row++)
        if (!(*row)->hidden)
            g_ptr_array_add(names, (gpointer)(*row)->name);
    g_ptr_array_add(names, NULL);
    near = rs_suggest((const char *const *)names->pdata, name);
    return rs_complain(RS_EXIT_USAGE, "'%s' is no command%s%s%s; `rustscope --help` lists them",
                       name, near ? ", did you mean " : "", near ? near : "", near ? "?" : "");
}

static int run(char **argv)
{
    static char *no_arguments[] = {NULL};
    const RsCommandRow *row;

    if (!argv[0]) {
        rs_command_run(&rs_command_help, no_arguments);
        return RS_EXIT_USAGE;
    }
    if (g_str_equal(argv[0], "--help") || g_str_equal(argv[0], "-h"))
        return rs_command_run(&rs_command_help, no_arguments);
    if (g_str_equal(argv[0], "--version") || g_str_equal(argv[0], "-V")) {
        printf("rustscope %s\n", RS_VERSION);
        return RS_EXIT_PASSED;
    }
    if (argv[0][0] == '-')
        return rs_command_run(&rs_command_classic, argv);
    row = rs_command_find(argv[0]);
    return row ? rs_command_run(row, argv + 1) : unknown_command(argv[0]);
}

int main(int argc, char **argv)
{
    int status;

    if (rs_self_is_behind_loader()) /* ps and `pkill -USR1 rustscope` go by this name */
        prctl(PR_SET_NAME, "rustscope");
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); /* files and figures look the same everywhere */
    status = run(argv + (argc > 0));
    if (fflush(stdout) != 0 || ferror(stdout))
        return rs_complain(status ? status : RS_EXIT_CANNOT, "standard output: cannot write: %s",
                           g_strerror(errno));
    return status;
}
