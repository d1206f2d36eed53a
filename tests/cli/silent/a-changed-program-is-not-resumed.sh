# SPDX-License-Identifier: GPL-3.0-or-later
cp /bin/true old && cp /bin/true new
(
    rustscope bench-run -q -n 2000 --measure-identical --launches 1 --baseline ./old --current ./new -o run.json &
    pid=$!
    until [ "$(grep -c '"t":' run.json.journal 2>/dev/null)" -gt 3 ] 2>/dev/null; do sleep 0.05; done
    kill -KILL $pid
    wait $pid
) 2>/dev/null
rm new && cp /bin/echo new
rustscope bench-run -q -n 2000 --measure-identical --launches 1 --baseline ./old --current ./new -o run.json --resume
