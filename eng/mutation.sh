#!/bin/sh
# Mutation tests of the areas whose results carry claims: eng/mutation.sh statistics|groundtruth|hardness|ledger [FILE of src/Unlearn.MLNet]...
# Changes the files of the area, or only those named, and leaves artifacts/mutation-AREA/reports/mutation-report.json. CONTRIBUTING.md has the figures.
set -eu
area=$1
shift
case $area in
statistics)
    tests="Statistics/**"
    files="Statistics/*.cs" ;;
groundtruth)
    tests="GroundTruth/**"
    files="GroundTruth/*.cs" ;;
ledger)
    tests="Trials/Ledger/**"
    files="Trials/Ledger/*.cs" ;;
*)
    echo "No area is called $area" >&2
    exit 2 ;;
esac
[ $# -gt 0 ] || set -- $files
only=
for file; do
    only="$only -m $file"
done
cd "$(dirname "$0")/../tests/Unlearn.MLNet.Tests"
dotnet tool restore
set -f
MutationTests=$tests exec dotnet stryker -f ../../eng/stryker-config.yaml -O "../../artifacts/mutation-$area" $only
