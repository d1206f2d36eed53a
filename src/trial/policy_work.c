/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/policy_work.h"

#include <string.h>

#include "base/child_env.h"
#include "base/text.h"

#define BETWEEN       "\x1f" /* variables: a configuration holds no such character */
#define SHOWN_CHARS   100
#define CONTEXT_CHARS 24 /* that are kept before the first difference */

/* What an arm is made of, as text; NULL: it has none. */
typedef char *(*Aspect)(const RsPlanBenchmark *benchmark, RsArm arm);

/* Different commands give different texts. */
static char *words_of(char **argv, gboolean shell)
{
    GString *text = g_string_new(shell ? "sh: " : NULL);

    if (!argv) {
        g_string_free(text, TRUE);
        return NULL;
    }
    for (char **word = argv; *word; word++) {
        g_autofree char *quoted = NULL;

        if (!shell && (!**word || strpbrk(*word, " \t\n'\"\\$`") || g_str_equal(*word, "sh:")))
            quoted = g_shell_quote(*word);
        g_string_append_printf(text, "%s%s", word == argv ? "" : " ", quoted ? quoted : *word);
    }
    return g_string_free(text, FALSE);
}

static char *command_of(const RsPlanBenchmark *benchmark, RsArm arm)
{
    return words_of(benchmark->programs[arm].argv, benchmark->programs[arm].shell);
}

static char *folder_of(const RsPlanBenchmark *benchmark, RsArm arm)
{
    return g_strdup(benchmark->programs[arm].working_directory);
}

static char *input_of(const RsPlanBenchmark *benchmark, RsArm arm)
{
    return g_strdup(benchmark->programs[arm].stdin_path);
}

static char *build_of(const RsPlanBenchmark *benchmark, RsArm arm)
{
    return g_strdup(benchmark->programs[arm].build_command);
}

static char *setup_of(const RsPlanBenchmark *benchmark, RsArm arm)
{
    return words_of(benchmark->setup[arm].argv, benchmark->setup[arm].shell);
}

static char *prepare_of(const RsPlanBenchmark *benchmark, RsArm arm)
{
    return words_of(benchmark->prepare[arm].argv, benchmark->prepare[arm].shell);
}

static char *cleanup_of(const RsPlanBenchmark *benchmark, RsArm arm)
{
    return words_of(benchmark->cleanup[arm].argv, benchmark->cleanup[arm].shell);
}

static gint compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted: the order of variables says nothing. */
static char *environment_of(const RsPlanBenchmark *benchmark, RsArm arm)
{
    char **environment = benchmark->programs[arm].environment;
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();

    if (!environment || !*environment)
        return NULL;
    for (char **variable = environment; *variable; variable++)
        g_ptr_array_add(sorted, *variable);
    g_ptr_array_sort(sorted, compare_texts);
    g_ptr_array_add(sorted, NULL);
    return g_strjoinv(BETWEEN, (char **)sorted->pdata);
}

static const struct {
    const char *name;
    Aspect of;
} aspects[] = {
    {"command", command_of}, {"working directory", folder_of},
    {"input", input_of},     {"environment", environment_of},
    {"build", build_of},     {"setup", setup_of},
    {"prepare", prepare_of}, {"cleanup", cleanup_of},
};

/* The variables of one side that the other does not have just so, without the values of secrets. */
static char *own_variables(const char *environment, const char *other)
{
    g_auto(GStrv) variables = g_strsplit(environment ? environment : "", BETWEEN, -1);
    g_auto(GStrv) others = g_strsplit(other ? other : "", BETWEEN, -1);
    g_autoptr(GStrvBuilder) own = g_strv_builder_new();
    g_auto(GStrv) list = NULL;

    for (char **variable = variables; *variable; variable++) {
        char *one[] = {*variable, NULL};
        g_auto(GStrv) shown = NULL;

        if (!**variable || g_strv_contains((const char *const *)others, *variable))
            continue;
        shown = rs_child_env_without_secrets(one);
        if (shown && *shown) {
            g_strv_builder_add(own, *shown);
        } else {
            g_autofree char *hidden =
                g_strdup_printf("%.*s=…", (int)strcspn(*variable, "="), *variable);

            g_strv_builder_add(own, hidden);
        }
    }
    list = g_strv_builder_end(own);
    return *list ? g_strjoinv(", ", list) : NULL;
}

/* Long texts are shown from shortly before the place where they begin to differ. */
static char *shortened(const char *text, gsize n_common_chars)
{
    g_autofree char *open = rs_child_env_without_url_secrets(text);
    g_autofree char *plain = rs_text_plain(open, -1, FALSE, G_MAXSIZE);
    gsize n_chars = (gsize)g_utf8_strlen(plain, -1);
    gsize first = n_chars > SHOWN_CHARS && n_common_chars > CONTEXT_CHARS
                      ? MIN(n_common_chars - CONTEXT_CHARS, n_chars - SHOWN_CHARS)
                      : 0;
    gsize end = MIN(n_chars, first + SHOWN_CHARS);
    g_autofree char *part = g_utf8_substring(plain, (glong)first, (glong)end);

    return g_strdup_printf("%s%s%s", first ? "…" : "", part, end < n_chars ? "…" : "");
}

static gsize common_chars(const char *a, const char *b)
{
    g_autofree char *plain_a = rs_text_plain(a ? a : "", -1, FALSE, G_MAXSIZE);
    g_autofree char *plain_b = rs_text_plain(b ? b : "", -1, FALSE, G_MAXSIZE);
    gsize n_bytes = 0;

    while (plain_a[n_bytes] && plain_a[n_bytes] == plain_b[n_bytes])
        n_bytes++;
    while (n_bytes && ((guchar)plain_a[n_bytes] & 0xC0) == 0x80)
        n_bytes--;
    return (gsize)g_utf8_strlen(plain_a, (gssize)n_bytes);
}

static char *labelled(const char *arm, const char *what, const char *text, gsize n_common_chars)
{
    g_autofree char *shown = text ? shortened(text, n_common_chars) : NULL;

    return shown ? g_strdup_printf("%s%s: %s", arm, what, shown) : NULL;
}

static void tell(const char *arm, const char *what, const char *base, const char *head,
                 RsPolicyWorkDifference found, gpointer data)
{
    gsize n_common_chars = common_chars(base, head);
    g_autofree char *before = labelled(arm, what, base, n_common_chars);
    g_autofree char *after = labelled(arm, what, head, n_common_chars);

    found(before, after, data);
}

static void compare_aspect(guint aspect, const RsPlanBenchmark *base, const RsPlanBenchmark *head,
                           RsPolicyWorkDifference found, gpointer data)
{
    static const char *const arm_words[RS_N_ARMS] = {"baseline ", "current "};
    char *before[RS_N_ARMS], *after[RS_N_ARMS];
    gboolean is_equal[RS_N_ARMS];
    gboolean in_both;

    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        before[arm] = aspects[aspect].of(base, arm);
        after[arm] = aspects[aspect].of(head, arm);
        is_equal[arm] = g_strcmp0(before[arm], after[arm]) == 0;
        if (!is_equal[arm] && aspects[aspect].of == environment_of) {
            char *own_before = own_variables(before[arm], after[arm]);
            char *own_after = own_variables(after[arm], before[arm]);

            g_free(before[arm]);
            g_free(after[arm]);
            before[arm] = own_before;
            after[arm] = own_after;
        }
    }
    in_both = !is_equal[0] && !is_equal[1] && g_strcmp0(before[0], before[1]) == 0 &&
              g_strcmp0(after[0], after[1]) == 0;
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
        if (!is_equal[arm] && !(in_both && arm > 0))
            tell(in_both ? "" : arm_words[arm], aspects[aspect].name, before[arm], after[arm],
                 found, data);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        g_free(before[arm]);
        g_free(after[arm]);
    }
}

void rs_policy_work_differences(const RsPlanBenchmark *base, const RsPlanBenchmark *head,
                                RsPolicyWorkDifference found, gpointer data)
{
    for (guint i = 0; i < G_N_ELEMENTS(aspects); i++)
        compare_aspect(i, base, head, found, data);
}

void rs_policy_work_command(const char *what, const RsCommand *base, const RsCommand *head,
                            RsPolicyWorkDifference found, gpointer data)
{
    g_autofree char *before = words_of(base->argv, base->shell);
    g_autofree char *after = words_of(head->argv, head->shell);

    if (g_strcmp0(before, after) != 0)
        tell("", what, before, after, found, data);
}

char *rs_policy_work_key(const RsPlanBenchmark *benchmark)
{
    g_autoptr(GString) parts = g_string_new(NULL);

    for (guint i = 0; i < G_N_ELEMENTS(aspects); i++)
        for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
            g_autofree char *part = aspects[i].of(benchmark, arm);

            /* With its length, or the ends of the parts could be moved. */
            g_string_append_printf(parts, "%zd:%s", part ? (gssize)strlen(part) : -1,
                                   part ? part : "");
        }
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, parts->str, (gssize)parts->len);
}
