# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
compiled app
status rustscope record -r 997 --no-symbols -o app.json -- ./app 1000 2>said
grep -c slow_part said
named app.json
value app.json '"lines" in d["profile"], d["sampling_diagnostics"]["n_symbolized_samples"], len(d["profile"]["frames"]["address"]) > 3'
complies app.json
status rustscope view app.json >text
grep -o 'main$\|slow_part$\|quick_part$\|mix$' text | sort -u
status rustscope view --no-symbols app.json | grep -c 'slow_part\|mix'
status rustscope view --no-inlines app.json >text
grep -o 'main$\|slow_part$\|quick_part$\|mix$' text | sort -u
