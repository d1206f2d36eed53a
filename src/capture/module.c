/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file is known by device, inode, size and time of modification, as fstat tells of the opened
 * file: an inode that is used again does not bring back the old module. What cannot be opened any
 * more is taken for the newest module of that build-id, or of that device and inode, and where
 * there is none becomes a module without an ELF, known by what the kernel told of it.
 *
 * Modules stand in an array of fixed size, which is published slot by slot: readers need no lock. A
 * module's table is published by a pointer of its own; who is first compiles it, under a lock of
 * the module, so that others can be had meanwhile. */
#include "capture/module.h"

#include <elf.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/mutex.h"
#include "capture/unwind/cfi.h"

#define MODULES_LIMIT    16384
#define VDSO_LIMIT_BYTES (256 * 1024)
#define DELETED          " (deleted)"

struct RsModule {
    guint32 id;
    RsModuleKind kind;
    char *path, *build_id;
    gint64 n_bytes;
    RsElf *elf;
    pthread_mutex_t lock; /* of compiling */
    _Atomic gboolean is_compiled;
    RsUnwindTable *table; /* stored before is_compiled */
};

struct RsModules {
    pthread_mutex_t lock;                                      /* of the tables and of adding */
    GHashTable *by_file, *by_inode, *by_build_id, *by_telling; /* text -> RsModule */
    _Atomic guint32 n_modules;
    _Atomic(RsModule *) modules[MODULES_LIMIT];
    RsModule *kernel, *unknown, *jit, *vdso;
};

/* --- modules --- */

static RsModule *module_new(RsModuleKind kind, const char *path, RsElf *elf)
{
    RsModule *module = g_new0(RsModule, 1);

    module->kind = kind;
    module->path = g_strdup(path);
    module->elf = elf;
    module->n_bytes = elf ? (gint64)rs_elf_n_bytes(elf) : -1;
    module->build_id = elf ? g_strdup(rs_elf_build_id(elf)) : NULL;
    pthread_mutex_init(&module->lock, NULL);
    return module;
}

static void module_free(RsModule *module)
{
    g_free(module->path);
    g_free(module->build_id);
    rs_unwind_table_free(module->table);
    rs_elf_free(module->elf);
    pthread_mutex_destroy(&module->lock);
    g_free(module);
}

guint32 rs_module_id(const RsModule *module)
{
    return module->id;
}

RsModuleKind rs_module_kind(const RsModule *module)
{
    return module->kind;
}

const char *rs_module_path(const RsModule *module)
{
    return module->path;
}

const char *rs_module_build_id(const RsModule *module)
{
    return module->build_id;
}

gint64 rs_module_n_bytes(const RsModule *module)
{
    return module->n_bytes;
}

RsElf *rs_module_elf(RsModule *module)
{
    return module->elf;
}

const RsUnwindTable *rs_module_table(RsModule *module)
{
    g_autoptr(RsHeldMutex) held = NULL;

    if (!module->elf || atomic_load_explicit(&module->is_compiled, memory_order_acquire))
        return module->table;
    held = rs_mutex_hold(&module->lock);
    if (!atomic_load_explicit(&module->is_compiled, memory_order_relaxed)) {
        module->table = rs_cfi_compile(module->elf, NULL);
        atomic_store_explicit(&module->is_compiled, TRUE, memory_order_release);
    }
    return module->table;
}

/* --- the registry --- */

/* Takes the module over; NULL: there are too many (it is freed then). */
static RsModule *add(RsModules *modules, RsModule *module)
{
    guint32 n = atomic_load_explicit(&modules->n_modules, memory_order_relaxed);

    if (n == MODULES_LIMIT) {
        module_free(module);
        return NULL;
    }
    module->id = n;
    atomic_store_explicit(&modules->modules[n], module, memory_order_release);
    atomic_store_explicit(&modules->n_modules, n + 1, memory_order_release);
    return module;
}

/* The image that the kernel maps into every process of this machine, as it is mapped in ours: as
 * long as its headers say. */
static RsElf *our_vdso(void)
{
    const guint8 *image = (const guint8 *)getauxval(AT_SYSINFO_EHDR);
    Elf64_Ehdr header;
    gsize n_bytes;

    if (!image)
        return NULL;
    memcpy(&header, image, sizeof header);
    n_bytes = header.e_shoff + (gsize)header.e_shnum * header.e_shentsize;
    for (guint i = 0; i < header.e_phnum; i++) {
        Elf64_Phdr segment;

        memcpy(&segment, image + header.e_phoff + i * sizeof segment, sizeof segment);
        n_bytes = MAX(n_bytes, segment.p_offset + segment.p_filesz);
    }
    return n_bytes <= VDSO_LIMIT_BYTES ? rs_elf_from_bytes(image, n_bytes, "[vdso]", NULL) : NULL;
}

RsModules *rs_modules_new(void)
{
    RsModules *modules = g_new0(RsModules, 1);
    GHashTable **tables[] = {&modules->by_file, &modules->by_inode, &modules->by_build_id,
                             &modules->by_telling};

    pthread_mutex_init(&modules->lock, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++)
        *tables[i] = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    modules->kernel = add(modules, module_new(RS_MODULE_KERNEL, "[kernel]", NULL));
    modules->unknown = add(modules, module_new(RS_MODULE_UNKNOWN, "[unknown]", NULL));
    g_assert(modules->kernel->id == RS_MODULE_ID_KERNEL);
    g_assert(modules->unknown->id == RS_MODULE_ID_UNKNOWN);
    modules->jit = add(modules, module_new(RS_MODULE_JIT, "[jit]", NULL));
    modules->vdso = add(modules, module_new(RS_MODULE_VDSO, "[vdso]", our_vdso()));
    return modules;
}

void rs_modules_free(RsModules *modules)
{
    if (!modules)
        return;
    for (guint32 i = 0; i < rs_modules_n(modules); i++)
        module_free(rs_modules_by_id(modules, i));
    g_hash_table_unref(modules->by_file);
    g_hash_table_unref(modules->by_inode);
    g_hash_table_unref(modules->by_build_id);
    g_hash_table_unref(modules->by_telling);
    pthread_mutex_destroy(&modules->lock);
    g_free(modules);
}

RsModule *rs_modules_kernel(RsModules *modules)
{
    return modules->kernel;
}

RsModule *rs_modules_unknown(RsModules *modules)
{
    return modules->unknown;
}

RsModule *rs_modules_vdso(RsModules *modules)
{
    return modules->vdso;
}

RsModule *rs_modules_by_id(RsModules *modules, guint32 id)
{
    g_assert(id < MODULES_LIMIT);
    return atomic_load_explicit(&modules->modules[id], memory_order_acquire);
}

guint32 rs_modules_n(RsModules *modules)
{
    return atomic_load_explicit(&modules->n_modules, memory_order_acquire);
}

/* --- the file of a mapping --- */

/* In overlays and on btrfs, what fstat tells as the device is not what the kernel tells of
 * mappings; the inode is the same. */
static gboolean has_devices_of_its_own(int fd)
{
    struct statfs status;

    return fstatfs(fd, &status) == 0 &&
           (status.f_type == OVERLAYFS_SUPER_MAGIC || status.f_type == BTRFS_SUPER_MAGIC);
}

/* As far as that can be told without reading it. */
static gboolean may_be_of(int fd, const struct stat *status, const RsMapping *mapping)
{
    if (!S_ISREG(status->st_mode) || status->st_size <= 0 ||
        (guint64)status->st_size <= mapping->file_offset)
        return FALSE;
    if (!mapping->inode)
        return TRUE; /* its build-id will tell */
    return status->st_ino == mapping->inode && ((major(status->st_dev) == mapping->device_major &&
                                                 minor(status->st_dev) == mapping->device_minor) ||
                                                has_devices_of_its_own(fd));
}

static char *told_build_id(const RsMapping *mapping)
{
    GString *hex;

    if (!mapping->n_build_id_bytes)
        return NULL;
    hex = g_string_new(NULL);
    for (guint i = 0; i < MIN(mapping->n_build_id_bytes, sizeof mapping->build_id); i++)
        g_string_append_printf(hex, "%02x", mapping->build_id[i]);
    return g_string_free(hex, FALSE);
}

static char *told_path(const RsMapping *mapping)
{
    gsize n_chars = strlen(mapping->path);

    if (g_str_has_suffix(mapping->path, DELETED))
        n_chars -= strlen(DELETED);
    return n_chars ? g_strndup(mapping->path, n_chars) : g_strdup("[unknown]");
}

static gboolean is_elf_file(int fd)
{
    char magic[SELFMAG];

    return pread(fd, magic, sizeof magic, 0) == sizeof magic && memcmp(magic, ELFMAG, SELFMAG) == 0;
}

/* The module of an opened file; NULL: it is not that of the mapping, or there are too many. */
static RsModule *of_file(RsModules *modules, int fd, const RsMapping *mapping, const char *build_id)
{
    g_autofree char *path = told_path(mapping), *key = NULL;
    struct stat status;
    RsModule *module;

    if (fstat(fd, &status) != 0 || !may_be_of(fd, &status, mapping))
        return NULL;
    key = g_strdup_printf("%lx:%lx:%lx:%lx.%lx", (gulong)status.st_dev, (gulong)status.st_ino,
                          (gulong)status.st_size, (gulong)status.st_mtim.tv_sec,
                          (gulong)status.st_mtim.tv_nsec);
    module = g_hash_table_lookup(modules->by_file, key);
    if (!module) {
        RsElf *elf = rs_elf_open_fd(fd, path, NULL);

        if (build_id && g_strcmp0(elf ? rs_elf_build_id(elf) : NULL, build_id) != 0) {
            rs_elf_free(elf);
            return NULL;
        }
        module = add(modules, module_new(elf || is_elf_file(fd) ? RS_MODULE_FILE : RS_MODULE_JIT,
                                         path, elf));
        if (!module)
            return NULL;
        module->n_bytes = status.st_size;
        g_hash_table_insert(modules->by_file, g_steal_pointer(&key), module);
        if (module->build_id)
            g_hash_table_insert(modules->by_build_id, g_strdup(module->build_id), module);
    }
    return build_id && g_strcmp0(module->build_id, build_id) != 0 ? NULL : module;
}

static RsModule *of_name(RsModules *modules, const RsMapping *mapping, const char *build_id,
                         const char *format, ...) G_GNUC_PRINTF(4, 5);
static RsModule *of_name(RsModules *modules, const RsMapping *mapping, const char *build_id,
                         const char *format, ...)
{
    g_autofree char *name = NULL;
    RsModule *module;
    va_list arguments;
    int fd;

    va_start(arguments, format);
    name = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* it may be anything */
    if (fd < 0)
        return NULL;
    module = of_file(modules, fd, mapping, build_id);
    close(fd);
    return module;
}

static RsModule *find_file(RsModules *modules, pid_t pid, const RsMapping *mapping,
                           const char *build_id)
{
    RsModule *module = of_name(modules, mapping, build_id, "/proc/%d/map_files/%lx-%lx", pid,
                               (gulong)mapping->start, (gulong)mapping->end);

    if (!module)
        module = of_name(modules, mapping, build_id, "/proc/%d/exe", pid);
    if (!module && mapping->path[0] == '/')
        module = of_name(modules, mapping, build_id, "/proc/%d/root%s", pid, mapping->path);
    if (!module && mapping->path[0] == '/')
        module = of_name(modules, mapping, build_id, "%s", mapping->path);
    return module;
}

static gboolean is_memory(const RsMapping *mapping)
{
    return mapping->path[0] != '/' || g_str_has_prefix(mapping->path, "//anon") ||
           g_str_has_prefix(mapping->path, "/memfd:") ||
           g_str_has_prefix(mapping->path, "/dev/zero") ||
           g_str_has_prefix(mapping->path, "/SYSV") ||
           g_str_has_prefix(mapping->path, "/anon_hugepage");
}

/* The module of a mapping whose file is gone or may not be read. */
static RsModule *of_telling(RsModules *modules, const RsMapping *mapping, const char *build_id,
                            const char *inode_key)
{
    g_autofree char *key = NULL;
    RsModule *module = NULL;

    if (build_id)
        module = g_hash_table_lookup(modules->by_build_id, build_id);
    else if (mapping->inode)
        module = g_hash_table_lookup(modules->by_inode, inode_key);
    if (module)
        return module;
    if (!build_id && is_memory(mapping))
        return modules->jit;
    key = g_strdup_printf("%s %s %s", inode_key, build_id ? build_id : "", mapping->path);
    module = g_hash_table_lookup(modules->by_telling, key);
    if (!module) {
        g_autofree char *path = told_path(mapping);

        module = add(modules, module_new(RS_MODULE_FILE, path, NULL));
        if (!module)
            return modules->unknown;
        module->build_id = g_strdup(build_id);
        g_hash_table_insert(modules->by_telling, g_steal_pointer(&key), module);
    }
    return module;
}

/* The same file as before, without opening it again: programs that start often map the same few
 * files each time. The build-id is that of what is mapped, so a path alone need not be trusted. */
static RsModule *of_known_build(RsModules *modules, const RsMapping *mapping, const char *build_id)
{
    g_autoptr(RsHeldMutex) held = NULL;
    RsModule *module;

    if (!build_id)
        return NULL;
    held = rs_mutex_hold(&modules->lock);
    module = g_hash_table_lookup(modules->by_build_id, build_id);
    return module && g_str_equal(module->path, mapping->path) ? module : NULL;
}

RsModule *rs_modules_get(RsModules *modules, pid_t pid, const RsMapping *mapping)
{
    g_autofree char *build_id = told_build_id(mapping);
    g_autofree char *inode_key = NULL;
    g_autoptr(RsHeldMutex) held = NULL;
    RsModule *module;

    if (g_str_equal(mapping->path, "[vdso]"))
        return modules->vdso;
    if (g_str_equal(mapping->path, "[vsyscall]"))
        return modules->unknown;
    if (!mapping->inode && !build_id)
        return modules->jit;
    module = of_known_build(modules, mapping, build_id);
    if (module)
        return module;
    inode_key = g_strdup_printf("%x:%x:%lx", mapping->device_major, mapping->device_minor,
                                (gulong)mapping->inode);
    held = rs_mutex_hold(&modules->lock);
    module = find_file(modules, pid, mapping, build_id);
    if (!module)
        return of_telling(modules, mapping, build_id, inode_key);
    if (mapping->inode)
        g_hash_table_replace(modules->by_inode, g_strdup(inode_key), module);
    return module;
}
