/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/sampler.h"

const RsSamplerRow *const rs_samplers[] = {&rs_sampler_perf, &rs_sampler_ptrace, NULL};
