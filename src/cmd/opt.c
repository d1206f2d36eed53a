/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/opt.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "base/units.h"
#include "cmd/command.h"
#include "cmd/inputs.h"
#include "model/names.h"

typedef struct {
    const RsOpt *opts;
    gpointer values;
    guint64 seen[RS_OPT_MAX_ROWS / 64]; /* rows that the command line has had so far */
} Parse;

char *rs_opt_describe(const RsOpt *opt)
{
    GString *text = g_string_new(opt->help);

    if (opt->words) {
        g_autofree char *words = g_strjoinv("|", (char **)opt->words);

        g_string_append_printf(text, " [%s]", words);
    }
    if (opt->default_text && *opt->default_text)
        g_string_append_printf(text, " (default: %s)", opt->default_text);
    return g_string_free(text, FALSE);
}

static gboolean bad(GError **error, const RsOpt *opt, const char *value, const char *wanted)
{
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--%s '%s': expected %s",
                opt->name, value, wanted);
    return FALSE;
}

static void append_text(char ***texts, const char *text)
{
    guint n = *texts ? g_strv_length(*texts) : 0;

    *texts = g_renew(char *, *texts, n + 2);
    (*texts)[n] = g_strdup(text);
    (*texts)[n + 1] = NULL;
}

static gboolean append_list(const RsOpt *opt, char ***texts, const char *value, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(value, ",", -1);

    for (char **part = parts; *part; part++) {
        if (!*g_strstrip(*part))
            return bad(error, opt, value, "names separated by commas");
        append_text(texts, *part);
    }
    return TRUE;
}

static gboolean set_number(const RsOpt *opt, gpointer target, const char *value, GError **error)
{
    char *end;
    gint64 integer;
    double real;

    errno = 0;
    switch (opt->kind) {
    case RS_OPT_REAL:
        real = g_ascii_strtod(value, &end);
        if (end == value || *end || !isfinite(real))
            return bad(error, opt, value, "a number");
        *(double *)target = real;
        return TRUE;
    case RS_OPT_DURATION:
        return rs_units_parse_duration_s(value, target) ||
               bad(error, opt, value, "a duration such as 90s, 5m or 1.5h");
    default:
        integer = g_ascii_strtoll(value, &end, 10);
        if (end == value || *end || errno || integer < 0 ||
            (opt->kind == RS_OPT_COUNT && integer > G_MAXINT32))
            return bad(error, opt, value, "a whole number, 0 or more");
        if (opt->kind == RS_OPT_COUNT)
            *(guint *)target = (guint)integer;
        else
            *(gint64 *)target = integer;
        return TRUE;
    }
}

static gboolean set_word(const RsOpt *opt, int *target, const char *value, GError **error)
{
    int i = rs_name_index(opt->words, value);
    g_autofree char *words = g_strjoinv(", ", (char **)opt->words);
    g_autofree char *wanted = g_strdup_printf("one of %s", words);

    if (i < 0)
        return bad(error, opt, value, wanted);
    *target = i;
    return TRUE;
}

static gboolean set_value(const RsOpt *opt, gpointer values, const char *value, GError **error)
{
    gpointer target = (char *)values + opt->offset;

    switch (opt->kind) {
    case RS_OPT_FLAG:
        *(gboolean *)target = TRUE;
        return TRUE;
    case RS_OPT_TEXT:
    case RS_OPT_FILE:
        g_free(*(char **)target);
        *(char **)target = g_strdup(value);
        return TRUE;
    case RS_OPT_TEXTS:
        append_text(target, value);
        return TRUE;
    case RS_OPT_LIST:
        return append_list(opt, target, value, error);
    case RS_OPT_WORD:
        return set_word(opt, target, value, error);
    default:
        return set_number(opt, target, value, error);
    }
}

static void set_defaults(const RsOpt *opts, gpointer values)
{
    for (const RsOpt *opt = opts; opt->name; opt++) {
        if (opt->kind == RS_OPT_INTEGER && !opt->default_text)
            *(gint64 *)((char *)values + opt->offset) = -1;
        if (opt->default_text)
            g_assert_true(set_value(opt, values, opt->default_text, NULL));
    }
}

void rs_opt_clear(const RsOpt *opts, gpointer values)
{
    RsOptBase *base = values;

    for (const RsOpt *opt = opts; opt->name; opt++) {
        gpointer target = (char *)values + opt->offset;

        if (opt->kind == RS_OPT_TEXT || opt->kind == RS_OPT_FILE)
            g_clear_pointer((char **)target, g_free);
        if (opt->kind == RS_OPT_TEXTS || opt->kind == RS_OPT_LIST)
            g_clear_pointer((char ***)target, g_strfreev);
    }
    g_clear_pointer(&base->operands, g_strfreev);
    g_clear_pointer(&base->command, g_strfreev);
}

static guint count_rows(const RsOpt *opts)
{
    guint n = 0;

    while (opts[n].name)
        n++;
    return n;
}

static const RsOpt *find(const RsOpt *opts, const char *given)
{
    for (const RsOpt *opt = opts; opt->name; opt++)
        if (g_str_has_prefix(given, "--") ? g_str_equal(opt->name, given + 2)
                                          : opt->short_name && opt->short_name == given[1])
            return opt;
    return NULL;
}

static gboolean has_bit(const guint64 *bits, guint row)
{
    return (bits[row / 64] >> row % 64 & 1) != 0;
}

static void set_bit(guint64 *bits, guint row)
{
    bits[row / 64] |= G_GUINT64_CONSTANT(1) << row % 64;
}

gboolean rs_opt_is_given(const RsOptBase *base, guint row)
{
    return has_bit(base->given, row);
}

gboolean rs_opt_given(const RsOpt *opts, const RsOptBase *base, const char *name)
{
    for (guint i = 0; opts[i].name; i++)
        if (g_str_equal(opts[i].name, name))
            return has_bit(base->given, i);
    g_assert_not_reached();
}

/* The first text of a list that is given replaces the default, or what an input said. */
static void clear_list(gpointer values, const RsOpt *opt)
{
    if (opt->kind == RS_OPT_TEXTS || opt->kind == RS_OPT_LIST)
        g_clear_pointer((char ***)((char *)values + opt->offset), g_strfreev);
}

static gboolean on_option(const char *name, const char *value, gpointer data, GError **error)
{
    Parse *parse = data;
    const RsOpt *opt = find(parse->opts, name);
    guint row = (guint)(opt - parse->opts);

    if (!has_bit(parse->seen, row))
        clear_list(parse->values, opt);
    set_bit(parse->seen, row);
    set_bit(((RsOptBase *)parse->values)->given, row);
    return set_value(opt, parse->values, value, error);
}

gboolean rs_opt_set(const RsOpt *opts, gpointer values, const RsOpt *opt, const char *value,
                    GError **error)
{
    gboolean is_list = opt->kind == RS_OPT_TEXTS || opt->kind == RS_OPT_LIST;
    g_auto(GStrv) lines = g_strsplit(value, "\n", is_list ? -1 : 1);

    clear_list(values, opt);
    set_bit(((RsOptBase *)values)->given, (guint)(opt - opts));
    if (opt->kind == RS_OPT_FLAG) {
        gboolean is_true = g_str_equal(value, "true");

        *(gboolean *)((char *)values + opt->offset) = is_true;
        return is_true || g_str_equal(value, "false") || bad(error, opt, value, "true or false");
    }
    for (char **line = lines; *line; line++)
        if (*g_strstrip(*line) && !set_value(opt, values, *line, error))
            return FALSE;
    return TRUE;
}

static GOptionEntry *make_entries(const RsOpt *opts, GPtrArray *owned)
{
    GArray *entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));

    for (const RsOpt *opt = opts; opt->name; opt++) {
        GOptionEntry entry = {
            .long_name = opt->name,
            .short_name = opt->short_name,
            .flags = opt->kind == RS_OPT_FLAG ? G_OPTION_FLAG_NO_ARG : 0,
            .arg = G_OPTION_ARG_CALLBACK,
            .arg_data = (gpointer)on_option,
            .description = rs_opt_describe(opt),
            .arg_description = opt->argument,
        };

        g_ptr_array_add(owned, (gpointer)entry.description);
        g_array_append_val(entries, entry);
    }
    return (GOptionEntry *)g_array_free(entries, FALSE);
}

/* What to say of an option that this version does not have yet; NULL: it is just unknown. */
static const char *what_of_later(const RsCommandRow *row, const char *given)
{
    for (guint i = 0; row->later && row->later[i][0]; i++) {
        gsize n = strlen(row->later[i][0]);

        if (g_str_has_prefix(given, row->later[i][0]) && (!given[n] || given[n] == '='))
            return row->later[i][1];
    }
    return NULL;
}

/* GOption names the unknown option; the nearest known one is added. */
static void add_suggestion(const RsCommandRow *row, GError **error)
{
    const RsOpt *opts = row->opts;
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *given = strstr((*error)->message, "--");
    const char *near, *later;

    if (!g_error_matches(*error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION))
        return;
    later = given ? what_of_later(row, given + 2) : NULL;
    if (later) {
        g_autofree char *old = g_steal_pointer(&(*error)->message);

        (*error)->message = g_strdup_printf("%s: %s", given, later); /* given lies in the old one */
        return;
    }
    for (const RsOpt *opt = opts; opt->name; opt++)
        g_ptr_array_add(names, (gpointer)opt->name);
    g_ptr_array_add(names, NULL);
    near = given ? rs_suggest((const char *const *)names->pdata, given + 2) : NULL;
    if (near) {
        g_autofree char *old = g_steal_pointer(&(*error)->message);

        (*error)->message = g_strdup_printf("%s; did you mean --%s?", old, near);
    }
}

/* Operands to the front, the command behind "--" apart. */
static char **split_command(char **argv, RsOptBase *base)
{
    GPtrArray *own = g_ptr_array_new();

    g_ptr_array_add(own, g_strdup("rustscope"));
    for (; *argv && !g_str_equal(*argv, "--"); argv++)
        g_ptr_array_add(own, g_strdup(*argv));
    if (*argv)
        base->command = g_strdupv(argv + 1);
    g_ptr_array_add(own, NULL);
    return (char **)g_ptr_array_free(own, FALSE);
}

static GOptionContext *make_context(const RsCommandRow *row, Parse *parse, GPtrArray *owned)
{
    GOptionContext *context = g_option_context_new(row->operands);
    GOptionGroup *group = g_option_group_new("", "", "", parse, NULL);
    g_autofree GOptionEntry *entries = make_entries(row->opts, owned);
    gboolean is_classic = !*row->name;
    char *program = g_strdup_printf("rustscope%s%s", is_classic ? "" : " ", row->name);

    g_ptr_array_add(owned, program);
    g_set_prgname(program);
    g_option_group_add_entries(group, entries);
    g_option_context_set_main_group(context, group);
    g_option_context_set_summary(context, row->summary);
    g_option_context_set_description(context, row->description);
    g_option_context_set_help_enabled(context, FALSE);
    return context;
}

static gboolean wants_help(char **argv)
{
    for (; *argv; argv++)
        if (g_str_equal(*argv, "--help") || g_str_equal(*argv, "-h"))
            return TRUE;
    return FALSE;
}

gboolean rs_opt_parse(const RsCommandRow *row, char **argv, gpointer values, GError **error)
{
    RsOptBase *base = values;
    Parse parse = {.opts = row->opts, .values = values};
    g_autoptr(GPtrArray) owned = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GOptionContext) context = make_context(row, &parse, owned);
    g_auto(GStrv) own = split_command(argv, base);

    g_assert(count_rows(row->opts) <= RS_OPT_MAX_ROWS);
    set_defaults(row->opts, values);
    if (wants_help(own)) {
        g_autofree char *help = g_option_context_get_help(context, TRUE, NULL);

        g_print("%s", help);
        base->help = TRUE;
        return TRUE;
    }
    if (row->inputs && !rs_inputs_take(row, values, error))
        return FALSE;
    if (!g_option_context_parse_strv(context, &own, error)) {
        add_suggestion(row, error);
        return FALSE;
    }
    base->operands = g_strdupv(own + 1);
    if (base->command && !row->takes_command) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "takes no command behind --");
        return FALSE;
    }
    return TRUE;
}
