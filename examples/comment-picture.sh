#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A picture of a comment as a forge shows it: Markdown rendered by cmark-gfm, drawn by Chromium. Needs both, and an emoji font
# (fonts-noto-color-emoji); with pngquant the file is a third as large. usage: comment-picture.sh COMMENT.md PICTURE.png [light|dark]
# The one in this folder: examples/demo.sh OUT && examples/comment-picture.sh OUT/comment.md examples/comment.png
set -eu
[ $# -ge 2 ] || { sed -n 's/^# .*usage: /usage: /p' "$0" >&2; exit 2; }
comment=$1 picture=$2 scheme=${3:-light} width=1080
case $scheme in
light) colors='--bg:#ffffff;--ink:#1f2328;--dim:#59636e;--line:#d1d9e0;--soft:#f6f8fa;--code:#eff1f3;--link:#0969da' ;;
dark) colors='--bg:#0d1117;--ink:#f0f6fc;--dim:#9198a1;--line:#3d444d;--soft:#151b23;--code:#24292f;--link:#4493f8' ;;
*) echo "comment-picture.sh: '$scheme': expected light or dark" >&2; exit 2 ;;
esac
for program in cmark-gfm chromium; do
    command -v "$program" >/dev/null || { echo "comment-picture.sh: $program is not there" >&2; exit 3; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

{
    cat <<EOF
<!DOCTYPE html><meta charset="utf-8"><style>:root{$colors;color-scheme:$scheme}
*{box-sizing:border-box}
body{margin:0;padding:16px;background:var(--bg);color:var(--ink);font:14px/1.5 "DejaVu Sans",sans-serif;font-size:13px}
article{border:1px solid var(--line);border-radius:6px}
.by{background:var(--soft);border-bottom:1px solid var(--line);border-radius:6px 6px 0 0;padding:8px 16px;color:var(--dim)}.by b{color:var(--ink)}
.text{padding:16px;overflow-wrap:break-word}.text>:first-child{margin-top:0}.text>:last-child{margin-bottom:0}
h2{font-size:19px;line-height:1.3;margin:0 0 14px;padding-bottom:6px;border-bottom:1px solid var(--line)}
p,ul,table,details,pre{margin:0 0 14px}ul{padding-left:24px}li+li{margin-top:3px}
table{border-collapse:collapse;display:block;width:max-content;max-width:100%;overflow:auto}
th,td{border:1px solid var(--line);padding:5px 11px}tr:nth-child(2n) td{background:var(--soft)}
code,pre{font:12px/1.45 "DejaVu Sans Mono",monospace;background:var(--code);border-radius:6px}code{padding:2px 5px}
pre{padding:12px;overflow:auto}pre code{padding:0;background:none}
a{color:var(--link)}summary{cursor:pointer;margin-bottom:8px}</style>
<article><div class="by"><b>github-actions</b> bot commented</div><div class="text">
EOF
    cmark-gfm --unsafe -e table -e autolink -e strikethrough -e tagfilter "$comment"
    echo '</div></article>'
} >"$work/page.html"

browser() {
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/profile" "$@" 2>"$work/said"
}

# The height is not known before the page is laid out.
{
    cat "$work/page.html"
    echo '<script>document.title = document.documentElement.scrollHeight</script>'
} >"$work/measure.html"
height=$(browser --window-size="$width,100" --dump-dom "file://$work/measure.html" | sed -n 's/.*<title>\([0-9]*\)<\/title>.*/\1/p')
[ -n "$height" ] || { echo "comment-picture.sh: the page was not laid out:" >&2; tail -n 3 "$work/said" >&2; exit 3; }
browser --window-size="$width,$height" --screenshot="$work/picture.png" "file://$work/page.html"
! command -v pngquant >/dev/null || pngquant --force --output "$work/picture.png" 128 "$work/picture.png"
mv "$work/picture.png" "$picture"
