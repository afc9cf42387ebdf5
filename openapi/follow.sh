#!/usr/bin/env bash
# Takes a published description over, and writes the text of a pull request: openapi/follow.sh PUBLISHED TEXT
# Prints changed=true or changed=false. The weekly workflow runs it.
set -euo pipefail
published=$(realpath "$1")
text=$(realpath --canonicalize-missing "$2")
cd "$(dirname "$0")/.."
before=$(cksum openapi/ica-batch.yaml)

changes=$(cargo xtask diff "$published" --fail-on none --format markdown)
cargo xtask update "$published" --format markdown > "$text"
printf '\n## Changes\n\n%s\n' "$changes" >> "$text"
if [ "$(cksum openapi/ica-batch.yaml)" = "$before" ]; then
    echo changed=false
    exit 0
fi
# GitHub takes a text of 65536 characters.
if [ "$(wc -c < "$text")" -gt 60000 ]; then
    whole=$(head -c 60000 "$text" | iconv --from-code=UTF-8 --to-code=UTF-8 -c)
    printf '%s\n\nThe list is longer: run `cargo xtask diff` and `cargo xtask update --dry-run`.\n' "$whole" > "$text"
fi
# A description that the generator refuses is in the list of work.
cargo xtask generate >&2 || true
echo changed=true
