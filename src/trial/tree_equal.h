/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a program that is the same file in two trees finds the same around it: a program reads
 * libraries, data and configuration as well, and one that finds others is another program. */
#ifndef RS_TRIAL_TREE_EQUAL_H
#define RS_TRIAL_TREE_EQUAL_H

#include <glib.h>

/* Whether the command names this path, from the top of the tree, as something that it reads. */
typedef gboolean (*RsTreeReads)(const char *path, gpointer data);

/* TRUE only when all files that differ between two trees, or that one of them lacks, are sources
 * and documents that compiled programs do not read, or by-products of building, and none that
 * reads (may be NULL) is TRUE of. */
gboolean rs_trees_are_equal_to_run(const char *a, const char *b, RsTreeReads reads, gpointer data,
                                   const volatile int *stop);

#endif
