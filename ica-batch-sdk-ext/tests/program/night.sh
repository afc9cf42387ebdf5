# A night as a script without a terminal: a simulator, a cohort that is killed on the way and
# submitted again, the audit, and a new attempt of what failed.
#
# Usage: sh night.sh PROGRAM. It works in the current folder, and fails at the first surprise.
set -eu

program=$1

# Runs the program, and fails unless it ends with this exit code.
expect() {
    code=$1
    shift
    set +e
    "$program" "$@" 2>> messages.txt
    ended=$?
    set -e
    if [ "$ended" != "$code" ]; then
        echo "ica-batch $*: exit code $ended in place of $code" >&2
        tail -n 20 messages.txt >&2
        exit 1
    fi
}

# `--exit-after` ends the simulator if this script does not.
"$program" simulate --analysis-time 2 --rows 120 --failure-share 0.05 --creation-failure-share 0.02 --seed 3 \
    --example-manifest cohort.csv --exit-after 100 > settings.sh 2> simulator.txt &
simulator=$!
trap 'kill $simulator 2> /dev/null || true' EXIT
until [ "$(grep -c ^export settings.sh)" -ge 3 ]; do
    kill -0 "$simulator"
    sleep 0.1
done
. ./settings.sh

printf 'user_reference,pipeline,input.reads\na,unknown,/nothing\n' > bad.csv
expect 3 submit bad.csv
expect 2 submit cohort.csv --chunk-size none
expect 0 submit cohort.csv --dry-run --format json > plan.json

# Killed at any point of it, and submitted again by the same command.
"$program" submit cohort.csv --chunk-size 3 --settling-time 3s 2>> messages.txt &
submit=$!
sleep 0.4
kill -9 "$submit" 2> /dev/null || true
wait "$submit" || true
expect 1 submit cohort.csv --chunk-size 3 --settling-time 3s --wait --poll-interval 1s --format json > first.json
expect 0 audit cohort --format csv > audit.csv
expect 0 items cohort --failed --format csv > failed.csv
test "$(wc -l < failed.csv)" -gt 1

# Failed analyses are sent again until none is left.
expect 0 rerun cohort --failed --failed-creation --wait --poll-interval 1s
expect 0 audit cohort > audit.tsv
expect 0 items cohort --format csv --columns user_reference,outcome --output items.csv
test "$(wc -l < items.csv)" -eq 121
test "$(grep -c ',succeeded$' items.csv)" -eq 120
expect 0 submit cohort.csv --chunk-size 3
expect 0 journal export cohort > export.jsonl
echo "all of 120 analyses succeeded"
