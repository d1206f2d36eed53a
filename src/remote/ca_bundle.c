/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "remote/ca_bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const variables[] = {"SSL_CERT_FILE", "CURL_CA_BUNDLE", NULL};

static const char *const places[] = {
    "etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Alpine, Arch, Gentoo */
    "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Fedora, RHEL and their kin */
    "etc/pki/tls/certs/ca-bundle.crt",                  /* the same, older */
    "etc/ssl/ca-bundle.pem",                            /* openSUSE, SLES */
    "var/lib/ca-certificates/ca-bundle.pem",            /* the same, what that leads to */
    "etc/ssl/cert.pem",                                 /* Alpine's base, without its package */
    "usr/local/share/certs/ca-root-nss.crt",            /* pkgsrc and ports */
    "nix/var/nix/profiles/default/etc/ssl/certs/ca-bundle.crt",
    NULL,
};

/* 0, or the errno of reading the file; one that is empty holds nobody to trust. */
static int trouble_with(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), trouble = 0;

    if (fd < 0)
        return errno;
    if (fstat(fd, &status) != 0)
        trouble = errno;
    else if (!S_ISREG(status.st_mode) || status.st_size == 0)
        trouble = EINVAL;
    close(fd);
    return trouble;
}

static gboolean take_named(const char *variable, const char *path, RsCaBundle *bundle,
                           GError **error)
{
    int trouble = trouble_with(path);

    if (trouble) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(trouble),
                    "no certificates in '%s', which %s names: %s", path, variable,
                    trouble == EINVAL ? "not a file, or empty" : g_strerror(trouble));
        return FALSE;
    }
    *bundle = (RsCaBundle){.path = g_strdup(path), .source = variable};
    return TRUE;
}

gboolean rs_ca_bundle_find(const char *root, RsCaBundle *bundle, GError **error)
{
    g_autoptr(GString) looked = g_string_new(NULL);

    *bundle = (RsCaBundle){0};
    for (const char *const *variable = variables; *variable; variable++) {
        const char *path = g_getenv(*variable);

        if (path && *path)
            return take_named(*variable, path, bundle, error);
    }
    for (const char *const *place = places; *place; place++) {
        g_autofree char *path = g_build_filename(root, *place, NULL);

        if (trouble_with(path) == 0) {
            bundle->path = g_steal_pointer(&path);
            return TRUE;
        }
        g_string_append_printf(looked, "%s%s", looked->len ? ", " : "", path);
    }
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                "no certificates to know a server by: SSL_CERT_FILE and CURL_CA_BUNDLE are not "
                "set, and there is none of %s; install ca-certificates or set SSL_CERT_FILE",
                looked->str);
    return FALSE;
}

void rs_ca_bundle_clear(RsCaBundle *bundle)
{
    g_clear_pointer(&bundle->path, g_free);
}
