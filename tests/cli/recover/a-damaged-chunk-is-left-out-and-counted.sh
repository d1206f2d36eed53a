# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
buffer=$FIXTURES/history/valid/killed-recording/buffer
damage() { # OFFSET: one byte of ./buffer
    printf '\377' | dd of=buffer bs=1 seek="$1" conv=notrunc 2>/dev/null
}
cp "$buffer" buffer
damage 9000 # in the only chunk
status rustscope recover buffer
cp "$buffer" buffer
damage 30 # in the first copy of the head
status rustscope recover buffer
damage 2080 # and in the second
status rustscope recover -o none.json buffer
cp "$buffer" buffer && truncate -s 9000 buffer
status rustscope recover -o none.json buffer
# two chunks, of which one is damaged: the second half of a copy is made another chunk
python3 - "$buffer" <<'PYTHON'
import struct, sys
whole = open(sys.argv[1], "rb").read()
n_chunk_bytes, = struct.unpack_from("<I", whole, 24)
chunk = whole[8192:].ljust(n_chunk_bytes, b"\0")
second = bytearray(chunk)
second[0] = 2
open("buffer", "wb").write(whole[:8192] + chunk + bytes(second))
PYTHON
status rustscope recover buffer
value session.json 'd["warnings"]'
[ ! -e none.json ] && echo nothing was written
