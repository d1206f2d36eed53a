/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every name of tests/hostile/names wherever a name, a path or a sentence from outside may stand in
 * a verdict; tests/hostile/judge.py looks at what the reports became of it. */
#include "test_report_verdicts.h"

#include <glib/gstdio.h>

#include "test_report_blames.h"
#include "tests/unit/run.h"

static char *folder;

static void make_folder(void)
{
    folder = g_dir_make_tmp("rustscope-hostile-XXXXXX", NULL);
    ck_assert_ptr_nonnull(folder);
}

static void remove_folder(void)
{
    const char *const argv[] = {"rm", "-rf", folder, NULL};

    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                 NULL);
    g_free(folder);
}

/* --- the corpus --- */

static char *unescaped(const char *text)
{
    GString *bytes = g_string_new(NULL);

    for (const char *at = text; *at; at++) {
        if (*at != '\\') {
            g_string_append_c(bytes, *at);
            continue;
        }
        at++;
        switch (*at) {
        case 'n':
            g_string_append_c(bytes, '\n');
            break;
        case 'r':
            g_string_append_c(bytes, '\r');
            break;
        case 't':
            g_string_append_c(bytes, '\t');
            break;
        case 'x':
            ck_assert(g_ascii_isxdigit(at[1]) && g_ascii_isxdigit(at[2]));
            g_string_append_c(
                bytes, (char)(g_ascii_xdigit_value(at[1]) * 16 + g_ascii_xdigit_value(at[2])));
            at += 2;
            break;
        default:
            ck_assert_msg(*at == '\\' || *at == '"', "%s: what is \\%c?", text, *at);
            g_string_append_c(bytes, *at);
        }
    }
    return g_string_free(bytes, FALSE); /* up to a NUL, for its readers */
}

static GPtrArray *read_names(void)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    ck_assert(g_file_get_contents("tests/hostile/names", &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        char *end = NULL;
        guint64 n = **line == '*' ? g_ascii_strtoull(*line + 1, &end, 10) : 1;
        g_autofree char *once = NULL;
        g_autoptr(GString) whole = g_string_new(NULL);

        if (!**line || **line == '#')
            continue;
        once = unescaped(end ? end + 1 : *line);
        for (; n > 0; n--)
            g_string_append(whole, once);
        g_ptr_array_add(names, g_strdup(whole->str));
    }
    ck_assert_uint_gt(names->len, 300);
    return names;
}

/* --- verdicts --- */

static void set(char **member, const char *value)
{
    g_free(*member);
    *member = g_strdup(value);
}

static void spoil_one(RsBlamed *blamed, const char *name)
{
    set(&blamed->name, name);
    set(&blamed->crate_name, name);
    set(&blamed->module_path, name);
    set(&blamed->binary, name);
    if (blamed->file)
        set(&blamed->file, name);
    if (blamed->shifted_with)
        set(&blamed->shifted_with, name);
}

static void spoil_list(const GPtrArray *list, const char *name)
{
    for (guint i = 0; i < list->len; i++)
        spoil_one(g_ptr_array_index(list, i), name);
}

static void spoil_blame(RsBlame *blame, const char *name)
{
    set(&blame->note, name);
    spoil_list(blame->functions, name);
    spoil_list(blame->leaves, name);
    spoil_list(blame->callers, name);
    spoil_list(blame->crates, name);
    spoil_list(blame->modules, name);
    spoil_list(blame->others, name);
    for (guint i = 0; i < blame->tree->names->len; i++)
        set(&((RsCallTreeName *)g_ptr_array_index(blame->tree->names, i))->name, name);
}

static void spoil_policy(RsVerdict *verdict, const char *name)
{
    for (RsPolicyKind kind = 0; kind < RS_N_POLICY_KINDS; kind++) {
        RsPolicyChange *change = rs_policy_change_new(kind, name, name, name, kind % 2);

        change->unknown_kind = g_strdup(name);
        g_ptr_array_add(verdict->policy_changes, change);
    }
    verdict->acceptance = g_new0(RsAcceptance, 1);
    verdict->acceptance->by = g_strdup(name);
    verdict->acceptance->how = g_strdup(name);
    verdict->acceptance->at = g_strdup(name);
    verdict->acceptance->head = g_strdup(name);
    verdict->acceptance->reason = g_strdup(name);
}

static void spoil_machines(RsVerdict *verdict, const char *name)
{
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        RsMachine *machine = &verdict->machines[arm];
        char **members[] = {&machine->hostname,    &machine->cpu_model, &machine->architecture,
                            &machine->kernel,      &machine->libc,      &machine->hypervisor,
                            &machine->governor,    &machine->microcode, &machine->container,
                            &machine->fingerprint, &machine->pmu};

        for (guint i = 0; i < G_N_ELEMENTS(members); i++)
            set(members[i], name);
    }
}

/* One that failed, with name in every text of it. */
static RsVerdict *spoilt_verdict(const char *name)
{
    RsVerdict *verdict = mixed_verdict(name);
    RsRow *row = add_row(verdict, name, "wall", RS_VERDICT_REGRESSION, 40);

    g_ptr_array_remove_index(verdict->rows, 0); /* would be of the same name */
    set(&row->metric, name);
    set(&row->unit, name);
    g_ptr_array_add(row->warnings, g_strdup(name));
    for (guint i = 0; i < verdict->rows->len; i++)
        if (((RsRow *)g_ptr_array_index(verdict->rows, i))->reason)
            set(&((RsRow *)g_ptr_array_index(verdict->rows, i))->reason, name);
    set_repository(verdict, "https://github.com/o/r");
    spoil_blame(add_blame(verdict, name, name), name);
    spoil_policy(verdict, name);
    spoil_machines(verdict, name);
    g_ptr_array_add(verdict->warnings, g_strdup(name));
    for (guint i = 0; i < verdict->failures->len; i++) {
        RsVerdictFailure *failure = g_ptr_array_index(verdict->failures, i);

        set(&failure->failure->stage, name);
        set(&failure->failure->message, name);
        set(&failure->failure->output_tail, name);
    }
    set(&verdict->tool_version, name);
    set(&verdict->rule_version, name);
    set(&verdict->created_at, name);
    set(&verdict->command, name);
    set(&verdict->sampler, name);
    finish(verdict, RS_GATE_FAILED, 1);
    set(&verdict->gate.reason, name);
    return verdict;
}

/* The same, whose revisions are foreign as well. */
static RsVerdict *misplaced_verdict(const char *name)
{
    RsVerdict *verdict = spoilt_verdict(name);

    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        set(&verdict->revisions[arm].revision, name);
        set(&verdict->revisions[arm].repository, name);
        set(&verdict->revisions[arm].branch, name);
        set(&verdict->revisions[arm].describe, name);
    }
    set(&verdict->change_head, name);
    return verdict;
}

/* --- reports --- */

static void write_report(const char *kind, const char *number, const char *format,
                         const char *suffix, const RsVerdict *verdict, const char *name)
{
    RsReportOptions options = {.marker = name, .accept_label = name, .limit_bytes = 24 << 20};
    g_autofree char *text = render(format, verdict, &options);
    g_autofree char *file = g_strdup_printf("%s.%s%s", kind, number, suffix);
    g_autofree char *path = g_build_filename(folder, file, NULL);

    ck_assert(g_file_set_contents(path, text, -1, NULL));
}

/* Prints what judge.py found; fails when it is anything. */
static void judge(void)
{
    const char *const argv[] = {"python3", "tests/hostile/judge.py", folder, NULL};
    g_autoptr(GError) error = NULL;
    g_autofree char *problems = NULL, *said = NULL;
    int status = 0;

    ck_assert_msg(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                               &problems, &said, &status, &error),
                  "%s", error ? error->message : "");
    ck_assert_msg(status == 0, "%s", said);
    if (strstr(said, "SKIP: "))
        printf("%s", strstr(said, "SKIP: "));
    ck_assert_msg(*g_strstrip(problems) == '\0', "%s", problems);
}

START_TEST(no_name_is_live_in_a_comment)
{
    g_autoptr(GPtrArray) names = read_names();

    g_ptr_array_add(names, g_strdup("plain"));
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        g_autofree char *number =
            i + 1 == names->len ? g_strdup("plain") : g_strdup_printf("%03u", i);
        g_autoptr(RsVerdict) all = spoilt_verdict(name);
        g_autoptr(RsVerdict) misplaced = misplaced_verdict(name);

        if (!*name)
            continue; /* what is empty is left out */
        write_report("all", number, "markdown", ".md", all, name);
        write_report("misplaced", number, "markdown", ".md", misplaced, name);
    }
    judge();
}
END_TEST

START_TEST(no_name_is_live_in_a_log_or_a_widget)
{
    g_autoptr(GPtrArray) names = read_names();

    g_ptr_array_add(names, g_strdup("plain"));
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        g_autofree char *number =
            i + 1 == names->len ? g_strdup("plain") : g_strdup_printf("%03u", i);
        g_autoptr(RsVerdict) verdict = misplaced_verdict(name);

        if (!*name)
            continue;
        write_report("log", number, "annotations", ".log", verdict, name);
        write_report("text", number, "text", ".txt", verdict, name);
        write_report("junit", number, "junit", ".xml", verdict, name);
        write_report("quality", number, "codequality", ".json", verdict, name);
    }
    judge();
}
END_TEST

/* A blame whose functions and callers have the names from the first on, each its own. */
static RsBlame *blame_of_many(RsVerdict *verdict, const char *benchmark, const GPtrArray *names,
                              guint *first)
{
    RsBlame *blame = add_blame(verdict, benchmark, "plain");
    const GPtrArray *lists[] = {blame->functions, blame->others,  blame->callers,
                                blame->crates,    blame->modules, blame->tree->names};

    for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
        for (guint k = 0; k < lists[i]->len; k++) {
            const char *name = g_ptr_array_index(names, (*first)++ % names->len);

            if (lists[i] == blame->tree->names)
                set(&((RsCallTreeName *)g_ptr_array_index(lists[i], k))->name, name);
            else
                spoil_one(g_ptr_array_index(lists[i], k), name);
        }
    return blame;
}

/* Every name is a benchmark, a warning, a reason, a failure and a rule; and by turns a function, a
 * caller, a crate and a frame of a flame graph. */
static RsVerdict *page_of(const GPtrArray *names)
{
    RsVerdict *page = spoilt_verdict("plain");
    guint first = 0;

    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        RsRow *row = add_row(page, name, "wall", RS_VERDICT_INCONCLUSIVE, 8);
        g_autoptr(RsFailure) failure = rs_failure_new(RS_ARM_BASELINE, name);

        row->reason = g_strdup(name);
        g_ptr_array_add(row->warnings, g_strdup(name));
        g_ptr_array_add(page->warnings, g_strdup(name));
        failure->message = g_strdup(name);
        failure->output_tail = g_strdup(name);
        g_ptr_array_add(page->failures, rs_verdict_failure_new(name, failure));
        g_ptr_array_insert(page->policy_changes, 0,
                           rs_policy_change_new(RS_POLICY_COMMAND, name, name, name, TRUE));
    }
    for (guint i = 0; first < 2 * names->len; i++) {
        g_autofree char *benchmark = g_strdup_printf("worst %u", i);

        add_row(page, benchmark, "wall", RS_VERDICT_REGRESSION, 40 + i);
        blame_of_many(page, benchmark, names, &first);
    }
    return finish(page, RS_GATE_FAILED, 1);
}

START_TEST(no_name_is_live_in_the_page)
{
    g_autoptr(GPtrArray) names = read_names();
    g_autoptr(GPtrArray) plain = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(RsVerdict) hostile_page = NULL, plain_page = NULL;

    for (guint i = 0; i < names->len; i++) {
        g_ptr_array_add(plain, g_strdup_printf("plain %03u", i));
        if (!*(const char *)g_ptr_array_index(names, i)) {
            g_free(g_ptr_array_index(names, i));
            g_ptr_array_index(names, i) = g_strdup_printf("<empty>%03u", i);
        }
    }
    hostile_page = page_of(names);
    plain_page = page_of(plain);
    write_report("page", "000", "html", ".html", hostile_page, "plain");
    write_report("page", "plain", "html", ".html", plain_page, "plain");
    judge();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, make_folder, remove_folder);
    tcase_set_timeout(tests, 290);
    tcase_add_test(tests, no_name_is_live_in_a_comment);
    tcase_add_test(tests, no_name_is_live_in_a_log_or_a_widget);
    tcase_add_test(tests, no_name_is_live_in_the_page);
    return run_tests("report hostile", tests);
}
