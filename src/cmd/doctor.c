/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor: what the machine permits, and what to do about it. */
#include "cmd/doctor.h"

#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/command.h"
#include "cmd/doctor_checks.h"
#include "format/emit.h"

#define DOCTOR_FORMAT  "rustscope-doctor"
#define DOCTOR_VERSION 1

typedef struct {
    RsOptBase base;
    gboolean json;
} Values;

static const RsOpt opts[] = {
    {"json", 0, RS_OPT_FLAG, offsetof(Values, json), NULL, NULL, "as JSON, for programs", NULL},
    {0},
};

static const char *color_of(RsCheckState state)
{
    static const char *const colors[] = {"\033[32m", "\033[33m", "\033[31m", ""};

    return colors[state];
}

static gboolean has_colors(void)
{
    return isatty(STDOUT_FILENO) && !g_getenv("NO_COLOR") &&
           g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}

static void print_text(const GPtrArray *checks, const char *sampler, const char *why)
{
    gboolean colors = has_colors();
    const char *group = "";

    for (guint i = 0; i < checks->len; i++) {
        const RsCheck *check = g_ptr_array_index(checks, i);
        g_autofree char *fact = rs_text_shown(check->fact, -1, FALSE, 1000);

        if (!g_str_equal(group, check->group))
            printf("%s%s\n", i ? "\n" : "", check->group);
        group = check->group;
        printf("  %s%-8s%s%-20s %s\n", colors ? color_of(check->state) : "",
               rs_check_state_names[check->state], colors ? "\033[0m" : "", check->name, fact);
        if (check->advice)
            printf("  %-8s%-20s -> %s\n", "", "", check->advice);
    }
    printf("\nrustscope record takes samples with %s: %s\n", sampler, why);
}

static void print_json(const GPtrArray *checks, const char *sampler, const char *why)
{
    g_autoptr(RsEmit) emit = rs_emit_new(RS_EMIT_LINES, 0);
    GString *text;

    rs_emit_object(emit, NULL, RS_EMIT_LINES, NULL);
    rs_emit_text(emit, "format", DOCTOR_FORMAT);
    rs_emit_int(emit, "version", DOCTOR_VERSION);
    rs_emit_text(emit, "tool_version", RS_VERSION);
    rs_emit_text(emit, "sampler", sampler);
    rs_emit_text(emit, "sampler_reason", why);
    rs_emit_array(emit, "checks", RS_EMIT_LINES);
    for (guint i = 0; i < checks->len; i++) {
        const RsCheck *check = g_ptr_array_index(checks, i);

        rs_emit_object(emit, NULL, RS_EMIT_INLINE, NULL);
        rs_emit_text(emit, "group", check->group);
        rs_emit_text(emit, "name", check->name);
        rs_emit_text(emit, "state", rs_check_state_names[check->state]);
        rs_emit_text(emit, "fact", check->fact);
        rs_emit_text(emit, "advice", check->advice);
        rs_emit_end(emit);
    }
    rs_emit_end(emit);
    rs_emit_end(emit);
    text = rs_emit_finish(emit, NULL);
    fputs(text->str, stdout);
    g_string_free(text, TRUE);
}

int rs_doctor(gboolean as_json)
{
    g_autoptr(GPtrArray) checks = rs_doctor_checks("/");
    g_autofree char *why = NULL;
    const char *sampler = rs_doctor_sampler(&why);

    (as_json ? print_json : print_text)(checks, sampler, why);
    return RS_EXIT_PASSED;
}

static int run_doctor(gpointer data)
{
    const Values *values = data;

    if (values->base.operands[0])
        return rs_complain(RS_EXIT_USAGE, "doctor: unexpected argument '%s'",
                           values->base.operands[0]);
    return rs_doctor(values->json);
}

const RsCommandRow rs_command_doctor = {
    .name = "doctor",
    .operands = "",
    .summary = "Tell what this machine permits, and what to do about it.",
    .description =
        "Each line is ok, limited, no, or just a fact; below it what would help. Nothing is "
        "changed.\n\n"
        "Exit status 0, whatever was found: it is a diagnosis. --json has it for programs.",
    .opts = opts,
    .n_values_bytes = sizeof(Values),
    .run = run_doctor,
};
