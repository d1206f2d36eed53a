# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
revisions 150
here=$(pwd -P)
# refused OPTION...: what is said of it.
refused() {
    status gate --baseline-ref HEAD~1 "$@" >log 2>&1
    sed "s|$here|HERE|g; s|$(dirname "$here")|ABOVE|g" log
}
cp app built
refused --build 'cp app built' -- "$here/built"
rm built
refused --build 'cp app built' -- nice "$here/built"
refused --build "cp app $here/../outside" -- "$here/../outside"
refused --build "cp app ../outside" -- ../outside
refused --build "cp app ../outside && ln -s ../outside built" -- ./built
refused --build "cp app ../outside" --shell --command 'true; ../outside'
(
    PATH=$here/bin:$PATH
    mkdir bin
    refused --build "cp app $here/bin/installed" -- installed
)
# A link within the tree, and a tool that was there before, are not meant.
status gate --baseline-ref HEAD~1 --build "ln -s \"\$PWD/app\" built" -- nice ./built >log 2>&1
verdicts rustscope-out/verdict.json
