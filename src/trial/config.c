/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/config.h"

#include "base/file.h"
#include "base/text.h"
#include "trial/config_keys.h"
#include "trial/config_matrix.h"
#include "trial/config_tree.h"
#include "trial/config_value.h"

#define VERSION 1

typedef struct {
    const RsConfigNode *root;
    RsConfigFilling filling;
    GHashTable *name_lines; /* name of a benchmark -> line */
} Reader;

static gboolean check_version(const RsConfigNode *root, GError **error)
{
    const RsConfigNode *version = rs_config_node_get(root, RS_CONFIG_KEY_VERSION);
    gint64 number;

    if (!version)
        return rs_config_fail(root, error, "the key \"%s\" is missing; this is version %d",
                              RS_CONFIG_KEY_VERSION, VERSION);
    if (!rs_config_integer(version, NULL, 0, G_MAXINT, &number, error))
        return FALSE;
    return number == VERSION ||
           rs_config_fail(version, error, "this rustscope reads version %d, not %d", VERSION,
                          (int)number);
}

/* An arm is keys and values, or its command alone. */
static gboolean check_arms(const RsConfigNode *map, GError **error)
{
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        const RsConfigNode *node = rs_config_node_get(map, rs_arm_names[arm]);

        if (node && node->kind == RS_CONFIG_MAP &&
            !rs_config_check_keys(node, RS_CONFIG_IN_ARM, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean check_place(const RsConfigNode *map, RsConfigPlace place, GError **error)
{
    return rs_config_check_keys(map, place, error) && check_arms(map, error);
}

static gboolean apply_shell(Reader *reader, const RsConfigNode *map, GError **error)
{
    const RsConfigNode *shell = rs_config_node_get(map, RS_CONFIG_KEY_SHELL);

    return !shell || rs_config_boolean(shell, &reader->filling.shell, error);
}

static gboolean apply_to_arm(Reader *reader, const RsConfigNode *map, RsConfigPlace place,
                             GError **error)
{
    const RsConfigNode *own = rs_config_node_get(map, rs_arm_names[reader->filling.arm]);

    if (!apply_shell(reader, map, error) ||
        !rs_config_apply(&reader->filling, map, place, RS_CONFIG_OF_ARM, error))
        return FALSE;
    if (!own)
        return TRUE;
    if (own->kind != RS_CONFIG_MAP)
        return rs_config_apply_command(&reader->filling, own, error);
    return apply_shell(reader, own, error) &&
           rs_config_apply(&reader->filling, own, RS_CONFIG_IN_ARM, RS_CONFIG_OF_ARM, error);
}

static gboolean fill_arm(Reader *reader, const RsConfigNode *node, RsArm arm, GError **error)
{
    RsProgram *program = &reader->filling.benchmark->programs[arm];

    reader->filling.arm = arm;
    reader->filling.shell = FALSE;
    program->working_directory = g_strdup(reader->filling.folder);
    if (!apply_to_arm(reader, reader->root, RS_CONFIG_IN_FILE, error) ||
        !apply_to_arm(reader, node, RS_CONFIG_IN_BENCHMARK, error))
        return FALSE;
    return program->argv ||
           rs_config_fail(node, error,
                          "no command for %s: give \"command\" for both arms, or one in "
                          "\"baseline\" and one in \"current\"",
                          rs_arm_names[arm]);
}

static gboolean check_unique(Reader *reader, const RsConfigNode *node, const char *name,
                             GError **error)
{
    gpointer line = g_hash_table_lookup(reader->name_lines, name);

    if (line)
        return rs_config_fail(rs_config_node_get(node, RS_CONFIG_KEY_NAME), error,
                              "a benchmark named \"%s\" is on line %u already", name,
                              GPOINTER_TO_UINT(line));
    g_hash_table_insert(reader->name_lines, g_strdup(name), GUINT_TO_POINTER(node->line));
    return TRUE;
}

static gboolean fill_benchmark(Reader *reader, const RsConfigNode *node, char **parameters,
                               GError **error)
{
    RsPlanBenchmark *benchmark = rs_plan_benchmark_new("", RS_DESIGN_PAIRED);

    g_ptr_array_add(reader->filling.plan->benchmarks, benchmark);
    benchmark->parameters = g_strdupv(parameters);
    reader->filling.benchmark = benchmark;
    reader->filling.arm = RS_N_ARMS;
    if (!rs_config_apply(&reader->filling, reader->root, RS_CONFIG_IN_FILE, RS_CONFIG_OF_BENCHMARK,
                         error) ||
        !rs_config_apply(&reader->filling, node, RS_CONFIG_IN_BENCHMARK, RS_CONFIG_OF_BENCHMARK,
                         error) ||
        !check_unique(reader, node, benchmark->name, error))
        return FALSE;
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
        if (!fill_arm(reader, node, arm, error))
            return FALSE;
    if (!*parameters)
        g_clear_pointer(&benchmark->parameters, g_strfreev);
    return TRUE;
}

static gboolean read_benchmark(Reader *reader, const RsConfigNode *node, GError **error)
{
    guint n_so_far = reader->filling.plan->benchmarks->len;
    g_autoptr(GPtrArray) combinations = NULL;

    if (n_so_far >= RS_CONFIG_MAX_BENCHMARKS)
        return rs_config_fail(node, error, "more than %d benchmarks in the file",
                              RS_CONFIG_MAX_BENCHMARKS);
    if (!check_place(node, RS_CONFIG_IN_BENCHMARK, error))
        return FALSE;
    if (!rs_config_node_get(node, RS_CONFIG_KEY_NAME))
        return rs_config_fail(node, error, "the key \"%s\" is missing", RS_CONFIG_KEY_NAME);
    combinations = rs_config_matrix_expand(rs_config_node_get(node, RS_CONFIG_KEY_MATRIX),
                                           rs_config_node_get(node, RS_CONFIG_KEY_EXCLUDE),
                                           RS_CONFIG_MAX_BENCHMARKS - n_so_far, error);
    for (guint i = 0; combinations && i < combinations->len; i++)
        if (!fill_benchmark(reader, node, g_ptr_array_index(combinations, i), error))
            return FALSE;
    return combinations != NULL;
}

static gboolean read_benchmarks(Reader *reader, GError **error)
{
    const RsConfigNode *list = rs_config_node_get(reader->root, RS_CONFIG_KEY_BENCHMARKS);

    if (!list)
        return rs_config_fail(reader->root, error, "the key \"%s\" is missing",
                              RS_CONFIG_KEY_BENCHMARKS);
    if (!rs_config_list(list, error))
        return FALSE;
    for (guint i = 0; i < rs_config_node_length(list); i++)
        if (!read_benchmark(reader, rs_config_node_at(list, i), error))
            return FALSE;
    return TRUE;
}

static gboolean read_root(Reader *reader, GError **error)
{
    const RsConfigNode *root = reader->root;

    return rs_config_map(root, error) && check_version(root, error) &&
           check_place(root, RS_CONFIG_IN_FILE, error) && apply_shell(reader, root, error) &&
           rs_config_apply(&reader->filling, root, RS_CONFIG_IN_FILE, RS_CONFIG_OF_RUN, error) &&
           read_benchmarks(reader, error);
}

RsPlan *rs_config_parse(const char *text, gsize n_bytes, const char *file_name, const char *folder,
                        GError **error)
{
    g_autoptr(RsConfigNode) root = rs_config_tree_parse(text, n_bytes, file_name, error);
    g_autofree char *absolute = g_canonicalize_filename(folder, NULL);
    g_autoptr(GHashTable) name_lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(RsPlan) plan = rs_plan_new();
    Reader reader = {.root = root,
                     .filling = {.folder = absolute, .plan = plan, .arm = RS_N_ARMS},
                     .name_lines = name_lines};

    if (!root || !read_root(&reader, error))
        return NULL;
    plan->configuration_sha256 =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, n_bytes);
    return g_steal_pointer(&plan);
}

RsPlan *rs_config_read(const char *path, GError **error)
{
    gsize n_bytes;
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree guint8 *text = rs_file_read(path, RS_CONFIG_MAX_BYTES, &n_bytes, error);

    if (!text)
        return NULL;
    return rs_config_parse((const char *)text, n_bytes,
                           g_str_equal(path, "-") ? "standard input" : path, folder, error);
}
