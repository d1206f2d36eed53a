/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a benchmark name: no escape may let through what ends a line, a tag or a command. */
#include <stdint.h>
#include <string.h>

#include "report/escape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

static void no_control_characters(const char *text)
{
    g_assert_true(g_utf8_validate(text, -1, NULL));
    for (; *text; text++)
        g_assert_true((guchar)*text >= 0x20 && *text != 0x7F);
}

static void check_markdown(const char *name)
{
    g_autofree char *code = rs_escape_markdown_name(name);
    g_autofree char *prose = rs_escape_markdown(name, 400);

    no_control_characters(code);
    no_control_characters(prose);
    g_assert_true(*code == '`' || g_str_has_prefix(code, "<code>"));
    g_assert_null(strchr(code, '|'));
    g_assert_null(strpbrk(prose, "<>|`@[]*_\\"));
    g_assert_cmpint(*prose, !=, '/');
}

static void check_xml(const char *name)
{
    g_autofree char *xml = rs_escape_xml(name);

    g_assert_true(g_utf8_validate(xml, -1, NULL));
    g_assert_null(strpbrk(xml, "<>\""));
    for (const char *at = xml; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        g_assert_true(c >= 0x20 || c == '\t' || c == '\n' || c == '\r');
        g_assert_true(c != 0xFFFE && c != 0xFFFF);
    }
}

static void check_github(const char *name)
{
    g_autofree char *line = rs_escape_line(name, 400);
    g_autofree char *data = rs_escape_github_data(name);
    g_autofree char *property = rs_escape_github_property(name);
    const char *first = line + strspn(line, " \t");

    no_control_characters(line);
    g_assert_null(strstr(line, "##["));
    g_assert_false(g_str_has_prefix(first, "::"));
    g_assert_null(strpbrk(data, "\r\n"));
    g_assert_null(strpbrk(property, "\r\n:,"));
}

static void check_fence(const char *name)
{
    g_autofree char *fence = rs_escape_markdown_fence(name, 40, 8000);
    gsize n_ticks = strspn(fence, "`");
    g_autofree char *ticks = g_strndup(fence, n_ticks);
    const char *inside = fence + n_ticks;
    const char *end = strstr(inside, ticks);

    g_assert_true(n_ticks >= 3 && end && end[-1] == '\n');
    g_assert_cmpstr(end + n_ticks, ==, "\n");
}

static void check_open_metrics(const char *name)
{
    g_autofree char *label = rs_escape_openmetrics(name);

    g_assert_null(strchr(label, '\n'));
    for (const char *at = label; *at; at++) {
        g_assert_cmpint(*at, !=, '"');
        if (*at == '\\')
            g_assert_true(*++at && strchr("\\\"n", *at));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    g_autofree char *name = g_strndup((const char *)data, n_bytes);

    check_markdown(name);
    check_xml(name);
    check_github(name);
    check_fence(name);
    check_open_metrics(name);
    return 0;
}
