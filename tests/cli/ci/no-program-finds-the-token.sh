# SPDX-License-Identifier: GPL-3.0-or-later
# What a measured program sees of the processes that started it, being of the same user.
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
[ "$(id -u)" != 0 ] || command -v setpriv >/dev/null || { echo "root sees everything, and there is no setpriv" >&2; exit 77; }
if grep -q __asan_init "$(command -v rustscope)"; then
    echo "the runtime of a sanitizer keeps a copy of the environment that only it knows" >&2
    exit 77
fi
folder=$(TMPDIR='' mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$(command -v rustscope)" "$folder/"
cd "$folder" || exit 1
cat >spy <<'END'
#!/usr/bin/python3
# The word is turned round, so that it is not found in what looks for it.
import os, sys
word, found = os.environ["WORD"][::-1].encode(), []
pid = os.getppid()
while pid > 1:
    with open("/proc/%d/stat" % pid) as file:
        name, rest = file.read().rsplit(")", 1)
    if "rustscope" in name or "launcher" in name:
        for what in ("environ", "mem"):
            try:
                if what == "environ":
                    found += [what] * (word in open("/proc/%d/environ" % pid, "rb").read())
                    continue
                memory = open("/proc/%d/mem" % pid, "rb", 0)
                for line in open("/proc/%d/maps" % pid):
                    start, end = (int(x, 16) for x in line.split()[0].split("-"))
                    if "rw" in line.split()[1]:
                        memory.seek(start)
                        try:
                            found += [what] * (word in memory.read(end - start))
                        except OSError:
                            pass
                open("looked", "a").write(what + "\n")
            except OSError:
                pass
    pid = int(rest.split()[1])
open("found", "a").write("".join(what + "\n" for what in found))
open(os.environ["RUSTSCOPE_METRICS"], "w").write("work %d count lower\n" % (100 + (sys.argv[1:] == ["new"])))
END
chmod 755 . spy
as_user() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    chown -R 65534:65534 .
    as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
fi
# Memory that is given back keeps all but its beginning, so the end is looked for.
end=wort-eines-tests-$$ token=the-beginning-is-no-secret-$end
word=$(python3 -c "import sys; print(sys.argv[1][::-1])" "$end")
for mode in measure run; do
    status as_user env -u GITHUB_OUTPUT -u GITHUB_STEP_SUMMARY HOME="$folder" TMPDIR="$folder" GITHUB_ACTIONS=true GITHUB_EVENT_NAME=schedule \
        GITHUB_REPOSITORY=o/r GITHUB_SHA="$(printf '%040d' 1)" GITHUB_API_URL=http://127.0.0.1:9 GITHUB_TOKEN="$token" INPUT_TOKEN="$token" \
        INPUT_COMMENT-KEY= ./rustscope ci -q --mode $mode --metric work --launches 1 -n 3 --allow-undecided --env "WORD=$word" \
        --post-timeout 2 --baseline './spy old' --current './spy new' >log 2>&1
done
echo "looked: $(sort -u looked)"
echo "found: $(sort found | uniq -c)"
