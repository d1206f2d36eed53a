/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the certificates are by which a server is trusted. libcurl has the place of the system that
 * it was built on; the tarball runs on others. Must not know which server is asked. */
#ifndef RS_REMOTE_CA_BUNDLE_H
#define RS_REMOTE_CA_BUNDLE_H

#include <glib.h>

typedef struct {
    char *path;         /* a file of certificates in PEM; yours */
    const char *source; /* the variable that names it; NULL: a place where a distribution has it */
} RsCaBundle;

/* The file that SSL_CERT_FILE names, else CURL_CA_BUNDLE, else the first of the places where
 * distributions have theirs, under root ("/"; another in tests). A variable that is empty does not
 * count; one that names a file that cannot be read is an error, not passed over: who sets it counts
 * on that file.
 * Errors G_FILE_ERROR: that, or nothing found; the message names each place looked at. */
gboolean rs_ca_bundle_find(const char *root, RsCaBundle *bundle, GError **error);
void rs_ca_bundle_clear(RsCaBundle *bundle);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RsCaBundle, rs_ca_bundle_clear)

#endif
