#!/usr/bin/env bash
# Prints one ClientHello in every hex form that a program here prints: the files beside this one.
#
# In:  ../captures/tls/openssl-alert-protocol-version.pcap, whose fourth packet holds it, and the programs.
# Out: <form>.txt. Forms of windows without a program to type are written by hex/tests.rs of the core.
set -euo pipefail
cd "$(dirname "$0")"
capture=../captures/tls/openssl-alert-protocol-version.pcap
scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
tshark -n -r $capture -Y 'tls.handshake.type == 1' -T fields -e tcp.payload | xxd -r -p > "$scratch/hello"
hello=$scratch/hello
xxd "$hello" > xxd.txt
xxd -p "$hello" > xxd-p.txt
(cd "$scratch" && xxd -i hello) > xxd-i.txt
xxd -u -g1 "$hello" > xxd-u-g1.txt
xxd -e "$hello" > xxd-e.txt
hexdump -C "$hello" > hexdump-C.txt
hexdump "$hello" > hexdump.txt
hexdump -v -e '16/1 "%02x " "\n"' "$hello" > hexdump-e.txt
od "$hello" > od.txt
od -t x1 "$hello" > od-t-x1.txt
od -A x -t x1z "$hello" > od-A-x-t-x1z.txt
od -b "$hello" > od-b.txt
base64 "$hello" > base64.txt
openssl base64 -in "$hello" > openssl-base64.txt
tcpdump -n -x -r $capture > tcpdump-x.txt 2> /dev/null
tcpdump -n -X -r $capture > tcpdump-X.txt 2> /dev/null
tcpdump -n -xx -r $capture > tcpdump-xx.txt 2> /dev/null
tcpdump -n -XX -r $capture > tcpdump-XX.txt 2> /dev/null
tshark -n -x -r $capture > tshark-x.txt 2> /dev/null
tshark -n -r $capture -q -z follow,tcp,hex,0 > tshark-follow-hex.txt 2> /dev/null
tshark -n -r $capture -q -z follow,tcp,raw,0 > tshark-follow-raw.txt 2> /dev/null
tshark -n -r $capture -Y 'tls.handshake.type == 1' -T fields -e tcp.payload > tshark-payload.txt 2> /dev/null
python3 -c 'import sys; print(open(sys.argv[1], "rb").read())' "$hello" > python-repr.txt
python3 -c 'import sys; print(list(open(sys.argv[1], "rb").read()))' "$hello" > python-list.txt
python3 -c 'import sys; print(open(sys.argv[1], "rb").read().hex(":"))' "$hello" > python-hex-colons.txt
python3 -c 'import sys; print(open(sys.argv[1], "rb").read().hex().upper())' "$hello" > python-hex-capitals.txt
node -e 'console.log(JSON.stringify(require("fs").readFileSync(process.argv[1])))' "$hello" > node-json.txt
node -e 'require("buffer").INSPECT_MAX_BYTES = 1000; console.log(require("fs").readFileSync(process.argv[1]))' "$hello" > node-buffer.txt
ruby -e 'p File.binread(ARGV[0])' "$hello" > ruby-inspect.txt
perl -e 'use Data::Dumper; $Data::Dumper::Useqq = 1; local $/; open my $f, "<:raw", shift; print Dumper(<$f>)' "$hello" > perl-dumper.txt
php -r 'echo bin2hex(file_get_contents($argv[1])), "\n";' "$hello" > php-bin2hex.txt
cat > "$scratch/Show.java" <<'JAVA'
class Show {
    public static void main(String[] a) throws Exception {
        byte[] all = java.nio.file.Files.readAllBytes(java.nio.file.Path.of(a[0]));
        System.out.println(java.util.Arrays.toString(all));
    }
}
JAVA
java "$scratch/Show.java" "$hello" > java-arrays.txt
cat > "$scratch/show.go" <<'GO'
package main

import ("encoding/hex"; "fmt"; "os")

func main() {
	all, _ := os.ReadFile(os.Args[2])
	switch os.Args[1] {
	case "dump": fmt.Print(hex.Dump(all))
	case "literal": fmt.Printf("%#v\n", all)
	case "numbers": fmt.Println(all)
	case "quoted": fmt.Printf("%q\n", all)
	}
}
GO
for form in dump literal numbers quoted; do (cd "$scratch" && go run show.go $form hello) > go-$form.txt; done
