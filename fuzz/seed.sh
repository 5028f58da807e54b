#!/bin/sh
# Makes the seeds of the fuzz targets from the data of the tests: fuzz/corpus/TARGET/.
set -eu
cd "$(dirname "$0")/.."
mkdir -p fuzz/corpus/capture fuzz/corpus/text fuzz/corpus/report fuzz/corpus/certificate fuzz/corpus/container
cp tests/captures/files/* tests/captures/tls/*.pcap fuzz/corpus/capture/
find tests/cases tests/packets tests/certificates -type f -size -60k | while read -r file; do
    cp "$file" "fuzz/corpus/text/$(echo "$file" | tr / _)"
done
cp fuzz/corpus/capture/* fuzz/corpus/text/* fuzz/corpus/report/
cp tests/certificates/odd/*.der fuzz/corpus/certificate/
find tests/certificates -type f -size -60k | while read -r file; do
    cp "$file" "fuzz/corpus/container/$(echo "$file" | tr / _)"
done
