/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names by address that come as text: a JIT compiler's /tmp/perf-PID.map and the kernel's
 * /proc/kallsyms. Untrusted, and limited in size. */
#ifndef RS_SYMBOL_ADDRESS_MAP_H
#define RS_SYMBOL_ADDRESS_MAP_H

#include <glib.h>

typedef struct RsAddressMap RsAddressMap;

/* perf-PID.map of a process: hexadecimal start and size, then the name; later lines win where they
 * overlap. Lines that are none are passed over. path through the target's root.
 * Errors G_FILE_ERROR, or G_IO_ERROR_INVALID_DATA when it has no line at all. */
RsAddressMap *rs_address_map_read_perf(const char *path, GError **error);
/* kallsyms. NULL without error: the kernel hides its addresses (all are 0). Errors G_FILE_ERROR. */
RsAddressMap *rs_address_map_read_kallsyms(const char *path, GError **error);
void rs_address_map_free(RsAddressMap *map);

/* Borrowed; NULL: nothing is there. */
const char *rs_address_map_find(const RsAddressMap *map, guint64 address, guint64 *start);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsAddressMap, rs_address_map_free)

#endif
