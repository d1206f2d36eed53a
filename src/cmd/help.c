/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help: the list of commands, and what is made from the option tables: the manual page and the
 * completions. */
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"

static const char *const format_words[] = {"text", "man", "bash", "zsh", "fish", NULL};
enum { FORMAT_TEXT, FORMAT_MAN, FORMAT_BASH, FORMAT_ZSH, FORMAT_FISH };

typedef struct {
    RsOptBase base;
    int format;
} Values;

static const RsOpt opts[] = {
    {"format", 0, RS_OPT_WORD, offsetof(Values, format), "text", "FORMAT",
     "help text, manual page or shell completion", format_words},
    {0},
};

static const char tagline[] =
    "gate merges on performance: measure side by side, decide by statistics, report";

static const char *const exit_statuses[][2] = {
    {"0", "passed; also accepted, and undecided with a warning"},
    {"1", "the gate failed"},
    {"2", "usage or configuration"},
    {"3", "could not do it: bad input, the current program cannot be built or run, I/O"},
    {"4", "no usable baseline (--on-missing-baseline fail)"},
    {"5", "could not post (--on-post-error fail)"},
    {"6", "undecided (--on-inconclusive fail, --on-incomparable fail)"},
    {"70", "internal error"},
    {"130, 143", "interrupted"},
};

static void print_text(void)
{
    printf("rustscope %s: %s\n\nusage: rustscope COMMAND [OPTIONS]\n\n", RS_VERSION, tagline);
    for (const RsCommandRow *const *row = rs_commands; *row; row++)
        if (!(*row)->hidden)
            printf("  %-11s %s\n", (*row)->name, (*row)->summary);
    printf(
        "\nWithout a command, as RustScope had it:\n"
        "  rustscope --compare-baseline FILE --compare-current FILE [--ci-output "
        "github|gitlab|json]\n"
        "  rustscope --pid PID [--name NAME] [--duration SEC] [--sample-rate HZ] [--output FILE]\n"
        "  rustscope [OPTIONS] -- CMD ARGS...\n"
        "  rustscope --pid PID --continuous --retention-minutes 60 --buffer-mb 8\n"
        "  rustscope --doctor\n\n"
        "Exit status:\n");
    for (guint i = 0; i < G_N_ELEMENTS(exit_statuses); i++)
        printf("  %-9s %s\n", exit_statuses[i][0], exit_statuses[i][1]);
    printf("\n`rustscope COMMAND --help` tells more.\n");
}

/* --- manual page --- */

static void print_roff(const char *text)
{
    gboolean at_start = TRUE;

    for (; *text; text++) {
        if (at_start && (*text == '.' || *text == '\''))
            fputs("\\&", stdout);
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
        at_start = *text == '\n';
    }
}

static void print_man_options(const RsOpt *table)
{
    for (const RsOpt *opt = table; opt->name; opt++) {
        g_autofree char *help = rs_opt_describe(opt);

        printf(".TP\n");
        if (opt->short_name)
            printf("\\fB\\-%c\\fR, ", opt->short_name);
        fputs("\\fB\\-\\-", stdout);
        print_roff(opt->name);
        fputs("\\fR", stdout);
        if (opt->argument)
            printf(" \\fI%s\\fR", opt->argument);
        putchar('\n');
        print_roff(help);
        putchar('\n');
    }
}

static void print_man(void)
{
    printf(".TH RUSTSCOPE 1 \"\" \"rustscope %s\" \"User Commands\"\n.SH NAME\nrustscope \\- ",
           RS_VERSION);
    print_roff(tagline);
    printf("\n.SH SYNOPSIS\n\\fBrustscope\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n.SH COMMANDS\n");
    for (const RsCommandRow *const *row = rs_commands; *row; row++) {
        if ((*row)->hidden)
            continue;
        printf(".SS rustscope %s ", (*row)->name);
        print_roff((*row)->operands);
        putchar('\n');
        print_roff((*row)->summary);
        putchar('\n');
        if ((*row)->description) {
            printf(".PP\n.nf\n");
            print_roff((*row)->description);
            printf("\n.fi\n");
        }
        print_man_options((*row)->opts);
    }
    printf(".SH EXIT STATUS\n");
    for (guint i = 0; i < G_N_ELEMENTS(exit_statuses); i++) {
        printf(".TP\n%s\n", exit_statuses[i][0]);
        print_roff(exit_statuses[i][1]);
        putchar('\n');
    }
}

/* --- completions --- */

static gboolean takes_file(const RsOpt *opt)
{
    return opt->kind == RS_OPT_FILE;
}

static void print_bash(void)
{
    printf(
        "_rustscope() {\n    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
        "    local words=\n    case ${COMP_WORDS[1]} in\n");
    for (const RsCommandRow *const *row = rs_commands; *row; row++) {
        if ((*row)->hidden)
            continue;
        printf("    %s)\n        case $prev in\n", (*row)->name);
        for (const RsOpt *opt = (*row)->opts; opt->name; opt++) {
            g_autofree char *words = opt->words ? g_strjoinv(" ", (char **)opt->words) : NULL;

            if (words)
                printf("        --%s) words='%s' ;;\n", opt->name, words);
            else if (takes_file(opt))
                printf("        --%s) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n",
                       opt->name);
        }
        printf("        *) words='--help");
        for (const RsOpt *opt = (*row)->opts; opt->name; opt++)
            printf(" --%s", opt->name);
        printf("' ;;\n        esac ;;\n");
    }
    printf("    *) words='--help --version");
    for (const RsCommandRow *const *row = rs_commands; *row; row++)
        if (!(*row)->hidden)
            printf(" %s", (*row)->name);
    printf(
        "' ;;\n    esac\n"
        "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
        "    [[ ${#COMPREPLY[@]} -gt 0 || $cur == -* ]] || COMPREPLY=($(compgen -f -- \"$cur\"))\n"
        "}\ncomplete -F _rustscope rustscope\n");
}

/* Single-quoted text for a shell: the only character to mind is the quote. */
static void print_quotable(const char *text, const char *also_dropped)
{
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", stdout);
        else if (!strchr(also_dropped, *text))
            putchar(*text);
}

static void print_zsh(void)
{
    printf("#compdef rustscope\n_rustscope() {\n    local -a commands=(\n");
    for (const RsCommandRow *const *row = rs_commands; *row; row++)
        if (!(*row)->hidden) {
            printf("        '%s:", (*row)->name);
            print_quotable((*row)->summary, ":");
            printf("'\n");
        }
    printf("    )\n    if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
           "    local command=$words[2]; shift words; (( CURRENT-- ))\n    case $command in\n");
    for (const RsCommandRow *const *row = rs_commands; *row; row++) {
        if ((*row)->hidden)
            continue;
        printf("    %s) _arguments -S", (*row)->name);
        for (const RsOpt *opt = (*row)->opts; opt->name; opt++) {
            g_autofree char *words = opt->words ? g_strjoinv(" ", (char **)opt->words) : NULL;

            printf(" \\\n        '--%s[", opt->name);
            print_quotable(opt->help, "[]:");
            printf("]");
            if (opt->argument)
                printf(":%s:%s%s%s", opt->argument,
                       words             ? "("
                       : takes_file(opt) ? "_files"
                                         : "",
                       words ? words : "", words ? ")" : "");
            printf("'");
        }
        printf(" \\\n        '*:file:_files' ;;\n");
    }
    printf("    esac\n}\n_rustscope \"$@\"\n");
}

static void print_fish(void)
{
    for (const RsCommandRow *const *row = rs_commands; *row; row++) {
        if ((*row)->hidden)
            continue;
        printf("complete -c rustscope -n __fish_use_subcommand -f -a %s -d '", (*row)->name);
        print_quotable((*row)->summary, "");
        printf("'\n");
        for (const RsOpt *opt = (*row)->opts; opt->name; opt++) {
            g_autofree char *words = opt->words ? g_strjoinv(" ", (char **)opt->words) : NULL;

            printf("complete -c rustscope -n '__fish_seen_subcommand_from %s' -l %s", (*row)->name,
                   opt->name);
            if (opt->short_name)
                printf(" -s %c", opt->short_name);
            if (opt->argument)
                printf(" -r%s", takes_file(opt) ? " -F" : " -f");
            if (words)
                printf(" -a '%s'", words);
            printf(" -d '");
            print_quotable(opt->help, "");
            printf("'\n");
        }
    }
}

static int run_help(gpointer data)
{
    static void (*const prints[])(void) = {print_text, print_man, print_bash, print_zsh,
                                           print_fish};
    static char *wants_help[] = {(char *)"--help", NULL};
    const Values *values = data;

    if (values->base.operands[0]) {
        const RsCommandRow *row = rs_command_find(values->base.operands[0]);

        return row ? rs_command_run(row, wants_help)
                   : rs_complain(RS_EXIT_USAGE, "'%s' is no command; `rustscope --help` lists them",
                                 values->base.operands[0]);
    }
    prints[values->format]();
    return RS_EXIT_PASSED;
}

const RsCommandRow rs_command_help = {
    .name = "help",
    .operands = "[COMMAND]",
    .summary = "Explain the commands.",
    .opts = opts,
    .n_values_bytes = sizeof(Values),
    .run = run_help,
};
