/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs one fuzz target over files and directories of files, once each, as a plain test: it is
 * linked with the target where libFuzzer is not. Every input is a block of exactly its size, so
 * that the address sanitizer sees a read past the end. Prints the name before each input; after a
 * crash the last line is the culprit. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize n_bytes);

static guint n_replayed;

static gboolean replay_file(const char *path)
{
    g_autofree char *contents = NULL;
    g_autoptr(GError) error = NULL;
    gsize n_bytes = 0;

    if (!g_file_get_contents(path, &contents, &n_bytes, &error)) {
        fprintf(stderr, "replay: %s\n", error->message);
        return FALSE;
    }
    printf("%s\n", path);
    fflush(stdout);
    guint8 *exact = malloc(n_bytes ? n_bytes : 1);
    if (n_bytes)
        memcpy(exact, contents, n_bytes);
    LLVMFuzzerTestOneInput(exact, n_bytes);
    free(exact);
    n_replayed++;
    return TRUE;
}

static gboolean replay(const char *path)
{
    g_autoptr(GError) error = NULL;

    if (!g_file_test(path, G_FILE_TEST_IS_DIR))
        return replay_file(path);
    g_autoptr(GDir) dir = g_dir_open(path, 0, &error);
    if (!dir) {
        fprintf(stderr, "replay: %s\n", error->message);
        return FALSE;
    }
    gboolean all_read = TRUE;
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        all_read = replay(child) && all_read;
    }
    return all_read;
}

int main(int argc, char **argv)
{
    gboolean all_read = TRUE;

    for (int i = 1; i < argc; i++)
        all_read = replay(argv[i]) && all_read;
    if (!n_replayed) {
        fprintf(stderr, "replay: no inputs; a fuzz target needs a corpus\n");
        return EXIT_FAILURE;
    }
    printf("%u inputs\n", n_replayed);
    return all_read ? EXIT_SUCCESS : EXIT_FAILURE;
}
