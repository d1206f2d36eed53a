/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/names.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyze/call_tree.h"
#include "base/clock.h"
#include "cmd/source_paths.h"
#include "report/flame.h"
#include "symbol/symbolizer.h"
#include "trial/worktrees.h"

#define TELL_AFTER_NS G_GINT64_CONSTANT(1000000000)
#define TELL_EVERY_NS G_GINT64_CONSTANT(200000000)

struct RsNames {
    const RsNamesOpts *opts;
    RsModules *modules; /* NULL: none were pinned */
    RsSymbolizer *symbolizer;
    GPtrArray *live; /* RsSymbolModule by the id of its RsModule; NULL: not asked for yet */
    char *root;      /* NULL: ours */
    gint32 process_id;
    gint64 start_ns, told_ns;
};

RsNames *rs_names_new(const RsNamesOpts *opts, RsModules *modules)
{
    RsNames *names = g_new0(RsNames, 1);
    RsSymbolOptions options = {
        .symbol_folders = opts->symbol_folders,
        .use_debuginfod = opts->debuginfod,
        .no_inlines = opts->no_inlines,
    };

    names->opts = opts;
    names->modules = modules;
    names->symbolizer = rs_symbolizer_new(&options);
    names->live = g_ptr_array_new();
    return names;
}

void rs_names_free(RsNames *names)
{
    if (!names)
        return;
    rs_symbolizer_free(names->symbolizer);
    g_ptr_array_unref(names->live);
    g_free(names->root);
    g_free(names);
}

/* As the process itself is called in its own container: the last of "NSpid: 4711 12". */
static gint32 inner_process_id(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status", (int)pid), *text = NULL;
    char *line, *last;

    if (!g_file_get_contents(path, &text, NULL, NULL) || !(line = strstr(text, "\nNSpid:")))
        return (gint32)pid;
    line[1 + strcspn(line + 1, "\n")] = '\0';
    last = strrchr(line, '\t');
    return last ? (gint32)g_ascii_strtoll(last, NULL, 10) : (gint32)pid;
}

void rs_names_set_process(RsNames *names, pid_t pid)
{
    g_free(names->root);
    names->root = g_strdup_printf("/proc/%d/root", (int)pid);
    names->process_id = inner_process_id(pid);
}

static void describe(const RsNames *names, RsModule *module, RsSymbolModuleInfo *info)
{
    info->root = names->root;
    info->process_id = names->process_id;
    if (module)
        info->elf = rs_module_elf(module);
}

/* The profile's modules are copies: they are found again by what they are. */
static void find_pinned(const RsProfileModule *wanted, RsSymbolModuleInfo *info, gpointer data)
{
    const RsNames *names = data;
    RsModule *found = NULL;

    for (guint32 id = 0; names->modules && !found && id < rs_modules_n(names->modules); id++) {
        RsModule *module = rs_modules_by_id(names->modules, id);

        if (rs_module_kind(module) == wanted->kind &&
            g_strcmp0(rs_module_path(module), wanted->path) == 0 &&
            g_strcmp0(rs_module_build_id(module), wanted->build_id) == 0)
            found = module;
    }
    describe(names, found, info);
}

const char *rs_names_of(RsNames *names, RsModule *module, guint64 address, guint64 *start)
{
    guint32 id = rs_module_id(module);
    RsSymbolModuleInfo info = {
        .kind = rs_module_kind(module),
        .path = rs_module_path(module),
        .build_id = rs_module_build_id(module),
        .n_bytes = rs_module_n_bytes(module),
    };

    if (names->opts->no_symbols)
        return NULL;
    if (names->live->len <= id)
        g_ptr_array_set_size(names->live, (gint)id + 1);
    if (!g_ptr_array_index(names->live, id)) {
        describe(names, module, &info);
        g_ptr_array_index(names->live, id) = rs_symbolizer_add(names->symbolizer, &info);
    }
    return rs_symbol_module_name(g_ptr_array_index(names->live, id), address, start);
}

static void on_progress(guint n_done, guint n_frames, gpointer data)
{
    RsNames *names = data;
    gint64 now_ns = rs_monotonic_ns();

    if (now_ns - names->start_ns < TELL_AFTER_NS || now_ns - names->told_ns < TELL_EVERY_NS ||
        !isatty(STDERR_FILENO))
        return;
    names->told_ns = now_ns;
    fprintf(stderr, "\rrustscope: naming functions, %u of %u addresses \033[K", n_done, n_frames);
}

/* --- programs and libraries --- */

static gboolean is_of_the_system(const char *path)
{
    const char *base = strrchr(path, '/');

    base = base ? base + 1 : path;
    return g_str_has_prefix(base, "libc.") || g_str_has_prefix(base, "libc-") ||
           g_str_has_prefix(base, "libpthread") || g_str_has_prefix(base, "ld-");
}

/* A program that was found through the link of two trees lies, for the kernel, in one of them. */
static gboolean is_path_of(const char *executable, const char *path)
{
    g_auto(GStrv) trees = NULL;

    if (!executable || g_str_equal(executable, path))
        return executable != NULL;
    trees = rs_worktrees_around(executable);
    for (char **tree = trees ? trees + 1 : NULL; tree && *tree; tree++) {
        gsize n = strlen(*tree);

        if (strncmp(path, *tree, n) == 0 && g_str_equal(path + n, executable + strlen(trees[0])))
            return TRUE;
    }
    return FALSE;
}

static gboolean is_program(const RsSession *session, const char *path)
{
    for (guint i = 0; i < session->benchmarks->len; i++) {
        const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, i);

        for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
            if (is_path_of(benchmark->programs[arm].executable_path, path))
                return TRUE;
    }
    return FALSE;
}

/* The programs under test: those that were asked for, and whatever has the begin of a stack, but
 * for the C library, in which threads begin. */
static GArray *main_modules(const RsSession *session)
{
    const RsProfile *profile = session->profile;
    g_autofree gboolean *has_root = g_new0(gboolean, profile->modules->len + 1);
    GArray *found = g_array_new(FALSE, FALSE, sizeof(guint32));

    for (guint i = 0; i < profile->stacks->len; i++) {
        const RsProfileStack *stack = &g_array_index(profile->stacks, RsProfileStack, i);

        if (stack->parent == RS_STACK_NONE)
            has_root[g_array_index(profile->frames, RsProfileFrame, stack->frame).module] = TRUE;
    }
    for (guint32 i = 0; i < profile->modules->len; i++) {
        const RsProfileModule *module = g_ptr_array_index(profile->modules, i);

        if (module->kind == RS_MODULE_FILE &&
            (is_program(session, module->path) || (has_root[i] && !is_of_the_system(module->path))))
            g_array_append_val(found, i);
    }
    return found;
}

/* The samples of trials are with their benchmarks. */
static void count_trials(RsNames *names, RsSession *session)
{
    RsProfile *profile = session->profile;
    g_autofree gint64 *n_by_stack = g_new0(gint64, profile->stacks->len + 1);
    gint64 n_without = 0;

    for (guint i = 0; i < session->benchmarks->len; i++) {
        const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, i);

        for (guint j = 0; benchmark->trial_samples && j < benchmark->trial_samples->len; j++) {
            const RsTrialSample *sample =
                &g_array_index(benchmark->trial_samples, RsTrialSample, j);

            if (sample->stack >= 0)
                n_by_stack[sample->stack] += sample->n;
            else
                n_without += sample->n;
        }
    }
    rs_symbolize_count(names->symbolizer, profile, n_by_stack, profile->stacks->len, n_without,
                       &profile->diagnostics);
}

void rs_names_session(RsNames *names, RsSession *session)
{
    g_autoptr(GArray) mains = NULL;

    if (names->opts->no_symbols || !session->profile || !session->profile->frames->len)
        return;
    mains = main_modules(session);
    names->start_ns = rs_monotonic_ns();
    names->told_ns = 0;
    rs_symbolize_profile(names->symbolizer, session->profile, (const guint32 *)mains->data,
                         mains->len, find_pinned, on_progress, names);
    if (names->told_ns)
        fputs("\r\033[K", stderr);
    if (!session->profile->samples->len)
        count_trials(names, session);
    rs_source_paths_settle(session);
}

void rs_names_tell_top(RsSession *session, guint n_max)
{
    gboolean color =
        isatty(STDERR_FILENO) && !g_getenv("NO_COLOR") && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
    g_autoptr(GString) text = NULL;

    rs_functions_sum(session);
    text = rs_top_text(session, n_max, color);
    fwrite(text->str, 1, text->len, stderr);
}

void rs_names_complete(const RsNamesOpts *opts, RsSession *session)
{
    const RsProfile *profile = session->profile;
    g_autoptr(RsNames) names = NULL;

    if (opts->no_symbols || !profile || !profile->frames->len || profile->lines->len)
        return;
    names = rs_names_new(opts, NULL);
    rs_names_session(names, session);
    rs_functions_sum(session);
}
