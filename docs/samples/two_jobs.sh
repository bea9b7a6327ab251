#!/bin/sh
# Two jobs: `two_jobs.sh prepare`, and later `two_jobs.sh validate`, with the folder .scenario carried from one to the other.
set -u

case "$1" in
prepare)
    scenario run --phase prepare
    code=$?
    ;;
validate)
    # Look for as long as this job may take; the next one can go on.
    scenario resume --phase validate --max-wait 5m
    code=$?
    ;;
esac

case $code in
0) echo "all is well" ;;
75) echo "not done yet: come back later" ;;
*) echo "red: exit code $code" ;;
esac
# Only the job that prepares is content with a parked run.
[ "$1" = prepare ] && [ $code -eq 75 ] && exit 0
exit $code
