# SPDX-License-Identifier: GPL-3.0-or-later
echo old >real.json && ln -s real.json link.json
rustscope bench-run -q -n 2 -o link.json -- true
test -L link.json && grep -q rustscope-session real.json
