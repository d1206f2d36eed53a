/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The things of one grouping, tested together: each whether it became slower, with family-wise
 * control, and in a family of its own whether it became faster. */
#ifndef RS_ANALYZE_BLAME_FAMILY_H
#define RS_ANALYZE_BLAME_FAMILY_H

#include <glib.h>

#include "analyze/blame.h"
#include "analyze/blame_times.h"

typedef struct {
    const RsBlameSource *source;
    const RsBlameOptions *options;
    RsBlameGrouping grouping;
    gboolean is_tested; /* FALSE: means alone; every p is NaN */
    double delta_ns;    /* of the benchmark, where it is shown to be slower; else NaN: no shares */
    RsBlameTimes times;
    double *mean;                                          /* of each line's differences */
    double *p, *p_adjusted, *p_faster, *p_faster_adjusted; /* of each line */
} RsBlameFamily;

void rs_blame_family_init(RsBlameFamily *family, const RsBlameSource *source,
                          RsBlameGrouping grouping, double delta_ns, gboolean is_tested,
                          const RsBlameOptions *options);
void rs_blame_family_clear(RsBlameFamily *family);

/* "[other functions]" for what was joined. */
const char *rs_blame_family_name(const RsBlameFamily *family, guint line);
const RsBlameName *rs_blame_family_thing(const RsBlameFamily *family,
                                         guint line); /* NULL: joined */
const double *rs_blame_family_differences(const RsBlameFamily *family, guint line);

/* Whether so much is worth calling anyone guilty. */
gboolean rs_blame_family_is_large(const RsBlameFamily *family, double delta_ns);
/* The line in words: all that is known of it but the interval, kind included. Yours. */
RsBlamed *rs_blame_family_describe(const RsBlameFamily *family, guint line);
/* Sets what the line gained, and the interval of that. d: the gain in each pair, the line's
 * differences or what is left of them. */
void rs_blame_family_set_gain(const RsBlameFamily *family, RsBlamed *blamed, const double *d);

/* The smallest rise of one function, in ns per launch, that would have been called guilty 9 times
 * in 10, when the function is found by pointing at the program's time blindly: large ones are
 * noisier and need more, small ones less. NaN: none would. */
double rs_blame_family_resolvable_ns(const RsBlameFamily *family);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RsBlameFamily, rs_blame_family_clear)

#endif
