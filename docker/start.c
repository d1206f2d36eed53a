/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bin/rustscope of the relocatable tarball: finds its own folder and hands over to the loader and
 * the program in ../lib, with the same arguments. Linked statically, so that it starts under any C
 * library or none. The environment stays as it is: what rustscope starts must not load our
 * libraries, so they are found by the program's own DT_RPATH ($ORIGIN) and not by LD_LIBRARY_PATH.
 * --inhibit-cache: /etc/ld.so.cache lists the libraries of another system.
 * Exit status 3, could not do it, when there is nothing to hand over to. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#ifndef LOADER
#error "LOADER is the name of the loader in ../lib"
#endif
#define N_ARGUMENTS_BEFORE 5 /* loader, --inhibit-cache, --argv0, its value, program */
#define EXIT_CANNOT        3

static int complain(const char *what)
{
    fprintf(stderr, "rustscope: cannot start: %s: %s\n", what, strerror(errno));
    return EXIT_CANNOT;
}

/* Where this program really lies, links followed: as the kernel knows it, else as it was called. */
static const char *own_path(char *path)
{
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
    const char *called = (const char *)getauxval(AT_EXECFN);

    if (n > 0) {
        path[n] = '\0';
        return path;
    }
    return called ? realpath(called, path) : NULL;
}

/* The folder above the file's, cut in place. */
static int go_up(char *path)
{
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(path, '/');

        if (!slash)
            return 0;
        *slash = '\0';
    }
    return 1;
}

int main(int argc, char **argv)
{
    char self[PATH_MAX], top[PATH_MAX], loader[PATH_MAX + 64], program[PATH_MAX + 64];
    char **arguments = calloc((size_t)argc + N_ARGUMENTS_BEFORE + 1, sizeof *arguments);
    int n = 0;

    if (!arguments || !own_path(self))
        return complain("where am I");
    strcpy(top, self);
    if (!go_up(top)) {
        errno = ENOENT;
        return complain(self);
    }
    snprintf(loader, sizeof loader, "%s/lib/" LOADER, top);
    snprintf(program, sizeof program, "%s/lib/rustscope", top);
    arguments[n++] = loader;
    arguments[n++] = (char *)"--inhibit-cache";
    arguments[n++] = (char *)"--argv0";
    arguments[n++] = self;
    arguments[n++] = program;
    for (int i = 1; i < argc; i++)
        arguments[n++] = argv[i];
    if (access(program, R_OK) != 0)
        return complain(program);
    execv(loader, arguments);
    return complain(loader);
}
