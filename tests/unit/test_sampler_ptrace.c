/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/sampler.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <time.h>

#include "capture/launch.h"
#include "tests/unit/trial_fixtures.h"

#define NS_PER_MS   G_GINT64_CONSTANT(1000000)
#define PATIENCE_MS 60000

/* --- a sampler in a thread of its own --- */

typedef struct {
    gint64 time_ns, weight_ns;
    pid_t pid, tid;
    guint64 ip, sp;
    gsize n_stack_bytes;
    gboolean has_registers;
} Seen;

typedef struct {
    RsSamplerOptions options;
    pid_t pid;
    gboolean at_exec;
    GError *error;

    GThread *thread;
    int wake_fd;
    gint is_attached, should_stop; /* atomic */
    RsModules *modules;
    RsTasks *tasks;
    RsSpaces *spaces;
    GArray *seen; /* of the thread, until it was joined */
    RsSamplerCounts counts;
} Observer;

static Observer observer;
static char *target;

static void on_sample(gpointer data, const RsRawSample *sample)
{
    Seen seen = {
        .time_ns = sample->time_ns,
        .weight_ns = sample->weight_ns,
        .pid = sample->process_id,
        .tid = sample->thread_id,
        .ip = sample->registers.r[RS_REG_RIP],
        .sp = sample->registers.r[RS_REG_RSP],
        .n_stack_bytes = sample->stack.n_bytes,
        .has_registers = sample->has_registers,
    };

    ck_assert(!sample->has_registers || sample->stack.base == seen.sp);
    g_array_append_val(observer.seen, seen);
}

static gpointer observe(gpointer data)
{
    RsSamplerSink sink = {.spaces = observer.spaces, .tasks = observer.tasks, .sample = on_sample};
    gpointer sampler = rs_sampler_ptrace.open(&observer.options, &sink, &observer.error);

    if (sampler &&
        rs_sampler_ptrace.attach(sampler, observer.pid, observer.at_exec, &observer.error)) {
        g_atomic_int_set(&observer.is_attached, 1);
        while (!g_atomic_int_get(&observer.should_stop))
            ck_assert(rs_sampler_ptrace.poll(sampler, observer.wake_fd, 1000, NULL));
        ck_assert(rs_sampler_ptrace.drain(sampler, NULL));
        rs_sampler_ptrace.counts(sampler, &observer.counts);
    }
    g_atomic_int_set(&observer.is_attached, 1);
    if (sampler)
        rs_sampler_ptrace.close(sampler);
    return NULL;
}

static void watch(pid_t pid, gboolean at_exec)
{
    observer.pid = pid;
    observer.at_exec = at_exec;
    observer.thread = g_thread_new("observer", observe, NULL);
    while (!g_atomic_int_get(&observer.is_attached))
        g_usleep(1000);
}

static void stop_watching(void)
{
    guint64 one = 1;

    g_atomic_int_set(&observer.should_stop, 1);
    ck_assert_int_eq(write(observer.wake_fd, &one, sizeof one), sizeof one);
    g_thread_join(g_steal_pointer(&observer.thread));
    ck_assert_int_eq(read(observer.wake_fd, &one, sizeof one), sizeof one);
    g_atomic_int_set(&observer.is_attached, 0);
    g_atomic_int_set(&observer.should_stop, 0);
}

static void set_up(void)
{
    enter_folder();
    target = g_build_filename(g_getenv("BUILD"), "tests/programs/ptrace_target", NULL);
    observer = (Observer){
        .options = {.sample_rate_hz = 199},
        .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
        .modules = rs_modules_new(),
        .tasks = rs_tasks_new(),
        .seen = g_array_new(FALSE, FALSE, sizeof(Seen)),
    };
    observer.spaces = rs_spaces_new(observer.modules, observer.tasks);
}

static void tear_down(void)
{
    if (observer.thread)
        stop_watching();
    g_clear_error(&observer.error);
    g_array_unref(observer.seen);
    rs_spaces_free(observer.spaces);
    rs_tasks_free(observer.tasks);
    rs_modules_free(observer.modules);
    close(observer.wake_fd);
    g_clear_pointer(&target, g_free);
    leave_folder();
}

/* --- targets --- */

static char **split_words(const char *words)
{
    g_autofree char *line = g_strdup_printf("%s %s", target, words);

    return g_strsplit(line, " ", -1);
}

static char **with_result(void)
{
    g_autofree char *path = in_folder("result");

    return g_environ_setenv(g_get_environ(), "RESULT", path, TRUE);
}

/* The target with these arguments, held; watched from its exec on. */
static pid_t launch(const char *words)
{
    g_auto(GStrv) argv = split_words(words), environment = with_result();
    g_autoptr(GError) error = NULL;
    g_autoptr(RsHeld) held = rs_launch_hold(argv, environment, &error);

    ck_assert_no_error(error);
    watch(rs_held_pid(held), TRUE);
    ck_assert_no_error(observer.error);
    ck_assert(rs_held_release(held, &error));
    return rs_held_pid(held);
}

/* The same without a sampler. */
static pid_t start_alone(const char *words)
{
    g_auto(GStrv) argv = split_words(words), environment = with_result();
    g_autoptr(GError) error = NULL;
    g_autoptr(RsHeld) held = rs_launch_hold(argv, environment, &error);

    ck_assert_no_error(error);
    ck_assert(rs_held_release(held, &error));
    return rs_held_pid(held);
}

/* How it ended, as the sampler's thread was told. */
static int wait_for_end(pid_t pid)
{
    RsTask task = {0};

    for (guint i = 0; i < PATIENCE_MS; i++) {
        if (rs_tasks_find(observer.tasks, pid, &task) && task.end_ns >= 0)
            break;
        g_usleep(1000);
    }
    ck_assert_msg(task.end_ns >= 0, "process %d has not ended", pid);
    ck_assert(task.has_status);
    return task.wait_status;
}

static int run(const char *words)
{
    int status = wait_for_end(launch(words));

    stop_watching();
    return status;
}

static int reap(pid_t pid)
{
    int status = -1;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

/* The numbers that the target wrote; fewer than n: fails. */
static void results(gint64 *numbers, guint n)
{
    g_autofree char *text = read_file("result");
    g_auto(GStrv) words = NULL;

    ck_assert_msg(text != NULL, "the target has written nothing");
    words = g_strsplit(g_strstrip(text), " ", -1);
    ck_assert_uint_eq(g_strv_length(words), n);
    for (guint i = 0; i < n; i++)
        numbers[i] = g_ascii_strtoll(words[i], NULL, 10);
}

static gint64 total_weight_ns(pid_t pid)
{
    gint64 total_ns = 0;

    for (guint i = 0; i < observer.seen->len; i++) {
        const Seen *seen = &g_array_index(observer.seen, Seen, i);

        ck_assert_int_gt(seen->weight_ns, 0);
        if (!pid || seen->pid == pid)
            total_ns += seen->weight_ns;
    }
    return total_ns;
}

static guint n_threads_seen(void)
{
    g_autoptr(GHashTable) ids = g_hash_table_new(NULL, NULL);

    for (guint i = 0; i < observer.seen->len; i++)
        g_hash_table_add(ids, GINT_TO_POINTER(g_array_index(observer.seen, Seen, i).tid));
    return g_hash_table_size(ids);
}

static guint n_processes_seen(void)
{
    g_autoptr(GHashTable) ids = g_hash_table_new(NULL, NULL);

    for (guint i = 0; i < observer.seen->len; i++)
        g_hash_table_add(ids, GINT_TO_POINTER(g_array_index(observer.seen, Seen, i).pid));
    return g_hash_table_size(ids);
}

/* A thread of 500 ms is stopped each 200 ms at least, however busy the machine is. */
static void ck_assert_weight(gint64 weight_ns, gint64 cpu_us)
{
    gint64 slack_us = cpu_us * 2 / 5 + 12000;

    ck_assert_int_ge(weight_ns / 1000, cpu_us - slack_us);
    ck_assert_int_le(weight_ns / 1000, cpu_us + slack_us);
}

/* --- what samples say --- */

START_TEST(weights_add_up_to_the_cpu_time)
{
    gint64 found[1];
    pid_t pid = launch("threads 1 500 1");

    ck_assert_int_eq(wait_for_end(pid), 0);
    stop_watching();
    results(found, 1);
    ck_assert_weight(total_weight_ns(pid), found[0]);
    ck_assert_int_eq(observer.counts.n_samples, observer.seen->len);
    ck_assert_int_gt(observer.counts.stop_p50_ns, 0);
    ck_assert_int_ge(observer.counts.stop_p99_ns, observer.counts.stop_p50_ns);
}
END_TEST

static gboolean parse_ranges(guint64 bounds[4])
{
    g_autofree char *text = read_file("result");

    return text &&
           sscanf(text, "%lx %lx %lx %lx", &bounds[0], &bounds[1], &bounds[2], &bounds[3]) == 4;
}

/* By weight: light_work a quarter, heavy_work three. Within four standard errors of as many samples
 * of equal weight as tell as much (Kish's effective sample size). */
START_TEST(functions_get_the_share_that_they_take)
{
    guint64 bounds[4];
    double light_ns = 0, heavy_ns = 0, squares = 0, total_ns, n_effective;

    observer.options.sample_rate_hz = 499;
    ck_assert_int_eq(run("split 2000"), 0);
    ck_assert(parse_ranges(bounds));
    for (guint i = 0; i < observer.seen->len; i++) {
        const Seen *seen = &g_array_index(observer.seen, Seen, i);
        double weight_ns = (double)seen->weight_ns;

        ck_assert(seen->has_registers);
        squares += weight_ns * weight_ns;
        if (seen->ip >= bounds[0] && seen->ip < bounds[1])
            light_ns += weight_ns;
        if (seen->ip >= bounds[2] && seen->ip < bounds[3])
            heavy_ns += weight_ns;
    }
    total_ns = (double)total_weight_ns(0);
    n_effective = total_ns * total_ns / squares;
    ck_assert_double_gt(n_effective, 8);
    ck_assert_double_gt(light_ns + heavy_ns, 0.8 * total_ns); /* the rest is clock_gettime */
    ck_assert_double_eq_tol(light_ns / (light_ns + heavy_ns), 0.25,
                            4 * sqrt(0.25 * 0.75 / n_effective));
}
END_TEST

/* 40 levels of 16 KB: the first copy of a stack is smaller, those that follow are the whole. */
START_TEST(deep_stacks_are_copied_as_deep_as_was_asked_for)
{
    gsize n_most_bytes = 0;

    observer.options.n_stack_bytes = 1024 * 1024;
    ck_assert_int_eq(run("deep 40 200"), 0);
    for (guint i = 0; i < observer.seen->len; i++)
        n_most_bytes = MAX(n_most_bytes, g_array_index(observer.seen, Seen, i).n_stack_bytes);
    ck_assert_uint_gt(n_most_bytes, 40 * 16 * 1024);
    ck_assert_uint_lt(n_most_bytes, 1024 * 1024);
}
END_TEST

START_TEST(threads_born_later_are_sampled)
{
    gint64 found[1];

    ck_assert_int_eq(run("threads 4 500 2"), 0);
    ck_assert_uint_ge(n_threads_seen(), 4);
    results(found, 1);
    ck_assert_weight(total_weight_ns(0), found[0]);
}
END_TEST

/* Each lives for less than a period: few are seen, which stand for all. */
START_TEST(short_threads_count_for_what_they_take)
{
    gint64 found[1];

    observer.options.sample_rate_hz = 99;
    ck_assert_int_eq(run("threads 200 3 1"), 0);
    results(found, 1);
    ck_assert_int_gt(total_weight_ns(0) / 1000, found[0] * 3 / 4);
    ck_assert_int_lt(total_weight_ns(0) / 1000, found[0] * 5 / 4);
}
END_TEST

START_TEST(children_are_followed_and_their_ends_are_told)
{
    gint64 found[2];

    ck_assert_int_eq(run("forks 8 60"), 0);
    results(found, 2);
    ck_assert_int_eq(found[0], 8);
    ck_assert_uint_ge(n_processes_seen(), 8);
    ck_assert_int_gt(total_weight_ns(0), 8 * 40 * NS_PER_MS);
    ck_assert_uint_eq(rs_tasks_n_alive(observer.tasks), 0);
}
END_TEST

START_TEST(a_program_that_naps_is_not_interrupted)
{
    gint64 found[2];

    observer.options.sample_rate_hz = 999;
    ck_assert_int_eq(run("naps 1000"), 0);
    results(found, 2);
    ck_assert_int_eq(found[0], 0);
}
END_TEST

START_TEST(a_program_of_50_ms_is_sampled_at_the_startup_rate)
{
    observer.options.sample_rate_hz = 10;
    observer.options.startup_rate_hz = 999;
    observer.options.startup_ms = 100;
    ck_assert_int_eq(run("split 50"), 0);
    ck_assert_uint_ge(observer.seen->len, 5);
}
END_TEST

START_TEST(a_program_that_ends_at_once_is_a_result)
{
    for (guint i = 0; i < 20; i++) {
        pid_t pid = launch("status 3");

        ck_assert_int_eq(WEXITSTATUS(wait_for_end(pid)), 3);
        stop_watching();
    }
}
END_TEST

START_TEST(what_comes_before_the_exec_is_not_sampled)
{
    gint64 start_ns;
    RsTask task;
    pid_t pid;

    start_ns = g_get_monotonic_time() * 1000;
    pid = launch("split 50");
    ck_assert_int_eq(wait_for_end(pid), 0);
    stop_watching();
    ck_assert(rs_tasks_find(observer.tasks, pid, &task));
    ck_assert_str_eq(task.name, "ptrace_target");
    ck_assert_int_eq(task.parent_id, getpid());
    ck_assert_int_ge(task.start_ns, start_ns);
    ck_assert_int_gt(task.end_ns, task.start_ns);
    ck_assert(rs_space_has_ended(rs_spaces_find(observer.spaces, pid)));
}
END_TEST

/* --- what the target notices --- */

START_TEST(exit_statuses_and_signals_are_the_targets_own)
{
    int status = run("status 23");

    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 23);
    status = run("die 6");
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGABRT);
}
END_TEST

START_TEST(signals_arrive_each_once_and_with_their_values)
{
    gint64 found[4];

    observer.options.sample_rate_hz = 999;
    ck_assert_int_eq(run("signals 2000"), 0);
    results(found, 4);
    ck_assert_int_eq(found[0], 2000);
    ck_assert_int_eq(found[1], 6000);
    ck_assert_int_eq(found[2], 2000);
    ck_assert_int_gt(found[3], 10);
}
END_TEST

START_TEST(ignored_signals_do_not_break_calls_off)
{
    gint64 found[1];

    ck_assert_int_eq(run("ignored_signals 5"), 0);
    results(found, 1);
    ck_assert_int_eq(found[0], 0);
}
END_TEST

START_TEST(job_control_works_between_the_targets_own_processes)
{
    gint64 found[3];

    ck_assert_int_eq(run("job"), 0);
    results(found, 3);
    ck_assert_int_eq(found[0], 2);
    ck_assert_int_eq(found[1], 1);
    ck_assert_int_eq(found[2], 6);
}
END_TEST

static int beats(void)
{
    g_autofree char *text = read_file("result");

    return text && *text ? atoi(text) : -1;
}

static char state_of(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid), *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? strrchr(text, ')')[2] : '?';
}

static void wait_for_beats(void)
{
    int now = beats();

    for (guint i = 0; i < PATIENCE_MS && beats() <= now; i++)
        g_usleep(1000);
    ck_assert_int_gt(beats(), now);
}

START_TEST(a_target_can_be_stopped_and_continued)
{
    pid_t pid = launch("heartbeat 600000");
    int stopped_at;

    wait_for_beats();
    kill(pid, SIGSTOP);
    for (guint i = 0; i < PATIENCE_MS && state_of(pid) != 't' && state_of(pid) != 'T'; i++)
        g_usleep(1000);
    g_usleep(50000);
    stopped_at = beats();
    g_usleep(100000);
    ck_assert_int_eq(beats(), stopped_at);
    kill(pid, SIGCONT);
    wait_for_beats();
    kill(pid, SIGKILL);
    ck_assert(WIFSIGNALED(wait_for_end(pid)));
}
END_TEST

START_TEST(a_program_executed_by_a_thread_is_followed)
{
    pid_t pid = launch("exec_from_thread 500 2");

    ck_assert_int_eq(wait_for_end(pid), 0);
    stop_watching();
    ck_assert_int_eq(g_array_index(observer.seen, Seen, observer.seen->len - 1).tid, pid);
    ck_assert_int_gt(total_weight_ns(pid), 200 * NS_PER_MS);
}
END_TEST

START_TEST(a_chain_of_programs_keeps_its_status)
{
    ck_assert_int_eq(WEXITSTATUS(run("exec_chain 20")), 7);
}
END_TEST

START_TEST(a_process_lives_on_without_its_first_thread)
{
    pid_t pid = launch("leave_first 500");

    ck_assert_int_eq(WEXITSTATUS(wait_for_end(pid)), 5);
    stop_watching();
    ck_assert_int_gt(total_weight_ns(pid), 200 * NS_PER_MS);
    ck_assert_int_ne(g_array_index(observer.seen, Seen, observer.seen->len - 1).tid, pid);
}
END_TEST

START_TEST(vfork_and_odd_clones_go_on)
{
    gint64 found[2];

    ck_assert_int_eq(run("vforks 20"), 0);
    results(found, 2);
    ck_assert_int_eq(found[0], 20);
    ck_assert_int_eq(run("odd_clones"), 0);
    results(found, 1);
    ck_assert_int_eq(found[0], 3);
}
END_TEST

START_TEST(a_killed_family_leaves_nothing_behind)
{
    pid_t pid = launch("threads 400 20 8");

    g_usleep(100000);
    kill(pid, SIGKILL);
    ck_assert_int_eq(WTERMSIG(wait_for_end(pid)), SIGKILL);
    ck_assert_uint_eq(rs_tasks_n_alive(observer.tasks), 0);
}
END_TEST

/* --- a launcher between us and the target --- */

START_TEST(a_launcher_is_followed_but_not_sampled)
{
    g_autofree char *words = g_strdup_printf("launcher %s forks 4 300", target);
    pid_t pid = start_alone(words);
    gint64 found[2];

    observer.options.ignored_pid = pid;
    watch(pid, FALSE);
    ck_assert_no_error(observer.error);
    ck_assert_int_eq(wait_for_end(pid), 0);
    stop_watching();
    results(found, 2);
    ck_assert_int_eq(found[0], 0);
    ck_assert_int_gt(found[1], 4 * 270000);
    ck_assert_int_eq(total_weight_ns(pid), 0);
    ck_assert_int_gt(total_weight_ns(0), 600 * NS_PER_MS);
}
END_TEST

/* --- coming and going --- */

START_TEST(a_running_process_is_attached_to_and_let_go)
{
    pid_t pid = start_alone("heartbeat 600000");
    RsTask task;

    for (guint i = 0; i < 5; i++) {
        wait_for_beats();
        watch(pid, FALSE);
        ck_assert_no_error(observer.error);
        wait_for_beats();
        g_usleep(50000);
        stop_watching();
        ck_assert_uint_gt(observer.seen->len, 0);
        g_array_set_size(observer.seen, 0);
        wait_for_beats();
    }
    ck_assert(rs_tasks_find(observer.tasks, pid, &task));
    ck_assert(!task.has_status);
    kill(pid, SIGKILL);
    ck_assert_int_eq(WTERMSIG(reap(pid)), SIGKILL);
}
END_TEST

START_TEST(all_threads_of_a_running_process_are_found)
{
    pid_t pid = start_alone("threads 40 100 8");

    g_usleep(60000);
    watch(pid, FALSE);
    ck_assert_no_error(observer.error);
    ck_assert_int_eq(wait_for_end(pid), 0);
    stop_watching();
    ck_assert_uint_gt(n_threads_seen(), 8);
}
END_TEST

START_TEST(what_starts_and_ends_while_it_is_let_go_goes_on)
{
    gint64 found[2];
    RsTask task = {0};

    for (guint i = 0; i < 10; i++) {
        pid_t pid = start_alone("forks 40 0");

        g_usleep(3000 * i);
        watch(pid, FALSE);
        g_usleep(3000);
        stop_watching();
        /* Its children come and go: those that were let go are never told to have ended. */
        if (!rs_tasks_find(observer.tasks, pid, &task) || !task.has_status)
            task.wait_status = reap(pid);
        ck_assert_int_eq(task.wait_status, 0);
        results(found, 2);
        ck_assert_int_eq(found[0], 40);
        g_clear_error(&observer.error);
    }
}
END_TEST

START_TEST(a_stopped_process_stays_stopped_when_it_is_let_go)
{
    pid_t pid = start_alone("heartbeat 600000");

    wait_for_beats();
    kill(pid, SIGSTOP);
    for (guint i = 0; i < PATIENCE_MS && state_of(pid) != 'T'; i++)
        g_usleep(1000);
    watch(pid, FALSE);
    ck_assert_no_error(observer.error);
    g_usleep(30000);
    stop_watching();
    for (guint i = 0; i < 1000 && state_of(pid) != 'T'; i++)
        g_usleep(1000);
    ck_assert_int_eq(state_of(pid), 'T');
    kill(pid, SIGCONT);
    wait_for_beats();
    kill(pid, SIGKILL);
    reap(pid);
}
END_TEST

/* The sampler lives in a process that is killed. */
START_TEST(the_target_outlives_a_killed_sampler)
{
    pid_t pid = start_alone("heartbeat 600000"), keeper;

    wait_for_beats();
    keeper = fork();
    if (keeper == 0) {
        watch(pid, FALSE);
        if (!observer.error)
            write_file("attached", "1\n");
        pause();
        _exit(0);
    }
    ck_assert_int_eq(wait_for_number("attached"), 1);
    wait_for_beats();
    kill(keeper, SIGKILL);
    reap(keeper);
    wait_for_beats();
    ck_assert(state_of(pid) != 't' && state_of(pid) != 'T');
    kill(pid, SIGKILL);
    ck_assert_int_eq(WTERMSIG(reap(pid)), SIGKILL);
}
END_TEST

START_TEST(a_process_that_is_gone_is_an_error)
{
    pid_t pid = start_alone("status 0");

    ck_assert_int_eq(reap(pid), 0);
    watch(pid, FALSE);
    ck_assert_msg(g_error_matches(observer.error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_GONE),
                  "no error");
}
END_TEST

START_TEST(a_process_that_another_one_traces_is_an_error_that_names_it)
{
    pid_t pid = start_alone("heartbeat 600000"), keeper;
    g_autofree char *expected = NULL;

    keeper = fork();
    if (keeper == 0) {
        watch(pid, FALSE);
        write_file("attached", "1\n");
        pause();
    }
    ck_assert_int_eq(wait_for_number("attached"), 1);
    watch(pid, FALSE);
    ck_assert_msg(g_error_matches(observer.error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_DENIED),
                  "no error");
    expected = g_strdup_printf("process %d is being traced by process ", pid);
    ck_assert_msg(g_str_has_prefix(observer.error->message, expected), "%s",
                  observer.error->message);
    kill(keeper, SIGKILL);
    reap(keeper);
    kill(pid, SIGKILL);
    reap(pid);
}
END_TEST

START_TEST(an_event_that_it_does_not_know_is_an_error)
{
    RsSamplerSink sink = {.spaces = observer.spaces, .tasks = observer.tasks, .sample = on_sample};
    g_autoptr(GError) error = NULL;

    observer.options.event = "cycles";
    ck_assert_ptr_null(rs_sampler_ptrace.open(&observer.options, &sink, &error));
    ck_assert_msg(g_error_matches(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_UNSUPPORTED),
                  "no error");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("sampler_ptrace");
    TCase *c = tcase_create("all");

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, weights_add_up_to_the_cpu_time);
    tcase_add_test(c, functions_get_the_share_that_they_take);
    tcase_add_test(c, deep_stacks_are_copied_as_deep_as_was_asked_for);
    tcase_add_test(c, threads_born_later_are_sampled);
    tcase_add_test(c, short_threads_count_for_what_they_take);
    tcase_add_test(c, children_are_followed_and_their_ends_are_told);
    tcase_add_test(c, a_program_that_naps_is_not_interrupted);
    tcase_add_test(c, a_program_of_50_ms_is_sampled_at_the_startup_rate);
    tcase_add_test(c, a_program_that_ends_at_once_is_a_result);
    tcase_add_test(c, what_comes_before_the_exec_is_not_sampled);
    tcase_add_test(c, exit_statuses_and_signals_are_the_targets_own);
    tcase_add_test(c, signals_arrive_each_once_and_with_their_values);
    tcase_add_test(c, ignored_signals_do_not_break_calls_off);
    tcase_add_test(c, job_control_works_between_the_targets_own_processes);
    tcase_add_test(c, a_target_can_be_stopped_and_continued);
    tcase_add_test(c, a_program_executed_by_a_thread_is_followed);
    tcase_add_test(c, a_chain_of_programs_keeps_its_status);
    tcase_add_test(c, a_process_lives_on_without_its_first_thread);
    tcase_add_test(c, vfork_and_odd_clones_go_on);
    tcase_add_test(c, a_killed_family_leaves_nothing_behind);
    tcase_add_test(c, a_launcher_is_followed_but_not_sampled);
    tcase_add_test(c, a_running_process_is_attached_to_and_let_go);
    tcase_add_test(c, all_threads_of_a_running_process_are_found);
    tcase_add_test(c, what_starts_and_ends_while_it_is_let_go_goes_on);
    tcase_add_test(c, a_stopped_process_stays_stopped_when_it_is_let_go);
    tcase_add_test(c, the_target_outlives_a_killed_sampler);
    tcase_add_test(c, a_process_that_is_gone_is_an_error);
    tcase_add_test(c, a_process_that_another_one_traces_is_an_error_that_names_it);
    tcase_add_test(c, an_event_that_it_does_not_know_is_an_error);
    suite_add_tcase(s, c);
    return s;
}

int main(void)
{
    RsSamplerOptions options = {0};
    g_autofree char *why = NULL;
    SRunner *runner;
    int n_failed;

    if (!rs_sampler_ptrace.probe(&options, &why)) {
        printf("SKIP: tracing is not permitted here: %s\n", why);
        return 0;
    }
    runner = srunner_create(suite());
    srunner_run_all(runner, CK_ENV);
    n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed ? 1 : 0;
}
