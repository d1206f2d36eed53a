# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
status rustscope doctor >text
for group in sampling machine names room versions; do grep -x $group text; done
grep -c -E '^  (ok|limited|no) +(perf|ptrace|seccomp|process_vm_readv) ' text
rustscope doctor --json >doctor.json
value doctor.json 'd["format"], d["version"], d["sampler"] in ("perf", "ptrace", "none")'
value doctor.json '{c["state"] for c in d["checks"]} <= {"ok", "limited", "no", "info"}'
value doctor.json 'len({c["name"] for c in d["checks"]}) == len(d["checks"])'
tail -n 1 text | cut -d : -f 1 | sed 's/with .*/with/'
