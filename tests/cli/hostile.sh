# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2034
# hostile NAME STATUS: a program ./NAME that prints all that a runner could take for a command, a line without an end last.
hostile() {
    cat >"$1" <<'PROGRAM'
#!/bin/sh
printf '::error file=a.c,line=1::taken\n'
printf ' \t ::warning::taken behind blanks\n'
printf '\302\240\343\200\200::notice::taken behind blanks of Unicode\n'
printf 'x\r::error::taken behind a return\n'
printf '::set-output name=gate::passed\n'
printf '::save-state name=a::b\n'
printf '::add-mask::e\n'
printf '::add-path::/tmp/evil\n'
printf 'text ##[error]taken in a line\n'
printf '##[command]taken ###[error]twice\n'
printf '\033[31m::error::taken in red\033[0m\n'
printf '::stop-commands::stop\n'
printf '::stop::\n'
printf '::stop-commands::\n'
printf '::group::never ended\n'
printf '::echo::on\n'
printf '::error::on the other stream\n' >&2
printf 'a line without an end'
PROGRAM
    printf 'exit %s\n' "$2" >>"$1"
    chmod +x "$1"
}

# commands FILE...: what a runner takes for commands in them.
commands() {
    "$CASE_DIR/../../lib/runner-log" "$@"
}
