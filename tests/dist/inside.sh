#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What the tarball has to do in a system that has nothing but a shell; run there by tests/dist/tarball.sh.
# usage: inside.sh NAME   prints "ok NAME: ..." and "not ok NAME: ..."
#   /given/rustscope   unpacked, with tests' https_get beside the program       /given/index-none, index-often   programs
#   /given/ca.pem, other.pem   authorities; the first has signed the server's certificate       PORT   where it listens
# shellcheck disable=SC2016,SC2317 # names are meant as they stand; functions are called by name
set -u
system=$1
n_bad=0
claim() { # NAME COMMAND...
    name=$1
    shift
    if "$@" >/tmp/log 2>&1; then
        echo "ok $system: $name"
    else
        echo "not ok $system: $name"
        n_bad=$((n_bad + 1))
        tail -n 20 /tmp/log | sed 's/^/    |/'
    fi
}

# Moved to a folder that a search path could not name, and called through two links on PATH.
folder='/tmp/my tools: 1;2 $LIB'
mkdir -p "$folder" /tmp/bin /tmp/work
cp -a /given/rustscope "$folder/rs"
ln -s "$folder/rs/bin/rustscope" /tmp/bin/second
ln -s second /tmp/bin/rustscope
PATH=/tmp/bin:$PATH
export PATH
unset SSL_CERT_FILE CURL_CA_BUNDLE
cd /tmp/work || exit 1

tells_version() { rustscope --version | grep -E '^rustscope [0-9]+\.[0-9]+\.[0-9]+$'; }
claim "it tells its version, moved and called through links" tells_version

passes_words_on() { # as they are, an empty one too
    rustscope compare 'no such file $HOME' '' 2>&1 | tee out
    grep -F 'no such file $HOME' out
}
claim "arguments arrive as they are" passes_words_on

knows_machine() { rustscope doctor >out && cat out && grep -E '^rustscope record takes samples with (perf|ptrace)' out; }
claim "doctor finds a sampler" knows_machine

measures() {
    rustscope bench-run -q --name index -n 40 --measure-identical --sample-rate 997 --baseline '/given/index-none 3000' \
        --current '/given/index-often 3000' -o run.json
}
claim "bench-run collects forty pairs and their profiles" measures
decides() {
    rustscope compare run.json --blame all --fail-on none -o verdict.json >out && cat out && grep -w hash_of out
}
claim "compare names the function that is called more often" decides
reports() { rustscope report verdict.json --format html -o page.html && grep '</html>' page.html && grep '<svg' page.html >/dev/null; }
claim "report writes the page" reports
names_functions() { rustscope record -o session.json -- /given/index-none 6000 && grep -ow '"next_word"' session.json; }
claim "record names a function of the program" names_functions

proves() { rustscope selftest -q --threshold 20 --slowdown 100 --max-pairs 60; }
claim "selftest starts rustscope again, and the gate goes red" proves

leaves_environment() {
    env | cut -d = -f 1 | sort >before
    rustscope bench-run -q --name env -n 1 --allow-undecided -o env.json -- sh -c 'env | cut -d = -f 1 | sort >/tmp/work/after'
    diff before after | grep '^> ' >new || :
    ! grep -E '^> (LD_|GCONV|LOCPATH)' new
}
claim "no variable for the loader reaches the measured program" leaves_environment

is_named() {
    rustscope record --pid $$ -o named.json -d 3 >record.log 2>&1 &
    sleep 1
    for status in /proc/[0-9]*/comm; do cat "$status" 2>/dev/null; done >names
    wait
    cat names
    grep -x rustscope names
}
claim "the process is called rustscope" is_named

# --- https: by which certificates ---

get() { env "$@" "$folder/rs/bin/https_get" "https://127.0.0.1:$PORT" >out 2>&1; } # [VARIABLE=VALUE]
place=/etc/ssl/certs/ca-certificates.crt
rm -f /etc/ssl/certs/ca-certificates.crt /etc/ssl/cert.pem
without() { get; [ $? = 1 ] && cat out && grep -F SSL_CERT_FILE out && grep -F "$place" out && grep -F /etc/pki/tls/certs/ca-bundle.crt out; }
claim "without certificates it says where it looked" without
doctor_says_so() { rustscope doctor >out && grep -E '^ *limited certificates .*SSL_CERT_FILE' out; }
claim "and so does doctor" doctor_says_so
by_variable() { get SSL_CERT_FILE=/given/ca.pem && cat out && grep -x '200 hello' out; }
claim "SSL_CERT_FILE is used" by_variable
by_other() { get SSL_CERT_FILE=/given/other.pem; [ $? = 1 ] && cat out && grep -i certificate out && grep -F /given/other.pem out; }
claim "another authority's certificate is refused, and its file is named" by_other
by_place() { # one of each family
    for path in /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem $place; do
        { mkdir -p "${path%/*}" && cp /given/ca.pem "$path" && get && grep -x '200 hello' out && rm "$path"; } || return 1
    done
}
claim "the certificates of the system are found, of each family" by_place

exit $((n_bad > 0))
