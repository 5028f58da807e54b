#!/bin/sh
# Makes the chains of this folder with openssl, each with one fault, and writes what openssl says of it
# beside it. Keys are thrown away. Run in this folder; the results are committed.
set -eu
work=$(mktemp -d)
key() { [ -f "$work/$1.key" ] || openssl ecparam -name prime256v1 -genkey -noout -out "$work/$1.key" 2>/dev/null; }
# sign NAME SUBJECT ISSUER FROM TO EXTENSIONS
sign() {
  key "$1"
  printf '%s\n' "$6" > "$work/$1.ext"
  openssl req -new -key "$work/$1.key" -subj "$2" -out "$work/$1.csr"
  if [ "$3" = "$1" ]; then by="-selfsign -keyfile $work/$1.key"; else by="-cert $work/$3.pem -keyfile $work/$3.key"; fi
  : > "$work/index.txt"; echo "10$(openssl rand -hex 8 | tr a-f 1-6)" > "$work/serial"
  printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s/index.txt\nserial=%s/serial\nnew_certs_dir=%s\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n' "$work" "$work" "$work" > "$work/ca.cnf"
  openssl ca -batch -notext -config "$work/ca.cnf" $by -in "$work/$1.csr" -startdate "$4" -enddate "$5" -extfile "$work/$1.ext" -out "$work/$1.pem" 
}
chain() { # NAME CERTIFICATES…
  name=$1; shift; : > "$name.pem"
  for c in "$@"; do cat "$work/$c.pem" >> "$name.pem"; done
  first=$1; shift; cat "$name.pem" > "$work/all.pem"

  openssl verify -attime 1780272000 -purpose sslserver -verify_hostname www.example.com -CAfile root.pem -untrusted "$work/all.pem" "$work/$first.pem" 2>&1 | sed -n 's/^error \([0-9]* at [0-9]* depth lookup: .*\)/\1/p' > "$name.openssl" || true
}
S=20260101000000Z; E=20270101000000Z; IDS='subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid'
CA="basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
$IDS"
LEAF="basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=DNS:www.example.com
$IDS"
sign root /CN=Root root 20200101000000Z 20400101000000Z "$CA"; cp "$work/root.pem" root.pem
sign other /CN=Other other 20200101000000Z 20400101000000Z "$CA"
sign issuer /CN=Issuer root $S $E "$CA"
sign leaf /CN=www.example.com issuer $S $E "$LEAF"
chain good leaf issuer
chain issuer-missing leaf
chain wrong-order root issuer leaf
chain superfluous leaf issuer other
sign expired /CN=www.example.com issuer 20250101000000Z 20250601000000Z "$LEAF"; chain expired expired issuer
sign early /CN=www.example.com issuer 20270101000000Z 20280101000000Z "$LEAF"; chain not-yet-valid early issuer
sign named /CN=mail.example.com issuer $S $E "$(echo "$LEAF" | sed s/www/mail/)"; chain other-name named issuer
sign client /CN=www.example.com issuer $S $E "$(echo "$LEAF" | sed s/serverAuth/clientAuth/)"; chain client-only client issuer
sign alone /CN=www.example.com alone $S $E "$LEAF"; chain self-signed alone
sign strange /CN=www.example.com other $S $E "$LEAF"; chain other-root strange other
sign below /CN=www.example.com leaf $S $E "$LEAF"; chain not-a-ca below leaf issuer
sign short /CN=Short root $S $E "$(echo "$CA" | sed s/CA:TRUE/CA:TRUE,pathlen:0/)"; sign deep /CN=Deep short $S $E "$CA"; sign far /CN=www.example.com deep $S $E "$LEAF"; chain path-length far deep short
sign narrow /CN=Narrow root $S $E "$CA
nameConstraints=critical,permitted;DNS:example.org"; sign outside /CN=www.example.com narrow $S $E "$LEAF"; chain name-constraints outside narrow
sign odd /CN=www.example.com issuer $S $E "$LEAF
1.3.6.1.4.1.55555.1=critical,ASN1:NULL"; chain critical-unknown odd issuer
cp "$work/issuer.key" "$work/stale.key"; sign stale /CN=Issuer root 20200101000000Z 20210101000000Z "$CA"; chain issuer-expired leaf stale
chain two-issuers leaf stale issuer
rm -r "$work"
