/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens ELF files by path, under another root as well: links of a container lead to where they lead
 * in the container. */
#ifndef RS_SYMBOL_ELF_OPEN_H
#define RS_SYMBOL_ELF_OPEN_H

#include "elf/elf_file.h"

/* root: NULL or a folder; path: absolute where there is a root. opened_path: the name to open it by
 * from here, may be NULL; yours, set on success only. Errors RS_ELF_ERROR; a file that is not there
 * is RS_ELF_ERROR_UNREADABLE. */
RsElf *rs_elf_open_path(const char *root, const char *path, char **opened_path, GError **error);

#endif
