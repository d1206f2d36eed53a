#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2153 # it comes from outside
# usage: cache.sh restore|save, with FILES and KEY in the environment
set -eu
case $1 in
restore)
    place=$(find /store/caches -mindepth 1 -maxdepth 1 -name "$KEY*" -printf '%T@ %p\n' 2>/dev/null | sort -rn | sed -n '1s/^[^ ]* //p')
    if [ -z "$place" ]; then echo "Cache not found for $KEY" && exit 0; fi
    tar -xf "$place" && echo "Cache restored from ${place##*/}"
    ;;
save)
    mkdir -p /store/caches
    mapfile -t files < <(while read -r file; do [ ! -e "$file" ] || echo "$file"; done <<<"${FILES?}")
    tar -cf "/store/caches/$KEY" "${files[@]}" && echo "Cache saved as $KEY"
    ;;
esac
