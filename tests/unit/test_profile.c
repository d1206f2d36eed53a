/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/profile.h"

#include <check.h>
#include <math.h>

#include "tests/unit/run.h"

/* A profile with one module and the stack of these addresses, outermost first. */
static gint32 add_addresses(RsProfile *profile, const char *path, const guint64 *addresses, guint n)
{
    guint32 module = rs_profile_add_module(profile, RS_MODULE_FILE, path, "ab12", 4096);
    gint32 stack = RS_STACK_NONE;

    for (guint i = 0; i < n; i++)
        stack = rs_profile_add_stack(profile, stack,
                                     rs_profile_add_frame(profile, module, addresses[i]));
    return stack;
}

static guint64 address_of(const RsProfile *profile, gint32 stack)
{
    const RsProfileStack *node = &g_array_index(profile->stacks, RsProfileStack, stack);

    return g_array_index(profile->frames, RsProfileFrame, node->frame).address;
}

START_TEST(the_same_thing_has_the_same_index)
{
    g_autoptr(RsProfile) profile = rs_profile_new();
    const guint64 main_a[] = {0x1000, 0x2000, G_MAXUINT64}, main_b[] = {0x1000, 0x2000, 0x3000};
    gint32 a = add_addresses(profile, "/bin/a", main_a, 3);
    gint32 b = add_addresses(profile, "/bin/a", main_b, 3);

    ck_assert_int_ne(a, b);
    ck_assert_int_eq(add_addresses(profile, "/bin/a", main_a, 3), a);
    ck_assert_uint_eq(profile->modules->len, 1);
    ck_assert_uint_eq(profile->frames->len, 4);
    ck_assert_uint_eq(profile->stacks->len, 4);
    ck_assert_uint_eq(address_of(profile, a), G_MAXUINT64);
    ck_assert_int_eq(g_array_index(profile->stacks, RsProfileStack, a).parent,
                     g_array_index(profile->stacks, RsProfileStack, b).parent);
    ck_assert_int_ne(add_addresses(profile, "/bin/b", main_a, 3), a);
}
END_TEST

START_TEST(modules_differ_by_kind_path_and_build_id)
{
    g_autoptr(RsProfile) profile = rs_profile_new();
    guint32 plain = rs_profile_add_module(profile, RS_MODULE_FILE, "/x", NULL, -1);

    ck_assert_uint_ne(rs_profile_add_module(profile, RS_MODULE_FILE, "/x", "00", -1), plain);
    ck_assert_uint_ne(rs_profile_add_module(profile, RS_MODULE_JIT, "/x", NULL, -1), plain);
    ck_assert_uint_ne(rs_profile_add_module(profile, RS_MODULE_FILE, "/y", NULL, -1), plain);
    ck_assert_uint_eq(rs_profile_add_module(profile, RS_MODULE_FILE, "/x", NULL, 7), plain);
    ck_assert_uint_eq(profile->modules->len, 4);
}
END_TEST

START_TEST(a_profile_that_was_filled_by_hand_is_interned_into)
{
    g_autoptr(RsProfile) profile = rs_profile_new();
    const RsProfileFrame frames[] = {{0, 0x10, 0, 0}, {0, 0x20, 0, 0}};
    const RsProfileStack stacks[] = {{RS_STACK_NONE, 0}, {0, 1}};
    RsProfileModule *module = g_new0(RsProfileModule, 1);
    const guint64 known[] = {0x10, 0x20};

    module->path = g_strdup("/bin/a");
    module->build_id = g_strdup("ab12");
    g_ptr_array_add(profile->modules, module);
    g_array_append_vals(profile->frames, frames, 2);
    g_array_append_vals(profile->stacks, stacks, 2);
    ck_assert_int_eq(add_addresses(profile, "/bin/a", known, 2), 1);
    ck_assert_uint_eq(profile->stacks->len, 2);
}
END_TEST

START_TEST(a_thread_takes_the_name_that_is_told_last)
{
    g_autoptr(RsProfile) profile = rs_profile_new();
    guint32 first = rs_profile_add_thread(profile, 10, 11, NULL);
    const RsProfileThread *thread;

    ck_assert_uint_eq(rs_profile_add_thread(profile, 10, 11, "old"), first);
    ck_assert_uint_eq(rs_profile_add_thread(profile, 10, 11, "new"), first);
    ck_assert_uint_eq(rs_profile_add_thread(profile, 10, 11, NULL), first);
    ck_assert_uint_ne(rs_profile_add_thread(profile, 11, 10, NULL), first);
    thread = &g_array_index(profile->threads, RsProfileThread, first);
    ck_assert_str_eq(thread->name, "new");
}
END_TEST

START_TEST(an_id_that_is_used_again_is_another_process)
{
    g_autoptr(RsProfile) profile = rs_profile_new();
    RsProfileProcess *process = rs_profile_add_process(profile, 7);

    ck_assert_int_eq(process->exit_status, -1);
    ck_assert_int_eq(process->start_ns, -1);
    process->start_ns = 5;
    ck_assert_int_eq(rs_profile_add_process(profile, 7)->start_ns, 5);
    rs_profile_add_process(profile, 7)->end_ns = 9;
    ck_assert_int_eq(rs_profile_add_process(profile, 7)->start_ns, -1);
    ck_assert_uint_eq(profile->processes->len, 2);
    ck_assert_uint_eq(profile->threads->len, 0);
}
END_TEST

START_TEST(waits_add_up_by_lock_and_by_site_most_waited_first)
{
    g_autoptr(RsProfile) profile = rs_profile_new();
    const guint64 addresses[] = {0x10, 0x20};
    gint32 inner = add_addresses(profile, "/a", addresses, 2), outer = 0;
    const RsLock *first;

    rs_profile_add_wait(profile, 1, 0x100, "heap", outer, TRUE, 10, 1);
    rs_profile_add_wait(profile, 1, 0x200, NULL, inner, TRUE, 30, 3);
    rs_profile_add_wait(profile, 1, 0x200, "stack", outer, FALSE, 50, 2);
    rs_profile_add_wait(profile, 2, 0x100, NULL, RS_STACK_NONE, TRUE, 20, 1);
    ck_assert_uint_eq(profile->locks->len, 3);
    first = g_ptr_array_index(profile->locks, 0);
    ck_assert_uint_eq(first->address, 0x200);
    ck_assert_int_eq(first->wait_ns, 80);
    ck_assert_int_eq(first->n_waits, 1);
    ck_assert_int_eq(first->n_max_waiters, 3);
    ck_assert_str_eq(first->place, "stack");
    ck_assert_uint_eq(first->sites->len, 2);
    ck_assert_int_eq(g_array_index(first->sites, RsLockSite, 0).stack, outer);
    ck_assert_int_eq(g_array_index(first->sites, RsLockSite, 0).wait_ns, 50);
    ck_assert_int_eq(g_array_index(first->sites, RsLockSite, 0).n_waits, 0);
    ck_assert_int_eq(((RsLock *)g_ptr_array_index(profile->locks, 1))->process_id, 2);
    ck_assert_int_eq(((RsLock *)g_ptr_array_index(profile->locks, 2))->wait_ns, 10);
}
END_TEST

START_TEST(sites_and_locks_are_bounded_and_no_time_is_lost)
{
    g_autoptr(RsProfile) profile = rs_profile_new();
    guint32 module = rs_profile_add_module(profile, RS_MODULE_FILE, "/a", NULL, -1);
    gint64 wait_ns = 0;
    const RsLock *lock;

    for (guint i = 0; i < RS_PROFILE_MAX_SITES + 5; i++)
        rs_profile_add_wait(
            profile, 1, 0x100, NULL,
            rs_profile_add_stack(profile, RS_STACK_NONE, rs_profile_add_frame(profile, module, i)),
            TRUE, 10, 1);
    lock = g_ptr_array_index(profile->locks, 0);
    ck_assert_uint_eq(lock->sites->len, RS_PROFILE_MAX_SITES);
    for (guint i = 0; i < lock->sites->len; i++)
        wait_ns += g_array_index(lock->sites, RsLockSite, i).wait_ns;
    ck_assert_int_eq(wait_ns, lock->wait_ns);
    for (guint i = 0; i < RS_PROFILE_MAX_LOCKS + 5; i++)
        rs_profile_add_wait(profile, 2, i, NULL, RS_STACK_NONE, TRUE, 0, 1);
    ck_assert_uint_eq(profile->locks->len, RS_PROFILE_MAX_LOCKS);
}
END_TEST

START_TEST(too_many_modules_share_the_unknown_one)
{
    g_autoptr(RsProfile) profile = rs_profile_new();
    guint32 last = 0;

    for (guint i = 0; i < RS_PROFILE_MAX_MODULES + 10; i++) {
        g_autofree char *path = g_strdup_printf("/%u", i);

        last = rs_profile_add_module(profile, RS_MODULE_FILE, path, NULL, -1);
    }
    ck_assert_uint_eq(profile->modules->len, RS_PROFILE_MAX_MODULES);
    ck_assert_uint_eq(last, RS_PROFILE_MAX_MODULES - 1);
    ck_assert_int_eq(((RsProfileModule *)g_ptr_array_index(profile->modules, last))->kind,
                     RS_MODULE_UNKNOWN);
    ck_assert_uint_eq(rs_profile_add_module(profile, RS_MODULE_FILE, "/7", NULL, -1), 7);
}
END_TEST

START_TEST(frames_and_stacks_stop_at_their_limits)
{
    g_autoptr(RsProfile) profile = rs_profile_new();
    guint32 module = rs_profile_add_module(profile, RS_MODULE_FILE, "/a", NULL, -1);
    guint32 frame, other;
    gint32 stack;

    g_array_set_size(profile->frames, RS_PROFILE_MAX_FRAMES - 2);
    g_array_set_size(profile->stacks, RS_PROFILE_MAX_STACKS - 1);
    frame = rs_profile_add_frame(profile, module, 0x10);
    other = rs_profile_add_frame(profile, module, 0x20);
    ck_assert_uint_eq(other, RS_PROFILE_MAX_FRAMES - 1);
    ck_assert_uint_eq(rs_profile_add_frame(profile, module, 0x30), other);
    ck_assert_uint_eq(g_array_index(profile->frames, RsProfileFrame, other).address, 0);
    ck_assert_uint_eq(g_array_index(profile->frames, RsProfileFrame, frame).address, 0x10);
    stack = rs_profile_add_stack(profile, RS_STACK_NONE, frame);
    ck_assert_int_eq(stack, RS_PROFILE_MAX_STACKS - 1);
    ck_assert_int_eq(rs_profile_add_stack(profile, stack, frame), stack);
    ck_assert_uint_eq(profile->stacks->len, RS_PROFILE_MAX_STACKS);
}
END_TEST

START_TEST(stacks_of_another_profile_become_those_of_this_one)
{
    g_autoptr(RsProfile) into = rs_profile_new(), from = rs_profile_new();
    const guint64 shared[] = {0x10, 0x20}, own[] = {0x10, 0x30, 0x40}, first[] = {0x70};
    gint32 known, in_from, own_in_from;
    g_autofree gint32 *map = NULL;

    add_addresses(into, "/other", first, 1);
    known = add_addresses(into, "/a", shared, 2);
    in_from = add_addresses(from, "/a", shared, 2);
    own_in_from = add_addresses(from, "/a", own, 3);
    map = rs_profile_merge_stacks(into, from);
    ck_assert_int_eq(map[in_from], known);
    ck_assert_uint_eq(into->stacks->len, 5);
    ck_assert_uint_eq(into->modules->len, 2);
    for (gint32 stack = map[own_in_from], i = 2; i >= 0; i--) {
        ck_assert_uint_eq(address_of(into, stack), own[i]);
        stack = g_array_index(into->stacks, RsProfileStack, stack).parent;
        ck_assert_int_eq(stack == RS_STACK_NONE, i == 0);
    }
}
END_TEST

static void add_at(RsProfile *profile, gint64 at_ns)
{
    RsProfileSample sample = {.at_ns = at_ns, .stack = RS_STACK_NONE};
    RsProcessSample *process_sample = rs_process_sample_new();

    process_sample->at_ns = at_ns;
    g_array_append_val(profile->samples, sample);
    g_ptr_array_add(profile->process_samples, process_sample);
}

static void add_event(RsProfile *profile, gint64 start_ns, gint64 end_ns)
{
    RsTimelineEvent *event = rs_timeline_event_new(RS_EVENT_SPIKE);

    event->start_ns = start_ns;
    event->end_ns = end_ns;
    g_ptr_array_add(profile->events, event);
}

START_TEST(a_cut_keeps_what_lies_in_it_or_reaches_into_it)
{
    g_autoptr(RsProfile) profile = rs_profile_new();

    for (gint64 at_ns = 0; at_ns < 10; at_ns++)
        add_at(profile, at_ns);
    add_event(profile, 0, 2);
    add_event(profile, 1, 4);
    add_event(profile, 5, 50);
    add_event(profile, 7, 8);
    rs_profile_cut(profile, 3, 6);
    ck_assert_uint_eq(profile->samples->len, 4);
    ck_assert_int_eq(g_array_index(profile->samples, RsProfileSample, 0).at_ns, 3);
    ck_assert_int_eq(g_array_index(profile->samples, RsProfileSample, 3).at_ns, 6);
    ck_assert_uint_eq(profile->process_samples->len, 4);
    ck_assert_int_eq(((RsProcessSample *)profile->process_samples->pdata[0])->at_ns, 3);
    ck_assert_uint_eq(profile->events->len, 2);
    ck_assert_int_eq(((RsTimelineEvent *)profile->events->pdata[0])->start_ns, 1);
    ck_assert_int_eq(((RsTimelineEvent *)profile->events->pdata[1])->start_ns, 5);
}
END_TEST

START_TEST(diagnostics_add_up_and_tell_the_share_of_complete_stacks)
{
    RsDiagnostics all, part;

    rs_diagnostics_init(&all);
    rs_diagnostics_init(&part);
    ck_assert(isnan(rs_diagnostics_complete_frac(&all)));
    part.backend = g_strdup("perf");
    part.n_raw_samples = 4;
    part.n_ends[RS_STACK_COMPLETE] = 3;
    part.n_ends[RS_STACK_NO_RULE] = 1;
    part.sampler_cpu_ns = 9;
    rs_diagnostics_join(&all, &part);
    rs_diagnostics_join(&all, &part);
    ck_assert_double_eq(rs_diagnostics_complete_frac(&all), 0.75);
    ck_assert_str_eq(all.backend, "perf");
    ck_assert_int_eq(all.n_raw_samples, 8);
    ck_assert_int_eq(all.sampler_cpu_ns, 18);
    ck_assert_int_eq(all.wall_ns, -1);
    rs_diagnostics_clear(&all);
    rs_diagnostics_clear(&part);
    ck_assert_ptr_null(all.backend);
}
END_TEST

static RsFunction *function_named(const char *name, gint32 module, gint64 line)
{
    RsFunction *function = rs_function_new(name);

    function->module = module;
    function->line = line;
    return function;
}

START_TEST(a_function_is_one_by_module_name_and_place)
{
    g_autoptr(RsProfile) profile = rs_profile_new();
    guint32 one;
    RsFunction *other;

    rs_profile_add_module(profile, RS_MODULE_FILE, "/x", NULL, -1);
    rs_profile_add_module(profile, RS_MODULE_FILE, "/y", NULL, -1);
    one = rs_profile_add_function(profile, function_named("a::f", 0, 1));
    ck_assert_uint_eq(rs_profile_add_function(profile, function_named("a::f", 0, 1)), one);
    ck_assert_uint_ne(rs_profile_add_function(profile, function_named("a::f", 1, 1)), one);
    ck_assert_uint_ne(rs_profile_add_function(profile, function_named("a::f", 0, 2)), one);
    ck_assert_uint_ne(rs_profile_add_function(profile, function_named("a::g", 0, 1)), one);
    other = function_named("a::f", 0, 1);
    other->file = g_strdup("f.rs");
    ck_assert_uint_ne(rs_profile_add_function(profile, other), one);
    ck_assert_uint_eq(profile->functions->len, 5);
}
END_TEST

START_TEST(a_chain_too_long_for_a_frame_keeps_its_outer_functions)
{
    g_autoptr(RsProfile) profile = rs_profile_new();
    RsProfileLine lines[RS_PROFILE_MAX_FRAME_LINES + 2];
    const RsProfileFrame *frame;

    rs_profile_add_module(profile, RS_MODULE_FILE, "/x", NULL, -1);
    rs_profile_add_frame(profile, 0, 0x10);
    for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
        lines[i] = (RsProfileLine){0, i};
    rs_profile_set_lines(profile, 0, lines, G_N_ELEMENTS(lines));
    frame = &g_array_index(profile->frames, RsProfileFrame, 0);
    ck_assert_uint_eq(frame->n_lines, RS_PROFILE_MAX_FRAME_LINES);
    ck_assert_uint_eq(g_array_index(profile->lines, RsProfileLine, frame->first_line).line, 2);
    rs_profile_clear_symbols(profile);
    ck_assert_uint_eq(g_array_index(profile->frames, RsProfileFrame, 0).n_lines, 0);
    ck_assert_uint_eq(profile->lines->len + profile->functions->len, 0);
}
END_TEST

/* Of one frame in /x: f inlined into g. */
static RsProfile *named_profile(void)
{
    RsProfile *profile = rs_profile_new();
    guint32 module = rs_profile_add_module(profile, RS_MODULE_FILE, "/x", NULL, -1);
    guint32 frame = rs_profile_add_frame(profile, module, 0x10);
    RsProfileLine lines[] = {
        {rs_profile_add_function(profile, function_named("f", (gint32)module, 3)), 4},
        {rs_profile_add_function(profile, function_named("g", (gint32)module, 8)), 9},
    };

    rs_profile_add_stack(profile, RS_STACK_NONE, frame);
    rs_profile_set_lines(profile, frame, lines, 2);
    return profile;
}

START_TEST(merged_stacks_bring_their_functions_along)
{
    g_autoptr(RsProfile) into = rs_profile_new(), from = named_profile(), again = named_profile();
    const RsProfileFrame *frame;
    const RsProfileLine *line;

    rs_profile_add_module(into, RS_MODULE_FILE, "/other", NULL, -1);
    rs_profile_add_function(into, function_named("unrelated", 0, 1));
    g_free(rs_profile_merge_stacks(into, from));
    g_free(rs_profile_merge_stacks(into, again));
    ck_assert_uint_eq(into->functions->len, 3);
    ck_assert_uint_eq(into->lines->len, 2);
    frame = &g_array_index(into->frames, RsProfileFrame, 0);
    ck_assert_uint_eq(frame->n_lines, 2);
    line = &g_array_index(into->lines, RsProfileLine, frame->first_line);
    ck_assert_str_eq(((RsFunction *)g_ptr_array_index(into->functions, line[0].function))->name,
                     "f");
    ck_assert_uint_eq(line[0].line, 4);
    ck_assert_str_eq(((RsFunction *)g_ptr_array_index(into->functions, line[1].function))->name,
                     "g");
    ck_assert_int_eq(((RsFunction *)g_ptr_array_index(into->functions, line[1].function))->module,
                     1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_same_thing_has_the_same_index,
        modules_differ_by_kind_path_and_build_id,
        a_profile_that_was_filled_by_hand_is_interned_into,
        a_thread_takes_the_name_that_is_told_last,
        an_id_that_is_used_again_is_another_process,
        waits_add_up_by_lock_and_by_site_most_waited_first,
        sites_and_locks_are_bounded_and_no_time_is_lost,
        too_many_modules_share_the_unknown_one,
        frames_and_stacks_stop_at_their_limits,
        stacks_of_another_profile_become_those_of_this_one,
        a_cut_keeps_what_lies_in_it_or_reaches_into_it,
        diagnostics_add_up_and_tell_the_share_of_complete_stacks,
        a_function_is_one_by_module_name_and_place,
        a_chain_too_long_for_a_frame_keeps_its_outer_functions,
        merged_stacks_bring_their_functions_along,
    };
    TCase *cases = tcase_create("all");

    tcase_set_timeout(cases, 120);
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++)
        tcase_add_test(cases, tests[i]);
    return run_tests("model/profile", cases);
}
