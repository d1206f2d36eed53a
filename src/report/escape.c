/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/escape.h"

#include <string.h>

#include "base/text.h"

#define ZERO_WIDTH_SPACE "\u200B"
#define HASH_CHARS       8
#define MAX_RUN          100

/* GitLab takes a line that begins with "/" for a command, and runners have theirs. A character
 * without width breaks them and can be read over. */
static char *defuse(const char *plain)
{
    g_autofree char *text = rs_text_without_commands(plain);
    GString *safe = g_string_sized_new(strlen(text) + 16);
    gboolean at_start = TRUE;

    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        if (at_start && c == '/')
            g_string_append(safe, ZERO_WIDTH_SPACE);
        g_string_append_unichar(safe, c);
        at_start = c == '\n' || (at_start && g_unichar_isspace(c));
    }
    return g_string_free(safe, FALSE);
}

char *rs_escape_line(const char *text, gsize max_chars)
{
    g_autofree char *plain = rs_text_plain(text ? text : "", -1, FALSE, max_chars);

    return defuse(plain);
}

char *rs_escape_lines(const char *text, gsize max_chars)
{
    g_auto(GStrv) parts = g_strsplit(text ? text : "", "\r\n", -1);
    g_autofree char *joined = g_strjoinv("\n", parts);
    g_autofree char *plain = rs_text_plain(joined, -1, TRUE, max_chars);

    return defuse(plain);
}

/* Two thirds from the front, the rest from the end: names often differ at one of the two. */
static char *shorten(const char *plain, gsize max_chars)
{
    gsize n_chars = (gsize)g_utf8_strlen(plain, -1);
    gsize n_head = max_chars * 2 / 3, n_tail = max_chars - n_head;
    g_autofree char *head = NULL, *tail = NULL;

    if (n_chars <= max_chars)
        return g_strdup(plain);
    head = g_utf8_substring(plain, 0, (glong)n_head);
    tail = g_utf8_substring(plain, (glong)(n_chars - n_tail), (glong)n_chars);
    return g_strdup_printf("%s…%s", head, tail);
}

char *rs_escape_name(const char *name, gsize max_chars)
{
    const char *given = name ? name : "";
    g_autofree char *whole = rs_escape_line(given, G_MAXSIZE);
    g_autofree char *shown = shorten(whole, max_chars);
    g_autofree char *hash = NULL;

    if (*given && g_str_equal(shown, given))
        return g_steal_pointer(&shown);
    hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, given, -1);
    return g_strdup_printf("%s [%.*s]", *shown ? shown : "unnamed", HASH_CHARS, hash);
}

/* Inside HTML's code tags Markdown is alive, so everything but letters and digits is spelled as a
 * number; and mail addresses are looked for after that, so "@" does not touch what follows. */
static char *entity_code(const char *plain)
{
    GString *html = g_string_new("<code>");

    for (const char *at = plain; *at; at++)
        if ((guchar)*at >= 0x80 || g_ascii_isalnum(*at) || *at == ' ')
            g_string_append_c(html, *at);
        else
            g_string_append_printf(html, "&#%d;%s", *at, *at == '@' ? ZERO_WIDTH_SPACE : "");
    g_string_append(html, "</code>");
    return g_string_free(html, FALSE);
}

/* Backticks serve as long as the text holds none and nothing that a table would take for its own:
 * tables are cut at "|" before code spans are seen, and are not agreed on what "\|" means. */
static char *code_span(const char *plain)
{
    if (!*plain || strpbrk(plain, "`\\|<>&") || *plain == ' ' || plain[strlen(plain) - 1] == ' ')
        return entity_code(plain);
    return g_strdup_printf("`%s`", plain);
}

char *rs_escape_markdown_name(const char *name)
{
    g_autofree char *shown = rs_escape_name(name, RS_ESCAPE_NAME_CHARS);

    return code_span(shown);
}

char *rs_escape_markdown_tag(const char *name)
{
    g_autofree char *shown = rs_escape_name(name, RS_ESCAPE_NAME_CHARS);

    return entity_code(shown);
}

char *rs_escape_markdown_code(const char *text, gsize max_chars)
{
    g_autofree char *plain = rs_escape_line(text, max_chars);

    return code_span(plain);
}

/* How many characters at the start of a text would begin a list or draw a line: the text may stand
 * behind a list's own mark. */
static gsize block_mark_length(const char *text)
{
    gsize n_digits = strspn(text, "0123456789");
    gsize n = n_digits ? n_digits + strspn(text + n_digits, ".)") : strspn(text, "-+");

    return text[n] == ' ' || text[n] == '\0' ? n : 0;
}

/* Entities stop Markdown. Mentions and references are looked for after Markdown, in the text that
 * people see, so those signs also get a character without width behind them. */
char *rs_escape_markdown(const char *text, gsize max_chars)
{
    g_autofree char *plain = g_strchug(rs_escape_line(text, max_chars)); /* blanks indent code */
    const char *marks_end = plain + block_mark_length(plain);
    GString *safe = g_string_sized_new(strlen(plain) * 2);

    for (const char *at = plain; *at; at++) {
        gboolean ends_word = (guchar)at[1] < 0x80 && !g_ascii_isalnum(at[1]) && at[1] != '"';

        if (strchr("\\`*_[]<>|~&@#!$^{}=\"'", *at) || (at < marks_end && !g_ascii_isdigit(*at)))
            g_string_append_printf(safe, "&#%d;", *at);
        else
            g_string_append_c(safe, *at);
        if ((strchr("@#!~&$%^[", *at) && !ends_word) || g_str_has_prefix(at, ":/") ||
            g_ascii_strncasecmp(at, "www.", 4) == 0 ||
            g_ascii_strncasecmp(at, "*iteration:", 11) == 0 ||
            g_ascii_strncasecmp(at, "gh-", 3) == 0)
            g_string_append(safe, ZERO_WIDTH_SPACE);
    }
    return g_string_free(safe, FALSE);
}

/* Renderers count a fence's length in a byte, so that one of 257 ends at one. */
static char *broken_runs(const char *text, char c)
{
    GString *broken = g_string_new(NULL);
    gsize run = 0;

    for (; *text; text++) {
        run = *text == c ? run + 1 : 0;
        if (run > 0 && run % MAX_RUN == 0)
            g_string_append(broken, ZERO_WIDTH_SPACE);
        g_string_append_c(broken, *text);
    }
    return g_string_free(broken, FALSE);
}

static gsize longest_run(const char *text, char c)
{
    gsize longest = 0, run = 0;

    for (; *text; text++) {
        run = *text == c ? run + 1 : 0;
        longest = MAX(longest, run);
    }
    return longest;
}

const char *rs_escape_last_lines(const char *text, guint n_lines)
{
    const char *at = text + strlen(text);

    for (guint n = 0; at > text; at--)
        if (at[-1] == '\n' && ++n == n_lines)
            return at;
    return text;
}

char *rs_escape_markdown_fence(const char *text, guint n_lines, gsize max_chars)
{
    g_autofree char *stripped = g_strchomp(g_strdup(text ? text : ""));
    g_autofree char *whole = rs_escape_lines(rs_escape_last_lines(stripped, n_lines), max_chars);
    g_autofree char *plain = broken_runs(whole, '`');
    g_autofree char *fence = g_strnfill(MAX(3, longest_run(plain, '`') + 1), '`');

    return g_strdup_printf("%s\n%s\n%s\n", fence, plain, fence);
}

static gboolean is_xml_char(gunichar c)
{
    return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) ||
           (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

char *rs_escape_xml(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
    GString *legal = g_string_sized_new(strlen(valid) + 16);

    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        if (c == '&')
            g_string_append(legal, "&amp;");
        else if (c == '<')
            g_string_append(legal, "&lt;");
        else if (c == '>')
            g_string_append(legal, "&gt;");
        else if (c == '"')
            g_string_append(legal, "&quot;");
        else
            g_string_append_unichar(legal, is_xml_char(c) ? c : 0xFFFD);
    }
    return g_string_free(legal, FALSE);
}

static char *replace_bytes(const char *text, const char *from, const char *const *to)
{
    GString *out = g_string_new(NULL);

    for (const char *at = text ? text : ""; *at; at++) {
        const char *found = strchr(from, *at);

        if (found)
            g_string_append(out, to[found - from]);
        else
            g_string_append_c(out, *at);
    }
    return g_string_free(out, FALSE);
}

char *rs_escape_github_data(const char *text)
{
    static const char *const to[] = {"%25", "%0D", "%0A"};

    return replace_bytes(text, "%\r\n", to);
}

char *rs_escape_github_property(const char *text)
{
    static const char *const to[] = {"%25", "%0D", "%0A", "%3A", "%2C"};

    return replace_bytes(text, "%\r\n:,", to);
}

char *rs_escape_github_output(const char *name, const char *value)
{
    g_autofree char *uuid = g_uuid_string_random();

    return g_strdup_printf("%s<<rustscope_%s\n%s\nrustscope_%s\n", name, uuid, value, uuid);
}

char *rs_escape_openmetrics(const char *text)
{
    static const char *const to[] = {"\\\\", "\\\"", "\\n"};
    g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);

    return replace_bytes(valid, "\\\"\n", to);
}

void rs_escape_truncate(GString *text, gsize limit_bytes)
{
    gsize n_bytes = limit_bytes;

    if (text->len <= limit_bytes)
        return;
    while (n_bytes > 0 && ((guchar)text->str[n_bytes] & 0xC0) == 0x80)
        n_bytes--;
    g_string_truncate(text, n_bytes);
}
