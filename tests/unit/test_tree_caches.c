/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an earlier build left in the checkout, handed to the builds of both revisions. */
#include "trial/tree_caches.h"

#include <pwd.h>
#include <sys/stat.h>

#include "tests/unit/repository_fixtures.h"
#include "tests/unit/run.h"

static char *repository, *place;
static RsWorktreesOptions options;
static char *target[] = {(char *)"target", NULL};

static void set_up(void)
{
    enter_repository_folder();
    make_repository();
    repository = in_folder("repo");
    place = in_folder("trees");
    options = options_of(repository);
    options.folder = place;
    options.caches = target;
}

static void tear_down(void)
{
    g_free(repository);
    g_free(place);
    leave_folder();
}

static void build_with(const char *command)
{
    options.build_commands[RS_ARM_BASELINE] = options.build_commands[RS_ARM_CURRENT] = command;
}

START_TEST(a_cache_is_a_copy_with_the_ages_and_links_that_it_has)
{
    g_autoptr(RsWorktrees) trees = NULL;

    shell("cd repo && mkdir -p target/a && echo old >target/a/file && ln target/a/file target/b && "
          "ln -s a/file target/c && touch -d '2001-02-03 04:05:06.123456789' target/a/file");
    build_with("stat -c '%y %h' target/a/file >told; readlink target/c >>told; "
               "echo new >>target/b");
    trees = made(&options);
    assert_shows(trees, RS_ARM_CURRENT, "target/a/file", "old\nnew");
    assert_shows(trees, RS_ARM_BASELINE, "target/a/file", "old\nnew");
    assert_seen(trees, "told", "2001-02-03 04:05:06.123456789");
    assert_seen(trees, "told", " 2\na/file");
    shell("test \"$(cat repo/target/b)\" = old"); /* the checkout's own is as it was */
}
END_TEST

START_TEST(a_cache_that_the_checkout_lacks_is_none)
{
    g_autoptr(RsWorktrees) trees = NULL;

    build_with("test ! -e target");
    trees = made(&options);
    assert_shows(trees, RS_ARM_BASELINE, "value", "1");
}
END_TEST

static void assert_refused_cache(const char *cache, const char *why)
{
    char *caches[] = {(char *)cache, NULL};
    g_autoptr(GError) error = NULL;

    options.caches = caches;
    build_with("true");
    error = refused(&options);
    ck_assert_int_eq(error->code, RS_WORKTREES_ERROR_GIT);
    assert_says(error->message, why);
}

START_TEST(a_cache_outside_of_the_repository_is_refused_whichever_way_it_leads_there)
{
    shell("mkdir outside && echo secret >outside/file && ln -s ../outside repo/out && "
          "mkdir repo/in && ln -s ../../outside repo/in/out");
    assert_refused_cache("/etc", "not below the top");
    assert_refused_cache("../outside", "not below the top");
    assert_refused_cache("a/../../outside", "not below the top");
    assert_refused_cache(".git", "not below the top");
    assert_refused_cache(".", "the repository itself");
    assert_refused_cache("", "the repository itself");
    assert_refused_cache("out", "symbolic link");
    assert_refused_cache("in/out", "symbolic link");
}
END_TEST

START_TEST(a_revision_whose_link_leads_a_cache_out_of_its_tree_is_refused)
{
    shell("mkdir outside && cd repo && mkdir -p deep/target && echo x >deep/target/x && "
          "git checkout -q --detach head && ln -s \"$HOME\"/outside linked && "
          "git add linked && git commit -q -m link && git tag -f head && "
          "rm linked && mkdir -p linked/target && echo x >linked/target/x");
    assert_refused_cache("linked/target", "leads out of");
    shell("test -z \"$(ls outside)\"");
}
END_TEST

START_TEST(what_a_revision_has_below_a_cache_stays_its_own)
{
    g_autoptr(RsWorktrees) trees = NULL;

    shell("cd repo && git checkout -q base && mkdir target && echo base >target/kept && "
          "git add . && git commit -q -m b && git tag -f base && echo head >target/kept && "
          "git commit -q -a -m h && git tag -f head && echo left >target/left");
    build_with("true");
    trees = made(&options);
    assert_shows(trees, RS_ARM_BASELINE, "target/kept", "base");
    assert_shows(trees, RS_ARM_BASELINE, "target/left", "left");
    assert_shows(trees, RS_ARM_CURRENT, "target/kept", "head");
}
END_TEST

/* --- less work --- */

START_TEST(make_builds_again_only_what_differs)
{
    static char *caches[] = {(char *)"obj", NULL};
    g_autoptr(RsWorktrees) trees = NULL;

    shell(
        "cd repo && cat >Makefile <<'END'\n"
        "obj/all: obj/value obj/other obj/third\n"
        "\tcat $^ >$@\n"
        "obj/%: %\n"
        "\t@mkdir -p obj; echo $< >>made\n"
        "\tcp $< $@\n"
        "END\n"
        "echo third >third && echo obj >.gitignore && git add . && git commit -q -m m &&"
        "git tag -f head && git checkout -q base && git checkout head Makefile third .gitignore &&"
        "git commit -q -m b && git tag -f base && git checkout -q head && sleep 0.02 && make -s &&"
        "echo edited >third && rm made");
    options.caches = caches;
    build_with("make -s; touch made");
    trees = made(&options);
    assert_shows(trees, RS_ARM_BASELINE, "made", "value\nthird");
    assert_shows(trees, RS_ARM_BASELINE, "obj/all", "1\nsame\nthird");
    /* Of the change all is done but for what was edited in the checkout. */
    assert_shows(trees, RS_ARM_CURRENT, "made", "third");
    assert_shows(trees, RS_ARM_CURRENT, "obj/all", "2\nsame\nthird");
}
END_TEST

/* A crate with a library beside it; base and head differ in the program alone. */
static void make_cargo_project(void)
{
    shell("cd repo && mkdir -p src helper/src && cat >Cargo.toml <<'END'\n"
          "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"
          "[dependencies]\nhelper = { path = \"helper\" }\n"
          "[workspace]\nmembers = [\"helper\"]\n"
          "[profile.release]\ndebug = true\n"
          "END\n"
          "printf '[package]\\nname = \"helper\"\\nversion = \"0.1.0\"\\n' >helper/Cargo.toml && "
          "echo 'pub fn value() -> u32 { 1 }' >helper/src/lib.rs && "
          "echo 'fn main() { println!(\"one {}\", helper::value()) }' >src/main.rs && "
          "echo target >.gitignore && cargo generate-lockfile --offline && git add . && "
          "git commit -q -m cargo && git tag -f base && "
          "echo 'fn main() { println!(\"two {}\", helper::value()) }' >src/main.rs && "
          "git commit -q -a -m two && git tag -f head");
}

static void need_cargo(void)
{
    g_autofree char *cargo = g_find_program_in_path("cargo");
    const char *home = getpwuid(getuid()) ? getpwuid(getuid())->pw_dir : "/";
    g_autofree char *cargo_home = g_build_filename(home, ".cargo", NULL);
    g_autofree char *rustup_home = g_build_filename(home, ".rustup", NULL);

    if (!cargo) {
        puts("SKIP: cargo is not installed");
        exit(0);
    }
    g_setenv("CARGO_HOME", cargo_home, FALSE);
    g_setenv("RUSTUP_HOME", rustup_home, FALSE);
}

START_TEST(cargo_builds_again_only_what_differs)
{
    g_autoptr(RsWorktrees) trees = NULL, without = NULL;

    need_cargo();
    make_cargo_project();
    shell("cd repo && cargo build --release --offline");
    build_with("cargo build --release --offline -v 2>log; ./target/release/app >said");
    trees = made(&options);
    assert_shows(trees, RS_ARM_BASELINE, "said", "one 1");
    assert_seen(trees, "log", "Fresh helper");
    assert_seen(trees, "log", "Compiling app");
    assert_shows(trees, RS_ARM_CURRENT, "said", "two 1");
    assert_seen(trees, "log", "Fresh helper");
    assert_seen(trees, "log", "Fresh app");
    rs_worktrees_free(g_steal_pointer(&trees));
    options.caches = NULL;
    without = made(&options);
    turn(without, RS_ARM_CURRENT);
    assert_seen(without, "log", "Compiling helper");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("tree_caches");

    tcase_set_timeout(tcase, 250);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_cache_is_a_copy_with_the_ages_and_links_that_it_has);
    tcase_add_test(tcase, a_cache_that_the_checkout_lacks_is_none);
    tcase_add_test(tcase,
                   a_cache_outside_of_the_repository_is_refused_whichever_way_it_leads_there);
    tcase_add_test(tcase, a_revision_whose_link_leads_a_cache_out_of_its_tree_is_refused);
    tcase_add_test(tcase, what_a_revision_has_below_a_cache_stays_its_own);
    tcase_add_test(tcase, make_builds_again_only_what_differs);
    tcase_add_test(tcase, cargo_builds_again_only_what_differs);
    return run_tests("tree_caches", tcase);
}
