/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time of the inline index: cold, from opening a file to the last answer, and warm, with everything
 * decoded; symbols.sh runs it beside other tools on a large program.
 * usage: bench_symbols [FILE [ADDRESSES]]     cold and warm (itself, and addresses in it)
 *        bench_symbols --pick N FILE          N distinct addresses of code, spread over FILE
 *        bench_symbols --chains FILE [PATH]   the whole chain of every address on standard input;
 *                                             PATH: what is told to be the file's path */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "symbol/debug_info.h"

#define N_ADDRESSES   10000
#define FRAMES_LIMIT  256
#define WARM_NS       ((gint64)1000 * 1000 * 1000)
#define TARGET_COLD_S 1.5
#define TARGET_PER_S  1e6

typedef struct {
    RsElf *elf;
    RsDebugInfo *info;
} Opened;

static int fail(const char *path, const char *message)
{
    fprintf(stderr, "bench_symbols: %s: %s\n", path, message);
    return 2;
}

static gboolean open_file(Opened *opened, const char *path, const char *told_path)
{
    g_autoptr(GError) error = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    *opened = (Opened){0};
    opened->elf = fd < 0 ? NULL : rs_elf_open_fd(fd, path, &error);
    if (fd >= 0)
        close(fd);
    if (opened->elf)
        opened->info = rs_debug_info_new(opened->elf, told_path, &error);
    if (!opened->info)
        fail(path, error ? error->message : "has no DWARF, or cannot be read");
    return opened->info != NULL;
}

static void close_file(Opened *opened)
{
    rs_debug_info_free(opened->info);
    rs_elf_free(opened->elf);
}

static GArray *read_addresses(FILE *in)
{
    GArray *addresses = g_array_new(FALSE, FALSE, sizeof(guint64));
    char line[128];

    while (fgets(line, sizeof line, in)) {
        guint64 address = strtoull(line, NULL, 16);

        g_array_append_val(addresses, address);
    }
    return addresses;
}

/* --- chains --- */

static int print_chains(const char *path, const char *told_path)
{
    Opened opened;
    RsDebugFrame frames[FRAMES_LIMIT];
    g_autoptr(GArray) addresses = read_addresses(stdin);

    if (!open_file(&opened, path, told_path))
        return 2;
    for (guint i = 0; i < addresses->len; i++) {
        guint64 address = g_array_index(addresses, guint64, i);
        guint n = rs_debug_info_lookup(opened.info, address, frames, FRAMES_LIMIT);

        printf("0x%" G_GINT64_MODIFIER "x\n", address);
        for (guint f = 0; f < n; f++)
            printf("\t%s\t%s\t%s:%u\t%s:%u-%u\n",
                   frames[f].linkage_name ? frames[f].linkage_name : "",
                   frames[f].name ? frames[f].name : "", frames[f].at_file ? frames[f].at_file : "",
                   frames[f].at_line, frames[f].file ? frames[f].file : "", frames[f].line,
                   frames[f].last_line);
    }
    close_file(&opened);
    return 0;
}

/* --- addresses --- */

/* Spread evenly over the executable segments, with a jitter, where a function is told. */
static GArray *pick(const Opened *opened, guint n_wanted)
{
    GArray *addresses = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    guint n_segments;
    const RsElfSegment *segments = rs_elf_segments(opened->elf, &n_segments);
    RsDebugFrame frame;

    for (guint i = 0; i < n_segments; i++) {
        guint64 step = segments[i].n_memory_bytes / (n_wanted + n_wanted / 4 + 1);

        if (!segments[i].is_executable)
            continue;
        step = MAX(step, 2);
        for (guint64 at = 0; at + step < segments[i].n_memory_bytes && addresses->len < n_wanted;
             at += step) {
            guint64 address =
                segments[i].vaddr + at + (guint64)g_rand_int_range(rand, 0, (gint)step);

            if (rs_debug_info_lookup(opened->info, address, &frame, 1) > 0)
                g_array_append_val(addresses, address);
        }
    }
    return addresses;
}

static int print_picked(const char *path, guint n)
{
    Opened opened;
    g_autoptr(GArray) addresses = NULL;

    if (!open_file(&opened, path, path))
        return 2;
    addresses = pick(&opened, n);
    for (guint i = 0; i < addresses->len; i++)
        printf("0x%" G_GINT64_MODIFIER "x\n", g_array_index(addresses, guint64, i));
    close_file(&opened);
    return 0;
}

/* --- time --- */

/* Of this thread, which waits for nothing: others may be busy here. */
static gint64 cpu_ns(void)
{
    return rs_clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static guint64 ask_all(RsDebugInfo *info, const GArray *addresses)
{
    RsDebugFrame frames[FRAMES_LIMIT];
    guint64 n_frames = 0;

    for (guint i = 0; i < addresses->len; i++)
        n_frames +=
            rs_debug_info_lookup(info, g_array_index(addresses, guint64, i), frames, FRAMES_LIMIT);
    return n_frames;
}

static int measure(const char *path, GArray *addresses)
{
    Opened opened;
    gint64 begin_ns = cpu_ns(), wall_begin_ns = rs_monotonic_ns(), cold_ns, opened_ns, wall_ns;
    guint64 n_frames, n_asked = 0;
    double per_s, cold_s;

    if (!open_file(&opened, path, path))
        return 2;
    opened_ns = cpu_ns() - begin_ns;
    n_frames = ask_all(opened.info, addresses);
    cold_ns = cpu_ns() - begin_ns;
    wall_ns = rs_monotonic_ns() - wall_begin_ns;
    begin_ns = cpu_ns();
    while (cpu_ns() - begin_ns < WARM_NS) {
        ask_all(opened.info, addresses);
        n_asked += addresses->len;
    }
    per_s = (double)n_asked * 1e9 / (double)(cpu_ns() - begin_ns);
    cold_s = (double)cold_ns / 1e9;
    printf("%u addresses of %s (%.0f MB), %.2f functions each\n", addresses->len, path,
           (double)rs_elf_n_bytes(opened.elf) / 1e6,
           (double)n_frames / MAX((double)addresses->len, 1));
    printf("cold  %8.3f s of CPU (%.3f s passed), %.3f s of it to open   target < %.1f s  %s\n",
           cold_s, (double)wall_ns / 1e9, (double)opened_ns / 1e9, TARGET_COLD_S,
           cold_s < TARGET_COLD_S ? "reached" : "MISSED");
    printf("warm  %8.2f M lookups/s of CPU                             target >= %.0f M   %s\n",
           per_s / 1e6, TARGET_PER_S / 1e6, per_s >= TARGET_PER_S ? "reached" : "MISSED");
    close_file(&opened);
    return cold_s < TARGET_COLD_S && per_s >= TARGET_PER_S ? 0 : 1;
}

int main(int argc, char **argv)
{
    const char *path = "/proc/self/exe";
    g_autoptr(GArray) addresses = NULL;
    Opened opened;
    FILE *in;

    if (argc >= 3 && g_str_equal(argv[1], "--chains"))
        return print_chains(argv[2], argc > 3 ? argv[3] : argv[2]);
    if (argc == 4 && g_str_equal(argv[1], "--pick"))
        return print_picked(argv[3], (guint)strtoul(argv[2], NULL, 10));
    if (argc > 1)
        path = argv[1];
    if (argc > 2) {
        in = fopen(argv[2], "r");
        if (!in)
            return fail(argv[2], "cannot be read");
        addresses = read_addresses(in);
        fclose(in);
    } else {
        if (!open_file(&opened, path, path))
            return 2;
        addresses = pick(&opened, N_ADDRESSES);
        close_file(&opened);
    }
    return measure(path, addresses);
}
