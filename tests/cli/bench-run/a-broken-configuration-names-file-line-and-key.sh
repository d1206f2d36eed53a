# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
cat >rustscope.yml <<'END'
version: 1
benchmarks:
  - name: a
    comand: ./a
END
status rustscope bench-run -c rustscope.yml
cat >rustscope.yml <<'END'
version: 1
threshold: fast
benchmarks:
  - name: a
    command: ./a
END
status rustscope bench-run -c rustscope.yml
ls
