/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libdebuginfod takes its servers and limits from the environment alone, so they are set around
 * each call. Its own time limit begins again with each attempt; ours is that of the whole call,
 * kept by the function that it calls while it waits. */
#include "symbol/debuginfod.h"

#include <elfutils/debuginfod.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define TIMEOUT_S        30
#define LIMIT_BYTES      "8589934592"
#define N_TIMEOUTS_LIMIT 2 /* in a row; then servers count as gone */
#define BUILD_ID_MIN_HEX 8
#define BUILD_ID_MAX_HEX 128

struct RsDebuginfod {
    char *urls; /* NULL: DEBUGINFOD_URLS */
    guint timeout_s;
    debuginfod_client *client; /* made when it is needed */
    GHashTable *missing;       /* build-ids that no server has */
    gint64 deadline_ns;
    gboolean is_late;
    guint n_timeouts;
    const char *failure;
};

typedef struct {
    const char *name;
    char *value, *value_before;
} Variable;

RsDebuginfod *rs_debuginfod_new(const char *urls, guint timeout_s)
{
    RsDebuginfod *debuginfod = g_new0(RsDebuginfod, 1);

    debuginfod->urls = g_strdup(urls);
    debuginfod->timeout_s = timeout_s ? timeout_s : TIMEOUT_S;
    debuginfod->missing = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return debuginfod;
}

void rs_debuginfod_free(RsDebuginfod *debuginfod)
{
    if (!debuginfod)
        return;
    if (debuginfod->client)
        debuginfod_end(debuginfod->client);
    g_hash_table_unref(debuginfod->missing);
    g_free(debuginfod->urls);
    g_free(debuginfod);
}

const char *rs_debuginfod_failure(const RsDebuginfod *debuginfod)
{
    return debuginfod->failure;
}

/* Other than 0 ends the call. */
static int on_progress(debuginfod_client *client, long done, long all)
{
    RsDebuginfod *debuginfod = debuginfod_get_user_data(client);

    (void)done;
    (void)all;
    debuginfod->is_late = rs_monotonic_ns() > debuginfod->deadline_ns;
    return debuginfod->is_late;
}

static gboolean has_servers(const RsDebuginfod *debuginfod)
{
    const char *urls = debuginfod->urls ? debuginfod->urls : g_getenv(DEBUGINFOD_URLS_ENV_VAR);

    return urls && *urls;
}

static gboolean start(RsDebuginfod *debuginfod)
{
    if (!debuginfod->client && !debuginfod->failure) {
        debuginfod->client = debuginfod_begin();
        if (debuginfod->client) {
            debuginfod_set_user_data(debuginfod->client, debuginfod);
            debuginfod_set_progressfn(debuginfod->client, on_progress);
        } else {
            debuginfod->failure = "libdebuginfod cannot be used";
        }
    }
    return debuginfod->client != NULL;
}

static void set_variables(Variable *variables, guint n)
{
    for (guint i = 0; i < n; i++) {
        variables[i].value_before = g_strdup(g_getenv(variables[i].name));
        if (variables[i].value)
            g_setenv(variables[i].name, variables[i].value, TRUE);
    }
}

static void restore_variables(Variable *variables, guint n)
{
    for (guint i = 0; i < n; i++) {
        if (!variables[i].value_before)
            g_unsetenv(variables[i].name);
        else
            g_setenv(variables[i].name, variables[i].value_before, TRUE);
        g_free(variables[i].value_before);
        g_free(variables[i].value);
    }
}

/* Asks the servers. The descriptor of the file, or -1. */
static int ask(RsDebuginfod *debuginfod, const char *build_id, char **path)
{
    Variable variables[] = {
        {DEBUGINFOD_URLS_ENV_VAR, g_strdup(debuginfod->urls), NULL},
        {DEBUGINFOD_TIMEOUT_ENV_VAR, g_strdup_printf("%u", debuginfod->timeout_s), NULL},
        {DEBUGINFOD_MAXTIME_ENV_VAR, g_strdup_printf("%u", debuginfod->timeout_s), NULL},
        {DEBUGINFOD_MAXSIZE_ENV_VAR, g_strdup(LIMIT_BYTES), NULL},
    };
    int fd;

    debuginfod->deadline_ns = rs_monotonic_ns() + debuginfod->timeout_s * RS_NS_PER_S;
    debuginfod->is_late = FALSE;
    set_variables(variables, G_N_ELEMENTS(variables));
    fd = debuginfod_find_debuginfo(debuginfod->client, (const unsigned char *)build_id, 0, path);
    restore_variables(variables, G_N_ELEMENTS(variables));
    if (debuginfod->is_late || fd == -ETIME || fd == -ETIMEDOUT)
        debuginfod->n_timeouts++;
    else
        debuginfod->n_timeouts = 0;
    if (debuginfod->n_timeouts >= N_TIMEOUTS_LIMIT)
        debuginfod->failure = "its servers do not answer in time";
    return fd < 0 ? -1 : fd;
}

static gboolean is_build_id(const char *build_id)
{
    gsize n = strlen(build_id);

    return n >= BUILD_ID_MIN_HEX && n <= BUILD_ID_MAX_HEX && n % 2 == 0 &&
           strspn(build_id, "0123456789abcdef") == n;
}

RsElf *rs_debuginfod_find(RsDebuginfod *debuginfod, const char *build_id, char **path)
{
    char *found_path = NULL; /* by malloc */
    RsElf *elf = NULL;
    int fd;

    if (!is_build_id(build_id) || g_hash_table_contains(debuginfod->missing, build_id) ||
        debuginfod->failure || !has_servers(debuginfod) || !start(debuginfod))
        return NULL;
    fd = ask(debuginfod, build_id, &found_path);
    if (fd >= 0) {
        elf = rs_elf_open_fd(fd, found_path, NULL);
        close(fd);
        if (elf && g_strcmp0(rs_elf_build_id(elf), build_id) != 0)
            g_clear_pointer(&elf, rs_elf_free);
    }
    if (elf)
        *path = g_strdup(found_path);
    else
        g_hash_table_add(debuginfod->missing, g_strdup(build_id));
    free(found_path);
    return elf;
}
