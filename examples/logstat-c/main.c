/* SPDX-License-Identifier: GPL-3.0-or-later */
/* logstat in C: the command line of the Rust program beside it.
 *
 *     logstat gen [--seed N] [--mb N] > access.log
 *     logstat report [--json] [--top N] [--threads N] [FILE]
 */
#include "logstat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_MB = 1024, MAX_TOP = 1000000, MAX_THREADS = 64 };

static int usage(void)
{
    fputs("usage: logstat gen [--seed N] [--mb N]\n"
          "       logstat report [--json] [--top N] [--threads N] [FILE]\n",
          stderr);
    return 2;
}

static int complain(const char *what)
{
    fprintf(stderr, "logstat: %s: %s\n", what, strerror(errno));
    return 1;
}

static bool number(const char *text, uint64_t low, uint64_t high, uint64_t *value)
{
    char *end;

    if (text == NULL || !is_digit((uint8_t)text[0]))
        return false;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && *value >= low && *value <= high;
}

static int finish_output(void)
{
    return fflush(stdout) != 0 || ferror(stdout) ? complain("standard output") : 0;
}

static int run_gen(char **args)
{
    uint64_t seed = 1, n_mb = 10;

    for (; *args != NULL; args += 2) {
        bool is_good = strcmp(args[0], "--seed") == 0 ? number(args[1], 0, UINT64_MAX, &seed)
                       : strcmp(args[0], "--mb") == 0 ? number(args[1], 0, MAX_MB, &n_mb)
                                                      : false;
        if (!is_good)
            return usage();
    }
    write_log(stdout, seed, n_mb * 1000000);
    return finish_output();
}

static bool read_all(FILE *from, Buffer *log)
{
    size_t n_got;

    do {
        if (log->n_bytes == log->n_room) {
            log->n_room = log->n_room == 0 ? 1 << 20 : log->n_room * 2;
            log->at = grow(log->at, log->n_room, 1);
        }
        n_got = fread(log->at + log->n_bytes, 1, log->n_room - log->n_bytes, from);
        log->n_bytes += n_got;
    } while (n_got > 0);
    return !ferror(from);
}

static int print_report(const char *file, bool is_json, size_t n_top, size_t n_threads)
{
    FILE *from = file != NULL ? fopen(file, "rb") : stdin;
    const char *name = file != NULL ? file : "standard input";
    Buffer log = {0};

    if (from == NULL || !read_all(from, &log))
        return complain(name);
    if (file != NULL)
        fclose(from);
    Summary summary = summarise(slice_of(&log), n_threads);
    if (is_json)
        report_json(stdout, &summary, n_top);
    else
        report_text(stdout, &summary, n_top);
    summary_free(&summary);
    free(log.at);
    return finish_output();
}

static int run_report(char **args)
{
    uint64_t n_top = 10, n_threads = 1;
    const char *file = NULL;
    bool is_json = false;

    for (; *args != NULL; args++) {
        if (strcmp(*args, "--json") == 0)
            is_json = true;
        else if (strcmp(*args, "-") == 0)
            file = NULL;
        else if (strcmp(*args, "--top") == 0 && number(args[1], 0, MAX_TOP, &n_top))
            args++;
        else if (strcmp(*args, "--threads") == 0 && number(args[1], 1, MAX_THREADS, &n_threads))
            args++;
        else if (**args != '-')
            file = *args;
        else
            return usage();
    }
    return print_report(file, is_json, n_top, n_threads);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "gen") == 0)
        return run_gen(argv + 2);
    if (argc > 1 && strcmp(argv[1], "report") == 0)
        return run_report(argv + 2);
    return usage();
}
