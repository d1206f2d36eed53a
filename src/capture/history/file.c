/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A new history is made beside its place under a name of its own, and takes the place when it is
 * complete and locked: nobody sees half a one, and a full disk leaves the old one where it was. The
 * old one is moved under its own lock, so of two writers that come at once one is refused. */
#include "capture/history/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/history.h"
#include "capture/history/checksum.h"

/* Each chunk tells the stacks that it needs anew, so few large ones hold more; each that is begun
 * costs what it held, so they should not be too few. */
#define MIN_CHUNKS        4
#define GOOD_CHUNK_BYTES  (256 << 10)
#define LARGE_CHUNK_BYTES (1 << 20)

#define N_LOCK_TRIES     20 /* readers look at the lock by holding it for a moment */
#define LOCK_PAUSE_US    5000
#define N_COPY_TRIES     4
#define START_TIME_FIELD 22

G_DEFINE_QUARK(rs - history - error - quark, rs_history_error)

static void set_errno_error(GError **error, const char *path, const char *what)
{
    int number = errno;

    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(number), "%s: %s: %s", path, what,
                g_strerror(number));
}

/* --- who writes --- */

static void read_boot_id(char boot_id[40])
{
    g_autofree char *text = NULL;

    memset(boot_id, 0, 40);
    if (g_file_get_contents("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
        g_strlcpy(boot_id, g_strchomp(text), 40);
}

/* 0: there is no such process. Source: proc(5), /proc/pid/stat, field 22. */
static guint64 read_start_ticks(gint64 pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%" G_GINT64_FORMAT "/stat", pid);
    g_autofree char *text = NULL;
    const char *field;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    field = strrchr(text, ')'); /* field 2, the name, may hold anything */
    for (guint i = 2; field && i < START_TIME_FIELD; i++)
        field = strchr(field + 1, ' ');
    return field ? g_ascii_strtoull(field + 1, NULL, 10) : 0;
}

static gboolean process_lives(const RsHistoryHead *head)
{
    char boot_id[40];
    guint64 ticks;

    read_boot_id(boot_id);
    if (!*boot_id || strncmp(boot_id, head->boot_id, sizeof boot_id) != 0)
        return FALSE;
    ticks = read_start_ticks(head->writer_pid);
    return ticks && ticks == head->writer_start_ticks;
}

/* --- the head --- */

guint32 rs_history_seed(guint64 sequence, gint64 base_us)
{
    guint8 seed[RS_HISTORY_SEED_BYTES];

    memcpy(seed, &sequence, 8);
    memcpy(seed + 8, &base_us, 8);
    return rs_checksum(0, seed, sizeof seed);
}

static void fill_head(RsHistoryHead *head)
{
    guint64 n_about = CLAMP(head->n_file_bytes / 16, GOOD_CHUNK_BYTES, LARGE_CHUNK_BYTES);
    guint64 n_chunks = MAX(head->n_file_bytes / n_about, MIN_CHUNKS);

    memcpy(head->magic, RS_HISTORY_MAGIC, sizeof head->magic);
    head->major = RS_HISTORY_MAJOR;
    head->minor = RS_HISTORY_MINOR;
    head->n_head_bytes = sizeof *head;
    head->n_chunks = (guint32)n_chunks;
    head->n_chunk_bytes =
        (guint32)((head->n_file_bytes - RS_HISTORY_CHUNKS_OFFSET) / n_chunks) & ~0xfffu;
    head->writer_pid = getpid();
    head->writer_start_ticks = read_start_ticks(getpid());
    read_boot_id(head->boot_id);
    head->checksum = rs_checksum(0, head, offsetof(RsHistoryHead, checksum));
}

static gboolean is_sound(const RsHistoryHead *head)
{
    return head->major == RS_HISTORY_MAJOR &&
           head->checksum == rs_checksum(0, head, offsetof(RsHistoryHead, checksum)) &&
           head->n_chunk_bytes >= 4096 && head->n_chunk_bytes <= RS_HISTORY_MAX_CHUNK &&
           head->n_chunk_bytes % 4096 == 0 && head->retention_us >= 0 &&
           head->retention_us <= RS_HISTORY_MAX_US;
}

gboolean rs_history_head_take(const guint8 *bytes, gsize n_bytes, RsHistoryHead *head,
                              GError **error)
{
    const gsize offsets[] = {0, RS_HISTORY_COPY_OFFSET};
    gboolean is_history = FALSE, is_newer = FALSE;

    for (guint i = 0; i < G_N_ELEMENTS(offsets); i++) {
        RsHistoryHead copy;

        if (n_bytes < offsets[i] + sizeof copy)
            break;
        memcpy(&copy, bytes + offsets[i], sizeof copy);
        if (memcmp(copy.magic, RS_HISTORY_MAGIC, sizeof copy.magic) != 0)
            continue;
        is_history = TRUE;
        is_newer = is_newer || copy.major > RS_HISTORY_MAJOR;
        if (is_sound(&copy)) {
            *head = copy;
            return TRUE;
        }
    }
    if (is_newer)
        g_set_error(error, RS_HISTORY_ERROR, RS_HISTORY_ERROR_NEWER,
                    "a history of a later version than %d, which this program knows",
                    RS_HISTORY_MAJOR);
    else if (is_history)
        g_set_error(error, RS_HISTORY_ERROR, RS_HISTORY_ERROR_DAMAGED, "the head is damaged");
    else
        g_set_error(error, RS_HISTORY_ERROR, RS_HISTORY_ERROR_NOT_HISTORY,
                    "no history of rustscope");
    return FALSE;
}

guint rs_history_n_chunks(const RsHistoryHead *head, gsize n_bytes)
{
    guint64 n_there;

    if (n_bytes <= RS_HISTORY_CHUNKS_OFFSET)
        return 0;
    n_there = (n_bytes - RS_HISTORY_CHUNKS_OFFSET - 1) / head->n_chunk_bytes + 1;
    return (guint)MIN(n_there, head->n_chunks);
}

/* --- the writer's side --- */

/* FALSE: somebody else holds it, or (errno other than EWOULDBLOCK) there are no locks here. */
static gboolean lock(int fd)
{
    for (guint i = 0; i < N_LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return TRUE;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return FALSE;
        g_usleep(LOCK_PAUSE_US);
    }
    errno = EWOULDBLOCK;
    return FALSE;
}

static gboolean set_in_use(GError **error, const char *path)
{
    g_set_error(error, RS_HISTORY_ERROR, RS_HISTORY_ERROR_IN_USE,
                "%s: another process is writing it", path);
    return FALSE;
}

/* Makes sure that the file at fd is a history without a living writer, or empty. */
static gboolean may_be_replaced(int fd, const char *path, gboolean is_locked, gboolean *is_empty,
                                GError **error)
{
    guint8 bytes[RS_HISTORY_NOTES_OFFSET];
    ssize_t n_bytes = pread(fd, bytes, sizeof bytes, 0);
    g_autoptr(GError) why = NULL;
    RsHistoryHead head;

    *is_empty = n_bytes == 0;
    if (*is_empty)
        return TRUE;
    if (!rs_history_head_take(bytes, (gsize)MAX(n_bytes, 0), &head, &why) &&
        g_error_matches(why, RS_HISTORY_ERROR, RS_HISTORY_ERROR_NOT_HISTORY)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
                    "%s is there and is no history; it is not overwritten", path);
        return FALSE;
    }
    if (!is_locked && !why && process_lives(&head))
        return set_in_use(error, path);
    return TRUE;
}

/* Moves an old history out of the way. The descriptor is given back in old_fd: it is locked, and
 * stays so until the new one is in its place. */
static gboolean move_old(const char *path, int *old_fd, GError **error)
{
    g_autofree char *kept_path = g_strconcat(path, ".1", NULL);
    struct stat opened, named;
    gboolean is_locked, is_empty;

    *old_fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (*old_fd < 0 && errno == ENOENT)
        return TRUE;
    if (*old_fd < 0 || fstat(*old_fd, &opened) != 0) {
        set_errno_error(error, path, "cannot be opened");
        return FALSE;
    }
    if (!S_ISREG(opened.st_mode)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_EXIST, "%s is no regular file", path);
        return FALSE;
    }
    is_locked = lock(*old_fd);
    if (!is_locked && errno == EWOULDBLOCK)
        return set_in_use(error, path);
    /* whoever moved it between our open and our lock is about to put a new one here */
    if (stat(path, &named) != 0 || named.st_ino != opened.st_ino || named.st_dev != opened.st_dev)
        return set_in_use(error, path);
    if (!may_be_replaced(*old_fd, path, is_locked, &is_empty, error))
        return FALSE;
    if ((is_empty ? unlink(path) : rename(path, kept_path)) != 0) {
        set_errno_error(error, path, "cannot be moved away");
        return FALSE;
    }
    return TRUE;
}

/* To exceed the limit would be a signal that ends the process, not an error. */
static gboolean is_allowed(guint64 n_bytes)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
           n_bytes <= limit.rlim_cur;
}

static gboolean fill_file(int fd, const char *path, RsHistoryHead *head, guint8 **mapped,
                          GError **error)
{
    g_autofree char *what = g_strdup_printf(
        "%" G_GUINT64_FORMAT " bytes for the history cannot be had", head->n_file_bytes);
    void *memory;

    errno =
        is_allowed(head->n_file_bytes) ? posix_fallocate(fd, 0, (off_t)head->n_file_bytes) : EFBIG;
    if (errno) {
        set_errno_error(error, path, what);
        return FALSE;
    }
    if (!lock(fd) && errno == EWOULDBLOCK) /* ours alone so far */
        return set_in_use(error, path);
    memory = mmap(NULL, head->n_file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        set_errno_error(error, path, what);
        return FALSE;
    }
    *mapped = memory;
    fill_head(head);
    memcpy(*mapped, head, sizeof *head);
    memcpy(*mapped + RS_HISTORY_COPY_OFFSET, head, sizeof *head);
    return TRUE;
}

/* Gives the complete file its name, which nobody else must have taken meanwhile. */
static gboolean take_place(const char *made_path, const char *path, GError **error)
{
    if (link(made_path, path) == 0) {
        unlink(made_path);
        return TRUE;
    }
    if (errno == EEXIST)
        return set_in_use(error, path);
    if (rename(made_path, path) == 0) /* a file system without hard links */
        return TRUE;
    set_errno_error(error, path, "cannot be created");
    return FALSE;
}

int rs_history_file_create(const char *path, RsHistoryHead *head, guint8 **mapped, GError **error)
{
    g_autofree char *made_path = g_strconcat(path, ".XXXXXX", NULL);
    int fd = mkostemp(made_path, O_CLOEXEC), old_fd = -1;
    guint8 *memory = NULL;
    gboolean made;

    if (fd < 0) {
        set_errno_error(error, path, "cannot be created");
        return -1;
    }
    made = fill_file(fd, path, head, &memory, error) && move_old(path, &old_fd, error) &&
           take_place(made_path, path, error);
    if (old_fd >= 0)
        close(old_fd);
    if (made) {
        *mapped = memory;
        return fd;
    }
    unlink(made_path);
    if (memory)
        munmap(memory, head->n_file_bytes);
    close(fd);
    return -1;
}

/* --- the reader's side --- */

static gsize read_at(int fd, void *to, gsize n_bytes, guint64 offset)
{
    gsize n_read = 0;

    while (n_read < n_bytes) {
        ssize_t n = pread(fd, (guint8 *)to + n_read, n_bytes - n_read, (off_t)(offset + n_read));

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        n_read += (gsize)n;
    }
    return n_read;
}

static guint64 committed_of(const RsHistoryChunkHead *head)
{
    return atomic_load_explicit(&head->committed, memory_order_relaxed);
}

/* Copies one chunk to where it belongs in a copy of the file. The writer may be at it: a copy whose
 * checksum is wrong, or whose chunk was used anew meanwhile, is made again; the last try stays, and
 * whoever reads it sees by the checksum what it is worth. */
static void copy_chunk(int fd, guint64 offset, gsize n_there, guint8 *to)
{
    for (guint i = 0; i < N_COPY_TRIES; i++) {
        RsHistoryChunkHead before = {0}, after = {0};
        gsize n_bytes;

        if (n_there < sizeof before || read_at(fd, &before, sizeof before, offset) < sizeof before)
            return;
        memcpy(to, &before, sizeof before);
        n_bytes = MIN((guint32)committed_of(&before), n_there - sizeof before);
        if (!before.sequence || !n_bytes)
            return;
        n_bytes = read_at(fd, to + sizeof before, n_bytes, offset + sizeof before);
        if (read_at(fd, &after, sizeof after, offset) == sizeof after &&
            after.sequence == before.sequence &&
            rs_checksum(rs_history_seed(before.sequence, before.base_us), to + sizeof before,
                        n_bytes) == committed_of(&before) >> 32)
            return;
    }
}

static gboolean ask_writer(int fd, const RsHistoryHead *head)
{
    if (flock(fd, LOCK_SH | LOCK_NB) == 0) {
        flock(fd, LOCK_UN);
        return FALSE;
    }
    return errno == EWOULDBLOCK || process_lives(head);
}

static guint8 *copy(int fd, const char *path, gsize *n_bytes, gboolean *writer_lives,
                    GError **error)
{
    g_autofree guint8 *bytes = NULL;
    RsHistoryHead head;
    struct stat status;

    if (fstat(fd, &status) != 0) {
        set_errno_error(error, path, "cannot be read");
        return NULL;
    }
    *n_bytes = (gsize)MAX(status.st_size, 0);
    if (!S_ISREG(status.st_mode) || *n_bytes > RS_HISTORY_MAX_BYTES) {
        g_set_error(error, RS_HISTORY_ERROR, RS_HISTORY_ERROR_NOT_HISTORY,
                    "%s: no history of rustscope", path);
        return NULL;
    }
    bytes = g_try_malloc0(MAX(*n_bytes, 1));
    if (!bytes) {
        errno = ENOMEM;
        set_errno_error(error, path, "cannot be read");
        return NULL;
    }
    read_at(fd, bytes, MIN(*n_bytes, RS_HISTORY_CHUNKS_OFFSET), 0);
    if (!rs_history_head_take(bytes, *n_bytes, &head, error)) {
        g_prefix_error(error, "%s: ", path);
        return NULL;
    }
    *writer_lives = ask_writer(fd, &head);
    for (guint i = 0; i < rs_history_n_chunks(&head, *n_bytes); i++) {
        gsize offset = RS_HISTORY_CHUNKS_OFFSET + (gsize)i * head.n_chunk_bytes;

        copy_chunk(fd, offset, MIN(head.n_chunk_bytes, *n_bytes - offset), bytes + offset);
    }
    return g_steal_pointer(&bytes);
}

guint8 *rs_history_file_copy(const char *path, gsize *n_bytes, gboolean *writer_lives,
                             GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    guint8 *bytes;

    if (fd < 0) {
        set_errno_error(error, path, "cannot be opened");
        return NULL;
    }
    bytes = copy(fd, path, n_bytes, writer_lives, error);
    close(fd);
    return bytes;
}
