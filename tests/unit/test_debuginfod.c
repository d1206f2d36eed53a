/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Debug files over the network: from a real debuginfod, from servers that do not answer, answer
 * "none" or give another file; and that nothing is asked where it was not allowed. */
#include "symbol/debuginfod.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "symbol/symbol_table.h"
#include "symbol/symbolizer.h"
#include "tests/unit/symbol_fixtures.h"

#define SERVER_LIMIT_S 60

/* libdebuginfod writes its settings with dprintf, whose buffer the C library of Debian 12 keeps. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:_IO_file_doallocate";
}

static int listener = -1;
static guint16 port;
static char *url, *build_id;
static pid_t server;
static _Atomic guint *n_requests; /* shared with the server */

static int listen_on_loopback(guint16 *at_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_eq(bind(fd, (struct sockaddr *)(void *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(fd, 16), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)(void *)&address, &n), 0);
    *at_port = ntohs(address.sin_port);
    return fd;
}

static void begin(void)
{
    g_autofree char *cache = NULL;
    g_autoptr(RsElf) elf = NULL;

    set_up();
    cache = in_folder("cache");
    g_setenv("DEBUGINFOD_CACHE_PATH", cache, TRUE);
    g_unsetenv("DEBUGINFOD_URLS");
    g_unsetenv("http_proxy");
    g_setenv("no_proxy", "*", TRUE);
    listener = listen_on_loopback(&port);
    url = g_strdup_printf("http://127.0.0.1:%u", port);
    n_requests =
        mmap(NULL, sizeof *n_requests, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(n_requests != MAP_FAILED);
    write_file("app.c", "int twice(int a) { return 2 * a; }\n"
                        "int main(int n, char **v) { (void)v; return twice(n); }\n");
    run("mkdir bin files && gcc -g -O1 -o files/whole app.c && strip -o bin/app files/whole");
    elf = open_elf("bin/app");
    build_id = g_strdup(rs_elf_build_id(elf));
}

static void end(void)
{
    if (server > 0) {
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
    }
    server = 0;
    close(listener);
    munmap((void *)n_requests, sizeof *n_requests);
    g_free(url);
    g_free(build_id);
    tear_down();
}

static gboolean was_connected_to(void)
{
    struct pollfd poll_fd = {.fd = listener, .events = POLLIN};

    return poll(&poll_fd, 1, 100) == 1;
}

/* Answers every request in a process of its own: status, and the content of a file (may be NULL).
 */
static void serve(const char *status, const char *name)
{
    g_autofree char *content = NULL, *path = name ? in_folder(name) : NULL;
    gsize n_bytes = 0;

    if (path)
        ck_assert(g_file_get_contents(path, &content, &n_bytes, NULL));
    server = fork();
    ck_assert_int_ge(server, 0);
    if (server)
        return;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        char request[4096];
        g_autofree char *head = g_strdup_printf(
            "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", status, n_bytes);

        if (fd < 0)
            _exit(0);
        if (read(fd, request, sizeof request) > 0)
            atomic_fetch_add(n_requests, 1);
        if (write(fd, head, strlen(head)) < 0 || (content && write(fd, content, n_bytes) < 0))
            _exit(1);
        shutdown(fd, SHUT_WR);
        while (read(fd, request, sizeof request) > 0)
            ;
        close(fd);
    }
}

/* --- the real server --- */

/* Status of a GET; 0: nobody answers. */
static int get(guint16 at_port, const char *what)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(at_port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    g_autofree char *request = g_strdup_printf("GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", what);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), status = 0;
    char answer[64] = "";

    if (connect(fd, (struct sockaddr *)(void *)&address, sizeof address) == 0 &&
        write(fd, request, strlen(request)) > 0 && read(fd, answer, sizeof answer - 1) > 0)
        sscanf(answer, "HTTP/%*s %d", &status);
    close(fd);
    return status;
}

/* Starts debuginfod over the folder "files" and waits until it has the file. FALSE: another took
 * the port between our asking for a free one and its start. */
static gboolean start_debuginfod(char **at_url)
{
    g_autofree char *files = in_folder("files"), *log = in_folder("log"), *what = NULL;
    g_autofree char *port_text = NULL;
    gint64 until_ns = rs_monotonic_ns() + SERVER_LIMIT_S * RS_NS_PER_S;
    guint16 at_port;

    close(listen_on_loopback(&at_port));
    port_text = g_strdup_printf("%u", at_port);
    what = g_strdup_printf("/buildid/%s/debuginfo", build_id);
    server = fork();
    if (server == 0) {
        int fd = open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
        execlp("debuginfod", "debuginfod", "-p", port_text, "-d", ":memory:", "-F", "-c", "1",
               files, NULL);
        _exit(127);
    }
    while (rs_monotonic_ns() < until_ns && waitpid(server, NULL, WNOHANG) == 0) {
        if (get(at_port, what) == 200) {
            *at_url = g_strdup_printf("http://127.0.0.1:%u", at_port);
            return TRUE;
        }
        g_usleep(100000);
    }
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    server = 0;
    return FALSE;
}

static gboolean has_debuginfod(void)
{
    g_autofree char *program = g_find_program_in_path("debuginfod");

    if (!program)
        printf("SKIP: there is no debuginfod\n");
    return program != NULL;
}

START_TEST(a_real_server_gives_the_debug_file_and_its_names)
{
    g_autofree char *at_url = NULL, *path = in_folder("bin/app"), *debug_path = NULL;
    char *nowhere[] = {folder, NULL};
    RsSymbolOptions options = {.use_debuginfod = TRUE, .debug_folders = nowhere};
    g_autoptr(RsDebuginfod) debuginfod = NULL;
    g_autoptr(RsElf) elf = NULL;
    g_autoptr(RsSymbolTable) table = NULL;
    g_autoptr(RsSymbolizer) symbolizer = NULL;
    RsSymbolModule *module;
    RsSymbol symbols[8];
    RsUnnamed why;
    guint64 start;
    guint n;

    if (!has_debuginfod())
        return;
    for (guint i = 0; i < 3 && !at_url; i++)
        start_debuginfod(&at_url);
    ck_assert_msg(at_url != NULL, "debuginfod does not serve the file");
    debuginfod = rs_debuginfod_new(at_url, 20);
    elf = rs_debuginfod_find(debuginfod, build_id, &debug_path);
    ck_assert(elf != NULL);
    table = rs_symbol_table_new(elf, SHT_SYMTAB);
    ck_assert(rs_symbol_table_find_name(table, "twice", &start));
    options.debuginfod_urls = at_url;
    symbolizer = rs_symbolizer_new(&options);
    module = rs_symbolizer_add(
        symbolizer, &(RsSymbolModuleInfo){.kind = RS_MODULE_FILE, .path = path, .n_bytes = -1});
    n = rs_symbol_module_lookup(module, start, symbols, G_N_ELEMENTS(symbols), &why);
    ck_assert_uint_ge(n, 1);
    ck_assert_str_eq(symbols[n - 1].name, "twice");
    ck_assert_int_eq(symbols[n - 1].source, RS_SYMBOL_DEBUGINFOD);
    ck_assert(g_str_has_suffix(symbols[n - 1].file, "/app.c"));
    ck_assert_int_eq(symbols[n - 1].line, 1);
}
END_TEST

/* --- whether it is asked --- */

static void name_everything(gboolean use_debuginfod)
{
    char *nowhere[] = {folder, NULL};
    RsSymbolOptions options = {
        .use_debuginfod = use_debuginfod, .debug_folders = nowhere, .debuginfod_timeout_s = 1};
    g_autoptr(RsSymbolizer) symbolizer = rs_symbolizer_new(&options);
    g_autofree char *path = in_folder("bin/app"), *sources = NULL;
    RsSymbolModule *module = rs_symbolizer_add(
        symbolizer, &(RsSymbolModuleInfo){.kind = RS_MODULE_FILE, .path = path, .n_bytes = -1});
    RsSymbol symbols[8];
    RsUnnamed why;
    guint64 start;

    rs_symbol_module_set_main(module);
    for (guint64 address = 0; address < 0x3000; address += 16) {
        rs_symbol_module_lookup(module, address, symbols, G_N_ELEMENTS(symbols), &why);
        rs_symbol_module_name(module, address, &start);
    }
    sources = rs_symbol_module_sources(module);
    ck_assert(*sources);
}

START_TEST(without_the_option_nobody_is_asked_whatever_the_environment_says)
{
    g_setenv("DEBUGINFOD_URLS", url, TRUE);
    name_everything(FALSE);
    ck_assert(!was_connected_to());
    name_everything(TRUE); /* the same would be seen */
    ck_assert(was_connected_to());
}
END_TEST

START_TEST(without_a_server_nobody_is_asked)
{
    g_autoptr(RsDebuginfod) debuginfod = rs_debuginfod_new(NULL, 1);
    g_autofree char *path = NULL;

    ck_assert(rs_debuginfod_find(debuginfod, build_id, &path) == NULL);
    g_setenv("DEBUGINFOD_URLS", "", TRUE);
    ck_assert(rs_debuginfod_find(debuginfod, build_id, &path) == NULL);
    ck_assert(rs_debuginfod_failure(debuginfod) == NULL);
}
END_TEST

START_TEST(the_environment_is_as_before)
{
    g_autoptr(RsDebuginfod) debuginfod = rs_debuginfod_new(url, 1);
    g_autofree char *path = NULL;

    serve("404 Not Found", NULL);
    g_setenv("DEBUGINFOD_URLS", "http://127.0.0.1:1/", TRUE);
    g_setenv("DEBUGINFOD_TIMEOUT", "77", TRUE);
    g_unsetenv("DEBUGINFOD_MAXTIME");
    ck_assert(rs_debuginfod_find(debuginfod, build_id, &path) == NULL);
    ck_assert_uint_ge(atomic_load(n_requests), 1);
    ck_assert_str_eq(g_getenv("DEBUGINFOD_URLS"), "http://127.0.0.1:1/");
    ck_assert_str_eq(g_getenv("DEBUGINFOD_TIMEOUT"), "77");
    ck_assert(g_getenv("DEBUGINFOD_MAXTIME") == NULL);
}
END_TEST

/* --- servers of all kinds --- */

START_TEST(an_answer_that_there_is_none_is_kept)
{
    g_autoptr(RsDebuginfod) debuginfod = rs_debuginfod_new(url, 5);
    g_autofree char *path = NULL;
    guint n;

    serve("404 Not Found", NULL);
    ck_assert(rs_debuginfod_find(debuginfod, build_id, &path) == NULL);
    n = atomic_load(n_requests);
    ck_assert_uint_ge(n, 1);
    run("rm -rf cache"); /* what the library itself remembers */
    for (guint i = 0; i < 3; i++)
        ck_assert(rs_debuginfod_find(debuginfod, build_id, &path) == NULL);
    ck_assert_uint_eq(atomic_load(n_requests), n);
    ck_assert(rs_debuginfod_failure(debuginfod) == NULL);
}
END_TEST

START_TEST(another_file_than_was_asked_for_is_refused)
{
    g_autoptr(RsDebuginfod) debuginfod = rs_debuginfod_new(url, 5);
    g_autofree char *path = NULL, *other_id = g_strdup(build_id);
    g_autoptr(RsElf) elf = NULL;

    other_id[0] = other_id[0] == 'a' ? 'b' : 'a';
    serve("200 OK", "files/whole");
    elf = rs_debuginfod_find(debuginfod, other_id, &path);
    ck_assert(elf == NULL && path == NULL);
    elf = rs_debuginfod_find(debuginfod, build_id, &path);
    ck_assert(elf != NULL && path != NULL);
    ck_assert_uint_eq(atomic_load(n_requests), 2);
}
END_TEST

START_TEST(what_is_no_build_id_is_not_asked_for)
{
    static const char *const ids[] = {
        "", "ab", "../../../etc/passwd", "ABCDEF0123456789", "abcdef012345678", "abcdef01/3456789"};
    g_autoptr(RsDebuginfod) debuginfod = rs_debuginfod_new(url, 1);
    g_autofree char *path = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
        ck_assert(rs_debuginfod_find(debuginfod, ids[i], &path) == NULL);
    ck_assert(!was_connected_to());
}
END_TEST

START_TEST(servers_that_do_not_answer_cost_their_time_twice_and_not_more)
{
    g_autoptr(RsDebuginfod) debuginfod = rs_debuginfod_new(url, 1);
    gint64 start_ns = rs_monotonic_ns(), n_ns;
    g_autofree char *path = NULL;

    for (guint i = 0; i < 20; i++) {
        g_autofree char *id = g_strdup_printf("%038x%02x", 7, i);

        ck_assert(rs_debuginfod_find(debuginfod, id, &path) == NULL);
    }
    n_ns = rs_monotonic_ns() - start_ns;
    ck_assert(was_connected_to());
    ck_assert_int_ge(n_ns, RS_NS_PER_S);
    ck_assert_int_lt(n_ns, 15 * RS_NS_PER_S);
    ck_assert_str_eq(rs_debuginfod_failure(debuginfod), "its servers do not answer in time");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("debuginfod");
    TCase *tcase = tcase_create("debuginfod");

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_set_timeout(tcase, 240);
    tcase_add_test(tcase, a_real_server_gives_the_debug_file_and_its_names);
    tcase_add_test(tcase, without_the_option_nobody_is_asked_whatever_the_environment_says);
    tcase_add_test(tcase, without_a_server_nobody_is_asked);
    tcase_add_test(tcase, the_environment_is_as_before);
    tcase_add_test(tcase, an_answer_that_there_is_none_is_kept);
    tcase_add_test(tcase, another_file_than_was_asked_for_is_refused);
    tcase_add_test(tcase, what_is_no_build_id_is_not_asked_for);
    tcase_add_test(tcase, servers_that_do_not_answer_cost_their_time_twice_and_not_more);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
