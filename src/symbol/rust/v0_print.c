/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of a v0 name, without what changes from build to build: disambiguators of crates and
 * items, paths of impls, types of constants. Written as rustc-demangle's short form has it. */
#include "symbol/rust/v0.h"

void rs_v0_put_bytes(RsV0 *v0, const char *text, gsize n_bytes)
{
    if (v0->n_silent || v0->stop != RS_V0_GOES_ON)
        return;
    GString *out = v0->out;

    if (n_bytes > RS_V0_MAX_OUT_BYTES - out->len) {
        rs_v0_fail(v0, RS_V0_TOO_LONG);
    } else if (out->allocated_len - out->len > n_bytes) { /* most are a few bytes */
        memcpy(out->str + out->len, text, n_bytes);
        out->len += n_bytes;
        out->str[out->len] = '\0';
    } else {
        g_string_append_len(out, text, (gssize)n_bytes);
    }
}

static void put_number(RsV0 *v0, guint64 number)
{
    char text[20], *at = text + sizeof text;

    do
        *--at = (char)('0' + number % 10);
    while (number /= 10);
    rs_v0_put_bytes(v0, at, (gsize)(text + sizeof text - at));
}

void rs_v0_put_identifier(RsV0 *v0, const RsV0Identifier *identifier)
{
    if (v0->n_silent || v0->stop != RS_V0_GOES_ON)
        return;
    if (!identifier->is_punycode) {
        rs_v0_put_bytes(v0, identifier->text, identifier->n_bytes);
        return;
    }
    g_autoptr(GString) decoded = g_string_new(NULL);
    rs_v0_append_identifier(decoded, identifier);
    rs_v0_put_bytes(v0, decoded->str, decoded->len);
}

/* What a reference stands for, printed by print; nothing when silent: it was read where it is. */
static void follow(RsV0 *v0, void (*print)(RsV0 *v0, gboolean flag), gboolean flag)
{
    gsize target = rs_v0_reference(v0), after = v0->at;

    if (v0->n_silent || v0->stop != RS_V0_GOES_ON)
        return;
    v0->at = target;
    print(v0, flag);
    v0->at = after;
}

/* Elements up to "E", with ", " between them. */
static guint print_list(RsV0 *v0, void (*print)(RsV0 *v0, gboolean flag), gboolean flag)
{
    guint n = 0;

    while (v0->stop == RS_V0_GOES_ON && !rs_v0_eat(v0, 'E')) {
        if (n++)
            rs_v0_put(v0, ", ");
        print(v0, flag);
    }
    return n;
}

static void put_lifetime(RsV0 *v0, guint64 index)
{
    guint64 depth;
    char name[] = "'a";

    if (index == 0) {
        rs_v0_put(v0, "'_");
        return;
    }
    if (index > v0->n_bound_lifetimes) {
        rs_v0_fail(v0, RS_V0_INVALID);
        return;
    }
    depth = v0->n_bound_lifetimes - index;
    if (depth < 26) {
        name[1] = (char)('a' + depth);
        rs_v0_put(v0, name);
    } else {
        rs_v0_put(v0, "'_");
        put_number(v0, depth);
    }
}

/* "for<'a, 'b> "; returns how many lifetimes the caller takes back. */
static guint64 print_binder(RsV0 *v0)
{
    guint64 n = rs_v0_optional_base62(v0, 'G');

    if (!n || v0->stop != RS_V0_GOES_ON)
        return 0;
    if (n > G_MAXUINT32 || v0->n_bound_lifetimes > G_MAXUINT32) {
        rs_v0_fail(v0, RS_V0_INVALID);
        return 0;
    }
    if (v0->n_silent) {
        v0->n_bound_lifetimes += n;
        return n;
    }
    rs_v0_put(v0, "for<");
    for (guint64 i = 0; i < n; i++) {
        if (v0->stop != RS_V0_GOES_ON)
            return i;
        v0->n_bound_lifetimes++;
        if (i)
            rs_v0_put(v0, ", ");
        put_lifetime(v0, 1);
    }
    rs_v0_put(v0, "> ");
    return n;
}

static void print_any_generic_argument(RsV0 *v0, gboolean unused)
{
    if (rs_v0_eat(v0, 'L'))
        put_lifetime(v0, rs_v0_base62(v0));
    else if (rs_v0_eat(v0, 'K'))
        rs_v0_print_const(v0, FALSE);
    else
        rs_v0_print_type(v0);
}

void rs_v0_print_generic_argument(RsV0 *v0)
{
    print_any_generic_argument(v0, FALSE);
}

static void print_nested(RsV0 *v0, gboolean in_value)
{
    char namespace = rs_v0_next(v0);
    RsV0Identifier identifier;

    if (!g_ascii_isalpha(namespace))
        rs_v0_fail(v0, RS_V0_INVALID);
    rs_v0_print_path(v0, in_value);
    rs_v0_identifier(v0, &identifier);
    if (g_ascii_islower(namespace)) {
        if (identifier.n_bytes)
            rs_v0_put(v0, "::");
        rs_v0_put_identifier(v0, &identifier);
        return;
    }
    rs_v0_put(v0, "::{");
    if (namespace == 'C')
        rs_v0_put(v0, "closure");
    else if (namespace == 'S')
        rs_v0_put(v0, "shim");
    else
        rs_v0_put_bytes(v0, &namespace, 1);
    if (identifier.n_bytes) {
        rs_v0_put(v0, ":");
        rs_v0_put_identifier(v0, &identifier);
    }
    rs_v0_put(v0, "#");
    put_number(v0, identifier.disambiguator);
    rs_v0_put(v0, "}");
}

static void print_impl(RsV0 *v0, char kind)
{
    if (kind != 'Y') { /* where the impl is written is for rs_v0_find_home */
        rs_v0_skip_disambiguator(v0);
        v0->n_silent++;
        rs_v0_print_path(v0, FALSE);
        v0->n_silent--;
    }
    rs_v0_put(v0, "<");
    rs_v0_print_type(v0);
    if (kind != 'M') {
        rs_v0_put(v0, " as ");
        rs_v0_print_path(v0, FALSE);
    }
    rs_v0_put(v0, ">");
}

void rs_v0_print_path(RsV0 *v0, gboolean in_value)
{
    RsV0Identifier identifier;
    char kind;

    if (!rs_v0_enter(v0)) {
        rs_v0_leave(v0);
        return;
    }
    switch ((kind = rs_v0_next(v0))) {
    case 'C':
        rs_v0_skip_disambiguator(v0);
        rs_v0_bare_identifier(v0, &identifier);
        rs_v0_put_identifier(v0, &identifier);
        break;
    case 'N':
        print_nested(v0, in_value);
        break;
    case 'M':
    case 'X':
    case 'Y':
        print_impl(v0, kind);
        break;
    case 'I':
        rs_v0_print_path(v0, in_value);
        rs_v0_put(v0, in_value ? "::<" : "<");
        print_list(v0, print_any_generic_argument, FALSE);
        rs_v0_put(v0, ">");
        break;
    case 'B':
        follow(v0, rs_v0_print_path, in_value);
        break;
    default:
        rs_v0_fail(v0, RS_V0_INVALID);
    }
    rs_v0_leave(v0);
}

static const char *basic_type(char c)
{
    static const char *const names[] = {
        ['a'] = "i8",  ['b'] = "bool", ['c'] = "char",  ['d'] = "f64",   ['e'] = "str",
        ['f'] = "f32", ['h'] = "u8",   ['i'] = "isize", ['j'] = "usize", ['l'] = "i32",
        ['m'] = "u32", ['n'] = "i128", ['o'] = "u128",  ['p'] = "_",     ['s'] = "i16",
        ['t'] = "u16", ['u'] = "()",   ['v'] = "...",   ['x'] = "i64",   ['y'] = "u64",
        ['z'] = "!",
    };

    return (guchar)c < G_N_ELEMENTS(names) ? names[(guchar)c] : NULL;
}

static void print_any_type(RsV0 *v0, gboolean unused)
{
    rs_v0_print_type(v0);
}

static void print_abi(RsV0 *v0)
{
    RsV0Identifier abi = {.text = "C", .n_bytes = 1};

    if (!rs_v0_eat(v0, 'K'))
        return;
    if (!rs_v0_eat(v0, 'C'))
        rs_v0_bare_identifier(v0, &abi);
    rs_v0_put(v0, "extern \"");
    for (gsize i = 0; i < abi.n_bytes; i++) /* what cannot stand in an identifier became "_" */
        rs_v0_put_bytes(v0, abi.text[i] == '_' ? "-" : abi.text + i, 1);
    rs_v0_put(v0, "\" ");
}

static void print_argument(RsV0 *v0, gboolean unused)
{
    if (rs_v0_eat(v0, 'w'))
        rs_v0_put(v0, "#[splat] ");
    rs_v0_print_type(v0);
}

static void print_function_type(RsV0 *v0)
{
    guint64 n_bound = print_binder(v0);

    if (rs_v0_eat(v0, 'U'))
        rs_v0_put(v0, "unsafe ");
    print_abi(v0);
    rs_v0_put(v0, "fn(");
    print_list(v0, print_argument, FALSE);
    rs_v0_put(v0, ")");
    if (!rs_v0_eat(v0, 'u')) {
        rs_v0_put(v0, " -> ");
        rs_v0_print_type(v0);
    }
    v0->n_bound_lifetimes -= n_bound;
}

/* Prints a trait whose "<...>" is left open for "Item = T"; *is_open tells. */
static void print_open_trait(RsV0 *v0, gboolean *is_open)
{
    *is_open = FALSE;
    if (!rs_v0_enter(v0)) {
        rs_v0_leave(v0);
        return;
    }
    if (rs_v0_eat(v0, 'B')) {
        gsize target = rs_v0_reference(v0), after = v0->at;

        if (!v0->n_silent && v0->stop == RS_V0_GOES_ON) {
            v0->at = target;
            print_open_trait(v0, is_open);
            v0->at = after;
        }
    } else if (rs_v0_eat(v0, 'I')) {
        rs_v0_print_path(v0, FALSE);
        rs_v0_put(v0, "<");
        print_list(v0, print_any_generic_argument, FALSE);
        *is_open = TRUE;
    } else {
        rs_v0_print_path(v0, FALSE);
    }
    rs_v0_leave(v0);
}

static void print_dyn_trait(RsV0 *v0)
{
    RsV0Identifier name;
    gboolean is_open;

    print_open_trait(v0, &is_open);
    while (rs_v0_eat(v0, 'p')) {
        rs_v0_put(v0, is_open ? ", " : "<");
        is_open = TRUE;
        rs_v0_bare_identifier(v0, &name);
        rs_v0_put_identifier(v0, &name);
        rs_v0_put(v0, " = ");
        if (rs_v0_eat(v0, 'K'))
            rs_v0_print_const(v0, FALSE);
        else
            rs_v0_print_type(v0);
    }
    if (is_open)
        rs_v0_put(v0, ">");
}

static void print_dyn(RsV0 *v0)
{
    guint64 n_bound, lifetime;

    rs_v0_put(v0, "dyn ");
    n_bound = print_binder(v0);
    for (guint i = 0; v0->stop == RS_V0_GOES_ON && !rs_v0_eat(v0, 'E'); i++) {
        if (i)
            rs_v0_put(v0, " + ");
        print_dyn_trait(v0);
    }
    v0->n_bound_lifetimes -= n_bound;
    if (!rs_v0_eat(v0, 'L')) {
        rs_v0_fail(v0, RS_V0_INVALID);
        return;
    }
    lifetime = rs_v0_base62(v0);
    if (lifetime) {
        rs_v0_put(v0, " + ");
        put_lifetime(v0, lifetime);
    }
}

/* Pattern types, not stable in Rust: "u32 is 1..=9". */
static void print_pattern(RsV0 *v0)
{
    if (!rs_v0_enter(v0)) {
        rs_v0_leave(v0);
        return;
    }
    switch (rs_v0_next(v0)) {
    case 'R':
        rs_v0_print_const(v0, FALSE);
        rs_v0_put(v0, "..=");
        rs_v0_print_const(v0, FALSE);
        break;
    case 'O':
        for (guint i = 0; v0->stop == RS_V0_GOES_ON && !rs_v0_eat(v0, 'E'); i++) {
            if (i)
                rs_v0_put(v0, " | ");
            print_pattern(v0);
        }
        break;
    case 'N':
        rs_v0_put(v0, "!null");
        break;
    default:
        rs_v0_fail(v0, RS_V0_INVALID);
    }
    rs_v0_leave(v0);
}

static void print_reference_type(RsV0 *v0, gboolean is_mutable)
{
    rs_v0_put(v0, "&");
    if (rs_v0_eat(v0, 'L')) {
        guint64 lifetime = rs_v0_base62(v0);

        if (lifetime) {
            put_lifetime(v0, lifetime);
            rs_v0_put(v0, " ");
        }
    }
    if (is_mutable)
        rs_v0_put(v0, "mut ");
    rs_v0_print_type(v0);
}

static void print_compound_type(RsV0 *v0, char tag)
{
    switch (tag) {
    case 'R':
    case 'Q':
        print_reference_type(v0, tag == 'Q');
        break;
    case 'P':
    case 'O':
        rs_v0_put(v0, tag == 'P' ? "*const " : "*mut ");
        rs_v0_print_type(v0);
        break;
    case 'A':
    case 'S':
        rs_v0_put(v0, "[");
        rs_v0_print_type(v0);
        if (tag == 'A') {
            rs_v0_put(v0, "; ");
            rs_v0_print_const(v0, TRUE);
        }
        rs_v0_put(v0, "]");
        break;
    case 'T':
        rs_v0_put(v0, "(");
        rs_v0_put(v0, print_list(v0, print_any_type, FALSE) == 1 ? ",)" : ")");
        break;
    case 'F':
        print_function_type(v0);
        break;
    case 'D':
        print_dyn(v0);
        break;
    case 'W':
        rs_v0_print_type(v0);
        rs_v0_put(v0, " is ");
        print_pattern(v0);
        break;
    case 'B':
        follow(v0, print_any_type, FALSE);
        break;
    default:
        v0->at--;
        rs_v0_print_path(v0, FALSE);
    }
}

void rs_v0_print_type(RsV0 *v0)
{
    if (rs_v0_enter(v0)) {
        char tag = rs_v0_next(v0);
        const char *basic = basic_type(tag);

        if (basic)
            rs_v0_put(v0, basic);
        else if (tag)
            print_compound_type(v0, tag);
    }
    rs_v0_leave(v0);
}
