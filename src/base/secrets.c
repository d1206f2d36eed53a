/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process that is not dumpable belongs to root in /proc, and is read or traced only with
 * CAP_SYS_PTRACE in its user namespace; a fork inherits that, an exec ends it (prctl(2), ptrace(2),
 * proc(5)). Memory that is wiped on fork is in madvise(2). */
#include "base/secrets.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/child_env.h"

static gboolean is_hardened, was_dumpable;
static struct rlimit core_before;

void rs_secrets_harden(void)
{
    struct rlimit none;

    if (is_hardened)
        return;
    is_hardened = TRUE;
    was_dumpable = prctl(PR_GET_DUMPABLE) == 1;
    prctl(PR_SET_DUMPABLE, 0);
    /* A kernel that is told to write cores of such processes (fs.suid_dumpable) does not do so for
     * one that asked for it by itself; the limit is for what stands in between, as a sandbox. */
    if (getrlimit(RLIMIT_CORE, &core_before) == 0) {
        none = core_before;
        none.rlim_cur = 0;
        setrlimit(RLIMIT_CORE, &none);
    }
}

/* What stands before the text. In a fork it is zero like the rest. */
typedef struct {
    gsize n_mapped_bytes;
} Head;

char *rs_secret_new(const char *text)
{
    gsize n_bytes = text ? strlen(text) + 1 : 0, page = (gsize)sysconf(_SC_PAGESIZE);
    gsize n_mapped_bytes = (sizeof(Head) + n_bytes + page - 1) / page * page;
    Head *head;

    if (!text)
        return NULL;
    head = mmap(NULL, n_mapped_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (head == MAP_FAILED)
        g_error("no memory for a secret"); /* as GLib does */
    /* Each is a wish: a kernel or a sandbox may not know it. */
    madvise(head, n_mapped_bytes, MADV_DONTDUMP);
    madvise(head, n_mapped_bytes, MADV_WIPEONFORK);
    mlock(head, n_mapped_bytes);
    head->n_mapped_bytes = n_mapped_bytes;
    return memcpy(head + 1, text, n_bytes);
}

void rs_secret_free(char *secret)
{
    Head *head = secret ? (Head *)(gpointer)secret - 1 : NULL;
    gsize n_mapped_bytes = head ? head->n_mapped_bytes : 0;

    if (!n_mapped_bytes)
        return; /* NULL, or wiped in a fork, which ends soon */
    explicit_bzero(head, n_mapped_bytes);
    munmap(head, n_mapped_bytes);
}

void rs_secrets_forget(const char *name)
{
    gsize n_bytes = strlen(name);

    for (char **entry = environ; entry && *entry; entry++)
        if (strncmp(*entry, name, n_bytes) == 0 && (*entry)[n_bytes] == '=')
            explicit_bzero(*entry + n_bytes + 1, strlen(*entry + n_bytes + 1));
    unsetenv(name);
}

void rs_secrets_forked(void)
{
    for (char **entry = environ; entry && *entry; entry++) {
        char *equals = strchr(*entry, '=');
        g_autofree char *name = equals ? g_strndup(*entry, (gsize)(equals - *entry)) : NULL;

        if (name && rs_child_env_is_secret(name, equals + 1))
            explicit_bzero(equals + 1, strlen(equals + 1));
    }
    if (!is_hardened)
        return;
    if (was_dumpable)
        prctl(PR_SET_DUMPABLE, 1);
    setrlimit(RLIMIT_CORE, &core_before);
}
