/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the machine permits, for people or as JSON. */
#ifndef RS_CMD_DOCTOR_H
#define RS_CMD_DOCTOR_H

#include <glib.h>

/* Looks and prints. Returns the exit status: 0, whatever was found. */
int rs_doctor(gboolean as_json);

#endif
