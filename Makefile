# rustscope: `make demo` shows it, `make check` tests it; both install what is missing.
MODE    ?= release
CC      ?= gcc
PREFIX  ?= /usr/local
B       := build/$(MODE)
VERSION := 0.1.0

PACKAGES := glib-2.0 gio-2.0 jansson gsl yaml-0.1
SRC      := $(shell find src stats -name '*.c' 2>/dev/null)
OBJ      := $(SRC:%.c=$B/%.o)
LIB_OBJ  := $(filter-out $B/src/main.o,$(OBJ))
TESTS    := $(patsubst %.c,$B/%,$(wildcard tests/unit/test_*.c))
BENCHES  := $(patsubst %.c,$B/%,$(wildcard tests/bench/bench_*.c))
FUZZERS  := $(patsubst %.c,$B/%,$(wildcard tests/fuzz/fuzz_*.c))

MODE_CFLAGS_release := -O2 -g
MODE_CFLAGS_debug   := -O0 -g3
MODE_CFLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
MODE_CFLAGS_tsan    := -O1 -g -fsanitize=thread
WERROR  := $(if $(CI),-Werror)
CFLAGS_ALL = -std=gnu17 $(MODE_CFLAGS_$(MODE)) -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wvla -Wformat=2 -Wno-unused-parameter $(WERROR) -fPIE -fstack-protector-strong \
	-D_GNU_SOURCE -DRS_VERSION='"$(VERSION)"' -Isrc -I. \
	$(shell pkg-config --cflags $(PACKAGES)) $(CFLAGS)
LDFLAGS_ALL = $(filter -fsanitize%,$(MODE_CFLAGS_$(MODE))) -pie $(LDFLAGS)
LIBS := $(shell pkg-config --libs $(PACKAGES)) -lm -lpthread

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all deps check clean

all: $B/rustscope

$B/rustscope: $B/src/main.o $B/librustscope.a
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

$B/librustscope.a: $(LIB_OBJ)
	@rm -f $@
	ar rcs $@ $^

$B/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$B/tests/unit/%: $B/tests/unit/%.o $B/librustscope.a
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(shell pkg-config --libs check) $(LIBS)

$B/tests/bench/%: $B/tests/bench/%.o $B/librustscope.a
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

deps:
	.ci/deps build

clean:
	rm -rf build

-include $(shell find $B -name '*.d' 2>/dev/null)
