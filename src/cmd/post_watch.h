/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SIGINT and SIGTERM while something has to be finished before the process ends: a thread of its
 * own waits for them, does it, and then lets the signal do what it does. Where the signals are
 * handled or ignored already, that stays. At most one watch at a time. */
#ifndef RS_CMD_POST_WATCH_H
#define RS_CMD_POST_WATCH_H

#include <glib.h>

typedef struct RsPostWatch RsPostWatch;

/* finish is called in the thread, at most once. NULL: a signal cannot be waited for. */
RsPostWatch *rs_post_watch_new(void (*finish)(gpointer data), gpointer data);
/* Takes the signals over from a part of the program that handled them in the meantime and is done;
 * ignored ones stay ignored. */
void rs_post_watch_renew(RsPostWatch *watch);
/* After it finish is not called any more; when it is under way its end is waited for, and that of
 * the process. */
void rs_post_watch_free(RsPostWatch *watch);

#endif
