#!/bin/sh
# Makes revocation lists, OCSP responses, a request and a public key with openssl, and writes what
# openssl says of each beside it. Keys are thrown away. Run in this folder; the results are committed.
set -eu
work=$(mktemp -d)
subject() { openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/$1.key" -subj "$2" -out "$work/$1.csr" 2>/dev/null; }
subject ca "/O=Example Corp/CN=Lists"
echo subjectKeyIdentifier=hash > "$work/ext"
openssl x509 -req -in "$work/ca.csr" -signkey "$work/ca.key" -days 7300 -extfile "$work/ext" -out "$work/ca.pem" 2>/dev/null
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s/index\ncrlnumber=%s/number\ndefault_md=sha256\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n' "$work" "$work" > "$work/cnf"
: > "$work/index"; echo 1a > "$work/number"
list() { openssl ca -config "$work/cnf" -cert "$work/ca.pem" -keyfile "$work/ca.key" -gencrl -crl_lastupdate 20260101000000Z -crl_nextupdate 20270101000000Z "$@" 2>/dev/null; }
list -out "$work/empty.pem"
entry() { printf '%s\t%s\t%s\t%s\tunknown\t%s\n' "$1" 270101000000Z "$2" "$3" "/CN=$3" >> "$work/index"; }
entry R 260301120000Z,keyCompromise 01
entry R 260302120000Z,cessationOfOperation 7F00000000000000000000000000000000000001
entry R 260303120000Z AB
entry V "" 0C
list -out "$work/revoked.pem"
sed -i '/^crl_extensions/d' "$work/cnf"; rm "$work/number"; sed -i '/^crlnumber/d' "$work/cnf"; list -out "$work/no-extensions.pem"
for name in empty revoked no-extensions; do
  openssl crl -in "$work/$name.pem" -outform DER -out "crl-$name.der"
  openssl crl -in "$work/$name.pem" -noout -text | sed '/Signature Value/,$d' > "crl-$name.openssl.txt"
done
# respond NAME SERIAL: the same authority answers.
respond() {
  openssl ocsp -issuer "$work/ca.pem" -serial "$2" -no_nonce -reqout "$work/request" 2>/dev/null
  openssl ocsp -index "$work/index" -rsigner "$work/ca.pem" -rkey "$work/ca.key" -CA "$work/ca.pem" -reqin "$work/request" -respout "ocsp-$1.der" -ndays 7 ${3:-} >/dev/null 2>&1
  openssl ocsp -respin "ocsp-$1.der" -noverify -resp_text | sed '/Signature Algorithm/,$d' > "ocsp-$1.openssl.txt" 2>/dev/null
}
respond good 0x0C
respond revoked 0x01
respond unknown 0x0D
respond by-key 0xAB -resp_key_id
printf '\060\003\012\001\006' > ocsp-unauthorized.der
openssl ocsp -respin ocsp-unauthorized.der -noverify -resp_text > ocsp-unauthorized.openssl.txt 2>&1 || true
subject request "/C=DE/O=Example Corp/CN=www.example.com"
openssl req -in "$work/request.csr" -outform DER -out request.der
openssl req -in "$work/request.csr" -noout -text | sed '/Signature Algorithm/,$d' > request.openssl.txt
openssl pkey -in "$work/request.key" -pubout -outform DER -out public-key.der
openssl pkey -pubin -inform DER -in public-key.der -noout -text > public-key.openssl.txt
rm -r "$work"
