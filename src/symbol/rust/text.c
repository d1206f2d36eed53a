/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A path as text does not say what its parts are. Modules and functions are written in small
 * letters and types are not; a function within a function is taken for one in a module of that
 * name. An impl can only be in a crate that may write it: not in one of std's when it names a crate
 * that std cannot know. */
#include <string.h>

#include "symbol/rust/text.h"

#define MAX_DEPTH 48

typedef struct {
    const char *at, *end;
} Slice;

/* The module is text from the crate's name on. */
typedef struct {
    const char *crate;
    gsize n_crate_bytes, n_module_bytes;
} Home;

static gboolean starts_with(Slice slice, const char *prefix)
{
    gsize n_bytes = strlen(prefix);

    return (gsize)(slice.end - slice.at) >= n_bytes && !memcmp(slice.at, prefix, n_bytes);
}

static gboolean is_identifier_byte(char c)
{
    return g_ascii_isalnum(c) || c == '_' || (guchar)c >= 0x80;
}

/* The end of "->", which legacy names have as ".>". */
static gboolean is_arrow(const char *start, const char *at)
{
    return *at == '>' && at > start && (at[-1] == '-' || at[-1] == '.');
}

/* Where the text within brackets, or all of it, first has stop outside of inner brackets. */
static const char *find_outside(Slice slice, const char *stop)
{
    gsize n_stop = strlen(stop);
    guint depth = 0;

    for (const char *at = slice.at; at < slice.end; at++) {
        if (depth == 0 && (gsize)(slice.end - at) >= n_stop && !memcmp(at, stop, n_stop))
            return at;
        if (strchr("<([{", *at) && *at)
            depth++;
        else if (strchr(">)]}", *at) && *at && !is_arrow(slice.at, at) && depth)
            depth--;
    }
    return NULL;
}

/* The end of what begins with a bracket, behind its closing one. */
static const char *skip_brackets(Slice slice)
{
    guint depth = 0;

    for (const char *at = slice.at; at < slice.end; at++) {
        if (strchr("<([{", *at) && *at)
            depth++;
        else if (strchr(">)]}", *at) && *at && !is_arrow(slice.at, at) && --depth == 0)
            return at + 1;
    }
    return slice.end;
}

/* The next part of a path and, in path, what follows it. FALSE: there is none. */
static gboolean next_part(Slice *path, Slice *part)
{
    const char *end;

    if (path->at >= path->end)
        return FALSE;
    end = find_outside(*path, "::");
    *part = (Slice){path->at, end ? end : path->end};
    path->at = end ? end + 2 : path->end;
    return TRUE;
}

static gboolean is_std(const Home *home)
{
    g_autofree char *name = g_strndup(home->crate, home->n_crate_bytes);

    return rs_crate_is_std(name);
}

static gboolean is_arguments(Slice part)
{
    return starts_with(part, "<") && !starts_with(part, "<impl ");
}

/* Whether the modules of a path end before this part, and whether the part before it is none too:
 * what has a closure is a function. */
static gboolean ends_modules(Slice part, gboolean *is_in_value)
{
    *is_in_value = FALSE;
    if (starts_with(part, "{")) {
        *is_in_value = !starts_with(part, "{impl") && !starts_with(part, "{{impl") &&
                       !starts_with(part, "{extern");
        return TRUE;
    }
    if (starts_with(part, "<impl "))
        return TRUE;
    gunichar c = part.at < part.end ? g_utf8_get_char_validated(part.at, part.end - part.at) : 0;
    return g_unichar_validate(c) && g_unichar_isupper(c);
}

/* "a::b::f", "a::b::T<X>::m", "a::b::<impl a::C for D>::m". FALSE: it is not in a crate. */
static gboolean find_plain(Slice path, Home *home)
{
    const char *last_end, *before_last_end;
    gboolean is_in_value;
    guint n_parts = 1;
    Slice part;

    if (!next_part(&path, &part) || part.at >= part.end || !is_identifier_byte(*part.at))
        return FALSE;
    for (const char *at = part.at; at < part.end; at++)
        if (!is_identifier_byte(*at))
            return FALSE;
    last_end = before_last_end = part.end;
    *home = (Home){.crate = part.at, .n_crate_bytes = (gsize)(part.end - part.at)};
    while (next_part(&path, &part)) {
        if (is_arguments(part))
            continue;
        n_parts++;
        if (ends_modules(part, &is_in_value)) {
            if (!is_in_value)
                before_last_end = last_end;
            break;
        }
        before_last_end = last_end;
        last_end = part.end;
    }
    home->n_module_bytes = (gsize)(before_last_end - home->crate);
    return n_parts > 1;
}

static gboolean find_type(Slice type, gboolean is_declared, guint depth, Home *home);

/* A path within other text, up to where it ends. */
static Slice path_at(const char *at, const char *end)
{
    Slice path = {at, at};

    while (path.end < end) {
        if (*path.end == '<')
            path.end = skip_brackets((Slice){path.end, end});
        else if (is_identifier_byte(*path.end) || strchr(":{}#.", *path.end))
            path.end++;
        else
            break;
    }
    return path;
}

/* The first crate that is named in an impl's header and that std cannot know. */
static gboolean find_foreign(Slice header, Home *home)
{
    for (const char *at = header.at; at < header.end;) {
        const char *start = at;
        Home found;

        while (at < header.end && (is_identifier_byte(*at) || *at == ':'))
            at++;
        if (at == start)
            at++;
        else if (is_identifier_byte(*start) && find_plain(path_at(start, header.end), &found) &&
                 !is_std(&found)) {
            *home = found;
            return TRUE;
        }
    }
    return FALSE;
}

/* What stands before the path of a type; FALSE: nothing more does. */
static gboolean skip_decoration(Slice *type)
{
    static const char *const words[] = {"&", "*const ", "*mut ", "mut ", "dyn ", "impl ", "[", " "};

    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (starts_with(*type, words[i])) {
            type->at += strlen(words[i]);
            return TRUE;
        }
    if (starts_with(*type, "'")) {
        while (type->at < type->end && *type->at != ' ')
            type->at++;
        return TRUE;
    }
    if (starts_with(*type, "for<")) {
        type->at = skip_brackets((Slice){type->at + 3, type->end});
        return TRUE;
    }
    return FALSE;
}

/* Tuples, slices, arrays and raw pointers: no crate's own, whatever they are made of, so that their
 * impls stand where the trait is. */
static gboolean is_nobodys(Slice type)
{
    while (starts_with(type, "&") || starts_with(type, "'") || starts_with(type, "mut "))
        skip_decoration(&type);
    return starts_with(type, "(") || starts_with(type, "[") || starts_with(type, "*");
}

/* "T" or "T as Trait", within "<" and ">". */
static gboolean find_header(Slice header, gboolean is_declared, guint depth, Home *home)
{
    const char *as = find_outside(header, " as ");
    Slice type = {header.at, as ? as : header.end};
    Home of_type, of_trait;
    gboolean has_trait =
        as && find_type((Slice){as + 4, header.end}, is_declared, depth, &of_trait);
    gboolean has_type =
        !(has_trait && is_nobodys(type)) && find_type(type, is_declared, depth, &of_type);

    if (!as && !has_type) { /* methods of built-in types */
        *home = (Home){"core", 4, 4};
        return TRUE;
    }
    if (has_type && (!has_trait || !is_std(&of_type)))
        *home = of_type;
    else if (has_trait && !is_std(&of_trait))
        *home = of_trait;
    else if (is_declared && find_foreign(header, home))
        return TRUE;
    else if (has_type || has_trait)
        *home = has_type ? of_type : of_trait;
    return has_type || has_trait;
}

static gboolean find_path(Slice path, gboolean is_declared, guint depth, Home *home)
{
    Slice header;
    const char *for_at;

    if (depth > MAX_DEPTH)
        return FALSE;
    if (!starts_with(path, "<"))
        return find_plain(path, home);
    header = (Slice){path.at + 1, skip_brackets(path)};
    if (header.end - header.at < 2 || header.end[-1] != '>')
        return FALSE;
    header.end--;
    for_at = starts_with(header, "impl ") ? find_outside(header, " for ") : NULL;
    if (for_at)
        header.at = for_at + 5;
    return find_header(header, is_declared, depth + 1, home);
}

static gboolean find_in_tuple(Slice list, gboolean is_declared, guint depth, Home *home)
{
    while (list.at < list.end) {
        const char *comma = find_outside(list, ",");
        const char *end = comma ? comma : list.end;

        if (find_type((Slice){list.at, end}, is_declared, depth, home))
            return TRUE;
        list.at = end + 1;
    }
    return FALSE;
}

static gboolean find_type(Slice type, gboolean is_declared, guint depth, Home *home)
{
    if (depth > MAX_DEPTH)
        return FALSE;
    while (skip_decoration(&type))
        ;
    if (starts_with(type, "(")) {
        const char *end = skip_brackets(type);

        return find_in_tuple((Slice){type.at + 1, end > type.at + 1 ? end - 1 : end}, is_declared,
                             depth + 1, home);
    }
    return find_path(path_at(type.at, type.end), is_declared, depth, home);
}

/* The type that drop glue is for; "core::ptr::drop_in_place" alone has lost it. */
static gboolean is_drop_glue(Slice path, Slice *type)
{
    static const char *const names[] = {"core::ptr::drop_in_place",
                                        "core::ptr::real_drop_in_place"};

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        Slice rest = path;

        if (!starts_with(path, names[i]))
            continue;
        rest.at += strlen(names[i]);
        *type = (Slice){rest.end, rest.end};
        if (rest.at == rest.end)
            return TRUE;
        if (starts_with(rest, "::"))
            rest.at += 2;
        if (starts_with(rest, "<") && rest.end - rest.at >= 2 && rest.end[-1] == '>' &&
            skip_brackets(rest) == rest.end) {
            *type = (Slice){rest.at + 1, rest.end - 1};
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean is_made_call(Slice path)
{
    const char *as;
    Slice header;

    if (starts_with(path, "core::ops::function::Fn"))
        return TRUE;
    if (!starts_with(path, "<"))
        return FALSE;
    header = (Slice){path.at + 1, skip_brackets(path) - 1};
    as = header.end > header.at ? find_outside(header, " as ") : NULL;
    if (!as || !starts_with((Slice){as, header.end}, " as core::ops::function::Fn"))
        return FALSE;
    /* Box<F> and &F implement them in their sources; closures and functions do not. */
    return as[-1] == '}' || starts_with(header, "fn(");
}

static RsFunctionRole role_of(Slice path)
{
    Slice rest = path, part, last = {path.end, path.end};

    while (next_part(&rest, &part))
        if (!is_arguments(part))
            last = part;
    if (starts_with(last, "{closure") || starts_with(last, "{{closure}}") ||
        starts_with(last, "{async"))
        return RS_FUNCTION_CLOSURE;
    if (starts_with(last, "{shim") || starts_with(last, "{{vtable") ||
        g_strstr_len(last.at, last.end - last.at, "{{vtable.shim}}") ||
        g_strstr_len(last.at, last.end - last.at, "{{reify.shim}}") || is_made_call(path))
        return RS_FUNCTION_SHIM;
    return RS_FUNCTION_PLAIN;
}

void rs_rust_text_find_home(const char *text, gboolean is_declared, RsFunctionName *out)
{
    Slice path = {text, text + strlen(text)}, dropped;
    Home home;

    if (is_drop_glue(path, &dropped)) {
        out->role = RS_FUNCTION_DROP_GLUE;
        if (!find_type(dropped, is_declared, 0, &home) && !find_path(path, is_declared, 0, &home))
            return;
    } else {
        out->role = role_of(path);
        if (!find_path(path, is_declared, 0, &home))
            return;
    }
    out->crate_name = g_strndup(home.crate, home.n_crate_bytes);
    out->module_path = g_strndup(home.crate, home.n_module_bytes);
}

void rs_rust_text_normalize(char *path)
{
    char *to = path;

    for (const char *from = path; *from;) {
        if (strncmp(from, "{impl#", 6) == 0) {
            memmove(to, from, 5);
            to += 5;
            from += 6;
            while (g_ascii_isdigit(*from))
                from++;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
}
