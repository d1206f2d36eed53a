/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/source.h"

#include <string.h>

#include "base/text.h"

#define MAX_PATH_BYTES 1000
#define MAX_URL_BYTES  4000

/* The rest of path after part, when it is there. */
static const char *after(const char *path, const char *part)
{
    const char *found = strstr(path, part);

    return found ? found + strlen(part) : NULL;
}

static char *first_folder(const char *path)
{
    return g_strndup(path, strcspn(path, "/"));
}

/* Rust's own library: a toolchain's sources, or the path that its builds have. */
static char *std_crate(const char *file)
{
    const char *inside = after(file, "/lib/rustlib/src/rust/library/");

    if (!inside && g_str_has_prefix(file, "/rustc/"))
        inside = after(file, "/library/");
    return inside && strchr(inside, '/') ? first_folder(inside) : NULL;
}

/* Below "registry/src/INDEX/" and "git/checkouts/" what follows begins with the crate. */
static const char *dependency_path(const char *file)
{
    const char *inside = after(file, "/registry/src/");

    if (inside && strchr(inside, '/'))
        return strchr(inside, '/') + 1;
    return after(file, "/git/checkouts/");
}

static char *with_line(const char *path, const RsBlamed *blamed)
{
    return blamed->line > 0 ? g_strdup_printf("%s:%" G_GINT64_FORMAT, path, blamed->line)
                            : g_strdup(path);
}

/* Without a file: whose code it is. */
static char *owner(const RsBlamed *blamed)
{
    if (blamed->crate_kind == RS_CRATE_KERNEL)
        return g_strdup("kernel");
    if (blamed->crate_name && *blamed->crate_name)
        return g_strdup(blamed->crate_name);
    if (blamed->crate_kind == RS_CRATE_STD)
        return g_strdup("std");
    return blamed->binary && *blamed->binary ? g_path_get_basename(blamed->binary) : NULL;
}

char *rs_source_place(const RsBlamed *blamed)
{
    const char *inside;
    g_autofree char *crate = NULL;

    if (!blamed->file || !*blamed->file)
        return owner(blamed);
    if ((crate = std_crate(blamed->file)))
        return g_steal_pointer(&crate);
    inside = dependency_path(blamed->file);
    return with_line(inside && *inside ? inside : blamed->file, blamed);
}

char *rs_source_path(const RsBlamed *blamed)
{
    const char *file = blamed->file;

    while (file && g_str_has_prefix(file, "./"))
        file += 2;
    if (!file || !*file || *file == '/' || strlen(file) > MAX_PATH_BYTES ||
        strpbrk(file, "\\:<>") || !g_utf8_validate(file, -1, NULL))
        return NULL;
    for (const char *at = file; *at; at++)
        if ((guchar)*at < 0x20 || *at == 0x7F)
            return NULL;
    return rs_text_is_path_down(file) ? g_strdup(file) : NULL;
}

static gboolean is_revision(const char *text)
{
    gsize n = text ? strlen(text) : 0;

    return n >= 7 && n <= 64 && strspn(text, "0123456789abcdefABCDEF") == n;
}

/* "HOST/OWNER/REPO" of an address that git clones from, or NULL. What stands before an "@" may be
 * a password and goes no further. */
static char *web_address(const char *repository)
{
    const char *from = repository, *at, *slash;
    gboolean ssh = FALSE;
    g_autofree char *address = NULL;

    if (!from || strlen(from) > MAX_PATH_BYTES)
        return NULL;
    if (g_str_has_prefix(from, "https://"))
        from += strlen("https://");
    else if ((ssh = g_str_has_prefix(from, "ssh://")))
        from += strlen("ssh://");
    else if (!(ssh = g_str_has_prefix(from, "git@")))
        return NULL;
    slash = from + strcspn(from, ssh ? "/:" : "/");
    for (at = slash; at > from; at--)
        if (at[-1] == '@')
            break;
    if (at > from && *(at - 1) == '@')
        from = at;
    address = g_strdup(from);
    /* git@HOST:OWNER/REPO; a port of ssh is none of the web. */
    if (ssh && address[strcspn(address, "/:")] == ':') {
        if (g_str_has_prefix(repository, "ssh://"))
            return NULL;
        address[strcspn(address, ":")] = '/';
    }
    while (g_str_has_suffix(address, "/"))
        address[strlen(address) - 1] = '\0';
    if (g_str_has_suffix(address, ".git"))
        address[strlen(address) - strlen(".git")] = '\0';
    return g_steal_pointer(&address);
}

/* A host name with an optional port, and at least an owner and a repository of plain letters. */
static gboolean is_address(const char *address, guint *n_folders)
{
    g_auto(GStrv) parts = g_strsplit(address, "/", -1);

    *n_folders = g_strv_length(parts) - 1;
    if (*n_folders < 2)
        return FALSE;
    for (guint i = 0; parts[i]; i++) {
        const char *extra = i == 0 ? "-.:" : "-._~+";

        if (!*parts[i] || g_str_equal(parts[i], ".") || g_str_equal(parts[i], ".."))
            return FALSE;
        for (const char *at = parts[i]; *at; at++)
            if (!g_ascii_isalnum(*at) && !strchr(extra, *at))
                return FALSE;
    }
    return TRUE;
}

/* GitHub and what resembles it take "/blob/"; GitLab, which alone has groups in groups, wants
 * "/-/blob/". */
static const char *blob_folder(const char *address, guint n_folders)
{
    g_autofree char *host = first_folder(address);

    if (strstr(host, "gitlab") || n_folders > 2)
        return "/-/blob/";
    if (g_str_equal(host, "bitbucket.org"))
        return "/src/";
    return strstr(host, "gitea") || strstr(host, "forgejo") || g_str_equal(host, "codeberg.org")
               ? "/src/commit/"
               : "/blob/";
}

char *rs_source_url(const RsVerdict *verdict, const RsBlamed *blamed)
{
    RsArm arm = blamed->kind == RS_BLAME_VANISHED ? RS_ARM_BASELINE : RS_ARM_CURRENT;
    const RsRevision *revision = &verdict->revisions[arm];
    g_autofree char *path = rs_source_path(blamed);
    g_autofree char *address = NULL, *encoded = NULL;
    GString *url;
    guint n_folders;

    if (!path || !is_revision(revision->revision))
        return NULL;
    address = web_address(revision->repository ? revision->repository
                                               : verdict->revisions[RS_ARM_CURRENT].repository);
    if (!address || !is_address(address, &n_folders))
        return NULL;
    encoded = g_uri_escape_string(path, "/", FALSE);
    url = g_string_new(NULL);
    g_string_append_printf(url, "https://%s%s%s/%s", address, blob_folder(address, n_folders),
                           revision->revision, encoded);
    if (blamed->line > 0)
        g_string_append_printf(url, "#%s%" G_GINT64_FORMAT,
                               g_str_has_prefix(address, "bitbucket.org/") ? "lines-" : "L",
                               blamed->line);
    if (url->len > MAX_URL_BYTES) {
        g_string_free(url, TRUE);
        return NULL;
    }
    return g_string_free(url, FALSE);
}
