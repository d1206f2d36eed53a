/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rust symbol mangling v0: a cursor over the mangled text that prints what it reads, and the crate
 * and module that it tells. Must not know suffixes, files or other manglings.
 * Untrusted: depth, steps and output are limited; a backward reference only goes backward.
 * Source: "v0 Symbol Format" of the rustc book (doc.rust-lang.org/rustc/symbol-mangling/v0.html),
 * RFC 2603. */
#ifndef RS_SYMBOL_RUST_V0_H
#define RS_SYMBOL_RUST_V0_H

#include <glib.h>
#include <string.h>

#include "symbol/function_name.h"

#define RS_V0_MAX_DEPTH     300
#define RS_V0_MAX_STEPS     200000
#define RS_V0_MAX_OUT_BYTES 65536

typedef enum {
    RS_V0_GOES_ON,
    RS_V0_INVALID,
    RS_V0_TOO_DEEP, /* or too many steps */
    RS_V0_TOO_LONG, /* the output is full; what is there is right */
} RsV0Stop;

typedef struct {
    const char *text; /* after the prefix: references count from here; letters, digits and "_" */
    gsize n_bytes, at;
    GString *out;
    guint n_silent; /* > 0: reads without printing and follows no references */
    guint depth, n_steps;
    guint64 n_bound_lifetimes;
    RsV0Stop stop;
} RsV0;

typedef struct {
    const char *text;
    gsize n_bytes;
    gboolean is_punycode;
    guint64 disambiguator;
} RsV0Identifier;

void rs_v0_fail(RsV0 *v0, RsV0Stop why); /* the first reason stays */

/* Reading. After a failure everything reads as nothing and the cursor stays. Inline: they are most
 * of the time that a name takes. */
static inline char rs_v0_peek(const RsV0 *v0) /* 0 at the end */
{
    return v0->at < v0->n_bytes && v0->stop == RS_V0_GOES_ON ? v0->text[v0->at] : 0;
}

static inline char rs_v0_next(RsV0 *v0) /* fails at the end */
{
    char c = rs_v0_peek(v0);

    if (c)
        v0->at++;
    else
        rs_v0_fail(v0, RS_V0_INVALID);
    return c;
}

static inline gboolean rs_v0_eat(RsV0 *v0, char c)
{
    gboolean is_there = rs_v0_peek(v0) == c;

    v0->at += is_there ? 1 : 0;
    return is_there;
}

/* A level deeper; FALSE: stopped. Pairs with rs_v0_leave in both cases. */
static inline gboolean rs_v0_enter(RsV0 *v0)
{
    if (++v0->depth > RS_V0_MAX_DEPTH || ++v0->n_steps > RS_V0_MAX_STEPS)
        rs_v0_fail(v0, RS_V0_TOO_DEEP);
    return v0->stop == RS_V0_GOES_ON;
}

static inline void rs_v0_leave(RsV0 *v0)
{
    v0->depth--;
}

guint64 rs_v0_base62(RsV0 *v0);                            /* "_" is 0, "0_" is 1 */
guint64 rs_v0_optional_base62(RsV0 *v0, char tag);         /* without tag 0, "s_" is 1 */
void rs_v0_skip_disambiguator(RsV0 *v0);                   /* where its value does not matter */
void rs_v0_identifier(RsV0 *v0, RsV0Identifier *out);      /* with its disambiguator */
void rs_v0_bare_identifier(RsV0 *v0, RsV0Identifier *out); /* one that cannot have one */
/* Position that the reference whose "B" was just read goes to. */
gsize rs_v0_reference(RsV0 *v0);
/* Decoded text, appended. */
void rs_v0_append_identifier(GString *out, const RsV0Identifier *identifier);

/* Printing. */
void rs_v0_put_bytes(RsV0 *v0, const char *text, gsize n_bytes);
static inline void rs_v0_put(RsV0 *v0, const char *text)
{
    rs_v0_put_bytes(v0, text, strlen(text)); /* of constants, by the compiler */
}

void rs_v0_put_identifier(RsV0 *v0, const RsV0Identifier *identifier);
void rs_v0_print_path(RsV0 *v0, gboolean in_value);
void rs_v0_print_generic_argument(RsV0 *v0);
void rs_v0_print_type(RsV0 *v0);
void rs_v0_print_const(RsV0 *v0, gboolean in_value);

/* Crate, module, role and instantiating crate of the symbol, whose path ends at path_end. */
void rs_v0_find_home(const char *text, gsize n_bytes, gsize path_end, RsFunctionName *out);

/* text: after "_R". FALSE: it is no v0 name. n_used: bytes up to the suffix. */
gboolean rs_v0_parse(const char *text, gsize n_bytes, RsFunctionName *out, gsize *n_used);

#endif
