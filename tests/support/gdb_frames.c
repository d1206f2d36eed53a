/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/gdb_frames.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Prints "frame TID PC EXACT" for each, and "end" when it came that far. */
static const char script[] = "import gdb\n"
                             "for t in gdb.selected_inferior().threads():\n"
                             "    t.switch()\n"
                             "    f, exact = gdb.newest_frame(), 1\n"
                             "    while f is not None:\n"
                             "        if f.type() not in (gdb.INLINE_FRAME, gdb.TAILCALL_FRAME):\n"
                             "            print('frame', t.ptid[1], f.pc(), exact)\n"
                             "            exact = int(f.type() == gdb.SIGTRAMP_FRAME)\n"
                             "        f = f.older()\n"
                             "print('end')\n";

GArray *gdb_frames(pid_t pid)
{
    g_autofree char *file = NULL, *source = NULL, *output = NULL;
    g_autofree char *pid_text = g_strdup_printf("%d", pid);
    GArray *frames;
    char *rest = NULL;
    gboolean has_ended = FALSE;
    int fd = g_file_open_tmp("frames-XXXXXX.py", &file, NULL);

    if (fd < 0)
        return NULL;
    close(fd);
    source = g_strdup_printf("source %s", file);
    {
        const char *argv[] = {"gdb",
                              "-p",
                              pid_text,
                              "-batch",
                              "-nx",
                              "-ex",
                              "set debuginfod enabled off",
                              "-ex",
                              "set backtrace past-main on",
                              "-ex",
                              "set backtrace past-entry on",
                              "-ex",
                              "set backtrace limit unlimited",
                              "-ex",
                              source,
                              NULL};

        if (g_file_set_contents(file, script, -1, NULL))
            g_spawn_sync(NULL, (char **)(guintptr)argv, NULL,
                         G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output,
                         NULL, NULL, NULL);
    }
    g_remove(file);
    frames = g_array_new(FALSE, FALSE, sizeof(GdbFrame));
    for (char *line = output ? strtok_r(output, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest)) {
        GdbFrame frame;
        unsigned long pc;
        int is_exact;

        has_ended |= strcmp(line, "end") == 0;
        if (sscanf(line, "frame %d %lu %d", &frame.tid, &pc, &is_exact) != 3 || pc == 0)
            continue; /* 0: what gdb adds behind an outermost frame whose caller is none */
        frame.address = pc - !is_exact;
        g_array_append_val(frames, frame);
    }
    if (has_ended)
        return frames;
    g_array_unref(frames);
    return NULL;
}
