/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server on loopback that answers from a list, one connection for each answer, and keeps what it
 * was asked. */
#ifndef TESTS_UNIT_HTTP_FIXTURES_H
#define TESTS_UNIT_HTTP_FIXTURES_H

#include <arpa/inet.h>
#include <check.h>
#include <glib.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    int fd;
    guint16 port;
    char *url;
    const char *const *answers; /* NULL-ended; "" closes without a word */
    GPtrArray *requests;        /* char*, whole; to be read after the thread has ended */
    GThread *thread;
} TestServer;

static gboolean is_whole(const GString *request)
{
    const char *end = strstr(request->str, "\r\n\r\n");
    const char *length = strcasestr(request->str, "content-length:");

    if (!end)
        return FALSE;
    return !length || length > end ||
           request->len >= (gsize)(end + 4 - request->str) + strtoul(length + 15, NULL, 10);
}

static void answer_one(TestServer *server, const char *answer)
{
    int fd = accept(server->fd, NULL, NULL);
    GString *request = g_string_new(NULL);
    char bytes[4096];
    gssize n;

    while (!is_whole(request) && (n = read(fd, bytes, sizeof bytes)) > 0)
        g_string_append_len(request, bytes, n);
    g_ptr_array_add(server->requests, g_string_free(request, FALSE));
    for (gsize done = 0, all = strlen(answer); done < all; done += (gsize)n) {
        n = write(fd, answer + done, all - done);
        if (n <= 0)
            break; /* the client has had enough */
    }
    close(fd);
}

static gpointer serve(gpointer data)
{
    TestServer *server = data;

    for (const char *const *answer = server->answers; *answer; answer++)
        answer_one(server, *answer);
    return NULL;
}

static void server_start(TestServer *server, const char *const *answers)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;

    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(server->fd, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(listen(server->fd, 8), 0);
    ck_assert_int_eq(getsockname(server->fd, (struct sockaddr *)&at, &n), 0);
    server->port = ntohs(at.sin_port);
    server->url = g_strdup_printf("http://127.0.0.1:%u/api/v3", server->port);
    server->answers = answers;
    server->requests = g_ptr_array_new_with_free_func(g_free);
    server->thread = g_thread_new("server", serve, server);
}

/* All answers have to be given by then. */
static void server_join(TestServer *server)
{
    if (server->thread)
        g_thread_join(g_steal_pointer(&server->thread));
}

static void server_stop(TestServer *server)
{
    server_join(server);
    close(server->fd);
    g_free(server->url);
    g_ptr_array_unref(server->requests);
}

#endif
