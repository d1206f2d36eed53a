/* SPDX-License-Identifier: GPL-3.0-or-later */
/* view: where the time of a session went, on the terminal or as a page. */
#include <stdio.h>
#include <string.h>

#include "analyze/call_tree.h"
#include "base/file.h"
#include "base/text.h"
#include "base/units.h"
#include "cmd/command.h"
#include "cmd/names.h"
#include "cmd/output.h"
#include "format/codec.h"
#include "report/flame.h"

#define TREE_MIN_FRAC   0.0005 /* of the page's tree: thinner than a pixel */
#define TREE_MAX_NODES  20000
#define MAX_NAME_CHARS  60
#define MAX_NAMES_CHARS 200

typedef struct {
    RsOptBase base;
    RsNamesOpts names;
    char *html_path, *benchmark;
    guint n_rows;
    double min_pct;
} Values;

static const RsOpt opts[] = {
    {"html", 0, RS_OPT_FILE, offsetof(Values, html_path), NULL, "FILE",
     "write a page with an interactive flame graph; - is stdout", NULL},
    {"benchmark", 'b', RS_OPT_TEXT, offsetof(Values, benchmark), NULL, "NAME",
     "of a file of bench-run: this benchmark (else the first that was sampled)", NULL},
    {"rows", 'n', RS_OPT_COUNT, offsetof(Values, n_rows), "20", "N", "functions in the list", NULL},
    {"min", 0, RS_OPT_REAL, offsetof(Values, min_pct), "0.5", "PCT",
     "leave out of the tree what is below this share of the time", NULL},
    RS_NAMES_OPT_ROWS(Values, names),
    {0},
};

static GQuark view_error_quark(void)
{
    return g_quark_from_static_string("rs-view-error");
}

/* What it has instead, up to a line of them. */
static void set_missing(GError **error, const RsSession *session, const char *wanted)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (guint i = 0; i < session->benchmarks->len && names->len < MAX_NAMES_CHARS; i++) {
        const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, i);
        g_autofree char *name = rs_text_plain(benchmark->name, -1, FALSE, MAX_NAME_CHARS);

        g_string_append_printf(names, "%s%s", i ? ", " : "; it has ", name);
    }
    if (names->len >= MAX_NAMES_CHARS)
        g_string_append(names, ", ...");
    g_set_error(error, view_error_quark(), 0, "it has no benchmark named %s%s", wanted, names->str);
}

static const RsBenchmark *benchmark_of(const Values *values, const RsSession *session,
                                       GError **error)
{
    const RsBenchmark *benchmark = NULL;

    if (values->benchmark) {
        benchmark = rs_session_find(session, values->benchmark);
        if (!benchmark)
            set_missing(error, session, values->benchmark);
        return benchmark;
    }
    for (guint i = 0; i < session->benchmarks->len && !benchmark; i++) {
        const RsBenchmark *candidate = g_ptr_array_index(session->benchmarks, i);

        if (candidate->trial_spans)
            benchmark = candidate;
    }
    return benchmark;
}

/* The tree to show and what it is called. */
static RsCallTree *tree_of(const Values *values, const RsSession *session, char **title,
                           GError **error)
{
    const RsBenchmark *benchmark = benchmark_of(values, session, error);
    RsCallTree *tree = NULL;

    if (error && *error)
        return NULL;
    if (benchmark) {
        *title = g_strdup(benchmark->name);
        tree = rs_call_tree_of_benchmark(session, benchmark);
    } else if (session->profile && session->profile->samples->len) {
        *title = g_strdup("recording");
        tree = rs_call_tree_of_profile(session->profile);
    }
    if (!tree)
        g_set_error(error, view_error_quark(), 0, "no stacks were sampled in it%s",
                    session->profile && session->profile->diagnostics.backend_reason
                        ? " (rustscope doctor tells what this machine permits)"
                        : ", because sampling was off");
    return tree;
}

static void add_fact(GPtrArray *facts, const char *name, char *value)
{
    if (value)
        g_ptr_array_add(facts, g_strdup_printf("%s: %s", name, value));
    g_free(value);
}

static char **facts_of(const RsSession *session)
{
    const RsProfile *profile = session->profile;
    const RsDiagnostics *diagnostics = &profile->diagnostics;
    GPtrArray *facts = g_ptr_array_new();

    add_fact(facts, "created", g_strdup(session->created_at));
    add_fact(facts, "sampler",
             diagnostics->backend
                 ? g_strdup_printf("%s at %g Hz", diagnostics->backend, diagnostics->sample_rate_hz)
                 : NULL);
    if (profile->summary.duration_ns >= 0)
        add_fact(facts, "duration",
                 rs_units_format_duration((double)profile->summary.duration_ns / 1e9));
    add_fact(facts, "revision", g_strdup(session->revisions[RS_ARM_CURRENT].revision));
    add_fact(facts, "made by",
             g_strdup_printf("rustscope %s", session->tool_version ? session->tool_version : ""));
    g_ptr_array_add(facts, NULL);
    return (char **)g_ptr_array_free(facts, FALSE);
}

/* The list is of what the tree is of: the other benchmarks go. How much has a name was counted over
 * all of them, so nothing is said of that. */
static void leave_others_out(const Values *values, RsSession *session)
{
    const RsBenchmark *benchmark = benchmark_of(values, session, NULL);

    if (!benchmark || session->benchmarks->len < 2)
        return;
    for (guint i = session->benchmarks->len; i > 0; i--)
        if (g_ptr_array_index(session->benchmarks, i - 1) != benchmark)
            g_ptr_array_remove_index(session->benchmarks, i - 1);
    memset(session->profile->diagnostics.n_by_source, 0,
           sizeof session->profile->diagnostics.n_by_source);
    memset(session->profile->diagnostics.n_unnamed, 0,
           sizeof session->profile->diagnostics.n_unnamed);
    rs_functions_sum(session);
}

static gboolean show(const Values *values, RsSession *session, GError **error)
{
    g_autofree char *title = NULL;
    g_autoptr(RsCallTree) whole = tree_of(values, session, &title, error);
    g_autoptr(RsCallTree) tree = NULL;
    g_autoptr(GString) text = NULL;
    RsTerminal terminal;

    if (!whole)
        return FALSE;
    if (values->html_path) {
        g_auto(GStrv) facts = facts_of(session);
        g_autoptr(GString) page = NULL;

        tree = rs_call_tree_prune(whole, TREE_MIN_FRAC, TREE_MAX_NODES);
        page = rs_flame_html(tree, title, (const char *const *)facts);
        return rs_file_write(values->html_path, page->str, page->len, error);
    }
    leave_others_out(values, session);
    terminal = rs_output_terminal(NULL);
    text = rs_top_text(session, values->n_rows, terminal.color);
    fwrite(text->str, 1, text->len, stdout);
    g_string_free(g_steal_pointer(&text), TRUE);
    text = rs_flame_text(whole, terminal.width_columns, terminal.color, values->min_pct);
    putchar('\n');
    fwrite(text->str, 1, text->len, stdout); /* main checks the stream when it flushes */
    return TRUE;
}

static int run_view(gpointer data)
{
    const Values *values = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(RsSession) session = NULL;
    const char *path = values->base.operands[0];

    if (g_strv_length(values->base.operands) != 1)
        return rs_complain(RS_EXIT_USAGE, "view: expected one session file");
    if (!(values->min_pct >= 0 && values->min_pct < 100))
        return rs_complain(RS_EXIT_USAGE, "view: --min has to be between 0 and 100");
    session = rs_session_read(path, &error);
    if (!session)
        return rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    rs_names_complete(&values->names, session);
    if (!show(values, session, &error))
        return rs_complain(RS_EXIT_CANNOT, "%s: %s", path, error->message);
    return RS_EXIT_PASSED;
}

const RsCommandRow rs_command_view = {
    .name = "view",
    .operands = "SESSION",
    .summary = "Show where the time of a session went: functions, crates, a flame graph.",
    .description =
        "SESSION is a file of record, bench-run or recover. On the terminal: the functions with "
        "the most time of\ntheir own, and the tree of calls. With --html: a page that needs "
        "nothing else, with a flame graph to\nsearch and zoom in. Of a benchmark with two sides "
        "both are shown, and what changed.\n\n"
        "A file without names (of a run that was killed, or made with --no-symbols) is named now "
        "from the\nprograms and libraries where they still are what they were.\n\n"
        "Examples:\n"
        "  rustscope view app.json\n"
        "  rustscope view run.json --benchmark parse --html parse.html",
    .opts = opts,
    .n_values_bytes = sizeof(Values),
    .run = run_view,
};
