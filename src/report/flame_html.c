/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/flame.h"
#include "report/flame_part.h"
#include "report/html_style.h"
#include "report/html_write.h"

GString *rs_flame_html(const RsCallTree *tree, const char *title, const char *const *facts)
{
    g_autofree char *hash = rs_flame_script_hash();
    GString *out = g_string_new(NULL);

    g_string_append_printf(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'unsafe-inline'; script-src %s; base-uri 'none'; form-action 'none'\"/>\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
        "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
        "<meta name=\"referrer\" content=\"no-referrer\"/>\n<title>",
        hash);
    rs_html_text(out, title, RS_HTML_NAME_CHARS);
    g_string_append_printf(out,
                           "</title>\n<style>\n%s%sbody{max-width:none}</style>\n</head>\n"
                           "<body id=\"top\">\n<header class=\"calm\"><p class=\"tool\">rustscope"
                           "</p><h1>",
                           rs_html_style, rs_flame_style);
    rs_html_text(out, title, RS_HTML_NAME_CHARS);
    g_string_append(out, "</h1>\n");
    for (; facts && *facts; facts++) {
        g_string_append(out, "<p class=\"revs\">");
        rs_html_text(out, *facts, RS_HTML_SENTENCE_CHARS);
        g_string_append(out, "</p>\n");
    }
    g_string_append(out, "</header>\n<main>\n");
    rs_flame_part(out, tree, "flame", NULL);
    g_string_append(out, "</main>\n");
    rs_flame_script_element(out);
    g_string_append(out, "</body>\n</html>\n");
    return out;
}
