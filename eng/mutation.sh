#!/bin/sh
# Mutation tests of an area whose results carry claims: eng/mutation.sh AREA [FILE]...
# Changes the area's files, or only those named (from src/Unlearn.MLNet), and writes artifacts/mutation-AREA/reports. CONTRIBUTING.md has the figures.
set -euf
prefix() { for name in $2; do printf '%s/%s ' "$1" "$name.cs"; done; }
area=$1
shift
case $area in
statistics)
    tests="Statistics/**"
    files=$(prefix Statistics "*") ;;
groundtruth)
    # Without the tests of Ceiling, which take seconds.
    tests="GroundTruth/Group*.cs;GroundTruth/H*.cs;GroundTruth/O*.cs;GroundTruth/R*.cs"
    files=$(prefix GroundTruth "GroupCheck HardnessScore* OutcomeColumn OutcomeFormulas OutcomeTable R* SingleRowResult") ;;
ceiling)
    tests="GroundTruth/CeilingTests.cs"
    files=$(prefix GroundTruth "Ceiling") ;;
hardness)
    tests="Hardness/*.cs;Hardness/CrossValidation/*.cs;Hardness/Evaluation/S*.cs;Hardness/Prediction/C*.cs;Hardness/Prediction/G*.cs"
    files="$(prefix Hardness/CrossValidation "DisjointSets GroupedFolds NearDuplicateGroups PooledLabels Shuffle ShuffledTrees TokenBags")
        $(prefix Hardness/Evaluation "SimpleBaselines") $(prefix Hardness/Prediction "ConformalBound GroupSplit")" ;;
evaluation)
    tests="Hardness/PlantedHardness.cs;Hardness/Evaluation/H*.cs"
    files="$(prefix Hardness/Evaluation "FactorSubset HardnessEvaluator NothingComparer")
        $(prefix Hardness/CrossValidation "FoldModel HardnessCrossValidation")" ;;
ledger)
    # Without the tests of LockPatience, of full disks, of damaged files and of several processes, which take seconds.
    tests=$(prefix Trials/Ledger "LostLogTests S* TrialChecksum* TrialClaim* TrialLedgerContract TrialLedgerFile* TrialLedgerUpgrade* TrialPlan*" | tr ' ' ';')
    files="Trials/Ledger/*.cs !Trials/Ledger/LockPatience.cs" ;;
*)
    echo "There is no area $area" >&2
    exit 2 ;;
esac
[ $# -gt 0 ] || set -- $files
only=
for file; do
    only="$only -m $file"
done
cd "$(dirname "$0")/../tests/Unlearn.MLNet.Tests"
dotnet tool restore
MutationTests=$tests exec dotnet stryker -f ../../eng/stryker-config.yaml -O "../../artifacts/mutation-$area" $only
