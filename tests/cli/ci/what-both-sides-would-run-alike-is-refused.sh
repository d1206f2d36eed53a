# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
revisions 150
here=$(pwd -P)
refused() { # OPTION...: what is said of it
    status gate --baseline-ref HEAD~1 "$@" >log 2>&1
    grep -o 'both revisions would run.*itself' log
}
cp app built
refused --build ':' -- nice "$here/built"
refused --build ':' --shell --command "true; $here/built"
echo "-- not executable, and nothing of the command is in the trees"
chmod -x built
refused --build ':' -- sh "$here/built"
rm built
echo "-- written by the builds, and named from a shell, or along PATH"
refused --build "cp app ../outside" --shell --command 'true; ../outside'
(
    PATH=$here/bin:$PATH
    mkdir bin
    refused --build "cp app $here/bin/installed" -- nice installed
)
echo "-- data of the checkout, a link within the tree, a tool that was there before"
echo data >data
status gate --baseline-ref HEAD~1 --build "ln -s \"\$PWD/app\" built" -- nice ./built "$here/data" >log 2>&1
verdicts rustscope-out/verdict.json
