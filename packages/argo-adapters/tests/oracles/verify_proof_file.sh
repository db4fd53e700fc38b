#!/usr/bin/env bash
# Verifies one entry of a log with openssl, sha256sum and coreutils, and nothing of ours.
#
#   verify_proof_file.sh ENTRY PROOF LOG-KEY WITNESS-KEY
#
# ENTRY is a file with the entry's bytes, PROOF its .tlog-proof file; keys are NAME+ID+BASE64.
set -euo pipefail
# A range such as 0-9 means these letters alone, whatever the language of the machine.
export LC_ALL=C

entry=$1 proof=$2 log_key=$3 witness_key=$4
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
refute() { echo "refuted: $1" >&2; exit 1; }

hex() { od -An -v -tx1 "$@" | tr -d ' \n'; }
bytes() { printf '%b' "$(sed 's/../\\x&/g' <<<"$1")"; }
digest() { sha256sum | cut -d ' ' -f 1; }
# Bash runs commands that stand in what it calculates with, so nothing goes there unlooked at.
number() { [[ $1 =~ ^(0|[1-9][0-9]{0,17})$ ]] || refute "not a number: $2"; }
hash() { [[ $1 =~ ^[A-Za-z0-9+/]{43}=$ ]] || refute "not a hash: $2"; }

# The file: two lines of its own, a hash a line, an empty line, and the checkpoint, a signed note.
sed '1,/^$/d' "$proof" > "$here/note"
sed '/^$/,$d' "$here/note" > "$here/text"
sed -n '1,/^$/p' "$proof" | sed '/^$/d' > "$here/head"
[ "$(sed -n 1p "$here/head")" = "c2sp.org/tlog-proof@v1" ] || refute "not a proof file"
index=$(sed -n 's/^index //p' "$here/head")
sed '1,/^index /d' "$here/head" > "$here/hashes"
origin=$(sed -n 1p "$here/text") size=$(sed -n 2p "$here/text") root=$(sed -n 3p "$here/text")
[ "$(wc -l < "$here/text")" = 3 ] || refute "not a checkpoint"
number "$index" "the index"
number "$size" "the size"
hash "$root" "the root"

# A key in the form that openssl reads: twelve bytes that say Ed25519, then the key's thirty-two.
key_of() {
  { bytes 302a300506032b6570032100; base64 -d <<<"${1#*+*+}" | tail -c 32; } > "$here/key.der"
}
# The line signed by a key, without the key id of four bytes.
signature_of() {
  name=${1%%+*} id=${1#*+}
  while read -r _ signer payload; do
    [[ $payload =~ ^[A-Za-z0-9+/]{91}=$|^[A-Za-z0-9+/]{102}==$ ]] || continue
    base64 -d <<<"$payload" > "$here/payload"
    if [ "$signer" = "$name" ] && [ "$(hex -N 4 "$here/payload")" = "${id%%+*}" ]; then
      tail -c +5 "$here/payload"
      return
    fi
  done < <(grep '^— ' "$here/note")
}
verify() {
  openssl pkeyutl -verify -pubin -keyform DER -inkey "$here/key.der" -rawin \
    -in "$1" -sigfile "$2" > "$here/said" 2>&1 || refute "$3"
}

[ "$origin" = "${log_key%%+*}" ] || refute "another log's checkpoint"
key_of "$log_key"
signature_of "$log_key" > "$here/signature"
verify "$here/text" "$here/signature" "the checkpoint's signature"

key_of "$witness_key"
signature_of "$witness_key" > "$here/cosignature"
[ -s "$here/cosignature" ] || refute "no line of the witness"
time=$(hex -N 8 "$here/cosignature")
[[ $time =~ ^0{6}[0-9a-f]{10}$ ]] || refute "not a time"
time=$((16#$time))
{ printf 'cosignature/v1\ntime %s\n' "$time"; cat "$here/text"; } > "$here/message"
tail -c +9 "$here/cosignature" > "$here/signature"
verify "$here/message" "$here/signature" "the cosignature"

# RFC 9162, section 2.1.3.2: from the leaf up, each hash on the side where it belongs.
[ "$index" -lt "$size" ] || refute "no such entry"
node=$index last=$((size - 1))
hash=$({ bytes 00; cat "$entry"; } | digest)
while read -r line; do
  hash "$line" "a line of the proof"
  [ "$last" -gt 0 ] || refute "the proof is too long"
  sibling=$(base64 -d <<<"$line" | hex)
  if [ $((node & 1)) = 1 ] || [ "$node" = "$last" ]; then
    hash=$(bytes "01$sibling$hash" | digest)
    while [ $((node & 1)) = 0 ] && [ "$node" != 0 ]; do node=$((node >> 1)) last=$((last >> 1)); done
  else
    hash=$(bytes "01$hash$sibling" | digest)
  fi
  node=$((node >> 1)) last=$((last >> 1))
done < "$here/hashes"
[ "$last" = 0 ] || refute "the proof is too short"
[ "$hash" = "$(base64 -d <<<"$root" | hex)" ] || refute "the entry is not in the tree"

echo "$(digest < "$entry") is entry $index of $size, witnessed at $time"
