#!/bin/sh
# Makes the seeds of the fuzz targets from the data of the tests: fuzz/corpus/TARGET/.
set -eu
cd "$(dirname "$0")/.."
for target in capture text report certificate container chain; do
    mkdir -p "fuzz/corpus/$target"
done
cp tests/captures/files/* tests/captures/tls/*.pcap fuzz/corpus/capture/
find tests/cases tests/packets tests/certificates -type f -size -60k | while read -r file; do
    cp "$file" "fuzz/corpus/text/$(echo "$file" | tr / _)"
done
cp fuzz/corpus/capture/* fuzz/corpus/text/* fuzz/corpus/report/
cp tests/certificates/odd/*.der tests/certificates/lists/*.der fuzz/corpus/certificate/
for file in tests/chains/*.crl; do
    sed '/^-----/d' "$file" | base64 -d > "fuzz/corpus/certificate/$(basename "$file").der"
done
# A chain with its root and, where there is one, its list.
for file in tests/chains/*.openssl; do
    name=${file%.openssl}
    root=$name.root.pem
    [ -f "$root" ] || root=tests/chains/root.pem
    cat "$name.pem" "$root" > "fuzz/corpus/chain/$(basename "$name")"
    [ ! -f "$name.crl" ] || cat "$name.crl" >> "fuzz/corpus/chain/$(basename "$name")"
done
find tests/certificates -type f -size -60k | while read -r file; do
    cp "$file" "fuzz/corpus/container/$(echo "$file" | tr / _)"
done
