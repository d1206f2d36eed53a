# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2016
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
mkdir bin
printf '#!/bin/sh\nenv >>"$HOME/seen"\n' >bin/git
chmod +x bin/git
mkdir -p "$HOME"
export PATH="$PWD/bin:$PATH" GITHUB_ACTIONS=true GITHUB_TOKEN=geheim INPUT_TOKEN=geheim ACTIONS_RUNTIME_TOKEN=geheim
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=http.extraheader GIT_CONFIG_VALUE_0=geheim PLAIN=visible
status rustscope bench-run -q -n 1 --launches 1 -o run.json -- true
grep -c geheim "$HOME/seen"
grep -h -e ^PLAIN= -e ^GIT_TERMINAL_PROMPT= -e extraheader "$HOME/seen" | sort -u
