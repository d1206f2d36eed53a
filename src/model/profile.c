/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/profile.h"

/* A value of a table is the index, and 1 more so that none is NULL. Keys of 64 bits lie in the
 * pointer itself. */
G_STATIC_ASSERT(sizeof(gpointer) == sizeof(guint64));

struct RsProfileIndex {
    GHashTable *modules;   /* RsProfileModule by its own kind, path and build-id */
    GPtrArray *frames;     /* for each module a table by address */
    GHashTable *functions; /* RsFunction by itself */
    GHashTable *stacks;    /* by parent and frame */
    GHashTable *threads;   /* by process and thread */
    GHashTable *processes; /* by process: the latest one */
    GHashTable *locks;     /* RsLock by its own process and address; its place in the list */
};

/* --- life cycle --- */

static void thread_clear(gpointer thread)
{
    g_free(((RsProfileThread *)thread)->name);
    g_free(((RsProfileThread *)thread)->extra_json);
}

static void process_clear(gpointer process)
{
    g_free(((RsProfileProcess *)process)->name);
    g_free(((RsProfileProcess *)process)->extra_json);
}

RsProfile *rs_profile_new(void)
{
    RsProfile *profile = g_new0(RsProfile, 1);

    profile->modules = g_ptr_array_new_with_free_func((GDestroyNotify)rs_profile_module_free);
    profile->frames = g_array_new(FALSE, TRUE, sizeof(RsProfileFrame));
    profile->functions = g_ptr_array_new_with_free_func((GDestroyNotify)rs_function_free);
    profile->lines = g_array_new(FALSE, TRUE, sizeof(RsProfileLine));
    profile->stacks = g_array_new(FALSE, TRUE, sizeof(RsProfileStack));
    profile->samples = g_array_new(FALSE, TRUE, sizeof(RsProfileSample));
    profile->threads = g_array_new(FALSE, TRUE, sizeof(RsProfileThread));
    g_array_set_clear_func(profile->threads, thread_clear);
    profile->processes = g_array_new(FALSE, TRUE, sizeof(RsProfileProcess));
    g_array_set_clear_func(profile->processes, process_clear);
    profile->process_samples =
        g_ptr_array_new_with_free_func((GDestroyNotify)rs_process_sample_free);
    profile->events = g_ptr_array_new_with_free_func((GDestroyNotify)rs_timeline_event_free);
    profile->locks = g_ptr_array_new_with_free_func((GDestroyNotify)rs_lock_free);
    profile->summary = (RsProcessSummary){-1, -1, -1, -1, -1, -1, 0, NULL};
    rs_diagnostics_init(&profile->diagnostics);
    return profile;
}

static void index_free(struct RsProfileIndex *index)
{
    if (!index)
        return;
    g_hash_table_unref(index->modules);
    g_ptr_array_unref(index->frames);
    g_hash_table_unref(index->functions);
    g_hash_table_unref(index->stacks);
    g_hash_table_unref(index->threads);
    g_hash_table_unref(index->processes);
    g_hash_table_unref(index->locks);
    g_free(index);
}

void rs_profile_free(RsProfile *profile)
{
    if (!profile)
        return;
    index_free(profile->index);
    g_ptr_array_unref(profile->modules);
    g_array_unref(profile->frames);
    g_ptr_array_unref(profile->functions);
    g_array_unref(profile->lines);
    g_array_unref(profile->stacks);
    g_array_unref(profile->samples);
    g_array_unref(profile->threads);
    g_array_unref(profile->processes);
    g_ptr_array_unref(profile->process_samples);
    g_ptr_array_unref(profile->events);
    g_ptr_array_unref(profile->locks);
    g_free(profile->summary.extra_json);
    rs_diagnostics_clear(&profile->diagnostics);
    g_free(profile);
}

/* --- the index --- */

static guint64 pair_key(guint32 high, guint32 low)
{
    return (guint64)high << 32 | low;
}

/* GLib's own hash of a pointer is its low half, in which stacks differ by their frames alone. */
static guint key_hash(gconstpointer key)
{
    guint64 bits = GPOINTER_TO_SIZE(key) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);

    return (guint)(bits >> 32);
}

static guint module_hash(gconstpointer key)
{
    const RsProfileModule *module = key;

    return g_str_hash(module->path) * 31 + (module->build_id ? g_str_hash(module->build_id) : 0) +
           module->kind;
}

static gboolean module_equal(gconstpointer key, gconstpointer other)
{
    const RsProfileModule *a = key, *b = other;

    return a->kind == b->kind && g_str_equal(a->path, b->path) &&
           g_strcmp0(a->build_id, b->build_id) == 0;
}

static guint lock_hash(gconstpointer key)
{
    const RsLock *lock = key;

    return key_hash(GSIZE_TO_POINTER(lock->address ^ (guint64)lock->process_id << 40));
}

static gboolean lock_equal(gconstpointer key, gconstpointer other)
{
    const RsLock *a = key, *b = other;

    return a->process_id == b->process_id && a->address == b->address;
}

static guint function_hash(gconstpointer key)
{
    const RsFunction *function = key;

    return g_str_hash(function->name) * 31 + (guint)function->module * 17 + (guint)function->line;
}

static gboolean function_equal(gconstpointer key, gconstpointer other)
{
    const RsFunction *a = key, *b = other;

    return a->module == b->module && a->line == b->line && g_str_equal(a->name, b->name) &&
           g_strcmp0(a->linkage_name, b->linkage_name) == 0 && g_strcmp0(a->file, b->file) == 0;
}

static void remember(GHashTable *table, guint64 key, guint i)
{
    g_hash_table_insert(table, GSIZE_TO_POINTER(key), GSIZE_TO_POINTER((gsize)i + 1));
}

static gboolean recall(GHashTable *table, guint64 key, guint *i)
{
    gpointer value = g_hash_table_lookup(table, GSIZE_TO_POINTER(key));

    if (value)
        *i = (guint)(GPOINTER_TO_SIZE(value) - 1);
    return value != NULL;
}

/* The first of equal things keeps its place. */
static void remember_first(GHashTable *table, guint64 key, guint i)
{
    guint earlier;

    if (!recall(table, key, &earlier))
        remember(table, key, i);
}

static GHashTable *frames_of(struct RsProfileIndex *index, guint32 module)
{
    while (index->frames->len <= module)
        g_ptr_array_add(index->frames, g_hash_table_new(key_hash, NULL));
    return g_ptr_array_index(index->frames, module);
}

static void index_modules(const RsProfile *profile, struct RsProfileIndex *index)
{
    for (guint i = 0; i < profile->modules->len; i++) {
        RsProfileModule *module = g_ptr_array_index(profile->modules, i);

        if (!g_hash_table_contains(index->modules, module))
            g_hash_table_insert(index->modules, module, GSIZE_TO_POINTER((gsize)i + 1));
    }
}

static void remember_function(struct RsProfileIndex *index, RsFunction *function, guint i)
{
    if (!g_hash_table_contains(index->functions, function))
        g_hash_table_insert(index->functions, function, GSIZE_TO_POINTER((gsize)i + 1));
}

static struct RsProfileIndex *index_of(RsProfile *profile)
{
    struct RsProfileIndex *index = profile->index;

    if (index)
        return index;
    index = profile->index = g_new0(struct RsProfileIndex, 1);
    index->modules = g_hash_table_new(module_hash, module_equal);
    index->frames = g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref);
    index->functions = g_hash_table_new(function_hash, function_equal);
    index->stacks = g_hash_table_new(key_hash, NULL);
    index->threads = g_hash_table_new(key_hash, NULL);
    index->processes = g_hash_table_new(key_hash, NULL);
    index->locks = g_hash_table_new(lock_hash, lock_equal);
    index_modules(profile, index);
    for (guint i = 0; i < profile->frames->len; i++) {
        const RsProfileFrame *frame = &g_array_index(profile->frames, RsProfileFrame, i);

        remember_first(frames_of(index, frame->module), frame->address, i);
    }
    for (guint i = 0; i < profile->functions->len; i++)
        remember_function(index, g_ptr_array_index(profile->functions, i), i);
    for (guint i = 0; i < profile->stacks->len; i++) {
        const RsProfileStack *stack = &g_array_index(profile->stacks, RsProfileStack, i);

        remember_first(index->stacks, pair_key((guint32)stack->parent, stack->frame), i);
    }
    for (guint i = 0; i < profile->threads->len; i++) {
        const RsProfileThread *thread = &g_array_index(profile->threads, RsProfileThread, i);

        remember_first(index->threads,
                       pair_key((guint32)thread->process_id, (guint32)thread->thread_id), i);
    }
    for (guint i = 0; i < profile->processes->len; i++)
        remember(index->processes,
                 (guint32)g_array_index(profile->processes, RsProfileProcess, i).process_id, i);
    for (guint i = 0; i < profile->locks->len; i++)
        g_hash_table_insert(index->locks, g_ptr_array_index(profile->locks, i),
                            GSIZE_TO_POINTER((gsize)i));
    return index;
}

/* --- interning --- */

guint32 rs_profile_add_module(RsProfile *profile, RsModuleKind kind, const char *path,
                              const char *build_id, gint64 n_bytes)
{
    struct RsProfileIndex *index = index_of(profile);
    RsProfileModule key = {.kind = kind, .path = (char *)path, .build_id = (char *)build_id};
    gpointer known = g_hash_table_lookup(index->modules, &key);
    RsProfileModule *module;

    if (known)
        return (guint32)(GPOINTER_TO_SIZE(known) - 1);
    /* The last place is kept for the module of everything that finds none. */
    if (profile->modules->len >= RS_PROFILE_MAX_MODULES)
        return profile->modules->len - 1;
    if (profile->modules->len == RS_PROFILE_MAX_MODULES - 1 &&
        !(kind == RS_MODULE_UNKNOWN && g_str_equal(path, "[unknown]") && !build_id))
        return rs_profile_add_module(profile, RS_MODULE_UNKNOWN, "[unknown]", NULL, -1);
    module = g_new0(RsProfileModule, 1);
    module->kind = kind;
    module->path = g_strdup(path);
    module->build_id = g_strdup(build_id);
    module->n_bytes = n_bytes;
    g_ptr_array_add(profile->modules, module);
    g_hash_table_insert(index->modules, module, GSIZE_TO_POINTER((gsize)profile->modules->len));
    return profile->modules->len - 1;
}

guint32 rs_profile_add_frame(RsProfile *profile, guint32 module, guint64 address)
{
    RsProfileFrame frame = {.module = module, .address = address};
    GHashTable *frames;
    guint i;

    g_assert(module < profile->modules->len);
    frames = frames_of(index_of(profile), module);
    if (recall(frames, address, &i))
        return i;
    if (profile->frames->len >= RS_PROFILE_MAX_FRAMES)
        return profile->frames->len - 1;
    if (profile->frames->len == RS_PROFILE_MAX_FRAMES - 1) {
        frame.module = rs_profile_add_module(profile, RS_MODULE_UNKNOWN, "[unknown]", NULL, -1);
        frame.address = 0;
        frames = frames_of(index_of(profile), frame.module);
        if (recall(frames, 0, &i))
            return i;
    }
    g_array_append_val(profile->frames, frame);
    remember(frames, frame.address, profile->frames->len - 1);
    return profile->frames->len - 1;
}

guint32 rs_profile_add_function(RsProfile *profile, RsFunction *function)
{
    struct RsProfileIndex *index = index_of(profile);
    gpointer known = g_hash_table_lookup(index->functions, function);

    if (known || profile->functions->len >= RS_PROFILE_MAX_FUNCTIONS) {
        rs_function_free(function);
        return known ? (guint32)(GPOINTER_TO_SIZE(known) - 1) : profile->functions->len - 1;
    }
    g_ptr_array_add(profile->functions, function);
    remember_function(index, function, profile->functions->len - 1);
    return profile->functions->len - 1;
}

void rs_profile_set_lines(RsProfile *profile, guint32 frame, const RsProfileLine *lines, guint n)
{
    RsProfileFrame *at = &g_array_index(profile->frames, RsProfileFrame, frame);
    guint n_kept = MIN(n, RS_PROFILE_MAX_FRAME_LINES);

    g_assert(at->n_lines == 0);
    if (n_kept > RS_PROFILE_MAX_LINES - profile->lines->len)
        return;
    at->first_line = profile->lines->len;
    at->n_lines = n_kept;
    g_array_append_vals(profile->lines, lines + (n - n_kept), n_kept);
}

void rs_profile_clear_symbols(RsProfile *profile)
{
    for (guint i = 0; i < profile->frames->len; i++)
        g_array_index(profile->frames, RsProfileFrame, i).n_lines = 0;
    if (profile->index)
        g_hash_table_remove_all(profile->index->functions);
    g_ptr_array_set_size(profile->functions, 0);
    g_array_set_size(profile->lines, 0);
}

gint32 rs_profile_add_stack(RsProfile *profile, gint32 parent, guint32 frame)
{
    struct RsProfileIndex *index = index_of(profile);
    RsProfileStack stack = {.parent = parent, .frame = frame};
    guint64 key = pair_key((guint32)parent, frame);
    guint i;

    g_assert(parent >= RS_STACK_NONE && parent < (gint64)profile->stacks->len);
    g_assert(frame < profile->frames->len);
    if (recall(index->stacks, key, &i))
        return (gint32)i;
    if (profile->stacks->len >= RS_PROFILE_MAX_STACKS)
        return parent;
    g_array_append_val(profile->stacks, stack);
    remember(index->stacks, key, profile->stacks->len - 1);
    return (gint32)profile->stacks->len - 1;
}

guint32 rs_profile_add_thread(RsProfile *profile, gint32 process_id, gint32 thread_id,
                              const char *name)
{
    struct RsProfileIndex *index = index_of(profile);
    guint64 key = pair_key((guint32)process_id, (guint32)thread_id);
    RsProfileThread fresh = {.process_id = process_id, .thread_id = thread_id}, *thread;
    guint i;

    if (!recall(index->threads, key, &i)) {
        if (profile->threads->len >= RS_PROFILE_MAX_THREADS)
            return profile->threads->len - 1;
        i = profile->threads->len;
        g_array_append_val(profile->threads, fresh);
        remember(index->threads, key, i);
    }
    thread = &g_array_index(profile->threads, RsProfileThread, i);
    if (name && g_strcmp0(name, thread->name) != 0) {
        g_free(thread->name);
        thread->name = g_strdup(name);
    }
    return i;
}

RsProfileProcess *rs_profile_add_process(RsProfile *profile, gint32 process_id)
{
    struct RsProfileIndex *index = index_of(profile);
    RsProfileProcess fresh = {
        .process_id = process_id, .start_ns = -1, .end_ns = -1, .exit_status = -1};
    guint i = profile->processes->len;

    if (recall(index->processes, (guint32)process_id, &i) &&
        g_array_index(profile->processes, RsProfileProcess, i).end_ns < 0)
        return &g_array_index(profile->processes, RsProfileProcess, i);
    if (profile->processes->len >= RS_PROFILE_MAX_PROCESSES)
        return &g_array_index(profile->processes, RsProfileProcess, profile->processes->len - 1);
    g_array_append_val(profile->processes, fresh);
    remember(index->processes, (guint32)process_id, profile->processes->len - 1);
    return &g_array_index(profile->processes, RsProfileProcess, profile->processes->len - 1);
}

/* --- locks --- */

/* Its place in the list; FALSE: no room for another. */
static gboolean lock_of(RsProfile *profile, gint32 process_id, guint64 address, guint *place)
{
    struct RsProfileIndex *index = index_of(profile);
    RsLock key = {.process_id = process_id, .address = address}, *lock;
    gpointer value;

    if (g_hash_table_lookup_extended(index->locks, &key, NULL, &value)) {
        *place = (guint)GPOINTER_TO_SIZE(value);
        return TRUE;
    }
    if (profile->locks->len >= RS_PROFILE_MAX_LOCKS)
        return FALSE;
    lock = rs_lock_new(process_id, address);
    *place = profile->locks->len;
    g_ptr_array_add(profile->locks, lock);
    g_hash_table_insert(index->locks, lock, GSIZE_TO_POINTER((gsize)*place));
    return TRUE;
}

/* The lock at place grew. */
static void move_up(RsProfile *profile, guint place)
{
    gpointer *locks = profile->locks->pdata;
    RsLock *lock = locks[place];

    for (; place > 0 && ((RsLock *)locks[place - 1])->wait_ns < lock->wait_ns; place--) {
        locks[place] = locks[place - 1];
        g_hash_table_insert(profile->index->locks, locks[place], GSIZE_TO_POINTER((gsize)place));
    }
    locks[place] = lock;
    g_hash_table_insert(profile->index->locks, lock, GSIZE_TO_POINTER((gsize)place));
}

static void add_to_site(GArray *sites, gint32 stack, gboolean has_begun, gint64 wait_ns)
{
    RsLockSite site = {.stack = stack};
    guint i = 0;

    while (i < sites->len && g_array_index(sites, RsLockSite, i).stack != stack)
        i++;
    if (i == sites->len && sites->len >= RS_PROFILE_MAX_SITES)
        i--; /* the least of them takes what finds no place */
    if (i == sites->len)
        g_array_append_val(sites, site);
    g_array_index(sites, RsLockSite, i).n_waits += has_begun;
    g_array_index(sites, RsLockSite, i).wait_ns += wait_ns;
    site = g_array_index(sites, RsLockSite, i);
    for (; i > 0 && g_array_index(sites, RsLockSite, i - 1).wait_ns < site.wait_ns; i--) {
        g_array_index(sites, RsLockSite, i) = g_array_index(sites, RsLockSite, i - 1);
        g_array_index(sites, RsLockSite, i - 1) = site;
    }
}

void rs_profile_add_wait(RsProfile *profile, gint32 process_id, guint64 address, const char *place,
                         gint32 stack, gboolean has_begun, gint64 wait_ns, guint n_waiters)
{
    RsLock *lock;
    guint at;

    g_assert(stack >= RS_STACK_NONE && stack < (gint64)profile->stacks->len);
    if (!lock_of(profile, process_id, address, &at))
        return;
    lock = g_ptr_array_index(profile->locks, at);
    lock->n_waits += has_begun != FALSE;
    lock->wait_ns += wait_ns;
    lock->n_max_waiters = MAX(lock->n_max_waiters, (gint64)n_waiters);
    if (place && !lock->place)
        lock->place = g_strdup(place);
    add_to_site(lock->sites, stack, has_begun != FALSE, wait_ns);
    move_up(profile, at);
}

/* --- the whole --- */

static RsFunction *copy_function(const RsFunction *from, const guint32 *modules)
{
    RsFunction *copy = g_memdup2(from, sizeof *from);

    copy->name = g_strdup(from->name);
    copy->linkage_name = g_strdup(from->linkage_name);
    copy->crate_name = g_strdup(from->crate_name);
    copy->module_path = g_strdup(from->module_path);
    copy->file = g_strdup(from->file);
    copy->extra_json = g_strdup(from->extra_json);
    copy->module = from->module < 0 ? -1 : (gint32)modules[from->module];
    return copy;
}

/* The lines of frames that have none in into. functions: where from's went. */
static void merge_lines(RsProfile *into, const RsProfile *from, const guint32 *frames,
                        const guint32 *functions)
{
    g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(RsProfileLine));

    for (guint i = 0; i < from->frames->len; i++) {
        const RsProfileFrame *frame = &g_array_index(from->frames, RsProfileFrame, i);

        if (!frame->n_lines || g_array_index(into->frames, RsProfileFrame, frames[i]).n_lines)
            continue;
        g_array_set_size(lines, 0);
        for (guint j = 0; j < frame->n_lines; j++) {
            RsProfileLine line = g_array_index(from->lines, RsProfileLine, frame->first_line + j);

            line.function = functions[line.function];
            g_array_append_val(lines, line);
        }
        rs_profile_set_lines(into, frames[i], (RsProfileLine *)lines->data, lines->len);
    }
}

gint32 *rs_profile_merge_stacks(RsProfile *into, const RsProfile *from)
{
    g_autofree guint32 *modules = g_new(guint32, from->modules->len + 1);
    g_autofree guint32 *frames = g_new(guint32, from->frames->len + 1);
    g_autofree guint32 *functions = g_new(guint32, from->functions->len + 1);
    gint32 *stacks = g_new(gint32, from->stacks->len + 1);

    for (guint i = 0; i < from->modules->len; i++) {
        const RsProfileModule *module = g_ptr_array_index(from->modules, i);

        modules[i] = rs_profile_add_module(into, module->kind, module->path, module->build_id,
                                           module->n_bytes);
    }
    for (guint i = 0; i < from->frames->len; i++) {
        const RsProfileFrame *frame = &g_array_index(from->frames, RsProfileFrame, i);

        frames[i] = rs_profile_add_frame(into, modules[frame->module], frame->address);
    }
    for (guint i = 0; i < from->functions->len; i++)
        functions[i] = rs_profile_add_function(
            into, copy_function(g_ptr_array_index(from->functions, i), modules));
    merge_lines(into, from, frames, functions);
    for (guint i = 0; i < from->stacks->len; i++) {
        const RsProfileStack *stack = &g_array_index(from->stacks, RsProfileStack, i);
        gint32 parent = stack->parent == RS_STACK_NONE ? RS_STACK_NONE : stacks[stack->parent];

        stacks[i] = rs_profile_add_stack(into, parent, frames[stack->frame]);
    }
    return stacks;
}

static void cut_samples(GArray *samples, gint64 from_ns, gint64 until_ns)
{
    guint n_kept = 0;

    for (guint i = 0; i < samples->len; i++) {
        const RsProfileSample *sample = &g_array_index(samples, RsProfileSample, i);

        if (sample->at_ns >= from_ns && sample->at_ns <= until_ns)
            g_array_index(samples, RsProfileSample, n_kept++) = *sample;
    }
    g_array_set_size(samples, n_kept);
}

/* Keeps the elements for which lies says so, in their order. */
static void cut_list(GPtrArray *list, gboolean (*lies)(gconstpointer, gint64, gint64),
                     gint64 from_ns, gint64 until_ns)
{
    g_autoptr(GPtrArray) kept = g_ptr_array_sized_new(list->len);

    for (guint i = 0; i < list->len; i++) {
        gpointer element = g_ptr_array_index(list, i);

        if (!lies(element, from_ns, until_ns))
            continue;
        g_ptr_array_add(kept, element);
        g_ptr_array_index(list, i) = NULL;
    }
    g_ptr_array_set_size(list, 0);
    for (guint i = 0; i < kept->len; i++)
        g_ptr_array_add(list, g_ptr_array_index(kept, i));
}

static gboolean process_sample_lies(gconstpointer element, gint64 from_ns, gint64 until_ns)
{
    const RsProcessSample *sample = element;

    return sample->at_ns >= from_ns && sample->at_ns <= until_ns;
}

static gboolean event_lies(gconstpointer element, gint64 from_ns, gint64 until_ns)
{
    const RsTimelineEvent *event = element;

    return MAX(event->end_ns, event->start_ns) >= from_ns && event->start_ns <= until_ns;
}

void rs_profile_cut(RsProfile *profile, gint64 from_ns, gint64 until_ns)
{
    cut_samples(profile->samples, from_ns, until_ns);
    cut_list(profile->process_samples, process_sample_lies, from_ns, until_ns);
    cut_list(profile->events, event_lies, from_ns, until_ns);
}
