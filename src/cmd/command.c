/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/command.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

#define MESSAGE_LIMIT_CHARS 20000

const RsCommandRow *const rs_commands[] = {
    &rs_command_bench_run,
    &rs_command_compare,
    &rs_command_report,
    &rs_command_merge,
    &rs_command_calibrate,
    &rs_command_selftest,
    &rs_command_record,
    &rs_command_view,
    &rs_command_recover,
    &rs_command_doctor,
    &rs_command_help,
    &rs_command_slowed,
    NULL,
};

const RsCommandRow *rs_command_find(const char *name)
{
    for (const RsCommandRow *const *row = rs_commands; *row; row++)
        if (g_str_equal((*row)->name, name))
            return *row;
    return NULL;
}

static void print_harmless(const char *prefix, const char *format, va_list arguments)
    G_GNUC_PRINTF(2, 0);

static void print_harmless(const char *prefix, const char *format, va_list arguments)
{
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    g_autofree char *plain = rs_text_shown(message, -1, TRUE, MESSAGE_LIMIT_CHARS);

    fprintf(stderr, "rustscope: %s%s\n", prefix, plain);
}

int rs_complain(int status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_harmless("", format, arguments);
    va_end(arguments);
    return status;
}

void rs_warn(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_harmless("warning: ", format, arguments);
    va_end(arguments);
}

int rs_command_run(const RsCommandRow *row, char **argv)
{
    g_autofree gpointer values = g_malloc0(row->n_values_bytes);
    g_autoptr(GError) error = NULL;
    int status = RS_EXIT_PASSED;

    if (!rs_opt_parse(row, argv, values, &error))
        status =
            rs_complain(RS_EXIT_USAGE, "%s%s%s (see rustscope %s%s--help)", row->name,
                        *row->name ? ": " : "", error->message, row->name, *row->name ? " " : "");
    else if (!((RsOptBase *)values)->help)
        status = row->run(values);
    rs_opt_clear(row->opts, values);
    return status;
}
