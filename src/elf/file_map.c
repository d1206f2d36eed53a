/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mappings are a list that only grows; places in it are used again. The handler reads it
 * without a lock: it runs in the thread that touched the page, which got the mapping from
 * rs_file_map and so sees its place filled in. A place is empty while its start is 0, and start is
 * stored last and cleared first. */
#include "elf/file_map.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct Place {
    _Atomic guintptr start;
    _Atomic gsize n_bytes;
    struct Place *next;
} Place;

static _Atomic(Place *) places;
static GMutex lock; /* of filling in and emptying places */
static struct sigaction handler_before;
static guintptr n_page_bytes;

static gboolean is_ours(guintptr address)
{
    for (Place *place = atomic_load(&places); place; place = place->next) {
        guintptr start = atomic_load(&place->start);

        if (start && address - start < atomic_load(&place->n_bytes))
            return TRUE;
    }
    return FALSE;
}

static void on_bus_error(int number, siginfo_t *info, void *context)
{
    guintptr page = (guintptr)info->si_addr & ~(n_page_bytes - 1);
    int saved_errno = errno;

    if (info->si_code == BUS_ADRERR && is_ours(page) &&
        mmap((void *)page, n_page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
             0) != MAP_FAILED) {
        errno = saved_errno;
        return;
    }
    errno = saved_errno;
    if (handler_before.sa_flags & SA_SIGINFO) {
        handler_before.sa_sigaction(number, info, context);
    } else if (handler_before.sa_handler != SIG_DFL && handler_before.sa_handler != SIG_IGN) {
        handler_before.sa_handler(number);
    } else {
        sigaction(SIGBUS, &handler_before, NULL);
        raise(SIGBUS); /* delivered when this handler returns */
    }
}

static void install_handler(void)
{
    static gsize once;
    struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    if (!g_once_init_enter(&once))
        return;
    n_page_bytes = (guintptr)sysconf(_SC_PAGESIZE);
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, NULL, &handler_before);
    sigaction(SIGBUS, &action, NULL);
    g_once_init_leave(&once, 1);
}

static void remember(guintptr start, gsize n_bytes)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&lock);
    Place *place = atomic_load(&places);

    while (place && atomic_load(&place->start))
        place = place->next;
    if (!place) {
        place = g_new0(Place, 1);
        place->next = atomic_load(&places);
        atomic_store(&places, place);
    }
    atomic_store(&place->n_bytes, n_bytes);
    atomic_store(&place->start, start);
}

const guint8 *rs_file_map(int fd, gsize n_bytes)
{
    void *bytes;

    install_handler();
    bytes = mmap(NULL, n_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return NULL;
    remember((guintptr)bytes, n_bytes);
    return bytes;
}

void rs_file_unmap(const guint8 *bytes, gsize n_bytes)
{
    g_autoptr(GMutexLocker) locker = NULL;
    Place *place;

    if (!bytes)
        return;
    locker = g_mutex_locker_new(&lock);
    for (place = atomic_load(&places); place; place = place->next)
        if (atomic_load(&place->start) == (guintptr)bytes)
            atomic_store(&place->start, 0);
    munmap((void *)(guintptr)bytes, n_bytes);
}
