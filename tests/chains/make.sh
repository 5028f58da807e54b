#!/bin/sh
# Makes the chains of this folder with openssl, each with one fault, and writes what openssl says of it
# beside it. Keys are thrown away. Run in this folder; the results are committed.
set -eu
work=$(mktemp -d)
key() { [ -f "$work/$1.key" ] || openssl ecparam -name prime256v1 -genkey -noout -out "$work/$1.key" 2>/dev/null; }
config() { printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s/%s.txt\nserial=%s/serial\nnew_certs_dir=%s\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n' "$work" "$1" "$work" "$work"; }
# sign NAME SUBJECT ISSUER FROM TO EXTENSIONS
sign() {
  key "$1"
  printf '%s\n' "$6" > "$work/$1.ext"
  openssl req -new -key "$work/$1.key" -subj "$2" -out "$work/$1.csr"
  if [ "$3" = "$1" ]; then by="-selfsign -keyfile $work/$1.key"; else by="-cert $work/$3.pem -keyfile $work/$3.key"; fi
  : > "$work/index.txt"; echo "10$(openssl rand -hex 8 | tr a-f 1-6)" > "$work/serial"
  config index > "$work/ca.cnf"
  openssl ca -batch -md "${md:-sha256}" -notext -config "$work/ca.cnf" $by -in "$work/$1.csr" -startdate "$4" -enddate "$5" -extfile "$work/$1.ext" -out "$work/$1.pem" 
}
# crl NAME ISSUER FROM TO REVOKED…: a list of what ISSUER revoked
crl() {
  name=$1; issuer=$2; from=$3; to=$4; shift 4
  : > "$work/$name.txt"; config "$name" > "$work/ca.cnf"
  by="-config $work/ca.cnf -cert $work/$issuer.pem -keyfile $work/$issuer.key"
  for c in "$@"; do openssl ca $by -revoke "$work/$c.pem" -crl_reason keyCompromise; done
  openssl ca $by -gencrl -crl_lastupdate "$from" -crl_nextupdate "$to" -out "$name.crl"
}
chain() { # NAME CERTIFICATES… of the host $host, with the list NAME.crl and the root NAME.root.pem where there is one
  name=$1; shift; : > "$name.pem"
  for c in "$@"; do cat "$work/$c.pem" >> "$name.pem"; done
  first=$1; shift; cat "$name.pem" > "$work/all.pem"
  case ${host:=www.example.com} in *[0-9].[0-9]*) wanted="-verify_ip $host";; *) wanted="-verify_hostname $host";; esac
  if [ -f "$name.crl" ]; then wanted="$wanted -crl_check -CRLfile $name.crl"; fi
  if [ -f "$name.root.pem" ]; then roots=$name.root.pem; else roots=root.pem; fi
  openssl verify -attime 1780272000 -purpose sslserver $wanted -CAfile "$roots" -untrusted "$work/all.pem" "$work/$first.pem" 2>&1 | sed -n 's/^error \([0-9]* at [0-9]* depth lookup: .*\)/\1/p' > "$name.openssl" || true
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
sign deaf /CN=Deaf root $S $E "$(echo "$CA" | sed s/keyCertSign,//)"; sign mute /CN=www.example.com deaf $S $E "$LEAF"; chain issuer-may-not-sign mute deaf
sign other-use /CN=Narrowed root $S $E "$CA
extendedKeyUsage=clientAuth"; sign used /CN=www.example.com other-use $S $E "$LEAF"; chain issuer-client-only used other-use
sign impostor /CN=Issuer root $S $E "$CA"; chain issuer-other-key leaf impostor
openssl genrsa -out "$work/small.key" 1024 2>/dev/null; sign small /CN=www.example.com issuer $S $E "$LEAF"; chain weak-key small issuer
md=sha1 sign sha1 /CN=www.example.com issuer $S $E "$LEAF"; chain weak-signature sha1 issuer
crl revoked issuer 20260501000000Z 20260701000000Z leaf; chain revoked leaf issuer
crl not-revoked issuer 20260501000000Z 20260701000000Z stale; chain not-revoked leaf issuer
crl list-expired issuer 20260101000000Z 20260201000000Z; chain list-expired leaf issuer
named() { sign "$1" /CN=server issuer $S $E "$(echo "$LEAF" | sed "s/DNS:.*/$2/")"; chain "$1" "$1" issuer; }
named wildcard 'DNS:*.example.com'
host=a.b.example.com named wildcard-too-deep 'DNS:*.example.com'
host=example.com named wildcard-too-short 'DNS:*.example.com'
host=192.0.2.1 named address 'IP:192.0.2.1'
host=192.0.2.1 named address-other 'IP:192.0.2.2'
host=192.0.2.1 named address-as-name 'DNS:192.0.2.1'
host=xn--bcher-kva.example named idn 'DNS:xn--bcher-kva.example'
sign nameless /CN=www.example.com issuer $S $E "$(echo "$LEAF" | grep -v subjectAltName)"; chain common-name-only nameless issuer
# As AddTrust in 2020: the root, signed by an older one that has ended, is sent along; the root itself is trusted.
sign old /CN=Old old 20000101000000Z 20200530000000Z "$CA"; cp "$work/root.key" "$work/cross.key"
sign cross /CN=Root old 20000101000000Z 20200530000000Z "$CA"; chain cross-sign-expired leaf issuer cross
# As DST Root CA X3 in 2021, on a client without the new root: the only path leads over the signature that has ended.
sign fresh /CN=Fresh fresh 20200101000000Z 20400101000000Z "$CA"; cp "$work/fresh.key" "$work/bridge.key"
sign bridge /CN=Fresh root 20200101000000Z 20210930000000Z "$CA"; sign under /CN=Under fresh $S $E "$CA"
sign last /CN=www.example.com under $S $E "$LEAF"; chain only-path-expired last under bridge
chain other-path-good leaf issuer bridge
# The same with the newer root sent along: now it shows what the expired certificate is.
chain only-cross-sign-expired last under bridge fresh
sign mail /CN=www.example.com issuer $S $E "$(echo "$LEAF" | sed s/DNS:.*/email:www@example.com/)"; chain names-of-another-kind mail issuer
sign pointing /CN=www.example.com issuer $S $E "$LEAF
authorityInfoAccess=caIssuers;URI:http://ca.example.com/issuer.cer"; chain issuer-to-fetch pointing
openssl genrsa -out "$work/tiny.key" 512 2>/dev/null; sign tiny /CN=www.example.com issuer $S $E "$LEAF"; chain very-weak-key tiny issuer
# Roots of their own: one that has ended, and one that OpenSSL's marks reject for servers.
sign ended /CN=Ended ended 20100101000000Z 20200101000000Z "$CA"; cp "$work/ended.pem" root-expired.root.pem
sign after /CN=www.example.com ended $S $E "$LEAF"; chain root-expired after
openssl x509 -in "$work/root.pem" -addreject serverAuth -trustout -out root-rejected.root.pem; chain root-rejected leaf issuer
# Four certificates, the root with them: what a server usually sends, and one more.
sign top /CN=Top top 20200101000000Z 20400101000000Z "$CA"; cp "$work/top.pem" four.root.pem
sign upper /CN=Upper top 20200101000000Z 20400101000000Z "$CA"; sign lower /CN=Lower upper $S $E "$CA"
sign fourth /CN=www.example.com lower $S $E "$LEAF"; chain four fourth lower upper
rm -r "$work"
