/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a configuration: a plan, or a message that names the file. A plan's texts are
 * walked, so that a dangling one is seen. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "trial/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

static void check_benchmark(const RsPlanBenchmark *benchmark)
{
    g_assert(*benchmark->name && g_utf8_validate(benchmark->name, -1, NULL));
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        const RsProgram *program = &benchmark->programs[arm];

        g_assert(program->argv && *program->argv[0]);
        g_assert(!program->shell || !program->argv[1]);
        g_assert(g_path_is_absolute(program->working_directory));
        g_assert(!program->stdin_path || g_path_is_absolute(program->stdin_path));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RsPlan) plan = NULL;

    /* A copy without a NUL after it, so that reading on is seen. */
    g_autofree char *text = g_memdup2(data, n_bytes);

    plan = rs_config_parse(text ? text : "", n_bytes, "rustscope.yml", "/folder", &error);
    if (!plan) {
        g_assert(error && g_str_has_prefix(error->message, "rustscope.yml:"));
        g_assert(g_utf8_validate(error->message, -1, NULL));
        return 0;
    }
    g_assert(!error && plan->benchmarks->len > 0);
    for (guint i = 0; i < plan->benchmarks->len; i++)
        check_benchmark(g_ptr_array_index(plan->benchmarks, i));
    rs_plan_seal(plan);
    g_assert(plan->gate->n_family >= plan->benchmarks->len);
    g_assert(rs_plan_select(plan, NULL, NULL, 1, 2, NULL));
    return 0;
}
