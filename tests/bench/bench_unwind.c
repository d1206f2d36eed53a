/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stacks of several programs, taken by stopping them: time of the table's walk beside libunwind's
 * on the same samples, whether both give the same frames, with gdb as the judge of what they do not
 * agree on; and the time that it takes to compile the tables of the largest files of this machine.
 * usage: bench_unwind [SAMPLES_OF_EACH] */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capture/unwind.h"
#include "capture/unwind/cfi.h"
#include "tests/support/gdb_frames.c" /* benchmarks link the library alone */
#include "tests/support/stop_sample.c"

#define SAMPLES_OF_EACH     1200
#define STACK_LIMIT_BYTES   ((gsize)64 * 1024)
#define N_ROUNDS            5
#define BETWEEN_SAMPLES_US  700
#define MAPS_EVERY          25 /* samples: programs load libraries */
#define JUDGEMENTS_OF_EACH  4
#define ENDS_SHOWN          4
#define RUNS_LIMIT          60
#define TARGET_SAMPLE_US    1.5
#define TARGET_RATIO        10.0
#define TARGET_AGREE_PCT    99.9
#define TARGET_BUILD_MS     100.0
#define TARGET_BUILD_MBYTES 50.0

typedef struct {
    RsSpace *space;
    StopSample sample;
} Taken;

typedef struct {
    const char *name;
    const char *const *argv; /* argv[0] NULL: not on this machine */
    gboolean says_ready;
    gboolean is_target; /* of the time for a sample */
} Program;

static RsModules *modules;
static RsSpaces *spaces;
static RsUnwinder *unwinder;
static RsRawFrame frames[2][RS_UNWIND_MAX_FRAMES];
static guint n_all_samples, n_all_agreed, n_all_judged, n_all_table_right, n_all_explained;
static gboolean has_missed; /* a target */

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); /* others may be busy here */
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static const char *verdict(gboolean is_reached)
{
    has_missed |= !is_reached;
    return is_reached ? "reached" : "MISSED";
}

/* --- collecting --- */

static RsWalk walk(guint row, RsSpace *space, const StopSample *sample)
{
    RsWalk result = {.frames = frames[row], .n_max_frames = RS_UNWIND_MAX_FRAMES};

    rs_unwinders[row].walk(unwinder, space, &sample->registers, &sample->copy, &result);
    return result;
}

/* The number of frames that are the same from the innermost on; equal: all, and the end. */
static guint n_same(const RsWalk *a, const RsWalk *b, gboolean *equal)
{
    guint n = 0;

    while (n < a->n_frames && n < b->n_frames && a->frames[n].module == b->frames[n].module &&
           a->frames[n].address == b->frames[n].address)
        n++;
    *equal = n == a->n_frames && n == b->n_frames && a->end == b->end;
    return n;
}

static void print_frame(const char *who, const RsWalk *result, guint i)
{
    if (i < result->n_frames)
        printf("      %-9s frame %u: %s+0x%lx\n", who, i,
               rs_module_path(rs_modules_by_id(modules, result->frames[i].module)),
               (gulong)result->frames[i].address);
    else
        printf("      %-9s ended after %u frames: %s\n", who, result->n_frames,
               rs_stack_end_names[result->end]);
}

/* The frame i of the thread as gdb has it, as an address of its module; FALSE: it has none. */
static gboolean gdb_frame(const GArray *all, RsSpace *space, gint32 tid, guint i, RsRawFrame *frame)
{
    for (guint at = 0; at < all->len; at++) {
        const GdbFrame *candidate = &g_array_index(all, GdbFrame, at);
        RsSpaceEntry *entry;

        if (candidate->tid != tid || i-- > 0)
            continue;
        entry = rs_space_find(space, candidate->address);
        if (!entry)
            return FALSE;
        *frame = (RsRawFrame){.module = rs_module_id(entry->module),
                              .address = candidate->address - entry->bias};
        return TRUE;
    }
    return FALSE;
}

static const char *judge_word(const GArray *all, RsSpace *space, gint32 tid, const RsWalk *result,
                              guint i)
{
    RsRawFrame frame;

    if (!gdb_frame(all, space, tid, i, &frame))
        return i >= result->n_frames ? "agrees" : "has no such frame";
    return i < result->n_frames && frame.module == result->frames[i].module &&
                   frame.address == result->frames[i].address
               ? "agrees"
               : "disagrees";
}

/* Lets gdb see the process of a sample on which the rows differ from frame i on. It has to be
 * started anew afterwards. */
static void judge(pid_t pid, gint32 tid, RsSpace *space, const RsWalk *table, const RsWalk *other,
                  guint i)
{
    g_autoptr(GArray) threads = stop_threads(pid), all = NULL;
    const char *about_table;

    kill(pid, SIGSTOP);
    for (guint t = 0; t < threads->len; t++)
        stop_release(g_array_index(threads, gint32, t));
    all = gdb_frames(pid);
    if (!all) {
        printf("      gdb cannot judge\n");
        return;
    }
    about_table = judge_word(all, space, tid, table, i);
    printf("      gdb %s with the table, %s with libunwind\n", about_table,
           judge_word(all, space, tid, other, i));
    n_all_judged++;
    n_all_table_right += g_str_equal(about_table, "agrees");
}

typedef struct {
    guint n_agreed, n_judged, n_ends[RS_N_STACK_ENDS];
    GArray *taken; /* Taken */
} Collection;

/* At the last two instructions of a function that realigns its stack, lea -8(%r10), %rsp and ret,
 * gcc's unwind information says that rbp has not been popped yet, and libunwind and gdb believe it.
 * That the table is right there is shown by the return addresses which test_unwind keeps step by
 * step. */
static gboolean is_behind_popped_rbp(pid_t pid, guint64 rip)
{
    static const guint8 end[] = {0x49, 0x8d, 0x62, 0xf8, 0xc3};
    guint8 code[sizeof end + 4];
    struct iovec local = {code, sizeof code}, remote = {(void *)(guintptr)(rip - 4), sizeof code};

    return process_vm_readv(pid, &local, 1, &remote, 1, 0) == sizeof code &&
           (memcmp(code, end, sizeof end) == 0 || memcmp(code + 4, end, sizeof end) == 0);
}

/* One sample of a stopped thread; FALSE: the run is over (judged). */
static gboolean look(Collection *collection, pid_t pid, gint32 tid, RsSpace *space)
{
    Taken taken = {.space = space};
    RsWalk table, other;
    gboolean equal;
    guint i;

    if (!stop_sample_take(&taken.sample, pid, tid, STACK_LIMIT_BYTES)) {
        stop_sample_clear(&taken.sample);
        return TRUE;
    }
    table = walk(0, space, &taken.sample);
    if (table.end == RS_STACK_BAD_ADDRESS && rs_spaces_load(spaces, pid)) /* it loaded something */
        table = walk(0, space, &taken.sample);
    other = walk(1, space, &taken.sample);
    i = n_same(&table, &other, &equal);
    collection->n_agreed += equal;
    collection->n_ends[table.end]++;
    if (table.end == RS_STACK_NO_RULE && collection->n_ends[RS_STACK_NO_RULE] <= ENDS_SHOWN) {
        printf("    no rule:\n");
        print_frame("table", &table, table.n_frames - 1);
    }
    g_array_append_val(collection->taken, taken);
    if (equal)
        return TRUE;
    if (collection->n_judged++ >= JUDGEMENTS_OF_EACH)
        return TRUE;
    if (is_behind_popped_rbp(pid, taken.sample.registers.r[RS_REG_RIP])) {
        printf("    a difference where gcc's unwind information of a popped rbp is wrong\n");
        n_all_explained++;
        return TRUE;
    }
    printf("    a difference:\n");
    print_frame("innermost", &table, 0);
    print_frame("table", &table, i);
    print_frame("libunwind", &other, i);
    judge(pid, tid, space, &table, &other, i);
    return FALSE;
}

/* One run of the program: until there are enough samples, or it ends. */
static void run_once(const Program *program, Collection *collection, guint n_wanted)
{
    StopTarget target;
    g_autoptr(GHashTable) seized = g_hash_table_new(NULL, NULL);
    gboolean goes_on;

    if (!stop_target_start(&target, program->argv))
        return;
    goes_on = !program->says_ready || stop_target_wait_ready(&target);
    for (guint i = 0; goes_on && collection->taken->len < n_wanted && i < 2 * n_wanted; i++) {
        g_autoptr(GArray) threads = stop_threads(target.pid);

        if (i % MAPS_EVERY == 0)
            rs_spaces_load(spaces, target.pid);
        g_usleep(BETWEEN_SAMPLES_US);
        goes_on = threads->len > 0;
        for (guint t = 0; goes_on && t < threads->len; t++) {
            gint32 tid = g_array_index(threads, gint32, t);

            if (g_hash_table_add(seized, GINT_TO_POINTER(tid)) && !stop_seize(tid))
                continue;
            if (!stop_interrupt(tid)) {
                goes_on = tid != target.pid;
                continue;
            }
            goes_on = look(collection, target.pid, tid, rs_spaces_find(spaces, target.pid));
            if (goes_on)
                stop_continue(tid);
        }
    }
    stop_target_end(&target);
}

/* --- timing --- */

/* ns for a sample, the best of some rounds. */
static double time_row(guint row, const GArray *taken, guint64 *n_frames)
{
    double best_ns = 0;

    for (guint round = 0; round < N_ROUNDS; round++) {
        double start_ns = now_ns(), ns;

        *n_frames = 0;
        for (guint i = 0; i < taken->len; i++) {
            const Taken *one = &g_array_index(taken, Taken, i);
            RsWalk result = walk(row, one->space, &one->sample);

            *n_frames += result.n_frames;
        }
        ns = (now_ns() - start_ns) / taken->len;
        if (round == 0 || ns < best_ns)
            best_ns = ns;
    }
    return best_ns;
}

static void measure(const Program *program, guint n_wanted)
{
    Collection collection = {.taken = g_array_new(FALSE, FALSE, sizeof(Taken))};
    guint64 n_frames = 0, n_other = 0;
    double table_ns, other_ns;
    guint n;

    printf("%s\n", program->name);
    for (guint i = 0; i < RUNS_LIMIT && collection.taken->len < n_wanted; i++)
        run_once(program, &collection, n_wanted);
    n = collection.taken->len;
    if (n == 0) {
        printf("    no samples\n");
        return;
    }
    table_ns = time_row(0, collection.taken, &n_frames);
    other_ns = time_row(1, collection.taken, &n_other);
    printf("    %u samples, %.1f frames each; agreement %u of %u; ends:", n, (double)n_frames / n,
           collection.n_agreed, n);
    for (guint i = 0; i < RS_N_STACK_ENDS; i++)
        if (collection.n_ends[i])
            printf(" %s %.1f %%", rs_stack_end_names[i], 100.0 * collection.n_ends[i] / n);
    printf("\n");
    printf("    table     %8.0f ns a sample, %5.1f ns a frame\n", table_ns,
           table_ns * n / (double)n_frames);
    printf("    libunwind %8.0f ns a sample, %5.1f ns a frame: %.1f times as long\n", other_ns,
           other_ns * n / (double)n_other, other_ns / table_ns);
    if (program->is_target) {
        printf("    target: at most %.1f us a sample: %s; %.0f times libunwind's speed: %s\n",
               TARGET_SAMPLE_US, verdict(table_ns <= TARGET_SAMPLE_US * 1e3), TARGET_RATIO,
               verdict(other_ns >= TARGET_RATIO * table_ns));
    }
    n_all_samples += n;
    n_all_agreed += collection.n_agreed;
    for (guint i = 0; i < n; i++)
        stop_sample_clear(&g_array_index(collection.taken, Taken, i).sample);
    g_array_unref(collection.taken);
}

/* --- tables --- */

static double compile_ms(const char *path, RsCfiCounts *counts, gsize *n_table_bytes,
                         gsize *n_file_bytes)
{
    double best_ms = -1;

    for (guint round = 0; round < N_ROUNDS; round++) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        double start_ns = now_ns(), ms;
        g_autoptr(RsElf) elf = fd < 0 ? NULL : rs_elf_open_fd(fd, path, NULL);
        g_autoptr(RsUnwindTable) table = elf ? rs_cfi_compile(elf, counts) : NULL;

        ms = (now_ns() - start_ns) / 1e6;
        if (fd >= 0)
            close(fd);
        if (!table)
            return -1;
        *n_table_bytes = rs_unwind_table_n_bytes(table);
        *n_file_bytes = rs_elf_n_bytes(elf);
        if (best_ms < 0 || ms < best_ms)
            best_ms = ms;
    }
    return best_ms;
}

static void measure_table(const char *path)
{
    RsCfiCounts counts;
    gsize n_table_bytes, n_file_bytes;
    double ms = compile_ms(path, &counts, &n_table_bytes, &n_file_bytes), mbytes;

    if (ms < 0)
        return;
    mbytes = (double)n_file_bytes / 1e6;
    printf("%s\n    %.1f MB: %.1f ms with opening, %.1f ns a row, %.2f ms a MB; %zu functions, "
           "%zu rows (%zu slow), %.1f bytes a row\n",
           path, mbytes, ms, ms * 1e6 / (double)counts.n_rows, ms / mbytes, counts.n_fdes,
           counts.n_rows, counts.n_slow_rows, (double)n_table_bytes / (double)counts.n_rows);
    if (mbytes <= TARGET_BUILD_MBYTES)
        printf("    target: less than %.0f ms: %s\n", TARGET_BUILD_MS,
               verdict(ms < TARGET_BUILD_MS));
}

/* What a command prints, without its line end; "" when it fails. Yours. */
static char *told_by(const char *command)
{
    char *output = NULL;

    if (!g_spawn_command_line_sync(command, &output, NULL, NULL, NULL) || !output)
        return g_strdup("");
    return g_strchomp(output);
}

static void measure_tables(void)
{
    g_autofree char *sysroot = told_by("rustc --print sysroot");
    g_autofree char *cc1 = told_by("gcc -print-prog-name=cc1"), *gdb = told_by("which gdb");
    g_autofree char *cargo = g_build_filename(sysroot, "bin", "cargo", NULL);
    g_autofree char *libraries = g_build_filename(sysroot, "lib", NULL);
    g_autoptr(GDir) folder = *sysroot ? g_dir_open(libraries, 0, NULL) : NULL;
    const char *name;

    printf("tables\n");
    measure_table(gdb);
    measure_table(cc1);
    measure_table(cargo);
    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *path = g_build_filename(libraries, name, NULL);

        if (g_str_has_prefix(name, "lib"))
            measure_table(path);
    }
}

/* --- programs --- */

static char *write_c_source(void)
{
    g_autoptr(GString) source = g_string_new(NULL);
    char *path = NULL;
    int fd = g_file_open_tmp("unwind-XXXXXX.c", &path, NULL);

    for (guint i = 0; i < 3000; i++)
        g_string_append_printf(source,
                               "int f%u(int *a, int n) { int s = %u; for (int i = 0; i < n; i++) "
                               "s += a[i] * (i ^ %u); return s; }\n",
                               i, i, i);
    close(fd);
    g_file_set_contents(path, source->str, (gssize)source->len, NULL);
    return path;
}

static char *write_rust_source(void)
{
    g_autoptr(GString) source = g_string_new(NULL);
    char *path = NULL;
    int fd = g_file_open_tmp("unwind_XXXXXX.rs", &path, NULL);

    for (guint i = 0; i < 800; i++)
        g_string_append_printf(source,
                               "pub fn f%u(a: &[u64]) -> Vec<String> { a.iter().map(|x| x ^ %u)"
                               ".filter(|x| x %% 3 == 0).map(|x| x.to_string()).collect() }\n",
                               i, i);
    close(fd);
    g_file_set_contents(path, source->str, (gssize)source->len, NULL);
    return path;
}

#define ARGV(...) ((const char *const[]){__VA_ARGS__, NULL})

static void measure_programs(const char *folder, guint n_wanted)
{
    g_autofree char *rust = g_build_filename(folder, "unwind_rust", NULL);
    g_autofree char *twin = g_build_filename(folder, "unwind_target", NULL);
    g_autofree char *cc1 = told_by("gcc -print-prog-name=cc1"), *c_source = write_c_source();
    g_autofree char *rust_source = write_rust_source();
    gboolean has_rust = g_file_test(rust, G_FILE_TEST_IS_EXECUTABLE);
    const Program programs[] = {
        {"Rust, 30 frames of generics, closures and trait objects",
         has_rust ? ARGV(rust) : ARGV(NULL), TRUE, TRUE},
        {"C, short calls of all kinds", ARGV(twin, "calls"), TRUE, !has_rust},
        {"python3",
         ARGV("python3", "-c",
              "def f(n):\n return sorted(range(20), key=lambda x: -x)[n] if n == 0 else "
              "f(n - 1)\nwhile True:\n f(12)"),
         FALSE, FALSE},
        {"gzip", ARGV("gzip", "-c", cc1), FALSE, FALSE},
        {"git", ARGV("git", "grep", "-c", "-E", "(a|b)+c.*static", "HEAD"), FALSE, FALSE},
        {"cc1", ARGV(cc1, "-quiet", "-O2", c_source, "-o", "/dev/null"), FALSE, FALSE},
        {"rustc",
         ARGV("rustc", "--crate-type", "lib", "-O", "--emit", "obj", "-o", "/dev/null",
              rust_source),
         FALSE, FALSE},
    };

    for (guint i = 0; i < G_N_ELEMENTS(programs); i++) {
        g_autofree char *path =
            programs[i].argv[0] ? g_find_program_in_path(programs[i].argv[0]) : NULL;

        if (path)
            measure(&programs[i], n_wanted);
        else
            printf("%s\n    SKIP: not on this machine\n", programs[i].name);
    }
    unlink(c_source);
    unlink(rust_source);
}

int main(int argc, char **argv)
{
    g_autofree char *folder = g_path_get_dirname(argv[0]);
    g_autofree char *programs = g_build_filename(folder, "..", "programs", NULL);
    guint n_wanted = argc > 1 ? (guint)atoi(argv[1]) : SAMPLES_OF_EACH;
    RsTasks *tasks = rs_tasks_new();
    double agreed_pct;

    modules = rs_modules_new();
    spaces = rs_spaces_new(modules, tasks);
    unwinder = rs_unwinder_new(spaces);
    setvbuf(stdout, NULL, _IOLBF, 0);
    measure_tables();
    measure_programs(programs, MAX(n_wanted, 1));
    agreed_pct = n_all_samples ? 100.0 * n_all_agreed / n_all_samples : 0;
    printf("%u samples: %.3f %% agreement (target %.1f: %s); of the others %u are wrong unwind "
           "information, and gdb judged %u and agreed with the table in %u\n",
           n_all_samples, agreed_pct, TARGET_AGREE_PCT, verdict(agreed_pct >= TARGET_AGREE_PCT),
           n_all_explained, n_all_judged, n_all_table_right);
    rs_unwinder_free(unwinder);
    rs_spaces_free(spaces);
    rs_tasks_free(tasks);
    rs_modules_free(modules);
    return has_missed;
}
