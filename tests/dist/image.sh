#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317 # functions are called by name
# The image: what is in it, that it comes out the same again, and that the gate works in it as CI runs it: as root, as any
# user, without rights, on a read-only root, on one CPU. usage: tests/dist/image.sh
# Needs an engine, and the base image or a registry that has it. ENGINE, BASE, NETWORK (host by default), DEBIAN_MIRROR: see
# docker/image. RUSTSCOPE_TEST_QUICK: it is not built a second time.
set -u
tree=$(cd "$(dirname "$0")/../.." && pwd)
here=$tree/tests/dist
engine=${ENGINE:-docker}
base=${BASE:-debian:trixie-slim}
max_mb=120
skip() { echo "SKIP: $1" && exit 77; }
command -v "$engine" >/dev/null || skip "$engine is not installed"
timeout 20 "$engine" info >/dev/null 2>&1 || skip "no engine answers to $engine"
timeout 20 "$engine" image inspect "$base" >/dev/null 2>&1 || timeout 120 "$engine" pull "$base" >/dev/null 2>&1 ||
    skip "there is no image $base, and none can be fetched"

work=$(mktemp -d "${TMPDIR:-/tmp}/image.XXXXXX") || exit 1
name=rustscope-test-$$
version=0.0.$$
image=$name:$version
stages() { "$engine" images -q --no-trunc -f dangling=true -f label=rustscope.stage | sort; }
finish() {
    "$engine" rm -f "$name" >/dev/null 2>&1
    "$engine" rmi "$image" "$name:latest" "$name-again:$version" "$name-again:latest" >/dev/null 2>&1
    [ ! -e "$work/stages" ] || stages | comm -13 "$work/stages" - | xargs -r "$engine" rmi >/dev/null 2>&1
    rm -rf "$work"
}
trap finish EXIT
chmod 755 "$work" && mkdir -m 777 "$work/out"

# shellcheck source=tests/lib/claim.sh
. "$tree/tests/lib/claim.sh"

export NETWORK=${NETWORK:-host} SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1767225600}
IMAGE=$name "$tree/docker/image" "$version" >"$work/log" 2>&1
built=$?
result $built "it is built"
[ $built = 0 ] || exit 1

# --- what it is ---

inspect() { "$engine" image inspect -f "$1" "$image"; }
has_exec_entrypoint() { inspect '{{json .Config.Entrypoint}} {{json .Config.User}}' | grep -x '\["/usr/bin/rustscope"\] ""'; }
has_labels() {
    # shellcheck disable=SC2016 # of a template
    inspect '{{range $k, $v := .Config.Labels}}{{$k}}={{$v}}{{"\n"}}{{end}}' >"$work/labels" && cat "$work/labels" &&
        grep -x "org.opencontainers.image.version=$version" "$work/labels" && grep -x org.opencontainers.image.licenses=GPL-3.0-or-later "$work/labels" &&
        grep -x org.opencontainers.image.created=2026-01-01T00:00:00Z "$work/labels" && grep -E '^org.opencontainers.image.revision=' "$work/labels" &&
        grep -E '^org.opencontainers.image.source=' "$work/labels" && ! grep -F rustscope.stage "$work/labels"
}
claim "the entrypoint is rustscope itself, without a shell, as root" has_exec_entrypoint
claim "its labels say what it is, of which version, licence and time" has_labels

n_bytes=$(($(inspect '{{.Size}}') - $("$engine" image inspect -f '{{.Size}}' "$base")))
claim "it is $((n_bytes / 1000000)) MB above its base, less than $max_mb" test $((n_bytes / 1000000)) -lt $max_mb -a $n_bytes -gt 10000000

# The files of the one layer above the base.
"$engine" save "$image" | tar -C "$work" --one-top-level=saved -xf - || exit 1
layer=$work/saved/$(/usr/bin/python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[0]["Layers"][-1])' "$work/saved/manifest.json")
is_lean() { # no lists, caches, logs, copies; nothing of a build; one time, one owner
    tar --numeric-owner --full-time -tvf "$layer" >"$work/list" || return 1
    ! tar -tf "$layer" | grep -E '^(var/(cache|log|lib/apt)|tmp|root|run|build|src|out)/|-old$|^usr/include/|^usr/share/man/man1/[^r]|/packages$' &&
        [ "$(awk '{ print $4, $5 }' "$work/list" | sort -u)" = "2026-01-01 00:00:00" ] &&
        ! awk '{ print $2 }' "$work/list" | grep -vE '^0/[0-9]+$' && ! tar -tf "$layer" | grep -E '^usr/bin/(gcc|make|x86_64)'
}
claim "its layer holds no lists, caches, logs or tools of a build, and has one time" env TZ=UTC bash -c \
    "$(declare -f is_lean); layer='$layer' work='$work'; is_lean"
bill() {
    tar -xOf "$layer" usr/share/doc/rustscope/sbom.spdx.json >"$work/sbom.json" && "$tree/tests/lib/validate-json" "$here/spdx.schema.json" "$work/sbom.json" &&
        "$here/bill.py" "$work/sbom.json" && grep -F '"name": "git"' "$work/sbom.json" && grep -F '"name": "libc6"' "$work/sbom.json"
}
claim "its SPDX document is valid and lists what is installed" bill

# --- that it works ---

inside() { # SECONDS OPTION... -- ARGUMENT...: rustscope in the image
    local limit_s=$1 options=()
    shift
    while [ "$1" != -- ]; do options+=("$1") && shift; done
    shift
    timeout "$limit_s" "$engine" run --rm --name "$name" --network none -v "$work/out:/mnt" -w /mnt "${options[@]}" "$image" "$@" </dev/null
}
inside 60 -- --version >"$work/log" 2>&1
result $? "it starts"
has_git() { inside 60 --entrypoint git -- --version && inside 60 --entrypoint git -- -c safe.directory=/mnt ls-remote --get-url https://example.invalid/x; }
claim "git is there" has_git

pod=(--user 12345:0 --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --cpus 1 --memory 512m)
sees_machine() { # OPTION...
    inside 60 "$@" -- doctor >"$work/doctor" && cat "$work/doctor" && grep -E '^rustscope record takes samples with (perf|ptrace)' "$work/doctor" &&
        grep -E '^ *ok +certificates +/etc/ssl/certs/ca-certificates.crt$' "$work/doctor"
}
claim "doctor finds a sampler and certificates, as root" sees_machine
claim "as any user" sees_machine --user 12345:0
claim "on a read-only root" sees_machine --read-only --tmpfs /tmp
claim "without rights" sees_machine --cap-drop ALL --security-opt no-new-privileges
claim "as in a pod" sees_machine "${pod[@]}"

# A slowed program is red and its culprit named, an unchanged one is green. On CPU time: a test must stand a loaded machine.
for regression in none slower; do
    "$tree/tests/blame/build.sh" "$work/out/index-$regression" index $regression >"$work/log" 2>&1 || { cat "$work/log" && exit 1; }
done
cp "$work/out/index-none" "$work/out/index-same"
measure() { # CURRENT, OPTION...
    local current=$1
    shift
    rm -f "$work/out/$current".json*
    inside 400 "$@" -- bench-run -q --name index --measure-identical --metric cpu --max-time 60s -o "$current.json" \
        --baseline '/mnt/index-none 8000' --current "/mnt/index-$current 8000"
}
judge() { # CURRENT STATUS GATE, OPTION...
    local current=$1 wanted=$2 gate=$3 status
    shift 3
    inside 100 "$@" -- compare "$current.json" -o "$current.verdict"
    status=$?
    [ "$status" = "$wanted" ] && /usr/bin/python3 - "$work/out/$current" "$gate" <<'EOF'
import json, sys
session, verdict = (json.load(open(sys.argv[1] + end)) for end in (".json", ".verdict"))
print(verdict["gate"])
sys.exit(verdict["gate"]["status"] != sys.argv[2])
EOF
}
was_traced() {
    /usr/bin/python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))["sampling_diagnostics"]
print(d)
sys.exit(d["backend"] != "ptrace" or d["n_raw_samples"] < 50)' "$work/out/slower.json"
}
names_culprit() { /usr/bin/python3 "$tree/tests/blame/score.py" "$tree/tests/blame/truth" --one "$work/out/slower.verdict" index slower; }
gates() { # WHERE, OPTION...
    local where=$1
    shift
    claim "$where: a slowed program is measured" measure slower "$@"
    claim "$where: the gate is red, with exit status 1" judge slower 1 failed "$@"
    claim "$where: it was sampled with ptrace" was_traced
    claim "$where: the function that is slower is blamed, and no other" names_culprit
    claim "$where: an unchanged program is measured" measure same "$@"
    claim "$where: the gate is green, with exit status 0" judge same 0 passed "$@"
}
gates "as an action runs it"
gates "as in a pod" "${pod[@]}"

if [ -n "${RUSTSCOPE_TEST_QUICK-}" ]; then
    echo "SKIP: RUSTSCOPE_TEST_QUICK: not built a second time"
else
    stages >"$work/stages"
    IMAGE=$name-again "$tree/docker/image" "$version" --no-cache >"$work/log" 2>&1
    result $? "it is built a second time, from nothing"
    again() { inspect '{{json .RootFS.Layers}}' && [ "$(inspect '{{json .RootFS.Layers}}')" = "$("$engine" image inspect -f '{{json .RootFS.Layers}}' "$name-again:$version")" ]; }
    claim "and has the same layers" again
fi
[ $failed = 0 ]
