/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/git.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child_env.h"
#include "base/text.h"

#define DEFAULT_LIMIT_BYTES (16 * 1024 * 1024)
#define MESSAGE_LIMIT_BYTES 16384
#define MESSAGE_LIMIT_CHARS 2000
#define LOOK_AT_STOP_MS     100
#define GITDIR_LIMIT_BYTES  4096

G_DEFINE_QUARK(rs - git - error - quark, rs_git_error)

/* --- whose repository it is --- */

static gboolean owner_of(const char *path, uid_t *owner)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return FALSE;
    *owner = status.st_uid;
    return TRUE;
}

/* Where a .git that is a file points to ("gitdir: PATH"; gitrepository-layout(5)); NULL: it is a
 * folder, or nothing of the kind. */
static char *pointed_to(const char *dot_git, const char *top)
{
    char text[GITDIR_LIMIT_BYTES];
    int fd = open(dot_git, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    gssize n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return NULL;
    text[n] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    return g_str_has_prefix(text, "gitdir: ")
               ? g_canonicalize_filename(text + strlen("gitdir: "), top)
               : NULL;
}

/* TRUE: folder, the top above it and the git directory are of one owner. */
static gboolean is_all_of(const char *top, const char *dot_git, uid_t owner)
{
    g_autofree char *elsewhere = pointed_to(dot_git, top);
    uid_t of_top, of_dot_git, of_elsewhere = owner;

    return owner_of(top, &of_top) && owner_of(dot_git, &of_dot_git) && of_top == owner &&
           of_dot_git == owner &&
           (!elsewhere || (owner_of(elsewhere, &of_elsewhere) && of_elsewhere == owner));
}

/* The folder that git is to take for safe; NULL: none. */
static char *safe_top(const char *folder)
{
    g_autofree char *absolute = realpath(folder ? folder : ".", NULL);
    char *at = absolute;
    uid_t owner;

    if (!absolute || !owner_of(absolute, &owner))
        return NULL;
    for (;;) {
        g_autofree char *dot_git = g_build_filename(*at ? at : "/", ".git", NULL);
        char *slash;

        if (g_file_test(dot_git, G_FILE_TEST_EXISTS))
            return is_all_of(*at ? at : "/", dot_git, owner) ? g_strdup(*at ? at : "/") : NULL;
        slash = strrchr(at, '/');
        if (!slash || !*at)
            break;
        *slash = '\0';
    }
    return realpath(folder ? folder : ".", NULL); /* a bare one: the folder itself */
}

/* --- its environment --- */

/* Variables that would lead git to another repository: in a hook of git itself they are set. */
static char **without_git_variables(char **environment)
{
    static const char *const kept[] = {"GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM",
                                       "GIT_EXEC_PATH", NULL};
    g_auto(GStrv) names = g_new0(char *, g_strv_length(environment) + 1);
    guint n = 0;

    for (char **entry = environment; *entry; entry++)
        if (g_str_has_prefix(*entry, "GIT_"))
            names[n++] = g_strndup(*entry, strcspn(*entry, "="));
    for (char **name = names; *name; name++)
        if (!g_strv_contains(kept, *name))
            environment = g_environ_unsetenv(environment, *name);
    return environment;
}

char **rs_git_environment(const char *folder)
{
    static const char *const settings[][2] = {
        {"core.hooksPath", "/dev/null"},
        {"core.fsmonitor", "false"},
        {"protocol.allow", "never"},
        {"credential.helper", ""},
        {"gc.auto", "0"},
        {"maintenance.auto", "false"},
        {"submodule.recurse", "false"},
        {"advice.detachedHead", "false"},
        {"core.quotePath", "false"},
        {"worktree.useRelativePaths", "false"},
        {"fetch.recurseSubmodules", "no"},
        {"diff.ignoreSubmodules", "none"},
    };
    g_autofree char *top = safe_top(folder), *inside = NULL;
    char **environment = without_git_variables(rs_child_env(environ, NULL, NULL));
    guint n = 0;

#define SET(NAME, VALUE) environment = g_environ_setenv(environment, NAME, VALUE, TRUE)
#define CONFIGURE(NAME, VALUE)                                                                     \
    do {                                                                                           \
        g_autofree char *key = g_strdup_printf("GIT_CONFIG_KEY_%u", n);                            \
        g_autofree char *value = g_strdup_printf("GIT_CONFIG_VALUE_%u", n++);                      \
        SET(key, NAME);                                                                            \
        SET(value, VALUE);                                                                         \
    } while (0)
    for (guint i = 0; i < G_N_ELEMENTS(settings); i++)
        CONFIGURE(settings[i][0], settings[i][1]);
    if (top) {
        inside = g_build_filename(top, ".git", NULL);
        CONFIGURE("safe.directory", top);
        CONFIGURE("safe.directory", inside);
    }
    inside = (g_free(inside), g_strdup_printf("%u", n));
    SET("GIT_CONFIG_COUNT", inside);
#undef CONFIGURE
    SET("GIT_TERMINAL_PROMPT", "0");
    SET("GIT_ALLOW_PROTOCOL", "none"); /* above protocol.*.allow of any configuration */
    SET("GIT_NO_LAZY_FETCH", "1");
    SET("GIT_LFS_SKIP_SMUDGE", "1");
    SET("LC_ALL", "C.UTF-8");
#undef SET
    return environment;
}

/* --- running it --- */

static void lead_a_group(gpointer data)
{
    setpgid(0, 0);
}

typedef struct {
    GByteArray *bytes;
    gsize limit_bytes;
    int fd; /* -1: at its end */
} Stream;

/* FALSE: over the limit. */
static gboolean take(Stream *stream)
{
    guint8 chunk[65536];
    gssize n = read(stream->fd, chunk, sizeof chunk);

    if (n < 0 && errno == EINTR)
        return TRUE;
    if (n <= 0) {
        close(stream->fd);
        stream->fd = -1;
        return TRUE;
    }
    if (stream->bytes->len + (gsize)n > stream->limit_bytes)
        return FALSE;
    g_byte_array_append(stream->bytes, chunk, (guint)n);
    return TRUE;
}

/* Takes both streams to their ends. What is said on stderr above its limit is thrown away. */
static gboolean drain(Stream *out, Stream *messages, const RsGit *git, GError **error)
{
    while (out->fd >= 0 || messages->fd >= 0) {
        struct pollfd fds[] = {{.fd = out->fd, .events = POLLIN},
                               {.fd = messages->fd, .events = POLLIN}};

        if (git->stop && *git->stop) {
            g_set_error(error, RS_GIT_ERROR, RS_GIT_ERROR_INTERRUPTED, "interrupted");
            return FALSE;
        }
        if (poll(fds, 2, git->stop ? LOOK_AT_STOP_MS : -1) <= 0)
            continue;
        if (fds[0].revents && !take(out)) {
            g_set_error(error, RS_GIT_ERROR, RS_GIT_ERROR_TOO_MUCH,
                        "git %s: more than %" G_GSIZE_FORMAT " bytes", git->arguments[0],
                        out->limit_bytes);
            return FALSE;
        }
        if (fds[1].revents)
            take(messages);
    }
    return TRUE;
}

static char *plain_message(const GByteArray *bytes)
{
    g_autofree char *plain = rs_text_plain(bytes->len ? (const char *)bytes->data : "", bytes->len,
                                           TRUE, MESSAGE_LIMIT_CHARS);
    const char *start = g_strstrip(plain);

    if (g_str_has_prefix(start, "fatal: ") || g_str_has_prefix(start, "error: "))
        start += strlen("fatal: ");
    return g_strdup(start);
}

static void set_failure(const RsGit *git, const GByteArray *messages, int status, GError **error)
{
    g_autofree char *message = plain_message(messages);
    const char *advice = "";

    if (strstr(message, "dubious ownership") || strstr(message, "unsafe repository"))
        advice = "\n(git before 2.38 needs that setting in a file; a repository of one user around "
                 "a folder of another is not worked in)";
    else if (strstr(message, "promisor remote") || strstr(message, "lazy fetching disabled"))
        advice = "\n(this clone is partial, it lacks files of older commits, and nothing is "
                 "fetched here: clone without a filter (no `filter:` of actions/checkout), or "
                 "`git fetch --refetch --no-filter` before)";

    if (!*message) {
        g_free(message);
        message = WIFSIGNALED(status) ? g_strdup_printf("killed by signal %d", WTERMSIG(status))
                                      : g_strdup_printf("status %d", WEXITSTATUS(status));
    }
    g_set_error(error, RS_GIT_ERROR, RS_GIT_ERROR_FAILED, "git %s: %s%s", git->arguments[0],
                message, advice);
}

static gboolean spawn(const RsGit *git, GPid *pid, int *out_fd, int *messages_fd, GError **error)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_auto(GStrv) environment = rs_git_environment(git->folder);
    g_autoptr(GError) missing = NULL;

    g_ptr_array_add(argv, (gpointer) "git");
    for (const char *const *argument = git->arguments; *argument; argument++)
        g_ptr_array_add(argv, (gpointer)*argument);
    g_ptr_array_add(argv, NULL);
    if (g_spawn_async_with_pipes(git->folder, (char **)argv->pdata, environment,
                                 G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, lead_a_group,
                                 NULL, pid, NULL, out_fd, messages_fd, &missing))
        return TRUE;
    g_set_error(error, RS_GIT_ERROR, RS_GIT_ERROR_NOT_THERE,
                g_error_matches(missing, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT)
                    ? "git is not installed here"
                    : "%s",
                missing->message);
    return FALSE;
}

char *rs_git(const RsGit *git, gsize *n_bytes, GError **error)
{
    g_autoptr(GByteArray) out = g_byte_array_new(), messages = g_byte_array_new();
    Stream out_stream = {out, git->limit_bytes ? git->limit_bytes : DEFAULT_LIMIT_BYTES, -1};
    Stream message_stream = {messages, MESSAGE_LIMIT_BYTES, -1};
    gboolean ok;
    int status;
    GPid pid;

    if (!spawn(git, &pid, &out_stream.fd, &message_stream.fd, error))
        return NULL;
    setpgid(pid, pid); /* whichever of both comes first */
    ok = drain(&out_stream, &message_stream, git, error);
    if (!ok)
        kill(-pid, SIGTERM); /* git takes back what it has begun */
    if (out_stream.fd >= 0)
        close(out_stream.fd);
    if (message_stream.fd >= 0)
        close(message_stream.fd);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (!ok)
        return NULL;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        set_failure(git, messages, status, error);
        return NULL;
    }
    if (n_bytes)
        *n_bytes = out->len;
    g_byte_array_append(out, (const guint8 *)"", 1);
    return (char *)g_byte_array_free(g_steal_pointer(&out), FALSE);
}

char *rs_git_line(const char *folder, const char *const *arguments, GError **error)
{
    g_autofree char *text = rs_git(&(RsGit){.folder = folder, .arguments = arguments}, NULL, error);

    if (!text)
        return NULL;
    text[strcspn(text, "\n")] = '\0';
    return *text ? g_steal_pointer(&text) : NULL;
}
