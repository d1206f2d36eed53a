/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/inputs.h"

#include <string.h>
#include <unistd.h>

#include "base/suggest.h"
#include "cmd/runner_commands.h"

#define OWN    "RUSTSCOPE_"
#define RUNNER "INPUT_"

typedef struct {
    const RsCommandRow *row;
    gpointer values;
    const char *prefix;
    guint n_taken, n_hyphens, n_underscores; /* of options whose names have a hyphen */
} Inputs;

/* "FAIL-ON" and "FAIL_ON" are "fail-on". */
static char *option_name(const char *variable)
{
    char *name = g_ascii_strdown(variable, -1);

    return g_strdelimit(name, "_", '-');
}

static const RsOpt *find(const RsCommandRow *row, const char *name)
{
    for (const RsOpt *opt = row->opts; opt->name; opt++)
        if (g_str_equal(opt->name, name))
            return opt;
    return NULL;
}

/* Names of tokens are the user's to choose (--token-variable). */
static gboolean is_known(const RsCommandRow *row, const char *name)
{
    return g_strv_contains(row->inputs, name) || g_str_has_suffix(name, "-token");
}

static const char *nearest(const RsCommandRow *row, const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (const RsOpt *opt = row->opts; opt->name; opt++)
        g_ptr_array_add(names, (gpointer)opt->name);
    g_ptr_array_add(names, NULL);
    return rs_suggest((const char *const *)names->pdata, name);
}

static gboolean tell_unknown(const Inputs *inputs, const char *variable, const char *name,
                             GError **error)
{
    const char *near = nearest(inputs->row, name);
    g_autofree char *wanted = near ? g_ascii_strup(near, -1) : NULL;

    if (near && g_str_equal(inputs->prefix, OWN)) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION,
                    "%s is no input of `rustscope %s`; did you mean %s%s?", variable,
                    inputs->row->name, inputs->prefix, g_strdelimit(wanted, "-", '_'));
        return FALSE;
    }
    rs_warn("%s is no input of `rustscope %s` and has no effect%s%s%s", variable, inputs->row->name,
            near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return TRUE;
}

static gboolean take(Inputs *inputs, const char *entry, GError **error)
{
    g_autofree char *variable = g_strndup(entry, strcspn(entry, "="));
    g_autofree char *name = option_name(variable + strlen(inputs->prefix));
    g_autofree char *value = NULL;
    const RsOpt *opt = find(inputs->row, name);

    if (!opt)
        return is_known(inputs->row, name) || tell_unknown(inputs, variable, name, error);
    value = g_strstrip(g_strdup(strchr(entry, '=') + 1));
    inputs->n_taken++;
    inputs->n_hyphens += strchr(variable, '-') != NULL;
    inputs->n_underscores += strchr(variable + strlen(inputs->prefix), '_') != NULL;
    if (!*value || rs_opt_set(inputs->row->opts, inputs->values, opt, value, error))
        return TRUE;
    g_prefix_error(error, "%s: ", variable);
    return FALSE;
}

/* environ itself: a copy of it would leave tokens in memory that a launcher inherits. */
static gboolean take_all(Inputs *inputs, GError **error)
{
    for (char **entry = environ; *entry; entry++)
        if (g_str_has_prefix(*entry, inputs->prefix) && strchr(*entry, '=') &&
            !take(inputs, *entry, error))
            return FALSE;
    return TRUE;
}

gboolean rs_inputs_take(const RsCommandRow *row, gpointer values, GError **error)
{
    Inputs runner = {.row = row, .values = values, .prefix = RUNNER};
    Inputs own = {.row = row, .values = values, .prefix = OWN};

    if (rs_runner_is_github() && !take_all(&runner, error))
        return FALSE;
    /* The runner sets every input of an action, and most of ours have a hyphen. */
    if (runner.n_taken > 1 && !runner.n_hyphens && !runner.n_underscores) {
        g_set_error(
            error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
            "the runner's inputs with a hyphen (INPUT_FAIL-ON) did not arrive: a shell such "
            "as dash between the runner and rustscope drops them; start rustscope without "
            "one, or hand the options over as RUSTSCOPE_FAIL_ON");
        return FALSE;
    }
    return take_all(&own, error);
}
