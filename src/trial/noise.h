/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the machine did besides while something was measured on it: its load, CPU time that others
 * took, and how long a piece of work takes that is always the same. Order: new, calibrate between
 * the trials, end. */
#ifndef RS_TRIAL_NOISE_H
#define RS_TRIAL_NOISE_H

#include "model/session.h"

typedef struct RsNoiseMeter RsNoiseMeter;

/* noise is borrowed until the end. */
RsNoiseMeter *rs_noise_meter_new(RsNoise *noise);
/* Does the piece of work, unless it was done just now. */
void rs_noise_meter_calibrate(RsNoiseMeter *meter);
/* Fills noise; frees the meter. */
void rs_noise_meter_end(RsNoiseMeter *meter);

#endif
