/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/flame_part.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "report/flame.h"
#include "report/flame_pick.h"
#include "report/html_write.h"

#define NAME_CHARS     400
#define STATIC_COLUMNS 100
#define STATIC_MIN_PCT 2

/* src/report/flame.js, ended by a NUL. Built from the top of the source. */
extern const char rs_flame_script[] __attribute__((visibility("hidden")));
__asm__(".pushsection .rodata\n"
        ".globl rs_flame_script\n"
        ".hidden rs_flame_script\n"
        "rs_flame_script:\n"
        ".incbin \"src/report/flame.js\"\n"
        ".byte 0\n"
        ".popsection\n");

/* Readers of XML and of HTML agree on what this holds. */
#define SCRIPT_START "/*<![CDATA[*/\n"
#define SCRIPT_END   "/*]]>*/\n"

const char rs_flame_style[] =
    ".flame{margin:1rem 0}\n"
    ".fbar{display:flex;flex-wrap:wrap;gap:.4rem .8rem;align-items:center;font-size:.875rem}\n"
    ".fbar input,.fbar button,.fbar select{font:inherit;color:var(--ink);background:var(--soft);"
    "border:1px solid var(--line);border-radius:.35rem;padding:.25rem .6rem;max-width:100%}\n"
    ".fbar input{min-width:11rem;flex:0 1 16rem}.fbar button:disabled{color:var(--dim)}\n"
    ".fbar :focus-visible{outline:2px solid var(--link);outline-offset:1px}\n"
    ".flegend{display:flex;flex-wrap:wrap;gap:.1rem 1rem;margin:.5rem 0;color:var(--dim);"
    "font-size:.8125rem}.flegend i{display:inline-block;width:.8rem;height:.8rem;margin-right:"
    ".35rem;border:1px solid var(--line);border-radius:.15rem;vertical-align:-.1rem}\n"
    ".fplot{max-height:70vh;overflow:auto;border:1px solid var(--line);border-radius:.35rem;"
    "background:var(--soft)}\n"
    ".fplot:focus-visible{outline:2px solid var(--link);outline-offset:1px}\n"
    ".fsheet{position:relative;overflow:hidden}\n"
    ".ff{position:absolute;height:18px;overflow:hidden;white-space:nowrap;cursor:pointer;"
    "font:11px/18px ui-monospace,'SFMono-Regular',Menlo,Consolas,monospace;text-indent:3px;"
    "border-radius:2px;contain:strict;unicode-bidi:isolate}\n"
    ".ff:hover{box-shadow:inset 0 0 0 1px var(--ink)}.fouter{opacity:.6}.fmiss{opacity:.3}\n"
    ".fhit{box-shadow:inset 0 0 0 2px var(--ink)}.factive{box-shadow:inset 0 0 0 2px var(--link)}\n"
    ".fdetail{min-height:3.1em;font-size:.8125rem;margin:.5rem 0;overflow-wrap:anywhere}\n"
    ".flame details>summary{font-size:.8125rem;color:var(--dim);padding:.3rem 0}\n"
    ".flame pre{white-space:pre;font-size:.75rem}\n";

/* A string of JSON within a script element: no tag can end it, and no reader of XML stumbles. */
static void json_string(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (const char *at = text; *at; at++)
        if (strchr("\"\\<>&", *at) || (guchar)*at < 0x20)
            g_string_append_printf(out, "\\u%04x", *at);
        else if (g_str_has_prefix(at, "\xEF\xBF\xBE") || g_str_has_prefix(at, "\xEF\xBF\xBF")) {
            g_string_append(out, "\xEF\xBF\xBD"); /* a noncharacter, which markup may not hold */
            at += 2;
        } else {
            g_string_append_c(out, *at);
        }
    g_string_append_c(out, '"');
}

/* Names and crates by the number that stands for them in the data. */
typedef struct {
    GHashTable *crates; /* char* -> number + 1 */
    GString *names, *kinds, *inlines, *crate_numbers, *crate_names;
    guint n_names;
} Table;

static void table_clear(Table *table)
{
    g_hash_table_unref(table->crates);
    g_string_free(table->names, TRUE);
    g_string_free(table->kinds, TRUE);
    g_string_free(table->inlines, TRUE);
    g_string_free(table->crate_numbers, TRUE);
    g_string_free(table->crate_names, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Table, table_clear)

static int crate_number(Table *table, const char *crate)
{
    guint n = crate ? GPOINTER_TO_UINT(g_hash_table_lookup(table->crates, crate)) : 0;
    g_autofree char *plain = NULL;

    if (!crate || !*crate || n > 0)
        return (int)n - 1;
    n = g_hash_table_size(table->crates) + 1;
    plain = rs_text_plain(crate, -1, FALSE, NAME_CHARS);
    g_hash_table_insert(table->crates, (gpointer)crate, GUINT_TO_POINTER(n));
    g_string_append(table->crate_names, n > 1 ? "," : "");
    json_string(table->crate_names, plain);
    return (int)n - 1;
}

static guint add_name(Table *table, const RsFlameNode *node)
{
    g_autofree char *name = rs_flame_node_name(node, NAME_CHARS);
    const char *comma = table->n_names ? "," : "";

    g_string_append(table->names, comma);
    json_string(table->names, name);
    g_string_append_printf(table->kinds, "%s%d", comma,
                           node->name ? (int)node->name->crate_kind : 0);
    g_string_append_printf(table->inlines, "%s%d", comma, node->name && node->name->is_inline);
    g_string_append_printf(table->crate_numbers, "%s%d", comma,
                           crate_number(table, node->name ? node->name->crate_name : NULL));
    return table->n_names++;
}

static void write_times(GString *out, const RsFlamePick *pick, const char *key, gboolean self)
{
    g_string_append_printf(out, ",\n\"%s\":[", key);
    for (guint side = 0; side < pick->n_sides; side++) {
        g_string_append(out, side ? ",\n[" : "[");
        for (guint i = 0; i < pick->nodes->len; i++) {
            const RsFlameNode *node = &g_array_index(pick->nodes, RsFlameNode, i);
            double ns = (self ? node->self_ns : node->total_ns)[side];

            g_string_append_printf(out, "%s%.0f", i ? "," : "", ns);
        }
        g_string_append_c(out, ']');
    }
    g_string_append_c(out, ']');
}

static void write_data(GString *out, const RsFlamePick *pick, const char *unit)
{
    g_auto(Table) table = {.crates = g_hash_table_new(g_str_hash, g_str_equal),
                           .names = g_string_new(NULL),
                           .kinds = g_string_new(NULL),
                           .inlines = g_string_new(NULL),
                           .crate_numbers = g_string_new(NULL),
                           .crate_names = g_string_new(NULL)};
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL); /* name -> number + 1 */
    g_autoptr(GString) parents = g_string_new("-1"), numbers = g_string_new("-1");

    for (guint i = 1; i < pick->nodes->len; i++) {
        const RsFlameNode *node = &g_array_index(pick->nodes, RsFlameNode, i);
        guint number = GPOINTER_TO_UINT(g_hash_table_lookup(seen, node->name));

        if (number == 0) {
            number = add_name(&table, node) + 1;
            g_hash_table_insert(seen, (gpointer)node->name, GUINT_TO_POINTER(number));
        }
        g_string_append_printf(parents, ",%d", node->parent);
        g_string_append_printf(numbers, ",%u", number - 1);
    }
    g_string_append(out, "{\"unit\":");
    json_string(out, unit ? unit : "");
    g_string_append_printf(
        out, ",\n\"names\":[%s],\n\"crates\":[%s],\n\"crate\":[%s],\n\"kind\":[%s]",
        table.names->str, table.crate_names->str, table.crate_numbers->str, table.kinds->str);
    g_string_append_printf(out, ",\n\"inline\":[%s],\n\"parent\":[%s],\n\"name\":[%s]",
                           table.inlines->str, parents->str, numbers->str);
    write_times(out, pick, "total", FALSE);
    write_times(out, pick, "self", TRUE);
    g_string_append_c(out, '}');
}

void rs_flame_part(GString *out, const RsCallTree *tree, const char *id, const char *unit)
{
    g_auto(RsFlamePick) pick = {0};
    g_autoptr(GString) plain = rs_flame_text(tree, STATIC_COLUMNS, FALSE, STATIC_MIN_PCT);

    rs_flame_pick(&pick, tree, 0, RS_FLAME_MAX_NODES);
    g_string_append_printf(out, "<div class=\"flame\" id=\"%s\">", id);
    g_string_append(out, "<details open=\"open\"><summary>The same as text</summary>"
                         "<pre tabindex=\"0\">");
    rs_html_tail(out, plain->str, plain->len);
    g_string_append(out, "</pre></details>");
    if (pick.n_left_out > 0 && pick.least_frac > 0) {
        g_string_append(out, "<p class=\"note\">");
        rs_html_count(out, pick.n_left_out, "call");
        g_string_append(out, " of ");
        rs_html_number(out, 100 * pick.least_frac, 4);
        g_string_append(out, " % of the time or less left out of the picture.</p>");
    }
    g_string_append(out, "<script type=\"application/json\">");
    write_data(out, &pick, unit);
    g_string_append(out, "</script></div>\n");
}

void rs_flame_script_element(GString *out)
{
    g_string_append_printf(out, "<script>%s%s%s</script>\n", SCRIPT_START, rs_flame_script,
                           SCRIPT_END);
}

char *rs_flame_script_hash(void)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 digest[32];
    gsize n_bytes = sizeof digest;
    g_autofree char *base64 = NULL;

    g_checksum_update(checksum, (const guchar *)SCRIPT_START, -1);
    g_checksum_update(checksum, (const guchar *)rs_flame_script, -1);
    g_checksum_update(checksum, (const guchar *)SCRIPT_END, -1);
    g_checksum_get_digest(checksum, digest, &n_bytes);
    base64 = g_base64_encode(digest, n_bytes);
    return g_strdup_printf("'sha256-%s'", base64);
}
