/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "remote/dry_run.h"

#include <glib.h>
#include <jansson.h>
#include <stdlib.h>

char *rs_dry_run_text(const char *method, const char *url, const char *body)
{
    json_t *json = body ? json_loads(body, JSON_DECODE_ANY, NULL) : NULL;
    char *pretty = json ? json_dumps(json, JSON_INDENT(2) | JSON_ENCODE_ANY) : NULL;
    char *text = g_strdup_printf("%s %s\n%s%s\n", method, url,
                                 pretty ? pretty
                                 : body ? body
                                        : "",
                                 body ? "\n" : "");

    free(pretty);
    json_decref(json);
    return text;
}
