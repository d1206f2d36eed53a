#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# actions/setup/setup.sh against a mirror on this machine. The tarball holds the program that was just built, laid out as
# `make dist` lays it out. Without curl it cannot be tried.
# shellcheck disable=SC2317,SC2016 # functions are called through claim; $(id) is a text
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 2
command -v curl >/dev/null || { echo "SKIP: setup.sh needs curl" && exit 77; }
setup=$PWD/actions/setup/setup.sh
work=$(TMPDIR='' mktemp -d) # where somebody without rights may look
chmod 755 "$work"
server=
trap '[ -z "$server" ] || kill $server; rm -rf "$work"' EXIT
# shellcheck source=tests/lib/claim.sh
. tests/lib/claim.sh

version=$(sed -n 's/^VERSION := //p' Makefile)
tarball=rustscope-$version-linux-$(uname -m)
mirror=$work/mirror/v$version
mkdir -p "$mirror" "$work/$tarball/bin"
install -m755 "$(command -v rustscope)" "$work/$tarball/bin/rustscope"
tar -C "$work" -czf "$mirror/$tarball.tar.gz" "$tarball"
(cd "$mirror" && sha256sum "$tarball.tar.gz" >"$tarball.tar.gz.sha256")
sum=$(cut -c 1-64 "$mirror/$tarball.tar.gz.sha256")
mkdir "$work/mirror/v9.9.9"
cp "$mirror/$tarball.tar.gz" "$work/mirror/v9.9.9/rustscope-9.9.9-linux-$(uname -m).tar.gz"
echo "${sum//[0-9]/0}  x" >"$work/mirror/v9.9.9/rustscope-9.9.9-linux-$(uname -m).tar.gz.sha256"

/usr/bin/python3 -u -m http.server --bind 127.0.0.1 --directory "$work/mirror" 0 >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 100); do
    port=$(sed -nE 's/.* port ([0-9]+) .*/\1/p' "$work/server.log")
    [ -z "$port" ] || break
    sleep 0.1
done
requests() { grep -c '"GET ' "$work/server.log"; }

# As a step has it: inputs in the environment, the runner's files, and nothing else. One cache for each kind of case.
step() { # cache NAME=VALUE...
    local cache=$work/$1
    shift
    mkdir -p "$work/temp" && : >"$work/path" && : >"$work/output"
    env -i PATH="$PATH" HOME="$work" GITHUB_ACTIONS=true GITHUB_PATH="$work/path" GITHUB_OUTPUT="$work/output" \
        RUNNER_TOOL_CACHE="$cache" RUNNER_TEMP="$work/temp" SETUP_VERSION="$version" SETUP_URL='' SETUP_SHA256='' \
        SETUP_CA_FILE='' SETUP_TOOL_CACHE='' SETUP_MIRROR="http://127.0.0.1:$port" "$@" sh "$setup" 2>&1
}
refused() { # text cache NAME=VALUE...
    local output text=$1
    shift
    output=$(step "$@") && { echo "was not refused: $output" && return 1; }
    grep -qF -e "$text" <<<"$output" || { echo "$output" && return 1; }
    grep -qF '::error title=rustscope setup::' <<<"$output" && [ ! -s "$work/path" ] && [ ! -s "$work/output" ]
}

puts_on_path() {
    step one || return
    [ "$("$(cat "$work/path")/rustscope" --version)" = "rustscope $version" ] &&
        grep -qx "version=$version" "$work/output" && grep -qx 'cache-hit=false' "$work/output" &&
        [ "$(find "$work/one" -name '.fetch*')" = '' ]
}
claim the_tarball_is_put_on_the_path puts_on_path
not_again() {
    local before
    before=$(requests)
    step one && grep -qx 'cache-hit=true' "$work/output" && [ "$(requests)" = "$before" ]
}
claim what_was_fetched_is_not_fetched_again not_again
other_sum() { # the cache does not stand in for another tarball
    refused "it is not used" one SETUP_SHA256="${sum//[0-9]/0}" && step one SETUP_SHA256="${sum^^}"
}
claim another_checksum_is_not_served_from_the_cache other_sum
claim a_wrong_checksum_is_refused refused "it is not used" two SETUP_VERSION=9.9.9
claim a_version_that_is_not_there_is_told refused "cannot fetch http://127.0.0.1:$port/v8.8.8/" two SETUP_VERSION=8.8.8
no_command() { ! step two SETUP_VERSION=$'1\n::set-output name=path::/evil' >"$work/said" && ! grep '^::set-output' "$work/said"; }
claim an_input_makes_no_command_to_the_runner no_command
claim a_version_that_is_a_path_is_refused refused "is no version" two SETUP_VERSION=../../etc
claim http_needs_a_checksum refused "needs the input sha256" two SETUP_URL="http://mirror.invalid/$tarball.tar.gz"
claim other_protocols_are_refused refused "is no address with https://" two SETUP_URL=ftp://mirror.invalid/x
claim a_checksum_that_is_none_is_refused refused "is no checksum" two SETUP_SHA256='$(id)'
from_disk() { step three SETUP_URL="file://$mirror/$tarball.tar.gz" SETUP_MIRROR=''; }
claim a_file_on_the_disk_needs_no_network from_disk
other_address() { # the cache does not stand in for what lies elsewhere, whose version nobody told
    mkdir -p "$work/other/$tarball/bin" && printf '#!/bin/sh\necho rustscope 7.7.7\n' >"$work/other/$tarball/bin/rustscope" &&
        chmod 755 "$work/other/$tarball/bin/rustscope" && tar -C "$work/other" -czf "$work/other/x.tar.gz" "$tarball" &&
        (cd "$work/other" && sha256sum x.tar.gz >x.tar.gz.sha256) || return
    step three SETUP_URL="file://$work/other/x.tar.gz" && grep -qx 'version=7.7.7' "$work/output" && grep -qx 'cache-hit=false' "$work/output" &&
        step three SETUP_URL="file://$work/other/x.tar.gz" && grep -qx 'cache-hit=true' "$work/output"
}
claim another_address_is_not_served_from_the_cache other_address
chosen() { step four SETUP_TOOL_CACHE="$work/my cache" && [ -x "$work/my cache/rustscope/$version/$(uname -m)/bin/rustscope" ]; }
claim the_cache_can_be_chosen chosen
own_ca() { refused none.pem five SETUP_CA_FILE="$work/none.pem" SETUP_MIRROR="https://127.0.0.1:$port"; }
claim certificates_of_ones_own_are_asked_for own_ca
proxied() { # our own server is the proxy; to it the whole address is a path
    mkdir -p "$work/mirror/http:/mirror.invalid/v$version" && cp "$mirror/$tarball.tar.gz" "$work/mirror/http:/mirror.invalid/v$version/"
    step six http_proxy="http://127.0.0.1:$port" SETUP_SHA256="$sum" SETUP_URL="http://mirror.invalid/v$version/$tarball.tar.gz" &&
        grep -q 'GET http://mirror.invalid/' "$work/server.log"
}
claim proxies_are_honoured proxied
elsewhere() { # without the files of GitHub's runner: the folder alone on stdout
    [ "$(step seven GITHUB_PATH= GITHUB_OUTPUT= GITHUB_ACTIONS= 2>/dev/null | tail -n 1)" = "$work/seven/rustscope/$version/$(uname -m)/bin" ]
}
claim other_systems_read_the_folder elsewhere
# GitLab's templates fetch it by lines of their own, in an image that has none.
mkdir "$work/bare" && for tool in sh uname mktemp curl cut sha256sum tar gzip mkdir; do ln -s "$(command -v $tool)" "$work/bare/"; done
fetches() { # file version sha256
    /usr/bin/python3 - "$1" >"$work/before.sh" <<'END' || return
import re, sys
blocks = re.findall(r"  before_script:\n    - \|\n((?:      .*\n)+)", open(sys.argv[1]).read())
assert blocks and len(set(blocks)) == 1
print("set -e\n" + blocks[0])
END
    env -i PATH="$work/bare" TMPDIR="$work" INSTALL_RUSTSCOPE_VERSION="$2" INSTALL_RUSTSCOPE_MIRROR="file://$work/mirror" \
        INSTALL_RUSTSCOPE_SHA256="$3" sh "$work/before.sh"
}
unfetched() { ! fetches "$@" >"$work/said" 2>&1 && ! grep '^rustscope ' "$work/said"; }
for file in gitlab/rustscope.gitlab-ci.yml gitlab/templates/*.yml; do
    name=$(basename "$file" .yml)
    claim "gitlab_fetches_it_for_$name" fetches "$file" "$version" ''
    claim "gitlab_takes_the_checksum_for_$name" fetches "$file" "$version" "$sum"
    claim "gitlab_refuses_a_checksum_for_$name" unfetched "$file" 9.9.9 ''
    claim "gitlab_refuses_another_checksum_for_$name" unfetched "$file" "$version" "${sum//[0-9]/0}"
    claim "gitlab_refuses_what_has_no_checksum_for_$name" unfetched "$file" 8.8.8 ''
done
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    no_rights() { # a tool cache of root's, and nobody's temporary folder
        install -d -m755 "$work/roots" && install -d -o 65534 "$work/nobodys"
        chmod -R a+rX "$work/mirror" && install -m755 "$setup" "$work/setup.sh"
        env -i PATH="$PATH" HOME=/ RUNNER_TOOL_CACHE="$work/roots" RUNNER_TEMP="$work/nobodys" SETUP_VERSION="$version" \
            SETUP_MIRROR="http://127.0.0.1:$port" setpriv --reuid 65534 --regid 65534 --clear-groups sh "$work/setup.sh" |
            grep -qx "$work/nobodys/rustscope/$version/$(uname -m)/bin"
    }
    claim no_rights_are_needed no_rights
else
    echo "SKIP: root can become somebody without rights, others cannot"
fi
exit $failed
