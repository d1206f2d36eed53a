#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The profiler where CI runs it: in an unprivileged container with the default seccomp filter, as an ordinary user, on a
# read-only root. Needs a Docker engine and an image with a glibc that is not older than ours; fetches none.
# usage: tests/container/check-container.sh (BUILD names the build directory; RUSTSCOPE_TEST_IMAGE the image)
set -u
tree=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(cd "${BUILD:-$tree/build/release}" && pwd)
image=${RUSTSCOPE_TEST_IMAGE:-debian:trixie-slim}
skip() { echo "SKIP: $1" && exit 77; }
command -v docker >/dev/null || skip "docker is not installed"
timeout 20 docker info >/dev/null 2>&1 || skip "no Docker engine answers"
timeout 20 docker image inspect "$image" >/dev/null 2>&1 || skip "there is no image $image (RUSTSCOPE_TEST_IMAGE names another)"

work=$(mktemp -d "${TMPDIR:-/tmp}/container.XXXXXX") || exit 1
name=rustscope-test-$$
finish() {
    docker rm -f "$name" >/dev/null 2>&1
    rm -rf "$work"
}
trap finish EXIT
mkdir "$work/rs" "$work/out" && chmod 755 "$work" && chmod 777 "$work/out"

# Our programs with the libraries that they were linked with, started through the loader that fits these.
copy() { # PROGRAM...
    cp "$@" "$work/rs/" || exit 1
    ldd "$@" | grep -o '/[^ :]*\.so[^ :]*' | sort -u | xargs -I'{}' cp -nL '{}' "$work/rs/"
}
copy "$BUILD/rustscope" "$BUILD"/tests/unit/test_{sampler_ptrace,ptrace_target} "$BUILD/tests/programs/ptrace_target"
loader=(/rs/ld-linux-x86-64.so.2 --library-path /rs)

inside() { # SECONDS OPTION... -- COMMAND...: in a container of default rights
    local limit_s=$1 options=()
    shift
    while [ "$1" != -- ]; do options+=("$1") && shift; done
    shift
    timeout "$limit_s" docker run --rm --name "$name" --network none -v "$work/rs:/rs:ro" -v "$work/out:/out" \
        "${options[@]}" "$image" "$@" >"$work/log" 2>&1 </dev/null
}
# shellcheck source=tests/lib/claim.sh
. "$tree/tests/lib/claim.sh"
# What SESSION says of how it was sampled, and that functions of the target are in it: BACKEND N_SAMPLES_MIN
session_has() { # SESSION BACKEND N_SAMPLES_MIN
    /usr/bin/python3 - "$@" 2>>"$work/log" >>"$work/log" <<'EOF'
import json, sys
path, backend, n_min = sys.argv[1], sys.argv[2], int(sys.argv[3])
diagnostics = json.load(open(path))["sampling_diagnostics"]
print(json.dumps(diagnostics))
sys.exit(0 if diagnostics["backend"] == backend and (diagnostics["n_raw_samples"] or 0) >= n_min else 1)
EOF
}

# Once, so that a machine that cannot start containers at all is told apart.
inside 60 -- true || skip "no container can be started: $(tail -n 1 "$work/log")"

hardened=(--user 4242:4242 --read-only --cap-drop ALL --security-opt no-new-privileges)

inside 120 -- "${loader[@]}" /rs/rustscope record -o /out/root.json -- /rs/ptrace_target split 1500
result $? "a program is recorded in an unprivileged container"
session_has "$work/out/root.json" ptrace 5
result $? "it is sampled with ptrace, as perf_event_open is denied"

inside 120 "${hardened[@]}" -- "${loader[@]}" /rs/rustscope record -o /out/user.json -- /rs/ptrace_target split 1500
result $? "so it is for a user without any capability on a read-only root"
session_has "$work/out/user.json" ptrace 5
result $? "and samples are taken there as well"

# shellcheck disable=SC2016 # for the shell inside
inside 120 "${hardened[@]}" -- sh -c '/rs/ptrace_target split 20000 >/dev/null & sleep 0.3
    /rs/ld-linux-x86-64.so.2 --library-path /rs /rs/rustscope record -p $! -d 2 -o /out/attach.json
    status=$?
    kill $! && exit $status'
result $? "a running process is attached to in a container"
session_has "$work/out/attach.json" ptrace 3
result $? "and sampled, and let go alive"

for test in test_sampler_ptrace test_ptrace_target; do
    # shellcheck disable=SC2016
    inside 300 "${hardened[@]}" --tmpfs /tmp:rw,mode=1777,exec -e BUILD=/tmp/build -- sh -c '
        mkdir -p /tmp/build/tests/programs
        cp /rs/ptrace_target /tmp/build/tests/programs/
        exec /rs/ld-linux-x86-64.so.2 --library-path /rs "/rs/$0"' $test
    status=$?
    ! grep -q '^SKIP' "$work/log"
    result $((status + $?)) "$test passes in a container"
done

[ $failed = 0 ]
