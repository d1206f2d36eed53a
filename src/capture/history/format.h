/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the history lies in its file: what the writer and the reader of it agree on. Must not know
 * how either does it. All numbers little-endian.
 *
 *   0      head, twice: at 0 and at 2048, so that damage to one does not lose the file
 *   4096   two notes (the newest diagnostics), written in turn; the newer valid one counts
 *   8192   n_chunks chunks of n_chunk_bytes: RsHistoryChunkHead, then records up to its committed
 *          length
 *
 * A chunk is in use when its sequence number is not 0 and its committed length is not 0; the
 * sequence numbers give the order. Committed length and checksum are one word, stored with release
 * after the bytes they speak of, so whatever the writer dies of, the chunk is whole up to there.
 * Before a chunk is used again the word is set to 0. A reader beside a living writer copies head,
 * records, head, and takes the copy when both heads have the same sequence number and the checksum
 * is right.
 *
 * Records begin with a tag. 0x80 and above is a sample, 0x40 and above a wait: short, the tag's
 * other bits say what follows. The others have their length behind the tag, so that a reader passes
 * over what it does not know; later minor versions add tags, and fields at their end. Modules,
 * threads, locks, frames and stacks are numbered from 0 (stacks: from 1) in the order in which they
 * come in the chunk.
 *
 * Numbers are varints (varint.h), signed ones folded; text is its length + 1, then its bytes, 0 for
 * none. Times are microseconds since the session began (rounded down), told as the difference to
 * the clock, which begins at the chunk's base_us and is set by every time that is read but those of
 * events and processes.
 *
 *   sample   tag: 0x80 | thread << 3 | NEW_FLAGS | NEW_WEIGHT | SAME_STACK; thread 15: it follows;
 *            time (not folded); stack (0: none) unless it is the thread's last one; weight in ns,
 *            as folded difference to the thread's last one; flags of RsRingEntry
 *   wait     tag: 0x40 | lock << 3 | LATER | HAS_STACK | HAS_BEGUN; lock 7: it follows; time
 *            (folded) if LATER; stack if HAS_STACK; waited microseconds
 *   MODULE   kind, size + 1, path, build-id
 *   THREAD   number, process, thread, name; a number told before has another name from here on
 *   STACK    parent (0: none), then frames from there inwards up to the record's end, each a new
 *            stack whose parent is the one before: number + 1 of a frame, or 0 for a new frame,
 *            followed by its module and the folded difference of its address to the last new one
 *            of that module
 *   TIME     folded: sets the clock (back, before a sample)
 *   PROCESS  process, parent, name, bits (1: start, 2: end), start, end, exit status (folded),
 *            signal
 *   LOOK     (at /proc) time (folded), process, CPU % (8 bytes), then RSS, threads, descriptors,
 *            system calls, voluntary and involuntary switches, bytes read and written, each as
 *            folded difference to the last one of that process
 *   EVENT    kind, process, start (folded), length (folded), value before and peak (8 bytes each),
 *            series, label; one of the same kind, process, series and start replaces the earlier
 *   LOCK     process, address, place */
#ifndef RS_CAPTURE_HISTORY_FORMAT_H
#define RS_CAPTURE_HISTORY_FORMAT_H

#include <glib.h>
#include <stdatomic.h>

#define RS_HISTORY_MAGIC         "RSHIST\r\n"
#define RS_HISTORY_MAJOR         1
#define RS_HISTORY_MINOR         0
#define RS_HISTORY_COPY_OFFSET   2048 /* of the head's second copy */
#define RS_HISTORY_NOTES_OFFSET  4096
#define RS_HISTORY_NOTE_BYTES    2048
#define RS_HISTORY_CHUNKS_OFFSET 8192
#define RS_HISTORY_MAX_CHUNK     (2 << 20)
#define RS_HISTORY_MAX_BYTES     (G_GUINT64_CONSTANT(4) << 30)

/* Bounds of what is read and written: further from the session's begin, longer, or more is damage.
 */
#define RS_HISTORY_MAX_US        (G_GINT64_CONSTANT(1) << 52)
#define RS_HISTORY_MAX_WEIGHT_NS (G_GINT64_CONSTANT(1) << 50)
#define RS_HISTORY_MAX_TEXT      4096

typedef struct {
    char magic[8];
    guint16 major, minor;
    guint32 n_head_bytes;
    guint64 n_file_bytes;
    guint32 n_chunk_bytes, n_chunks;
    gint64 start_ns, start_real_ns; /* CLOCK_MONOTONIC and CLOCK_REALTIME */
    gint64 retention_us;            /* 0: none */
    gint64 writer_pid;
    guint64 writer_start_ticks; /* since boot: field 22 of /proc/PID/stat */
    char boot_id[40];
    guint32 reserved;
    guint32 checksum; /* of all before it */
} RsHistoryHead;

typedef struct {
    guint64 sequence; /* from 1; 0: never used */
    gint64 base_us;
    _Atomic guint64 committed; /* bytes of records, and above bit 32 their checksum */
    guint64 reserved[5];
} RsHistoryChunkHead;

typedef struct {
    guint32 checksum; /* of all behind it, up to n_bytes of text */
    guint32 n_bytes;
    guint64 sequence;
} RsHistoryNoteHead;

G_STATIC_ASSERT(G_BYTE_ORDER == G_LITTLE_ENDIAN);
G_STATIC_ASSERT(sizeof(RsHistoryHead) == 120);
G_STATIC_ASSERT(sizeof(RsHistoryChunkHead) == 64);
G_STATIC_ASSERT(sizeof(RsHistoryNoteHead) == 16);

/* What the checksum of a chunk begins with: its identity. */
#define RS_HISTORY_SEED_BYTES 16 /* sequence, base_us */

enum {
    RS_HISTORY_MODULE = 1,
    RS_HISTORY_THREAD,
    RS_HISTORY_STACK,
    RS_HISTORY_TIME,
    RS_HISTORY_PROCESS,
    RS_HISTORY_LOOK,
    RS_HISTORY_EVENT,
    RS_HISTORY_LOCK,

    RS_HISTORY_WAIT = 0x40,
    RS_HISTORY_WAIT_HAS_BEGUN = 1,
    RS_HISTORY_WAIT_HAS_STACK = 2,
    RS_HISTORY_WAIT_LATER = 4,
    RS_HISTORY_WAIT_FAR = 7, /* the lock's number follows */

    RS_HISTORY_SAMPLE = 0x80,
    RS_HISTORY_SAMPLE_SAME_STACK = 1,
    RS_HISTORY_SAMPLE_NEW_WEIGHT = 2,
    RS_HISTORY_SAMPLE_NEW_FLAGS = 4,
    RS_HISTORY_SAMPLE_FAR = 15, /* the thread's number follows */

    RS_HISTORY_SHIFT = 3,
};
enum { RS_HISTORY_HAS_START = 1, RS_HISTORY_HAS_END = 2 };

#define RS_HISTORY_N_LOOK_VALUES 8

#endif
