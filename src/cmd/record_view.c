/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scrolling region (DECSTBM) ends above the status, so that other output never runs into it.
 * Each drawing is one write between "save cursor" and "restore cursor": the kernel does not mix
 * writes of a terminal, so the command's cursor stays the command's.
 * Source: VT220 Programmer Reference Manual, chapter 4 (DECSTBM, DECSC, DECRC). */
#include "cmd/record_view.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define ROWS_LEFT_FREE 5 /* for what scrolls above */

struct RsRecordView {
    int key_fd; /* the terminal's input; -1: not read */
    struct termios before;
    gboolean is_shown, colors;
    guint n_rows, n_columns, n_lines;
};

static gboolean in_foreground(void)
{
    pid_t group = tcgetpgrp(STDERR_FILENO);

    return group < 0 || group == getpgrp();
}

static gboolean measure(RsRecordView *view)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 40 ||
        size.ws_row < RS_STATUS_MIN_LINES + ROWS_LEFT_FREE)
        return FALSE;
    view->n_rows = size.ws_row;
    view->n_columns = size.ws_col;
    view->n_lines = MIN(RS_STATUS_MAX_LINES, size.ws_row - ROWS_LEFT_FREE);
    return TRUE;
}

static void put(const GString *text)
{
    gsize done = 0;

    while (done < text->len) {
        gssize n = write(STDERR_FILENO, text->str + done, text->len - done);

        if (n < 0 && errno != EINTR)
            return; /* a terminal that went away */
        done += n > 0 ? (gsize)n : 0;
    }
}

/* Changing the terminal from the background would stop us. */
static void set_terminal(int fd, const struct termios *settings)
{
    sigset_t ttou, before;

    sigemptyset(&ttou);
    sigaddset(&ttou, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &ttou, &before);
    tcsetattr(fd, TCSADRAIN, settings);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void take_keys(RsRecordView *view)
{
    struct termios settings = view->before;

    if (view->key_fd < 0)
        return;
    settings.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    set_terminal(view->key_fd, &settings);
}

static void reserve(RsRecordView *view)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < view->n_lines; i++)
        g_string_append_c(text, '\n'); /* what is there moves up */
    g_string_append_printf(text, "\033[%uA\0337\033[1;%ur\0338", view->n_lines,
                           view->n_rows - view->n_lines);
    put(text);
    view->is_shown = TRUE;
}

static void release(RsRecordView *view)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (!view->is_shown)
        return;
    g_string_append_printf(text, "\0337\033[r\033[%u;1H\033[J\0338",
                           view->n_rows - view->n_lines + 1);
    put(text);
    view->is_shown = FALSE;
}

RsRecordView *rs_record_view_new(gboolean reads_keys)
{
    g_autofree RsRecordView *view = g_new0(RsRecordView, 1);

    if (!isatty(STDERR_FILENO) || g_strcmp0(g_getenv("TERM"), "dumb") == 0 || !in_foreground() ||
        !measure(view))
        return NULL;
    view->colors = !g_getenv("NO_COLOR");
    view->key_fd = reads_keys ? open("/dev/tty", O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
    if (view->key_fd >= 0 && tcgetattr(view->key_fd, &view->before) != 0) {
        close(view->key_fd);
        view->key_fd = -1;
    }
    take_keys(view);
    reserve(view);
    return g_steal_pointer(&view);
}

void rs_record_view_suspend(RsRecordView *view)
{
    release(view);
    if (view->key_fd >= 0)
        set_terminal(view->key_fd, &view->before);
}

void rs_record_view_resume(RsRecordView *view)
{
    release(view);
    if (!in_foreground() || !measure(view))
        return;
    take_keys(view);
    reserve(view);
}

void rs_record_view_free(RsRecordView *view)
{
    if (!view)
        return;
    rs_record_view_suspend(view);
    if (view->key_fd >= 0)
        close(view->key_fd);
    g_free(view);
}

gboolean rs_record_view_has_keys(const RsRecordView *view)
{
    return view->key_fd >= 0;
}

int rs_record_view_key_fd(const RsRecordView *view)
{
    /* From the background a read would stop us. */
    return view->key_fd >= 0 && in_foreground() ? view->key_fd : -1;
}

gboolean rs_record_view_key(RsRecordView *view, char *key)
{
    return rs_record_view_key_fd(view) >= 0 && read(view->key_fd, key, 1) == 1;
}

static gboolean takes_output(void)
{
    struct pollfd look = {.fd = STDERR_FILENO, .events = POLLOUT};

    return poll(&look, 1, 0) == 1 && (look.revents & POLLOUT) != 0;
}

void rs_record_view_show(RsRecordView *view, const RsRecordStatus *status)
{
    g_autoptr(GPtrArray) lines = NULL;
    g_autoptr(GString) text = NULL;

    if (!view->is_shown || !in_foreground() || !takes_output())
        return;
    lines = rs_status_lines(status, view->n_lines, view->n_columns - 1);
    text = g_string_new("\0337\033[?25l");
    for (guint i = 0; i < lines->len; i++) {
        gboolean is_heading = i == 0, is_keys = i == lines->len - 1;

        g_string_append_printf(text, "\033[%u;1H\033[0m", view->n_rows - view->n_lines + 1 + i);
        if (is_heading)
            g_string_append(text, "\033[7m");
        else if (is_keys && view->colors)
            g_string_append(text, "\033[2m");
        /* Erasing takes the colours along: the heading reaches the right edge. */
        g_string_append_printf(text, "\033[K%s", (const char *)g_ptr_array_index(lines, i));
    }
    g_string_append(text, "\033[0m\033[?25h\0338");
    put(text);
}
