/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/sampler.h"

G_DEFINE_QUARK(rs - sampler - error - quark, rs_sampler_error)
