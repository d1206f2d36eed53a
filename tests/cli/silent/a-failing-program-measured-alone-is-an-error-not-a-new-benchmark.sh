# SPDX-License-Identifier: GPL-3.0-or-later
rustscope bench-run -q -n 5 --name x -o base.json -- true
rustscope bench-run -q -n 5 --name x -o current.json -- false 2>/dev/null
rustscope compare --allow-unpaired base.json current.json >/dev/null
