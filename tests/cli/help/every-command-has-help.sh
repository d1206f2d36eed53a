# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
for command in bench-run compare report merge calibrate selftest record recover doctor help; do
    status rustscope $command --help >$command.txt
    rustscope $command -h | cmp - $command.txt
    head -n 2 $command.txt
done
status rustscope --help >overview.txt
for command in bench-run compare report merge calibrate selftest record recover doctor; do
    grep -q "^ *$command" overview.txt || echo "$command is not listed"
done
status rustscope --version >version.txt
cut -d ' ' -f 1 version.txt
