/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The blamed lines as GitHub's check runs show them beside the code. Source: GitHub's OpenAPI
 * description, checks/create, output.annotations. */
#ifndef RS_REPORT_CHECK_ANNOTATIONS_H
#define RS_REPORT_CHECK_ANNOTATIONS_H

#include <jansson.h>

#include "model/verdict.h"

#define RS_CHECK_ANNOTATIONS_MAX 100

/* An array of one object for each benchmark that regressed and whose blamed line the repository
 * has, worst first, at most RS_CHECK_ANNOTATIONS_MAX. */
json_t *rs_report_check_annotations(const RsVerdict *verdict);
void rs_report_check_annotations_free(json_t *annotations);

#endif
