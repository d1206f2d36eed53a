/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time of names by address: of the symbol table alone, and of whole answers with inlined functions
 * and lines; cold, from opening the file to the last answer, and warm.
 * usage: bench_symbol_names [FILE [ADDRESSES]] (itself, 10000) */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "symbol/symbol_table.h"
#include "symbol/symbolizer.h"

#define N_ADDRESSES     10000
#define WARM_NS         RS_NS_PER_S
#define TARGET_PER_S    5e6
#define TARGET_LOOKUP_S 1e6
#define FRAMES_LIMIT    64

static gboolean has_missed;

static RsElf *open_elf(const char *path)
{
    g_autoptr(GError) error = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    RsElf *elf = fd >= 0 ? rs_elf_open_fd(fd, path, &error) : NULL;

    if (fd >= 0)
        close(fd);
    if (!elf) {
        fprintf(stderr, "bench_symbol_names: %s\n", error ? error->message : path);
        exit(2);
    }
    return elf;
}

/* Functions of the table, spread over the code and in no order. */
static GArray *pick(const RsSymbolTable *table, RsElf *elf, guint n)
{
    GArray *addresses = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    RsElfSection text;
    RsTableSymbol symbol;

    if (!rs_elf_section(elf, ".text", &text))
        return addresses;
    for (guint i = 0; i < 20 * n && addresses->len < n; i++) {
        guint64 address = text.vaddr + (guint64)(g_rand_double(rand) * (double)text.n_bytes);

        if (rs_symbol_table_find(table, address, &symbol))
            g_array_append_val(addresses, address);
    }
    return addresses;
}

static double table_per_s(const RsSymbolTable *table, const GArray *addresses)
{
    gint64 start_ns = rs_clock_ns(CLOCK_THREAD_CPUTIME_ID), n_ns;
    guint64 n = 0, sum = 0;

    do {
        for (guint i = 0; i < addresses->len; i++) {
            guint index;

            if (rs_symbol_table_index(table, g_array_index(addresses, guint64, i), &index))
                sum += index;
        }
        n += addresses->len;
        n_ns = rs_clock_ns(CLOCK_THREAD_CPUTIME_ID) - start_ns;
    } while (n_ns < WARM_NS);
    return sum ? (double)n * 1e9 / (double)n_ns : 0;
}

static double names_per_s(RsSymbolModule *module, const GArray *addresses)
{
    gint64 start_ns = rs_clock_ns(CLOCK_THREAD_CPUTIME_ID), n_ns;
    guint64 n = 0, n_named = 0;

    do {
        for (guint i = 0; i < addresses->len; i++)
            n_named +=
                rs_symbol_module_name(module, g_array_index(addresses, guint64, i), NULL) != NULL;
        n += addresses->len;
        n_ns = rs_clock_ns(CLOCK_THREAD_CPUTIME_ID) - start_ns;
    } while (n_ns < WARM_NS);
    return n_named == n ? (double)n * 1e9 / (double)n_ns : 0;
}

/* Answers of one round over all addresses; their number of functions in *n_functions. */
static void look_up(RsSymbolModule *module, const GArray *addresses, guint64 *n_functions)
{
    RsSymbol symbols[FRAMES_LIMIT];
    RsUnnamed why;

    *n_functions = 0;
    for (guint i = 0; i < addresses->len; i++)
        *n_functions += rs_symbol_module_lookup(module, g_array_index(addresses, guint64, i),
                                                symbols, FRAMES_LIMIT, &why);
}

static double lookups_per_s(RsSymbolModule *module, const GArray *addresses, guint64 *n_functions)
{
    gint64 start_ns = rs_clock_ns(CLOCK_THREAD_CPUTIME_ID), n_ns;
    guint64 n = 0;

    do {
        look_up(module, addresses, n_functions);
        n += addresses->len;
        n_ns = rs_clock_ns(CLOCK_THREAD_CPUTIME_ID) - start_ns;
    } while (n_ns < WARM_NS);
    return (double)n * 1e9 / (double)n_ns;
}

static void report(const char *what, double per_s, double target)
{
    gboolean is_reached = per_s >= target;

    printf("  %-38s %8.2f M/s   target %.0f M/s: %s\n", what, per_s / 1e6, target / 1e6,
           is_reached ? "reached" : "MISSED");
    has_missed |= !is_reached;
}

int main(int argc, char **argv)
{
    g_autofree char *path = argc > 1 ? g_canonicalize_filename(argv[1], NULL)
                                     : g_file_read_link("/proc/self/exe", NULL);
    guint n = argc > 2 ? (guint)strtoul(argv[2], NULL, 10) : N_ADDRESSES;
    g_autoptr(RsElf) elf = open_elf(path);
    gint64 start_ns = rs_monotonic_ns(), table_ns, cold_ns;
    g_autoptr(RsSymbolTable) table = rs_symbol_table_new(elf, SHT_SYMTAB);
    g_autoptr(RsSymbolizer) symbolizer = rs_symbolizer_new(NULL);
    g_autoptr(GArray) addresses = NULL;
    RsSymbolModule *module;
    guint64 n_functions;

    table_ns = rs_monotonic_ns() - start_ns;
    addresses = table ? pick(table, elf, n) : NULL;
    if (!addresses || !addresses->len) {
        fprintf(stderr, "bench_symbol_names: %s: has no functions in its symbol table\n", path);
        return 2;
    }
    start_ns = rs_monotonic_ns();
    module = rs_symbolizer_add(
        symbolizer, &(RsSymbolModuleInfo){.kind = RS_MODULE_FILE, .path = path, .n_bytes = -1});
    rs_symbol_module_set_main(module);
    look_up(module, addresses, &n_functions);
    cold_ns = rs_monotonic_ns() - start_ns;
    printf("%s: %.1f MB, %u functions, %u addresses\n", path, (double)rs_elf_n_bytes(elf) / 1e6,
           rs_symbol_table_n(table), addresses->len);
    printf("  %-38s %8.1f ms\n", "symbol table made", (double)table_ns / 1e6);
    printf("  %-38s %8.1f ms    %.2f functions an address\n", "all addresses, cold",
           (double)cold_ns / 1e6, (double)n_functions / addresses->len);
    report("symbol table, warm", table_per_s(table, addresses), TARGET_PER_S);
    report("names, warm", names_per_s(module, addresses), TARGET_PER_S);
    report("functions, inlined ones and lines, warm",
           lookups_per_s(module, addresses, &n_functions), TARGET_LOOKUP_S);
    return has_missed;
}
