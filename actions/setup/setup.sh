#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What actions/setup does; its inputs come as SETUP_*. Also for other CI systems: without GITHUB_PATH and GITHUB_OUTPUT it
# prints the folder to put on the PATH, alone, on stdout.
set -eu

say() { echo "rustscope setup: $*" >&2; }
fail() { # a line break in an input would begin a command to the runner
    set -- "$(printf %s "$*" | tr '\r\n' '  ')"
    [ -z "${GITHUB_ACTIONS:-}" ] || printf '::error title=rustscope setup::%s\n' "$*"
    say "$*"
    exit 1
}

version=${SETUP_VERSION:-} mirror=${SETUP_MIRROR:-} url=${SETUP_URL:-} sha256=${SETUP_SHA256:-} ca_file=${SETUP_CA_FILE:-}
version=${version#v}
case $version in '' | *[!0-9A-Za-z.+~-]* | .*) fail "\"$version\" is no version" ;; esac
case $sha256 in *[!0-9a-fA-F]*) fail "sha256 \"$sha256\" is no checksum" ;; esac
sha256=$(printf %s "$sha256" | tr A-F a-f)
[ -z "$sha256" ] || [ ${#sha256} = 64 ] || fail "sha256 \"$sha256\" has ${#sha256} digits and not 64"

[ "$(uname -s)" = Linux ] || fail "rustscope runs on Linux, and this is $(uname -s)"
case $(uname -m) in
x86_64 | amd64) arch=x86_64 ;;
aarch64 | arm64) arch=aarch64 ;;
*) fail "there is no rustscope for $(uname -m)" ;;
esac
for tool in curl tar gzip sha256sum; do
    command -v "$tool" >/dev/null || fail "$tool is needed and not there"
done

file=rustscope-$version-linux-$arch.tar.gz
[ -n "$url" ] || url=${mirror%/}/v$version/$file
# A tarball from http could be anything, unless its checksum is told here.
redirects='=https'
case $url in
https://* | file:///*) ;;
http://127.0.0.1[:/]* | http://localhost[:/]*) redirects='=http,https' ;;
http://*)
    [ -n "$sha256" ] || fail "an address with http:// needs the input sha256"
    redirects='=http,https'
    ;;
*) fail "\"$url\" is no address with https://" ;;
esac

# The first folder that can be written; a shared tool cache often cannot.
cache=
for folder in "${SETUP_TOOL_CACHE:-}" "${RUNNER_TOOL_CACHE:-}" "${RUNNER_TEMP:-}" "${TMPDIR:-/tmp}"; do
    [ -n "$folder" ] || continue
    if mkdir -p "$folder/rustscope/$version" 2>/dev/null && [ -w "$folder/rustscope/$version" ]; then
        cache=$folder/rustscope/$version
        break
    fi
    say "cannot write to $folder"
done
[ -n "$cache" ] || fail "no folder to write to: set tool-cache"
place=$cache/$arch

# The mark beside the folder tells the checksum that it was unpacked from, and where that came from; it is made last. Without
# a checksum the same address has to do.
hit=false
if [ -x "$place/bin/rustscope" ] && [ -f "$place.sha256" ]; then
    case $(cat "$place.sha256") in
    "$sha256  "*) hit=true ;;
    *"  $url") [ -n "$sha256" ] || hit=true ;;
    esac
fi
if [ $hit = false ]; then
    work=$(mktemp -d "$cache/.fetch.XXXXXX") || fail "cannot write to $cache"
    trap 'rm -rf "$work"' EXIT
    get() { # URL FILE
        curl --fail --silent --show-error --location --proto '=https,http,file' --proto-redir "$redirects" \
            --connect-timeout 20 --max-time 600 --retry 4 --retry-connrefused ${ca_file:+--cacert "$ca_file"} --output "$2" "$1" ||
            fail "cannot fetch $1"
    }
    get "$url" "$work/$file"
    told=$sha256
    if [ -z "$told" ]; then
        get "$url.sha256" "$work/$file.sha256"
        told=$(cut -c 1-64 "$work/$file.sha256")
        case $told in *[!0-9a-f]* | '') fail "$url.sha256 has no checksum" ;; esac
    fi
    found=$(sha256sum "$work/$file" | cut -c 1-64)
    [ "$found" = "$told" ] || fail "$url has the checksum $found, and $told was told: it is not used"

    mkdir "$work/new"
    tar -xzof "$work/$file" -C "$work/new" || fail "$file cannot be unpacked"
    set -- "$work/new"/*/bin/rustscope
    { [ $# = 1 ] && [ -x "$1" ]; } || fail "$file has no program rustscope"
    top=${1%/bin/rustscope}
    rm -rf "$place" "$place.sha256"
    mv "$top" "$place" 2>/dev/null || [ -x "$place/bin/rustscope" ] || fail "cannot write to $place"
    printf '%s  %s\n' "$found" "$url" >"$work/mark"
    mv "$work/mark" "$place.sha256"
fi

told=$("$place/bin/rustscope" --version) || fail "$place/bin/rustscope does not run here"
say "$told, in $place/bin$([ $hit = false ] || echo ", fetched before")"
if [ -n "${GITHUB_PATH:-}" ]; then printf '%s\n' "$place/bin" >>"$GITHUB_PATH"; else printf '%s\n' "$place/bin"; fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then
    printf 'version=%s\npath=%s\ncache-hit=%s\n' "${told##* }" "$place/bin" "$hit" >>"$GITHUB_OUTPUT"
fi
