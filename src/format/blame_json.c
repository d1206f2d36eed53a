/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/blame_json.h"

#include "format/call_tree_json.h"
#include "format/parts.h"

static const RsField blamed_fields[] = {
    {"crate", RS_FIELD_TEXT, offsetof(RsBlamed, crate_name), NULL, 0, 0},
    {"module", RS_FIELD_TEXT, offsetof(RsBlamed, module_path), NULL, 0, 0},
    RS_TEXT_FIELD(RsBlamed, file),
    RS_INT64_OR_NULL(RsBlamed, line, -1),
    RS_INT64_OR_NULL(RsBlamed, last_line, -1),
    RS_TEXT_FIELD(RsBlamed, binary),
    RS_WORD_FIELD(RsBlamed, crate_kind, rs_crate_kind_names),
    RS_WORD_FIELD(RsBlamed, kind, rs_blame_kind_names),
    RS_REAL_FIELD(RsBlamed, self_ns_baseline),
    RS_REAL_FIELD(RsBlamed, self_ns_current),
    RS_REAL_FIELD(RsBlamed, delta_ns),
    RS_REAL_FIELD(RsBlamed, ci_low_ns),
    RS_REAL_FIELD(RsBlamed, ci_high_ns),
    RS_REAL_FIELD(RsBlamed, share_of_slowdown_pct),
    RS_REAL_FIELD(RsBlamed, p_value),
    RS_REAL_FIELD(RsBlamed, p_adjusted),
    RS_INT64_FIELD(RsBlamed, n_samples_baseline),
    RS_INT64_FIELD(RsBlamed, n_samples_current),
    RS_BOOL_FIELD(RsBlamed, is_changed),
    RS_TEXT_FIELD(RsBlamed, shifted_with),
    {0},
};

static const RsField details_fields[] = {
    RS_TEXT_FIELD(RsBlame, benchmark),
    RS_TEXT_FIELD(RsBlame, note),
    RS_UINT_FIELD(RsBlame, n_pairs),
    RS_INT64_FIELD(RsBlame, n_samples_baseline),
    RS_INT64_FIELD(RsBlame, n_samples_current),
    RS_REAL_FIELD(RsBlame, total_ns_baseline),
    RS_REAL_FIELD(RsBlame, total_ns_current),
    RS_REAL_FIELD(RsBlame, delta_ns),
    RS_REAL_FIELD(RsBlame, attributed_pct),
    RS_REAL_FIELD(RsBlame, resolvable_pct),
    RS_REAL_FIELD(RsBlame, alpha),
    {"forced", RS_FIELD_BOOL, offsetof(RsBlame, is_forced), NULL, 0, 0},
    {0},
};

/* The lists of a benchmark's details, and what their elements are called. */
static const struct {
    const char *key, *name_key;
    gsize offset;
} lists[] = {
    {"leaves", "function", offsetof(RsBlame, leaves)},
    {"callers", "function", offsetof(RsBlame, callers)},
    {"crates", "name", offsetof(RsBlame, crates)},
    {"modules", "name", offsetof(RsBlame, modules)},
    {"others", "function", offsetof(RsBlame, others)},
};

static GPtrArray *list_of(const RsBlame *blame, guint i)
{
    return *(GPtrArray *const *)((const char *)blame + lists[i].offset);
}

/* --- writing --- */

/* benchmark: NULL: it is told around it. */
static void emit_blamed(RsEmit *emit, const RsBlamed *blamed, const char *benchmark,
                        const char *name_key)
{
    rs_emit_object(emit, NULL, RS_EMIT_INLINE, blamed->extra_json);
    if (benchmark)
        rs_emit_text(emit, "benchmark", benchmark);
    rs_emit_text(emit, name_key, blamed->name);
    rs_fields_emit(emit, blamed_fields, blamed);
    rs_emit_end(emit);
}

static void emit_details(RsEmit *emit, const RsBlame *blame)
{
    rs_emit_object(emit, NULL, RS_EMIT_LINES, blame->extra_json);
    rs_fields_emit(emit, details_fields, blame);
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        const GPtrArray *list = list_of(blame, i);

        rs_emit_array(emit, lists[i].key, RS_EMIT_LINES);
        for (guint j = 0; j < list->len; j++)
            emit_blamed(emit, g_ptr_array_index(list, j), NULL, lists[i].name_key);
        rs_emit_end(emit);
    }
    if (blame->tree) {
        rs_emit_object(emit, "tree", RS_EMIT_LINES, NULL);
        rs_call_tree_emit_members(emit, blame->tree);
        rs_emit_end(emit);
    } else {
        rs_emit_null(emit, "tree");
    }
    rs_emit_end(emit);
}

void rs_blames_emit(RsEmit *emit, const GPtrArray *blames)
{
    rs_emit_array(emit, "blame", RS_EMIT_LINES);
    for (guint i = 0; i < blames->len; i++) {
        const RsBlame *blame = g_ptr_array_index(blames, i);

        for (guint j = 0; j < blame->functions->len; j++)
            emit_blamed(emit, g_ptr_array_index(blame->functions, j), blame->benchmark, "function");
    }
    rs_emit_end(emit);
    rs_emit_array(emit, "blame_details", RS_EMIT_LINES);
    for (guint i = 0; i < blames->len; i++)
        emit_details(emit, g_ptr_array_index(blames, i));
    rs_emit_end(emit);
}

/* --- reading --- */

struct RsBlameReader {
    GPtrArray *blames;        /* RsBlame, in the order of their first mention */
    GHashTable *by_benchmark; /* name -> RsBlame of blames */
    GPtrArray *detailed;      /* RsBlame of blames that have details, in order */
    GHashTable *has_details;  /* the same as a set */
    guint n_functions;
};

RsBlameReader *rs_blame_reader_new(void)
{
    RsBlameReader *reader = g_new0(RsBlameReader, 1);

    reader->blames = g_ptr_array_new_with_free_func((GDestroyNotify)rs_blame_free);
    reader->by_benchmark = g_hash_table_new(g_str_hash, g_str_equal);
    reader->detailed = g_ptr_array_new();
    reader->has_details = g_hash_table_new(NULL, NULL);
    return reader;
}

void rs_blame_reader_free(RsBlameReader *reader)
{
    if (!reader)
        return;
    g_hash_table_unref(reader->has_details);
    g_ptr_array_unref(reader->detailed);
    g_hash_table_unref(reader->by_benchmark);
    g_ptr_array_unref(reader->blames);
    g_free(reader);
}

/* NULL after an error. */
static RsBlame *blame_of(RsBlameReader *reader, RsTake *take, json_t *element)
{
    g_autofree char *benchmark = rs_take_text(take, element, "benchmark");
    RsBlame *blame = benchmark ? g_hash_table_lookup(reader->by_benchmark, benchmark) : NULL;

    if (!benchmark)
        rs_take_fail(take, "benchmark", "is missing");
    if (!blame && reader->blames->len >= RS_BLAME_MAX_BENCHMARKS)
        rs_take_fail(take, NULL, "more than %d benchmarks", RS_BLAME_MAX_BENCHMARKS);
    if (take->error)
        return NULL;
    if (!blame) {
        blame = rs_blame_new(benchmark);
        g_ptr_array_add(reader->blames, blame);
        g_hash_table_insert(reader->by_benchmark, blame->benchmark, blame);
    }
    return blame;
}

static void check_not_negative(RsTake *take, const char *key, gint64 count)
{
    if (count < 0)
        rs_take_fail(take, key, "must not be negative");
}

static RsBlamed *take_blamed(RsTake *take, json_t *element, const char *name_key)
{
    RsBlamed *blamed = rs_blamed_new(NULL);

    blamed->name = rs_take_text(take, element, name_key);
    if (!blamed->name)
        rs_take_fail(take, name_key, "is missing");
    rs_fields_take(take, element, blamed_fields, blamed);
    check_not_negative(take, "n_samples_baseline", blamed->n_samples_baseline);
    check_not_negative(take, "n_samples_current", blamed->n_samples_current);
    rs_parts_take_rest(element, &blamed->extra_json);
    return blamed;
}

void rs_blame_reader_function(RsBlameReader *reader, RsTake *take, json_t *element)
{
    RsBlame *blame = blame_of(reader, take, element);

    if (!blame)
        return;
    if (++reader->n_functions > RS_BLAME_MAX_FUNCTIONS)
        rs_take_fail(take, NULL, "more than %d functions", RS_BLAME_MAX_FUNCTIONS);
    g_ptr_array_add(blame->functions, take_blamed(take, element, "function"));
}

static void take_list(RsTake *take, json_t *object, const char *key, const char *name_key,
                      GPtrArray *list)
{
    json_t *elements = rs_take_array(take, object, key, RS_BLAME_MAX_LISTED);
    gsize mark = rs_take_enter(take, key);
    json_t *element;
    size_t i;

    json_array_foreach(elements, i, element)
    {
        gsize element_mark = rs_take_enter_index(take, i);

        if (rs_take_is_object(take, element))
            g_ptr_array_add(list, take_blamed(take, element, name_key));
        rs_take_leave(take, element_mark);
    }
    rs_take_leave(take, mark);
    json_decref(elements);
}

static void take_tree(RsTake *take, json_t *object, RsBlame *blame)
{
    json_t *tree = rs_take_object(take, object, "tree");
    gsize mark = rs_take_enter(take, "tree");

    if (tree)
        blame->tree = rs_call_tree_take_members(take, tree);
    rs_take_leave(take, mark);
    rs_take_object_end(object, "tree");
}

void rs_blame_reader_details(RsBlameReader *reader, RsTake *take, json_t *element)
{
    RsBlame *blame = blame_of(reader, take, element);

    if (!blame)
        return;
    if (!g_hash_table_add(reader->has_details, blame)) {
        rs_take_fail(take, "benchmark", "has details already");
        return;
    }
    g_ptr_array_add(reader->detailed, blame);
    rs_fields_take(take, element, details_fields, blame);
    check_not_negative(take, "n_samples_baseline", blame->n_samples_baseline);
    check_not_negative(take, "n_samples_current", blame->n_samples_current);
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
        take_list(take, element, lists[i].key, lists[i].name_key, list_of(blame, i));
    take_tree(take, element, blame);
    rs_parts_take_rest(element, &blame->extra_json);
}

void rs_blame_reader_finish(RsBlameReader *reader, GPtrArray *blames)
{
    for (guint i = 0; i < reader->blames->len; i++) {
        RsBlame *blame = g_ptr_array_index(reader->blames, i);

        if (!g_hash_table_contains(reader->has_details, blame))
            g_ptr_array_add(blames, blame);
    }
    g_ptr_array_extend(blames, reader->detailed, NULL, NULL);
    g_ptr_array_set_free_func(reader->blames, NULL); /* handed over */
}
