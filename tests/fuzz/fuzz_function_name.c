/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a linkage name and as a path: a name comes out, valid and of limited size, and what
 * is told of it fits together. */
#include <stdint.h>
#include <string.h>

#include "symbol/function_name.h"

#define MAX_NAME_BYTES (65536 + 4096) /* the limit, an ellipsis, and a suffix that is kept */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

static void check(const RsFunctionName *name, gsize n_bytes)
{
    g_assert_nonnull(name->name);
    g_assert_cmpuint(strlen(name->name), >, 0);
    g_assert_true(g_utf8_validate(name->name, -1, NULL));
    /* a byte that is no UTF-8 becomes three that are */
    g_assert_cmpuint(strlen(name->name), <=, MAX_NAME_BYTES + 3 * n_bytes);
    g_assert_true(!name->crate_name == !name->module_path);
    if (name->crate_name) {
        g_assert_true(*name->crate_name);
        g_assert_true(g_utf8_validate(name->crate_name, -1, NULL));
        g_assert_true(g_utf8_validate(name->module_path, -1, NULL));
        g_assert_true(g_str_has_prefix(name->module_path, name->crate_name));
    }
    g_assert_true(!name->instantiating_crate || name->language == RS_LANGUAGE_RUST_V0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    g_autofree char *text = g_strndup((const char *)data, n_bytes);
    g_auto(RsFunctionName) name = {0}, again = {0}, path = {0};

    rs_function_name_parse(text, &name);
    check(&name, n_bytes);
    rs_function_name_parse(text, &again);
    g_assert_cmpstr(name.name, ==, again.name);
    rs_function_name_parse_path(text, &path);
    check(&path, n_bytes);
    rs_function_name_clear(&again);
    rs_function_name_parse_path(name.name, &again); /* what one made, the other reads */
    check(&again, strlen(name.name));
    return 0;
}
