/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <libiberty/demangle.h>
#include <setjmp.h>
#include <string.h>

#include "symbol/cxx_name.h"

#define MAX_OUT_BYTES  65536
#define MAX_DEEP_BYTES 4096 /* about 0.5 KiB of stack for each at the worst */

typedef struct {
    GString *text;
    jmp_buf full;
} Output;

/* Substitutions double the text with every few bytes of the name, and a callback has no way to say
 * that it has enough. libiberty holds no memory but its stack while it prints, so nothing is lost
 * when it is left from here. */
static void append(const char *text, size_t n_bytes, void *opaque)
{
    Output *output = opaque;

    if (n_bytes > MAX_OUT_BYTES - output->text->len) {
        g_string_append(output->text, "…");
        longjmp(output->full, 1);
    }
    g_string_append_len(output->text, text, (gssize)n_bytes);
}

char *rs_cxx_name_demangle(const char *linkage_name)
{
    int options = DMGL_PARAMS | DMGL_ANSI | DMGL_RET_DROP;
    Output output;

    /* With its own limit libiberty refuses every name of more than 1 KiB, nested or not. */
    if (strlen(linkage_name) > MAX_DEEP_BYTES)
        return NULL;
    options |= DMGL_NO_RECURSE_LIMIT;
    output.text = g_string_sized_new(256);
    if (setjmp(output.full) == 0 &&
        !cplus_demangle_v3_callback(linkage_name, options, append, &output)) {
        g_string_free(output.text, TRUE);
        return NULL;
    }
    return g_string_free(output.text, FALSE);
}
