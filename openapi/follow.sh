#!/usr/bin/env bash
# Takes a published description over, and writes the text of a pull request: openapi/follow.sh PUBLISHED TEXT
# Prints changed=true or changed=false. The weekly workflow runs it.
set -euo pipefail
published=$(realpath "$1")
text=$(realpath --canonicalize-missing "$2")
cd "$(dirname "$0")/.."
before=$(cksum openapi/ica-batch.yaml)

cargo xtask diff "$published" --fail-on none --format markdown > "$text"
printf '\n' >> "$text"
cargo xtask update "$published" --format markdown >> "$text"
if [ "$(cksum openapi/ica-batch.yaml)" = "$before" ]; then
    echo changed=false
    exit 0
fi
# A description that the generator refuses is in the list of work.
cargo xtask generate >&2 || true
echo changed=true
