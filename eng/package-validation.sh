#!/usr/bin/env bash
# Says what of the packages' public API breaks programs that were built with an earlier version. Works without network.
# eng/package-validation.sh BASELINE [PROJECT...]: BASELINE is a tag, a commit or a folder of packages; without projects, all libraries are looked at.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
baseline=${1:?Name a tag, a commit or a folder of packages.}
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Unlearn.AutoML needs a package that is not on every source. The tool's package and the templates hold no API.
projects=("$@")
if [ $# -eq 0 ]; then
  for project in src/*/; do
    case $project in src/Unlearn.AutoML/ | src/Unlearn.Cli/) ;; *) projects+=("${project%/}") ;; esac
  done
fi

if [ -d "$baseline" ]; then
  feed=$(realpath "$baseline")
else
  commit=$(git rev-parse --verify --quiet "$baseline^{commit}") || { echo "There is no folder, tag or commit '$baseline'." >&2; exit 2; }
  feed=$work/feed
  mkdir -p "$work/source" "$feed"
  git archive "$commit" | tar -x -C "$work/source"
  for project in "${projects[@]}"; do
    if [ -d "$work/source/$project" ]; then
      dotnet pack "$work/source/$project" -c Release -o "$feed" -v q -p:Version=0.0.1-baseline -p:NuGetAudit=false
    fi
  done
fi

status=0
compared=0
for project in "${projects[@]}"; do
  name=$(basename "$project")
  # The latest version of the package; a dot and a digit end its name.
  package=$(find "$feed" -maxdepth 1 -name "$name.[0-9]*.nupkg" | sort -V | tail -n 1)
  if [ -z "$package" ]; then
    echo "$name: new, there is no earlier package."
  elif dotnet pack "$project" -c Release -o "$work/packed" -v q -p:Version=0.0.2-compared "-p:PackageValidationBaselinePath=$package"; then
    compared=$((compared + 1))
    echo "$name: compatible with $(basename "$package")."
  else
    compared=$((compared + 1))
    echo "$name: NOT compatible with $(basename "$package")." >&2
    status=1
  fi
done
if [ "$compared" -eq 0 ]; then
  echo "No package was compared." >&2
  exit 2
fi
exit "$status"
