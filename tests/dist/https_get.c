/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request as a report is posted, to see which certificates are trusted. usage: https_get URL
 * Prints "STATUS BODY" and exits with 0, or the error and exits with 1. */
#include <stdio.h>

#include "remote/http.h"

int main(int argc, char **argv)
{
    RsHttpOptions options = {
        .base_url = argc > 1 ? argv[1] : "", .budget_s = 5, .wait_unit_s = 0.01};
    g_autoptr(GError) error = NULL;
    g_autoptr(RsHttp) http = rs_http_new(&options, &error);
    g_auto(RsHttpAnswer) answer = {0};

    if (!http || !rs_http_send(http, "GET", "/", NULL, &answer, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    printf("%u %s\n", answer.status, (const char *)g_bytes_get_data(answer.body, NULL));
    return 0;
}
