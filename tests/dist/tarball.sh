#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The tarball of `make dist`: what is in it, that it comes out the same again, and that it runs where nothing is installed:
# in bare roots of three Debian releases and in one without glibc. usage: tests/dist/tarball.sh (BUILD: the build directory)
# Roots that cannot be had are skipped, with the reason. RUSTSCOPE_TEST_ROOTS names others than "musl bullseye bookworm trixie".
set -u
tree=$(cd "$(dirname "$0")/../.." && pwd)
here=$tree/tests/dist
BUILD=$(cd "${BUILD:-$tree/build/release}" && pwd)
version=$("$BUILD/rustscope" --version | cut -d ' ' -f 2)
stem=rustscope-$version-linux-$(uname -m)
tarball=$tree/build/dist/$stem.tar.gz
[ -e "$tarball" ] || { echo "no $tarball; run make dist" && exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/tarball.XXXXXX") || exit 1
server=
# shellcheck disable=SC2317 # called by the trap
finish() {
    [ -z "$server" ] || kill "$server"
    rm -rf --one-file-system "$work"
}
trap finish EXIT

# shellcheck source=tests/lib/claim.sh
. "$tree/tests/lib/claim.sh"
# shellcheck disable=SC2317 # called by name
{
    is_orderly() { # one folder, of nobody, of one time, with plain modes, and no link leads out of it
        tar --numeric-owner --full-time -tvzf "$tarball" >"$work/list" &&
            ! awk '$1 !~ /^[d-]rwxr-xr-x$|^-rw-r--r--$|^l/ || $2 != "0/0"' "$work/list" | grep . &&
            [ "$(awk '{ print $4, $5 }' "$work/list" | sort -u | wc -l)" = 1 ] &&
            ! tar -tzf "$tarball" | grep -vE "^$stem/" && ! grep -E -- ' -> (/|.*\.\.)' "$work/list"
    }
    holds_all() {
        local path
        for path in bin/rustscope lib/rustscope share/man/man1/rustscope.1 share/bash-completion/completions/rustscope \
            share/zsh/site-functions/_rustscope share/fish/vendor_completions.d/rustscope.fish share/rustscope/verdict.schema.json \
            share/doc/rustscope/{LICENSE,README.md,CHANGELOG.md,sbom.spdx.json} share/doc/rustscope/packages/libc6/copyright \
            share/doc/rustscope/common-licenses/LGPL-2.1; do
            [ -s "$unpacked/$path" ] || { echo "no $path" && return 1; }
        done
    }
    needs_nothing_else() { # every library that one of ours asks for is there
        local missing
        missing=$(readelf -d "$unpacked"/lib/* 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u |
            while read -r soname; do [ -e "$unpacked/lib/$soname" ] || echo "$soname"; done)
        [ -z "$missing" ] || { echo "missing: $missing" && return 1; }
        ! readelf -l "$unpacked/bin/rustscope" | grep -E 'INTERP|DYNAMIC'
    }
    describes_itself() { "$tree/tests/lib/validate-json" "$here/spdx.schema.json" "$1" && "$here/bill.py" "$@"; }
    finds_fault() { # a document that lacks something is refused
        sed '/"licenseDeclared": "NOASSERTION"/d' "$1" >"$work/without.json" && ! describes_itself "$work/without.json" &&
            sed 's/"SHA1", "checksumValue": "./&0/' "$1" >"$work/wrong.json" && ! describes_itself "$work/wrong.json"
    }
    comes_out_again() { # from a copy of the sources in another folder
        mkdir -p "$work/another-folder"
        tar -C "$tree" --exclude=./build --exclude=./.git -cf - . | tar -C "$work/another-folder" -xf -
        (
            cd "$work/another-folder" || exit 1
            SOURCE_DATE_EPOCH=$(stat -c %Y "$unpacked/bin/rustscope") make -j"$(nproc)" dist || exit 1
            cmp "build/dist/$stem.tar.gz" "$tarball"
        )
    }
    starts_no_other() { # without its parts it says which one is missing
        mkdir -p "$work/parts/bin" && cp "$unpacked/bin/rustscope" "$work/parts/bin/" || return 1
        "$work/parts/bin/rustscope" --version 2>"$work/said"
        [ $? = 3 ] && grep -F "$work/parts/lib/rustscope" "$work/said"
    }
}

claim "the checksum beside it is right" sh -c "cd '${tarball%/*}' && sha256sum -c '$stem.tar.gz.sha256'"
claim "it is one folder in good order" is_orderly
tar -C "$work" -xzf "$tarball" || exit 1
unpacked=$work/$stem
claim "program, manual, completions, schemas and licences are in it" holds_all
claim "no library is missing, and what starts it needs none" needs_nothing_else
claim "its SPDX document is valid and fits its files" describes_itself "$unpacked/share/doc/rustscope/sbom.spdx.json" "$unpacked"
claim "a document that lacks something would be found" finds_fault "$unpacked/share/doc/rustscope/sbom.spdx.json"
claim "without its library folder it says what is missing" starts_no_other
if [ -n "${RUSTSCOPE_TEST_QUICK-}" ]; then
    echo "SKIP: RUSTSCOPE_TEST_QUICK: not built a second time"
else
    claim "built anew in another folder it comes out the same" comes_out_again
fi

# --- in other systems ---

[ "$(id -u)" = 0 ] || { echo "SKIP: other systems: needs root" && exit $failed; }
unshare --mount --pid --fork true 2>/dev/null || { echo "SKIP: other systems: this container may not make namespaces" && exit $failed; }

given=$work/given
mkdir "$given"
cp -a "$unpacked" "$given/rustscope"
# The helper is one more program of the tarball: through the same starter, with the libraries that it needs besides.
cp "$BUILD/dist/https_get" "$given/rustscope/lib/https_get"
while read -r soname file _; do
    [ -e "$given/rustscope/lib/$soname" ] || cp -L "$file" "$given/rustscope/lib/$soname"
done < <("$tree/docker/libraries" "$BUILD/dist/https_get")
loader=$(cd "$given/rustscope/lib" && ls ld-linux*)
cat >"$given/rustscope/bin/https_get" <<END
#!/bin/sh
here=\${0%/*}
exec "\$here/../lib/$loader" --inhibit-cache "\$here/../lib/https_get" "\$@"
END
chmod 755 "$given/rustscope/bin/https_get"
# Programs that run everywhere.
printf '#!/bin/sh\nexec gcc -static "$@"\n' >"$work/cc" && chmod 755 "$work/cc"
for regression in none often; do
    CC=$work/cc "$tree/tests/blame/build.sh" "$given/index-$regression" index $regression >"$work/log" 2>&1 || { cat "$work/log" && exit 1; }
done
authority() { # NAME: its certificate NAME.pem and key
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=rustscope test $1" -keyout "$work/$1.key" -out "$given/$1.pem" 2>"$work/log"
}
authority ca && authority other &&
    openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout "$work/server.key" -out "$work/server.csr" 2>"$work/log" &&
    openssl x509 -req -in "$work/server.csr" -CA "$given/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 2 \
        -extfile <(echo subjectAltName=IP:127.0.0.1) -out "$work/server.crt" 2>"$work/log" &&
    cat "$work/server.crt" "$work/server.key" >"$work/server.pem"
[ -s "$work/server.pem" ] || { cat "$work/log" && exit 1; }
/usr/bin/python3 "$here/https_server.py" "$work/server.pem" "$work/port" &
server=$!
for _ in $(seq 100); do [ -s "$work/port" ] || sleep 0.1; done
cp "$here/inside.sh" "$given/"

# A root is not changed: what is written goes to memory.
run_inside() { # ROOT NAME
    # shellcheck disable=SC2016 # for the inner shell
    unshare --mount --propagation private --pid --fork --kill-child bash -euc '
        root=$1 given=$2 at=$3 name=$4 port=$5
        mkdir -p "$at"
        mount -t tmpfs tmpfs "$at"
        mkdir "$at/upper" "$at/work" "$at/root"
        mount -t overlay overlay -o "lowerdir=$root,upperdir=$at/upper,workdir=$at/work" "$at/root"
        mkdir -p "$at/root/given" "$at/root/tmp"
        mount --bind "$given" "$at/root/given"
        mount -t tmpfs -o mode=1777 tmpfs "$at/root/tmp"
        mount -t proc proc "$at/root/proc"
        mount --rbind /sys "$at/root/sys"
        mount --rbind /dev "$at/root/dev"
        exec chroot "$at/root" /bin/sh -c "exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root PORT=\$1 sh /given/inside.sh \$0" "$name" "$port"
    ' bash "$1" "$given" "$work/at" "$2" "$(cat "$work/port")" </dev/null
}
for system in ${RUSTSCOPE_TEST_ROOTS:-musl bullseye bookworm trixie}; do
    root=$("$here/root" "$system" 2>"$work/log") || {
        status=$?
        [ $status != 77 ] || { echo "SKIP: $(tail -n 1 "$work/log")" && continue; }
        echo "not ok $system: its root" && cat "$work/log" && failed=1
        continue
    }
    timeout 300 bash -c "$(declare -f run_inside); given='$given' work='$work'; run_inside '$root' '$system'" >"$work/inside.log" 2>&1
    status=$?
    cat "$work/inside.log"
    grep -q '^ok ' "$work/inside.log" || echo "not ok $system: ran nothing, exit status $status"
    [ $status = 0 ] || failed=1
done
[ $failed = 0 ]
