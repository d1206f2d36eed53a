# rustscope. `make demo` shows it and `make check` tests it, both on a fresh machine; `make help` lists the rest.
VERSION := 0.1.0
MODE    ?= release
PREFIX  ?= /usr/local
FUZZ_SECONDS ?= 60
ifeq ($(origin CC),default)
CC      := $(if $(filter clang fuzz,$(MODE)),clang,gcc)
endif
B       := build/$(MODE)

PACKAGES := glib-2.0 gio-2.0 jansson gsl yaml-0.1 libelf libunwind-generic liblzma libdebuginfod libcurl
SRC      := $(shell find src stats -name '*.c' 2>/dev/null)
LIB_OBJ  := $(patsubst %.c,$B/%.o,$(filter-out src/main.c,$(SRC)))
SUPPORT  := $(patsubst %.c,$B/%.o,$(wildcard tests/support/*.c))
UNITS    := $(patsubst %.c,$B/%,$(wildcard tests/unit/test_*.c))
# What the profiler's tests look at: programs of their own, built without sanitizers.
TARGETS  := $(patsubst %.c,$B/%,$(wildcard tests/programs/*.c)) \
	$(if $(shell command -v rustc 2>/dev/null),$(patsubst %.rs,$B/%,$(wildcard tests/programs/*.rs)))
BENCHES  := $(patsubst %.c,$B/%,$(wildcard tests/bench/bench_*.c))
FUZZERS  := $(patsubst %.c,$B/%,$(wildcard tests/fuzz/fuzz_*.c))
SCHEMAS  := $(shell find src -name '*.schema.json' 2>/dev/null)

SANE    := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
FORTIFY := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
MODE_CFLAGS_release := $(FORTIFY)
MODE_CFLAGS_clang   := $(FORTIFY)
MODE_CFLAGS_debug   := -O0 -g3
MODE_CFLAGS_asan    := -O1 -g $(SANE)
MODE_CFLAGS_tsan    := -O1 -g -fsanitize=thread
MODE_CFLAGS_fuzz    := -O1 -g $(SANE) -fsanitize=fuzzer-no-link
# pkg-config is asked when the first recipe needs it, once: `make deps` must work before it is installed.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $(shell pkg-config --libs $(PACKAGES)))$(PKG_LIBS)
# clang calls a variable unused that is there for its clean-up alone; gcc tells the two apart.
CLANG_WARNINGS = $(if $(findstring clang,$(CC)),-Wno-unused-variable)
CFLAGS_ALL = -std=gnu17 $(MODE_CFLAGS_$(MODE)) -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wvla -Wformat=2 -Wno-unused-parameter $(CLANG_WARNINGS) $(if $(CI),-Werror) -fPIE -fstack-protector-strong \
	-D_GNU_SOURCE -DRS_VERSION='"$(VERSION)"' -Isrc -I. $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS)
LINK       = $(CC) $(filter -f%,$(MODE_CFLAGS_$(MODE))) -pie -Wl,-z,relro,-z,now $(LDFLAGS) -o $@ $(filter %.o %.a,$^)
LIBS       = $(PKG_LIBS) -lZydis -liberty -lm -lpthread

Q       := $(if $(V),,@)
SAY     := @$(if $(V),:,echo)
JOBS    = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
RUN     = +@$(MAKE) --no-print-directory $(JOBS)
MAN     = $(DESTDIR)$(PREFIX)/share/man/man1/rustscope.1
BASH    = $(DESTDIR)$(PREFIX)/share/bash-completion/completions/rustscope
ZSH     = $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_rustscope
FISH    = $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/rustscope.fish
DATA    = $(DESTDIR)$(PREFIX)/share/rustscope

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all demo check lint asan tsan fuzz bench bench-gate bench-gate-live bench-blame-live interop check-trixie check-bookworm check-dist check-image \
	install uninstall dist image deps clean help programs run-tests run-lint run-fuzz run-bench FORCE

all: $B/rustscope ## build rustscope (MODE=release|debug|asan|tsan|clang; CI=1: warnings are errors; V=1: every command)

demo: ## compare two builds of a real program and show the verdict
	@.ci/deps build
	$(RUN) all
	@PATH="$(CURDIR)/$B:$$PATH" examples/demo.sh

check: ## every test; ends with a line "N passed, N failed, N skipped" (ONLY=text: those whose path has it)
	@.ci/deps build check
	$(RUN) run-tests

lint: ## floors, rooms, headers, formatting, shell scripts, forbidden words
	@.ci/deps build lint
	@tests/lint/run

asan: ## the tests under the address, leak and undefined-behaviour sanitizers
	@.ci/deps build check
	$(RUN) MODE=asan KINDS='unit cli replay' run-tests

tsan: ## the tests under the thread sanitizer
	@.ci/deps build check
	$(RUN) MODE=tsan KINDS='unit cli replay' run-tests

fuzz: ## every fuzz target for FUZZ_SECONDS with libFuzzer
	@.ci/deps build lint fuzz
	$(RUN) MODE=fuzz CC=clang run-fuzz

bench: ## every benchmark
	@.ci/deps build bench
	$(RUN) run-bench

bench-gate: $B/tests/bench/bench_gate ## false alarms and misses of the gate on a recorded trace
	$<

bench-gate-live: $B/rustscope ## the same live on this machine; takes hours
	PATH="$(CURDIR)/$B:$$PATH" tests/bench/gate-live.sh

bench-blame-live: $B/rustscope ## injected regressions: who is blamed, live on this machine; takes hours
	PATH="$(CURDIR)/$B:$$PATH" tests/bench/blame-live.sh -o $B/blame-live

interop: ## real programs from the Rust registry under the profiler; builds them at the first time
	@.ci/deps build interop
	$(RUN) KINDS=registry run-tests

check-dist: dist $B/dist/https_get ## the tarball in bare systems: three Debian releases, one without glibc (needs root)
	@.ci/deps dist
	$(RUN) KINDS=dist ONLY=dist/tarball.sh run-tests

check-image: ## builds the image twice and tries it as root, as any user, in a container like a pod (needs an engine)
	@.ci/deps dist
	$(RUN) KINDS=dist ONLY=dist/image.sh run-tests

check-trixie check-bookworm: ## `make check` on a clean Debian 13 or 12 (a root under build/; needs root and debootstrap)
	@.ci/deps trixie
	@tests/trixie $(@:check-%=%)

install: $B/rustscope $B/help.man $B/help.bash $B/help.zsh $B/help.fish ## to DESTDIR and PREFIX
	install -Dm755 $B/rustscope $(DESTDIR)$(PREFIX)/bin/rustscope
	install -Dm644 $B/help.man $(MAN)
	install -Dm644 $B/help.bash $(BASH)
	install -Dm644 $B/help.zsh $(ZSH)
	install -Dm644 $B/help.fish $(FISH)
	install -d $(DATA)
	$(if $(SCHEMAS),install -m644 $(SCHEMAS) $(DATA))

dist: $B/dist/rustscope $B/dist/start ## a tarball that runs anywhere: build/dist/rustscope-VERSION-linux-ARCH.tar.gz and its .sha256
	@rm -rf $B/dist/tree
	@$(MAKE) --no-print-directory -s install DESTDIR=$(abspath $B/dist/tree) PREFIX=
	@docker/dist $(VERSION) $B/dist/rustscope $B/dist/start $B/dist/tree build/dist

image: ## the container image rustscope:VERSION (ENGINE, IMAGE, BASE, NETWORK, DEBIAN_MIRROR: see docker/image)
	@docker/image $(VERSION)

uninstall: ## what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/rustscope $(MAN) $(BASH) $(ZSH) $(FISH) $(addprefix $(DATA)/,$(notdir $(SCHEMAS)))
	[ ! -d $(DATA) ] || rmdir --ignore-fail-on-non-empty $(DATA)

deps: ## install the Debian packages that a build needs
	@.ci/deps build

clean: ## all builds; the Debian roots of check-trixie stay (rm -rf build removes them too)
	find build -mindepth 1 -maxdepth 1 ! -name roots -exec rm -rf {} + 2>/dev/null || :

help: ## this list
	@awk -F ':.*## ' '/^[a-z][^=]*:.*## / { printf "make %-28s %s\n", $$1, $$2 }' Makefile

programs: $B/rustscope $(UNITS) $(FUZZERS) $(TARGETS)
run-tests: programs
	@tests/run -b $B $(if $(ONLY),-o '$(ONLY)') $(KINDS)
run-fuzz: $(FUZZERS)
	@tests/fuzz/run $B $(FUZZ_SECONDS)
run-bench: $B/rustscope $(BENCHES) $(TARGETS)
	@set -e; for b in $(BENCHES) $(filter-out %-live.sh,$(wildcard tests/bench/*.sh)); do \
		echo "== $$b"; PATH="$(CURDIR)/$B:$$PATH" $$b; done

$B/rustscope: $B/src/main.o $B/librustscope.a $B/flags
	$(SAY) LINK $@
	$Q$(LINK) $(LIBS)
# For the tarball: libraries come from beside the program. Stripped while it is linked, so that the build-id does not
# depend on the folder that it was built in.
$B/dist/rustscope: $B/src/main.o $B/librustscope.a $B/flags
	@mkdir -p $(@D)
	$(SAY) LINK $@
	$Q$(LINK) -s -Wl,--disable-new-dtags,-rpath,'$$ORIGIN' $(LIBS)
$B/dist/https_get: $B/tests/dist/https_get.o $B/librustscope.a $B/flags
	$(SAY) LINK $@
	$Q$(LINK) -Wl,--disable-new-dtags,-rpath,'$$ORIGIN' $(LIBS)
$B/dist/start: docker/start.c $B/dist/rustscope
	$(SAY) CC $<
	$Q$(CC) -std=gnu17 -O2 -Wall -Wextra $(if $(CI),-Werror) -D_GNU_SOURCE \
		-DLOADER="\"$$(ldd $B/dist/rustscope | sed -nE 's,^[[:space:]]*/[^ ]*/(ld[^ /]*) .*,\1,p')\"" -static -s -o $@ $<
$B/librustscope.a: $(LIB_OBJ)
	@rm -f $@
	$Qar rcs $@ $^
$B/tests/unit/%: $B/tests/unit/%.o $(SUPPORT) $B/librustscope.a $B/flags
	$(SAY) LINK $@
	$Q$(LINK) $(shell pkg-config --libs check libdw) $(LIBS)
$B/tests/bench/%: $B/tests/bench/%.o $B/librustscope.a $B/flags
	$(SAY) LINK $@
	$Q$(LINK) $(LIBS)
$B/tests/fuzz/%: $B/tests/fuzz/%.o $(if $(filter fuzz,$(MODE)),,$B/tests/fuzz/replay.o) $B/librustscope.a $B/flags
	$(SAY) LINK $@
	$Q$(LINK) $(if $(filter fuzz,$(MODE)),-fsanitize=fuzzer) $(LIBS)
$B/tests/programs/%: tests/programs/%.c
	@mkdir -p $(@D)
	$(SAY) CC $<
	$Q$(CC) -std=gnu17 -O2 -g -fomit-frame-pointer -fno-optimize-sibling-calls -Wall -Wextra -D_GNU_SOURCE -pthread -o $@ $<
$B/tests/programs/%: tests/programs/%.rs
	@mkdir -p $(@D)
	$(SAY) RUSTC $<
	$QMAKEFLAGS= rustc --edition 2021 -C opt-level=3 -C debuginfo=1 -o $@ $<
$B/%.o: %.c $B/flags
	@mkdir -p $(@D)
	$(SAY) CC $<
	$Q$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<
$B/src/report/flame_part.o: src/report/flame.js
$B/help.%: $B/rustscope
	$Q$< help --format $* >$@
	$Qtest -s $@
# Compiler and flags of this directory; changes only when they do, and then everything is built again.
$B/flags: FORCE
	@mkdir -p $(@D)
	@pkg-config --print-errors --exists $(PACKAGES) || { echo "run 'make deps' first" >&2; exit 1; }
	@printf '%s\n' '$(CC) $(subst ','\'',$(CFLAGS_ALL)) $(LDFLAGS) $(LIBS)' | cmp -s - $@ || \
		printf '%s\n' '$(CC) $(subst ','\'',$(CFLAGS_ALL)) $(LDFLAGS) $(LIBS)' >$@

-include $(shell find $B -name '*.d' -type f 2>/dev/null)
