/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flame graphs and the list of functions: the data that a page holds, what a browser makes of it,
 * and what a terminal shows. */
#include <glib/gstdio.h>
#include <jansson.h>

#include "report/columns.h"
#include "report/flame.h"
#include "report/flame_part.h"
#include "test_report_blames.h"
#include "test_report_verdicts.h"
#include "tests/unit/run.h"

#define SKIP_WS "json::lexer::skip_ws"

/* What stands between two marks, the first time. */
static char *between(const char *text, const char *from, const char *to)
{
    const char *start = strstr(text, from), *end;

    ck_assert_msg(start != NULL, "no %s", from);
    start += strlen(from);
    end = strstr(start, to);
    ck_assert_msg(end != NULL, "no %s after %s", to, from);
    return g_strndup(start, (gsize)(end - start));
}

static json_t *page_data(const char *page)
{
    g_autofree char *text = between(page, "<script type=\"application/json\">", "</script>");
    json_error_t error;
    json_t *data = json_loads(text, JSON_REJECT_DUPLICATES, &error);

    ck_assert_msg(data != NULL, "%s at %d", error.text, error.position);
    ck_assert_ptr_null(strpbrk(text, "<>&"));
    return data;
}

static double number(json_t *data, const char *key, guint side, guint i)
{
    return json_number_value(json_array_get(json_array_get(json_object_get(data, key), side), i));
}

static gsize n_in(json_t *data, const char *key)
{
    return json_array_size(json_object_get(data, key));
}

static void is_markup(const char *page)
{
    static const GMarkupParser ignore = {0};
    g_autoptr(GMarkupParseContext) context = g_markup_parse_context_new(&ignore, 0, NULL, NULL);
    g_autoptr(GError) error = NULL;

    ck_assert_msg(g_markup_parse_context_parse(context, page, -1, &error) &&
                      g_markup_parse_context_end_parse(context, &error),
                  "%s", error ? error->message : "");
}

START_TEST(a_page_holds_the_tree_it_draws)
{
    g_autoptr(RsCallTree) tree = blame_tree(2, SKIP_WS);
    g_autoptr(GString) page = rs_flame_html(tree, "parse_large", NULL);
    json_auto_t *data = page_data(page->str);

    is_markup(page->str);
    ck_assert_uint_eq(n_in(data, "parent"), tree->nodes->len);
    ck_assert_uint_eq(n_in(data, "name"), tree->nodes->len);
    ck_assert_uint_eq(n_in(data, "names"), tree->names->len);
    ck_assert_uint_eq(n_in(data, "total"), 2);
    ck_assert_double_eq(number(data, "total", 1, 4), 12.2e6);
    ck_assert_double_eq(number(data, "self", 0, 4), 3.1e6);
    ck_assert_int_eq(json_integer_value(json_array_get(json_object_get(data, "parent"), 4)), 3);
    /* Without a script the tree is there as text. */
    assert_has(page->str, "json::lexer::skip_ws");
    assert_has(page->str, "  39.9 %   32.9 %");
}
END_TEST

START_TEST(only_the_script_that_the_policy_names_may_run)
{
    g_autoptr(RsCallTree) tree = blame_tree(1, SKIP_WS);
    g_autoptr(GString) page = rs_flame_html(tree, "title", NULL);
    g_autofree char *script = between(page->str, "<script>", "</script>");
    g_autofree char *named = between(page->str, "script-src 'sha256-", "'");
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 digest[32];
    gsize n_bytes = sizeof digest;
    g_autofree char *base64 = NULL;

    g_checksum_update(checksum, (const guchar *)script, -1);
    g_checksum_get_digest(checksum, digest, &n_bytes);
    base64 = g_base64_encode(digest, n_bytes);
    ck_assert_str_eq(named, base64);
    assert_has(page->str, "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-");
    ck_assert_ptr_null(strstr(page->str, "://"));
    ck_assert_ptr_null(strstr(script, "innerHTML"));
    ck_assert_ptr_null(strstr(strstr(page->str, "<script>") + 1, "<script>"));
}
END_TEST

static RsCallTree *wide_tree(guint n_nodes)
{
    RsCallTree *tree = rs_call_tree_new(1);

    for (guint i = 0; i < n_nodes; i++) {
        g_autofree char *name = g_strdup_printf("function_%u", i);

        add_node(tree, 0, name, "own", RS_CRATE_OWN, 1 + i, 0);
    }
    return tree;
}

START_TEST(a_large_tree_loses_its_smallest_calls_and_says_so)
{
    g_autoptr(RsCallTree) tree = wide_tree(RS_FLAME_MAX_NODES + 500);
    g_autoptr(GString) page = rs_flame_html(tree, "wide", NULL);
    json_auto_t *data = page_data(page->str);

    ck_assert_uint_eq(n_in(data, "parent"), RS_FLAME_MAX_NODES);
    assert_has(page->str, "501 calls of ");
    ck_assert_ptr_nonnull(strstr(page->str, "\"function_10499\""));
    ck_assert_ptr_null(strstr(page->str, "\"function_0\""));
}
END_TEST

/* As a damaged file may hold it. */
START_TEST(impossible_trees_are_drawn_without_what_is_impossible)
{
    g_autoptr(RsCallTree) tree = blame_tree(2, SKIP_WS);
    RsCallTreeNode *nodes = (RsCallTreeNode *)(gpointer)tree->nodes->data;
    g_autoptr(GString) page = NULL, text = NULL;
    json_t *data;

    nodes[2].self_ns[0] = NAN;
    nodes[2].self_ns[1] = -5;
    nodes[3].total_ns[1] = INFINITY;
    nodes[5].parent = 7;
    nodes[6].name = 4000;
    nodes[8].parent = -1;
    page = rs_flame_html(tree, "odd", NULL);
    text = rs_flame_text(tree, 0, FALSE, 0);
    data = page_data(page->str);
    ck_assert_uint_eq(n_in(data, "parent"), tree->nodes->len - 2);
    ck_assert_double_eq(number(data, "self", 0, 2), 0);
    ck_assert_double_eq(number(data, "self", 1, 2), 0);
    assert_has(text->str, "[no name]");
    ck_assert_ptr_null(strstr(text->str, "nan"));
    json_decref(data);
}
END_TEST

START_TEST(an_empty_tree_is_a_page_too)
{
    g_autoptr(RsCallTree) tree = rs_call_tree_new(1);
    g_autoptr(GString) page = rs_flame_html(tree, "", NULL);
    g_autoptr(GString) text = rs_flame_text(tree, 80, FALSE, 0.5);

    is_markup(page->str);
    assert_has(text->str, "   0.0 %    0.0 %");
}
END_TEST

/* ---- in a browser ---- */

/* The page that a driver in a frame around it sees, after the driver's steps. They write what they
 * see into its own text, which is returned. NULL: there is no browser. */
static char *drive(const char *page, const char *hash, const char *steps)
{
    g_autofree char *browser = g_find_program_in_path("chromium");
    g_autofree char *folder = g_dir_make_tmp("rustscope-flame-XXXXXX", NULL);
    g_autofree char *page_path = g_build_filename(folder, "page.html", NULL);
    g_autofree char *driver_path = g_build_filename(folder, "driver.html", NULL);
    g_autofree char *profile = g_strconcat("--user-data-dir=", folder, "/profile", NULL);
    g_autofree char *address = g_strconcat("file://", driver_path, NULL);
    g_autofree char *driver = g_strdup_printf(
        "<!DOCTYPE html><iframe src='page.html#%s' style='width:1000px;height:700px'></iframe>"
        "<pre></pre><script>const said = [], say = (word) => said.push(word);"
        "const inside = document.querySelector('iframe');"
        "function steps(page) {"
        "const frame = (name) => [...page.querySelectorAll('.ff')].find((one) => "
        "one.textContent.startsWith(name)), text = (part) => page.querySelector(part).textContent;"
        "const plot = page.querySelector('.fplot'), key = (name) => plot.dispatchEvent(new "
        "KeyboardEvent('keydown', {key: name, bubbles: true, cancelable: true})); %s }"
        "inside.onload = () => setTimeout(() => {"
        "try { steps(inside.contentDocument); } catch (error) { say(String(error)); }"
        "document.querySelector('pre').textContent = '[' + said.join('|') + ']'; }, 300);</script>",
        hash, steps);
    const char *const argv[] = {browser,
                                "--headless",
                                "--no-sandbox",
                                "--disable-gpu",
                                "--allow-file-access-from-files",
                                "--virtual-time-budget=5000",
                                profile,
                                "--dump-dom",
                                address,
                                NULL};
    const char *const remove[] = {"rm", "-rf", folder, NULL};
    g_autofree char *dom = NULL, *complaints = NULL;
    g_autoptr(GError) error = NULL;

    if (!browser) {
        g_rmdir(folder);
        printf("SKIP: there is no chromium\n");
        return NULL;
    }
    ck_assert(g_file_set_contents(page_path, page, -1, NULL));
    ck_assert(g_file_set_contents(driver_path, driver, -1, NULL));
    ck_assert_msg(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &dom,
                               &complaints, NULL, &error),
                  "%s", error ? error->message : "");
    g_spawn_sync(NULL, (char **)remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                 NULL);
    return between(dom, "<pre>[", "]</pre>");
}

START_TEST(a_click_zooms_and_keys_move)
{
    g_autoptr(RsCallTree) tree = blame_tree(2, SKIP_WS);
    g_autoptr(GString) page = rs_flame_html(tree, "page", NULL);
    g_autofree char *seen =
        drive(page->str, "",
              "const flame = page.querySelector('.flame'), zoom = () => flame.dataset.zoom;"
              "say(flame.dataset.drawn); frame('json::lexer').click(); say(zoom());"
              "say(text('.fdetail').split(' ')[0]); say(page.defaultView.location.hash);"
              "key('ArrowUp'); say(text('.fdetail').split(' ')[0]); key('Enter'); say(zoom());"
              "key('Escape'); say(zoom()); key('ArrowDown'); key('ArrowDown'); key('ArrowDown');"
              "key('ArrowRight'); say(text('.fdetail').split(' ')[0]);"
              "page.querySelector('button').disabled && say('all shown');"
              "say(page.querySelector('details').open);");

    if (seen)
        ck_assert_str_eq(seen, "9|4|json::lexer::skip_ws|#zoom=4|json::parser::value|3|0|"
                               "json::output::write|all shown|false");
}
END_TEST

START_TEST(an_address_zooms_and_searches)
{
    g_autoptr(RsCallTree) tree = blame_tree(2, SKIP_WS);
    g_autoptr(GString) page = rs_flame_html(tree, "page", NULL);
    g_autofree char *seen =
        drive(page->str, "zoom=3&search=JSON%3A%3Alexer",
              "say(page.querySelector('.flame').dataset.zoom); say(text('.ffound'));"
              "say(page.querySelectorAll('.fhit').length);"
              "say(page.querySelector('input').value);");

    if (seen)
        ck_assert_str_eq(seen, "3|1 function, 23.7 % → 39.9 % of the time|1|JSON::lexer");
}
END_TEST

START_TEST(width_and_colour_follow_their_switches)
{
    g_autoptr(RsCallTree) tree = blame_tree(2, SKIP_WS);
    g_autoptr(GString) page = rs_flame_html(tree, "page", NULL);
    g_autofree char *seen = drive(
        page->str, "",
        "const [color, width] = page.querySelectorAll('select');"
        "const choose = (select, value) => { select.value = value; "
        "select.dispatchEvent(new Event('change')); };"
        "const wide = () => Math.round(100 * parseFloat(frame('json::lexer').style.width) / "
        "parseFloat(frame('all').style.width)), red = () => "
        "frame('json::lexer').style.background.replace(/[^0-9,]/g, '').split(',').map(Number);"
        "say(wide()); choose(width, 'baseline'); say(wide());"
        "say(Boolean(frame('old::gone'))); const [r, g, b] = red(); say(r > 2 * g && r > 2 * b);"
        "choose(color, 'crate'); const [x, y, z] = red(); say(x > 2 * y && x > 2 * z);"
        "say(text('.flegend').includes('json'));");

    if (seen)
        ck_assert_str_eq(seen, "40|24|true|true|false|true");
}
END_TEST

START_TEST(hostile_names_run_nothing_and_stay_text)
{
    static const char hostile[] = "</script><script>parent.document.title='run'</script>"
                                  "<img src=x onerror=\"document.title='run'\">]]>&lt;\"'\\";
    g_autoptr(RsCallTree) tree = blame_tree(1, hostile);
    g_autoptr(GString) page = NULL;
    const char *facts[] = {hostile, NULL};
    g_autofree char *seen = NULL;

    add_node(tree, 1, "\xe2\x80\xae\x1b[31m\xff\xef\xbf\xbe\n", hostile, RS_CRATE_OWN, 9, 0);
    page = rs_flame_html(tree, hostile, facts);
    ck_assert(g_utf8_validate(page->str, -1, NULL));
    is_markup(page->str);
    for (const char *at = page->str; *at; at++)
        ck_assert((guchar)*at >= 0x20 || *at == '\n' || *at == '\t');
    ck_assert_ptr_null(strstr(page->str, "\xe2\x80\xae"));
    seen = drive(
        page->str, "",
        "say(page.querySelectorAll('img').length); say(frame('<' + '/script>') !== undefined);"
        "say(page.querySelectorAll('script').length); say(page.title === 'run');");
    if (seen)
        ck_assert_str_eq(seen, "0|true|2|false");
}
END_TEST

START_TEST(recursion_thousands_of_calls_deep_is_drawn)
{
    g_autoptr(RsCallTree) tree = rs_call_tree_new(1);
    gint32 at = 0, called = rs_call_tree_add_name(tree, "walk", "own", RS_CRATE_OWN, FALSE);
    g_autoptr(GString) page = NULL, text = NULL;
    g_autofree char *seen = NULL;

    for (guint i = 0; i < 5000; i++)
        at = rs_call_tree_add_node(tree, at, called);
    for (guint i = 0; i < tree->nodes->len; i++)
        g_array_index(tree->nodes, RsCallTreeNode, i).total_ns[0] = 1e9;
    g_array_index(tree->nodes, RsCallTreeNode, at).self_ns[0] = 1e9;
    page = rs_flame_html(tree, "deep", NULL);
    text = rs_flame_text(tree, 80, FALSE, 0.5);
    assert_has(text->str, " walk (×5000)\n");
    seen = drive(page->str, "zoom=4000",
                 "say(page.querySelector('.flame').dataset.drawn); say(plot.scrollTop > 40000);");
    if (seen)
        ck_assert_str_eq(seen, "5001|true");
}
END_TEST

START_TEST(a_report_draws_the_graph_of_each_blamed_benchmark)
{
    g_autoptr(RsVerdict) verdict = failed_verdict();
    g_autofree char *page = NULL, *seen = NULL;

    add_blame(verdict, "parse_large", SKIP_WS);
    add_blame(verdict, "index_build", "index::push");
    page = render("html", verdict, NULL);
    is_markup(page);
    seen = drive(page, "graph=b2f&search=push&zoom=4",
                 "const both = page.querySelectorAll('.flame');"
                 "say(both.length); say(both[0].id + ' ' + both[0].dataset.drawn);"
                 "say(both[1].id + ' ' + both[1].dataset.zoom);"
                 "say(both[1].closest('.bench').open); say(both[1].dataset.drawn);"
                 "say(both[1].querySelector('.ffound').textContent);");
    if (seen)
        ck_assert_str_eq(seen, "2|b1f 9|b2f 4|true|6|1 function, 23.7 % → 39.9 % of the time");
}
END_TEST

/* ---- on a terminal ---- */

START_TEST(lines_fit_and_callers_stand_above_what_they_call)
{
    g_autoptr(RsCallTree) tree = blame_tree(1, SKIP_WS);
    static const guint widths[] = {50, 80, 140};

    for (guint i = 0; i < G_N_ELEMENTS(widths); i++) {
        g_autoptr(GString) text = rs_flame_text(tree, widths[i], FALSE, 0.5);
        const char *main_line = strstr(text->str, "app::main");
        const char *parse_line = strstr(text->str, "json::parser");
        const char *lexer_line = strstr(text->str, "json::lexer");
        g_auto(GStrv) lines = g_strsplit(text->str, "\n", -1);

        ck_assert(main_line && main_line < parse_line && parse_line < lexer_line);
        for (guint k = 0; lines[k]; k++)
            ck_assert_uint_le(rs_columns_of(lines[k]), MAX(widths[i], 61));
    }
}
END_TEST

START_TEST(small_calls_are_left_out_and_counted)
{
    g_autoptr(RsCallTree) tree = blame_tree(1, SKIP_WS);
    g_autoptr(GString) text = rs_flame_text(tree, 100, FALSE, 5);

    ck_assert_ptr_null(strstr(text->str, "old::gone"));
    ck_assert_ptr_null(strstr(text->str, "Vec<T,A>"));
    ck_assert_ptr_nonnull(strstr(text->str, "json::output"));
    assert_has(text->str, "3 calls of 5 % or less not shown\n");
}
END_TEST

START_TEST(a_difference_shows_the_change_and_colour_is_asked_for)
{
    g_autoptr(RsCallTree) tree = blame_tree(2, SKIP_WS);
    g_autoptr(GString) text = rs_flame_text(tree, 100, FALSE, 0.5);
    g_autoptr(GString) color = rs_flame_text(tree, 100, TRUE, 0.5);

    assert_has(text->str, "  39.9 %   32.9 %    +7.050 ms  ████████ ");
    assert_has(text->str, "−800.0 µs");
    ck_assert_ptr_null(strchr(text->str, '\033'));
    assert_has(color->str, "\033[31m████████ ");
    assert_has(color->str, "\033[34m");
}
END_TEST

START_TEST(hostile_names_move_no_cursor)
{
    g_autoptr(RsCallTree) tree = blame_tree(1, "a\x1b[2J\nb\r\xe2\x80\xae\xff");
    g_autoptr(GString) text = rs_flame_text(tree, 100, FALSE, 0.5);

    ck_assert(g_utf8_validate(text->str, -1, NULL));
    for (const char *at = text->str; *at; at++)
        ck_assert((guchar)*at >= 0x20 || *at == '\n');
    ck_assert_ptr_null(strstr(text->str, "\xe2\x80\xae"));
}
END_TEST

/* ---- the list ---- */

static RsFunction *add_function(RsSession *session, const char *name, const char *crate,
                                gint64 self_ms, gint64 total_ms)
{
    RsFunction *function = rs_function_new(name);

    function->crate_name = g_strdup(crate);
    function->self_ns = self_ms * 1000000;
    function->total_ns = total_ms * 1000000;
    function->n_samples = self_ms;
    g_ptr_array_add(session->profile->functions, function);
    return function;
}

static RsSession *listed_session(void)
{
    RsSession *session = rs_session_new();
    RsDiagnostics *diagnostics;
    RsProfileSample sample = {.weight_ns = 1000000000};

    session->profile = rs_profile_new();
    diagnostics = &session->profile->diagnostics;
    g_array_append_val(session->profile->samples, sample);
    add_function(session, "app::main", "app", 20, 970);
    add_function(session, SKIP_WS, "json", 700, 710);
    add_function(session, "memcpy", NULL, 250, 250);
    add_function(session, "never::run", "json", 0, 0)->n_samples = 0;
    diagnostics->n_by_source[RS_SYMBOL_SYMTAB] = 900;
    diagnostics->n_by_source[RS_SYMBOL_DWARF] = 60;
    diagnostics->n_by_source[RS_SYMBOL_UNWIND] = 10;
    diagnostics->n_unnamed[RS_UNNAMED_NO_FILE] = 30;
    return session;
}

START_TEST(the_list_has_most_own_time_first_and_the_named_share)
{
    g_autoptr(RsSession) session = listed_session();
    g_autoptr(GString) text = rs_top_text(session, 20, FALSE);

    assert_has(text->str, "    self    total   samples             crate  function\n"
                          "  70.0 %   71.0 %       700  ███████    json   json::lexer::skip_ws\n"
                          "  25.0 %   25.0 %       250  ██▌        –      memcpy\n"
                          "   2.0 %   97.0 %        20  ▎          app    app::main\n");
    assert_has(text->str, "96.0 % of 1000 samples have a name (symtab 90.0 %, dwarf 6.0 %); "
                          "without: no file 3.0 %, stripped 1.0 %.\n");
    ck_assert_ptr_null(strstr(text->str, "never::run"));
    ck_assert_ptr_null(strchr(text->str, '\033'));
}
END_TEST

START_TEST(the_list_is_as_long_as_asked_for)
{
    g_autoptr(RsSession) session = listed_session();
    g_autoptr(RsSession) empty = rs_session_new();
    g_autoptr(GString) text = rs_top_text(session, 1, TRUE);
    g_autoptr(GString) nothing = rs_top_text(empty, 10, FALSE);

    ck_assert_ptr_null(strstr(text->str, "memcpy"));
    assert_has(text->str, "… and 2 more functions\n");
    ck_assert_str_eq(nothing->str, "");
}
END_TEST

static Suite *flame_suite(void)
{
    Suite *suite = suite_create("report/flame");
    TCase *pages = tcase_create("pages"), *browser = tcase_create("browser");
    TCase *terminal = tcase_create("terminal");

    tcase_set_timeout(pages, 60);
    tcase_set_timeout(browser, 180);
    tcase_add_test(pages, a_page_holds_the_tree_it_draws);
    tcase_add_test(pages, only_the_script_that_the_policy_names_may_run);
    tcase_add_test(pages, a_large_tree_loses_its_smallest_calls_and_says_so);
    tcase_add_test(pages, impossible_trees_are_drawn_without_what_is_impossible);
    tcase_add_test(pages, an_empty_tree_is_a_page_too);
    tcase_add_test(browser, a_click_zooms_and_keys_move);
    tcase_add_test(browser, an_address_zooms_and_searches);
    tcase_add_test(browser, width_and_colour_follow_their_switches);
    tcase_add_test(browser, hostile_names_run_nothing_and_stay_text);
    tcase_add_test(browser, recursion_thousands_of_calls_deep_is_drawn);
    tcase_add_test(browser, a_report_draws_the_graph_of_each_blamed_benchmark);
    tcase_add_test(terminal, lines_fit_and_callers_stand_above_what_they_call);
    tcase_add_test(terminal, small_calls_are_left_out_and_counted);
    tcase_add_test(terminal, a_difference_shows_the_change_and_colour_is_asked_for);
    tcase_add_test(terminal, hostile_names_move_no_cursor);
    tcase_add_test(terminal, the_list_has_most_own_time_first_and_the_named_share);
    tcase_add_test(terminal, the_list_is_as_long_as_asked_for);
    suite_add_tcase(suite, pages);
    suite_add_tcase(suite, browser);
    suite_add_tcase(suite, terminal);
    return suite;
}

int main(void)
{
    return run_suite(flame_suite());
}
