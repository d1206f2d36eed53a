/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's clocks as one number. */
#ifndef RS_BASE_CLOCK_H
#define RS_BASE_CLOCK_H

#include <glib.h>
#include <time.h>

#define RS_NS_PER_S G_GINT64_CONSTANT(1000000000)

static inline gint64 rs_clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return now.tv_sec * RS_NS_PER_S + now.tv_nsec;
}

static inline gint64 rs_monotonic_ns(void)
{
    return rs_clock_ns(CLOCK_MONOTONIC);
}

#endif
