#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every check of tests/lint/run must let a clean tree pass and find what is planted in it. Prints only what went wrong.
set -u
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n_bad=0
spdx='/* SPDX-License-Identifier: GPL-3.0-or-later */'

# A small house without a fault.
new_tree() {
    rm -rf "$work/tree"
    mkdir -p "$work/tree"/{src/base,src/model,src/analyze,src/report,src/format,src/cmd,stats,tests/cli/demo,.ci} && cd "$work/tree" || exit 2
    cp "$here/../../.clang-format" .
    for module in src/base/text src/model/session src/analyze/tree src/report/html src/format/codec src/cmd/row stats/welch; do
        guard=RS_$(echo "${module#src/}_h" | tr 'a-z/' 'A-Z_')
        printf '%s\n#ifndef %s\n#define %s\n\n#include <stddef.h>\n\nsize_t rs_thing(void);\n\n#endif\n' "$spdx" "$guard" "$guard" >$module.h
    done
    printf '%s\n#include "analyze/tree.h"\n\n#include "base/text.h"\n#include "stats/welch.h"\n' "$spdx" >src/analyze/tree.c
    printf '%s\n#include "welch.h"\n\n#include <glib.h>\n#include <gsl/gsl_math.h>\n#include <math.h>\n' "$spdx" >stats/welch.c
    printf '%s\n#include "cmd/row.h"\n' "$spdx" >src/main.c
    printf 'echo "one and only"\n' >tests/cli/demo/case.sh
    printf '# list\nbuild gcc\nfuzz a|b\n' >.ci/packages
}

must_pass() { # check, what
    "$here/run" -C "$work/tree" "$1" >"$work/log" 2>&1 && return
    echo "$1 fails on $2:"
    sed 's/^/  /' "$work/log"
    n_bad=1
}

must_find() { # check, text of the message
    if "$here/run" -C "$work/tree" "$1" >"$work/log" 2>&1 || ! grep -qF -e "$2" "$work/log"; then
        echo "$1 does not find '$2':"
        sed 's/^/  /' "$work/log"
        n_bad=1
    fi
    new_tree
}

new_tree
for check in floors rooms headers format shell spdx words lists sizes; do must_pass $check "a clean tree"; done

echo '#include "cmd/row.h"' >>src/report/html.h
must_find floors 'up, from floor 3 to floor 4'
echo '#include "format/codec.h"' >>src/report/html.h
must_find floors 'sideways, src/report and src/format'
echo '  #  include "../src/model/session.h"' >>stats/welch.c
must_find floors 'stats/ includes itself only'
echo '#include "base/text.h"' >>stats/welch.c
must_find floors 'stats/ includes itself only'
echo '#include <jansson.h>' >>stats/welch.c
must_find rooms 'jansson.h belongs to'
echo '#include "stats/welch.h"' >>src/model/session.h
must_find floors 'sideways, src/model and stats'
mkdir src/attic && echo "$spdx" >src/attic/old.h
must_find floors 'src/attic is on no floor'
echo '#include "base/gone.h"' >>src/model/session.h
must_find floors 'no such file in the tree'

echo '#include <gsl/gsl_cdf.h>' >>src/analyze/tree.c
must_find rooms 'src/analyze/tree.c:6: gsl/gsl_cdf.h belongs to stats'
for header in yaml.h curl/curl.h gelf.h libunwind.h protobuf-c/protobuf-c.h zlib.h lzma.h microhttpd.h; do
    echo "#include <$header>" >>src/cmd/row.h
    must_find rooms "$header belongs to"
done

sed -i '/stddef/d' src/base/text.h
must_find headers 'size_t'
sed -i 's/RS_BASE_TEXT_H/RS_TEXT_H/' src/base/text.h
must_find headers 'the guard is not RS_BASE_TEXT_H'
echo 'int   x;' >>src/base/text.h
must_find format 'src/base/text.h'
# shellcheck disable=SC2016
printf '#!/bin/bash\nrm -rf $1/*\n' >.ci/run
must_find shell '.ci/run'
# shellcheck disable=SC2016
echo 'cat $FIXTURES' >tests/cli/demo/case.sh
must_find shell 'tests/cli/demo/case.sh'
sed -i 1d src/base/text.h
must_find spdx 'src/base/text.h'
printf '#!/bin/sh\ntrue\n' >.ci/run
must_find spdx '.ci/run'
echo 'see /work/notes.txt' >README.md
must_find words 'README.md:1: /work/'
echo 'ADD https://registry.npmjs.org/x' >README.md
must_find words 'the host of a package registry'
echo 'build gcc' >>.ci/packages
must_find lists 'build gcc'
echo 'build gcc make' >>.ci/packages
must_find lists 'build gcc make'

# sizes warns and passes
{ echo "$spdx" && yes '' | head -n 600; } >src/base/text.c
printf 'void rs_f(void)\n{\n%s}\n' "$(yes '    f();' | head -n 61)"$'\n' >src/base/long.c
must_pass sizes "long files"
for line in 'text.c: 601 lines' 'long.c:2: a function of 61 lines'; do
    grep -q "$line" "$work/log" || { echo "sizes does not list $line" && n_bad=1; }
done
exit $n_bad
