/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose code a v0 name is. An impl belongs to where it is written (its impl-path, which no
 * demangler shows), a method that a trait provides to the trait, drop glue to the type that is
 * dropped. */
#include "symbol/rust/v0.h"

/* A path as far as it was read: the first crate root on its way up, and the modules below it. */
typedef struct {
    RsV0Identifier crate;
    GString *module;
    gsize n_parent_bytes; /* of module, without the last identifier of the type namespace */
    gboolean is_closed;   /* below a value: what follows is no module */
    gboolean is_type;     /* the last identifier is of the type namespace: a module or a type */
    RsV0Identifier last;
    gboolean is_done; /* what follows cannot matter, and is not read */
    gsize generic_at; /* of the first generic argument; 0: none */
    gsize self_at;    /* of the self type of a method that a trait provides; 0: it is none */
} Home;

static void home_init(Home *home)
{
    *home = (Home){.module = g_string_new(NULL), .crate.text = "", .last.text = ""};
}

static void home_clear(Home *home)
{
    g_string_free(home->module, TRUE);
}

static gboolean is_named(const RsV0Identifier *identifier, const char *name)
{
    return identifier->n_bytes == strlen(name) &&
           memcmp(identifier->text, name, identifier->n_bytes) == 0;
}

/* The last identifier is the trait's or type's own. */
static void leave_type(Home *home)
{
    if (home->is_type && !home->is_closed)
        g_string_truncate(home->module, home->n_parent_bytes);
    home->is_closed = TRUE;
    home->is_type = FALSE;
}

static void find_path(RsV0 *v0, Home *home);

static void find_nested(RsV0 *v0, Home *home)
{
    char namespace = rs_v0_next(v0);

    find_path(v0, home);
    if (home->is_done)
        return;
    rs_v0_identifier(v0, &home->last);
    home->is_type = namespace == 't';
    if (!home->is_type)
        home->is_closed = TRUE;
    if (home->is_closed)
        return;
    home->n_parent_bytes = home->module->len;
    g_string_append(home->module, "::");
    rs_v0_append_identifier(home->module, &home->last);
}

static void find_impl(RsV0 *v0, Home *home, char kind)
{
    if (kind == 'Y') { /* type, then the trait's path */
        gsize self_at = v0->at;

        rs_v0_print_type(v0);
        find_path(v0, home);
        home->self_at = self_at;
        leave_type(home);
    } else { /* the path of the impl comes first */
        rs_v0_skip_disambiguator(v0);
        find_path(v0, home);
        home->is_type = FALSE;
    }
    home->is_closed = TRUE;
    home->is_done = TRUE;
}

static void find_path(RsV0 *v0, Home *home)
{
    gsize target, after;
    char kind;

    if (!rs_v0_enter(v0)) {
        rs_v0_leave(v0);
        return;
    }
    switch ((kind = rs_v0_next(v0))) {
    case 'C':
        rs_v0_identifier(v0, &home->crate);
        rs_v0_append_identifier(home->module, &home->crate);
        break;
    case 'N':
        find_nested(v0, home);
        break;
    case 'M':
    case 'X':
    case 'Y':
        find_impl(v0, home, kind);
        break;
    case 'I':
        find_path(v0, home);
        if (!home->is_done) /* only what is no module has arguments */
            home->generic_at = v0->at;
        home->is_done = TRUE;
        break;
    case 'B':
        target = rs_v0_reference(v0);
        after = v0->at;
        if (v0->stop == RS_V0_GOES_ON) {
            v0->at = target;
            find_path(v0, home);
            v0->at = after;
        }
        break;
    default:
        rs_v0_fail(v0, RS_V0_INVALID);
    }
    rs_v0_leave(v0);
}

/* The first crate that a type names, outermost first: Vec<own::T> is alloc's, &own::T and
 * [own::T] are own. FALSE: it is built in. */
static gboolean find_type(RsV0 *v0, Home *home);

static gboolean find_in_tuple(RsV0 *v0, Home *home)
{
    while (v0->stop == RS_V0_GOES_ON && !rs_v0_eat(v0, 'E')) {
        gsize element_at = v0->at;

        if (find_type(v0, home))
            return TRUE;
        if (v0->stop == RS_V0_GOES_ON) {
            v0->at = element_at;
            rs_v0_print_type(v0);
        }
    }
    return FALSE;
}

static gboolean find_behind(RsV0 *v0, Home *home, char tag)
{
    switch (tag) {
    case 'R':
    case 'Q':
        if (rs_v0_eat(v0, 'L'))
            rs_v0_base62(v0);
        return find_type(v0, home);
    case 'P':
    case 'O':
    case 'A':
    case 'S':
    case 'W':
        return find_type(v0, home);
    case 'T':
        return find_in_tuple(v0, home);
    case 'B':
        v0->at = rs_v0_reference(v0);
        return find_type(v0, home);
    case 'D':
        if (rs_v0_eat(v0, 'G'))
            rs_v0_base62(v0);
        if (rs_v0_peek(v0) == 'E')
            return FALSE;
        break;
    case 'C':
    case 'M':
    case 'X':
    case 'Y':
    case 'N':
    case 'I':
        v0->at--;
        break;
    default:
        return FALSE;
    }
    find_path(v0, home);
    leave_type(home);
    return v0->stop == RS_V0_GOES_ON && home->crate.n_bytes > 0;
}

static gboolean find_type(RsV0 *v0, Home *home)
{
    gboolean is_found = FALSE;

    if (rs_v0_enter(v0))
        is_found = find_behind(v0, home, rs_v0_next(v0));
    rs_v0_leave(v0);
    return is_found;
}

/* home becomes that of the type at a position of the text, where that has one. */
static void move_to_type(const char *text, gsize n_bytes, gsize type_at, Home *home)
{
    RsV0 v0 = {.text = text, .n_bytes = n_bytes, .at = type_at, .n_silent = 1};
    Home of_type;

    v0.n_bound_lifetimes = G_MAXUINT32; /* which are bound does not matter here */
    home_init(&of_type);
    if (find_type(&v0, &of_type)) {
        Home old = *home;

        *home = of_type;
        of_type = old;
    }
    home_clear(&of_type);
}

static RsFunctionRole role_of(const char *text, gsize n_bytes)
{
    gsize at = 0;

    while (at < n_bytes && text[at] == 'I')
        at++;
    if (n_bytes - at < 2 || text[at] != 'N')
        return RS_FUNCTION_PLAIN;
    return text[at + 1] == 'C'   ? RS_FUNCTION_CLOSURE
           : text[at + 1] == 'S' ? RS_FUNCTION_SHIM
                                 : RS_FUNCTION_PLAIN;
}

static char *text_of(const RsV0Identifier *identifier)
{
    GString *text = g_string_new(NULL);

    rs_v0_append_identifier(text, identifier);
    return g_string_free(text, FALSE);
}

/* As published demanglers show it: core[c1f1a4ba060b9bfa]. */
static char *hexadecimal(guint64 number)
{
    char text[17] = "";

    for (int i = 15; i >= 0; i--, number >>= 4)
        text[i] = "0123456789abcdef"[number & 15];
    return g_strdup(text);
}

static void find_instantiating(RsV0 *v0, RsFunctionName *out)
{
    Home home;

    home_init(&home);
    find_path(v0, &home);
    if (v0->stop == RS_V0_GOES_ON && home.crate.n_bytes)
        out->instantiating_crate = text_of(&home.crate);
    home_clear(&home);
}

void rs_v0_find_home(const char *text, gsize n_bytes, gsize path_end, RsFunctionName *out)
{
    RsV0 v0 = {.text = text, .n_bytes = n_bytes, .n_silent = 1};
    gboolean is_callable;
    Home home;

    home_init(&home);
    find_path(&v0, &home);
    out->role = role_of(text, n_bytes);
    /* Closures, functions and pointers to them implement these traits by the compiler's hand. */
    is_callable = home.self_at && strcmp(home.module->str, "core::ops::function") == 0;
    if (is_callable && out->role != RS_FUNCTION_CLOSURE) {
        out->role = RS_FUNCTION_SHIM;
        move_to_type(text, n_bytes, home.self_at, &home);
    } else if (home.generic_at && is_named(&home.last, "drop_in_place") &&
               strcmp(home.module->str, "core::ptr") == 0) {
        out->role = RS_FUNCTION_DROP_GLUE;
        move_to_type(text, n_bytes, home.generic_at, &home);
    }
    if (v0.stop == RS_V0_GOES_ON && home.crate.n_bytes) {
        out->crate_name = text_of(&home.crate);
        out->module_path = g_strdup(home.module->str);
        if (home.crate.disambiguator)
            out->crate_disambiguator = hexadecimal(home.crate.disambiguator);
        v0.at = path_end;
        if (path_end < n_bytes)
            find_instantiating(&v0, out);
    }
    home_clear(&home);
}

/* Bytes that a mangled name can have; a suffix begins with another. */
static gsize count_mangled(const char *text, gsize n_bytes)
{
    static const guint8 can_have[256] = {
        ['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1, ['_'] = 1};
    gsize n = 0;

    while (n < n_bytes && can_have[(guchar)text[n]])
        n++;
    return n;
}

gboolean rs_v0_parse(const char *text, gsize n_bytes, RsFunctionName *out, gsize *n_used)
{
    gsize n_mangled = count_mangled(text, n_bytes), path_end;
    RsV0 v0 = {.text = text, .n_bytes = n_mangled};

    if (!n_mangled || !strchr("CMXYNI", text[0]) ||
        (n_mangled < n_bytes && !strchr(".$@", text[n_mangled])))
        return FALSE;
    v0.out = g_string_sized_new(MIN(2 * n_mangled, 1024));
    rs_v0_print_path(&v0, TRUE);
    path_end = v0.at;
    if (v0.stop == RS_V0_GOES_ON && path_end < n_mangled) {
        v0.n_silent++;
        rs_v0_print_path(&v0, FALSE);
    }
    if (v0.stop == RS_V0_TOO_LONG) {
        g_string_append(v0.out, "…");
        path_end = n_mangled;
    } else if (v0.stop != RS_V0_GOES_ON || v0.at < n_mangled || !v0.out->len) {
        g_string_free(v0.out, TRUE);
        return FALSE;
    }
    *n_used = n_mangled;
    rs_v0_find_home(text, n_mangled, path_end, out);
    out->name = g_string_free(v0.out, FALSE);
    out->language = RS_LANGUAGE_RUST_V0;
    return TRUE;
}
