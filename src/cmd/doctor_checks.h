/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checks of doctor: a row each. They try rather than guess where that harms nothing. Must not
 * know how they are printed. */
#ifndef RS_CMD_DOCTOR_CHECKS_H
#define RS_CMD_DOCTOR_CHECKS_H

#include <glib.h>

typedef enum { RS_CHECK_OK, RS_CHECK_LIMITED, RS_CHECK_NO, RS_CHECK_INFO } RsCheckState;
extern const char *const rs_check_state_names[]; /* "ok", "limited", "no", "info", NULL */

typedef struct {
    const char *group, *name;
    RsCheckState state;
    char *fact;   /* what was found */
    char *advice; /* what to do about it; NULL: nothing */
} RsCheck;

/* RsCheck, owned by the array. root: "/", or in tests a folder with files of /proc and /sys; what
 * is tried is always tried on this machine. */
GPtrArray *rs_doctor_checks(const char *root);
/* The sampler that --sampler auto takes here, and why, in a sentence. why is yours. */
const char *rs_doctor_sampler(char **why);

/* --- rows of doctor_system.c --- */

typedef struct {
    const char *root;
    GPtrArray *checks;
} RsDoctor;

char *rs_doctor_read(const RsDoctor *doctor, const char *path); /* without the last newline; NULL */
/* fact and advice are taken. */
void rs_doctor_add(RsDoctor *doctor, const char *group, const char *name, RsCheckState state,
                   char *fact, char *advice);
void rs_doctor_check_system(RsDoctor *doctor);

#endif
