# SPDX-License-Identifier: GPL-3.0-or-later
rustscope compare --allow-unpaired --metric cpu --on-inconclusive fail \
    "$FIXTURES/rustscope-0.5/valid/complete/input.json" "$FIXTURES/rustscope-0.5/valid/complete/input.json" >/dev/null
