#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The live status of `rustscope record`, looked at on a terminal: what it shows, what its keys do, and that it leaves the
# terminal as it was, whatever the end. usage: tests/live/check-screen.sh (BUILD names the build directory)
set -u
tree=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(cd "${BUILD:-$tree/build/release}" && pwd)
command -v tmux >/dev/null || { echo "SKIP: tmux is not installed"; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/live.XXXXXX") || exit 1
screen=$work/socket
# A server of our own, with nobody's configuration; CI in the environment would turn the status off.
tmux_() { env -u CI -u TMUX tmux -S "$screen" -f /dev/null "$@"; }
target=
finish() {
    tmux_ kill-server 2>/dev/null
    [ -z "$target" ] || kill "$target" 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
cd "$work" || exit 1

n_bad=0
result() { # 0 or not, NAME
    if [ "$1" = 0 ]; then
        echo "ok $2"
    else
        echo "not ok $2"
        n_bad=$((n_bad + 1))
        shows | sed 's/^/    |/'
    fi
}
shows() { tmux_ capture-pane -p; }
sees() { # PATTERN: within 20 s
    local tries=0
    until shows | grep -q -e "$1"; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || return 1
        sleep 0.1
    done
}
gone() { # PATTERN: within 20 s
    local tries=0
    while shows | grep -q -e "$1"; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || return 1
        sleep 0.1
    done
}
keys() { tmux_ send-keys "$@"; }
line() { keys "$1" Enter; }
# The shell answers at the left edge, in a terminal as it was, on a whole screen.
same_terminal() { # MARK
    # shellcheck disable=SC2016 # for the other shell
    line 'stty -g >after; cmp -s before after && echo same-$((40 + 2))-'"$1"
    sees "^same-42-$1" || return 1
    line 'clear; seq 1 60'
    sees '^60$' && shows | head -n 1 | grep -qE '^(3[0-9]|2[0-9])$'
}

tmux_ new-session -d -x 100 -y 30 "env PS1='> ' PATH='$BUILD:$PATH' TERM=screen LC_ALL=C.UTF-8 bash --norc --noprofile" || exit 1
line 'stty -g >before; echo ready'
sees '^ready' || { echo "SKIP: no terminal to be had"; exit 77; }
"$BUILD/tests/programs/workers" 2 0 >/dev/null &
target=$!

line "clear; rustscope record --pid $target -o one.json"
sees "^ rustscope  workers  pid $target"; result $? the_target_is_shown
sees '^ CPU  *[0-9.]* %  peak'; result $? the_cpu_use_is_shown_with_its_peak
sees '^ memory  *[0-9.]* [KM]iB'; result $? the_memory_is_shown
sees '^ threads  *[0-9]'; result $? the_threads_are_shown
if "$BUILD/rustscope" doctor --json | grep -q '"sampler": "none"'; then
    echo "SKIP: no sampler is permitted: hot functions are not looked at"
else
    sees '^ hottest  *[0-9.]* %  compute'; result $? the_hottest_function_is_shown
    sees 'of stacks complete'; result $? the_share_of_complete_stacks_is_shown
fi
keys s
sees '^rustscope: wrote one-000001.json'; result $? s_writes_a_session
[ -s one-000001.json ]; result $? the_session_is_there
keys f
sees 'FROZEN'; result $? f_freezes_the_status
frozen=$(shows | grep '^ rustscope') && sleep 1.2 && [ "$frozen" = "$(shows | grep '^ rustscope')" ]; result $? a_frozen_status_stands_still
keys f
gone 'FROZEN'; result $? f_lets_it_go_on
tmux_ resize-window -x 80 -y 24
sleep 1
[ "$(shows | grep -c '^ q stop')" = 1 ] && shows | tail -n 1 | grep -q '^ q stop'; result $? a_terminal_of_another_size_is_filled
tmux_ resize-window -x 100 -y 30
sleep 1
keys q
sees '^rustscope: written to one.json'; result $? q_stops_and_writes
gone '^ q stop'; result $? the_status_leaves_the_screen
same_terminal q; result $? q_leaves_the_terminal_as_it_was
kill -0 $target; result $? the_process_goes_on

line "clear; rustscope record --pid $target -o two.json"
sees "^ rustscope  workers"
keys C-c
sees '^rustscope: written to two.json'; result $? control_c_stops_and_writes
same_terminal interrupt; result $? control_c_leaves_the_terminal_as_it_was

line "clear; rustscope record --pid $target --sampler none -o stopped.json"
sees "^ rustscope  workers"
keys C-z
sees Stopped; result $? control_z_stops_it
gone '^ CPU  '; result $? a_stopped_status_leaves_the_screen
# shellcheck disable=SC2016 # for the other shell
line 'stty -g >after; cmp -s before after && echo as-$((40 + 2))-before'
sees '^as-42-before'; result $? a_stopped_status_gives_the_terminal_back
line 'clear; fg'
sees '^ rustscope  workers'; result $? it_comes_back_with_fg
keys q
sees '^rustscope: written to stopped.json'
same_terminal stopped; result $? afterwards_the_terminal_is_as_it_was

# shellcheck disable=SC2016 # for the other shell
line 'clear; rustscope record -o three.json -- sh -c "echo line-of-the-command; read answer; echo got-\$answer"'
sees '^line-of-the-command'; result $? the_commands_output_is_above_the_status
sees 'the keys are the command'; result $? keys_are_left_to_the_command
line q
sees '^got-q'; result $? the_command_reads_its_input
sees '^rustscope: written to three.json'
same_terminal command; result $? the_end_of_the_command_leaves_the_terminal_as_it_was

line "clear; rustscope record --pid $target -o four.json"
sees "^ rustscope  workers"
kill -KILL $target
wait $target 2>/dev/null
target=
sees '^rustscope: written to four.json'; result $? the_death_of_the_process_is_an_end
same_terminal death; result $? the_death_of_the_process_leaves_the_terminal_as_it_was

line 'clear; CI=true rustscope record --sample-rate 0 -o five.json -- sleep 2'
sees '^rustscope: recording sleep'
sleep 1
! shows | grep -q '^ CPU  '; result $? in_ci_there_is_no_status
sees '^rustscope: written to five.json'; result $? in_ci_the_session_is_written
[ $n_bad = 0 ]
