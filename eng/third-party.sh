#!/usr/bin/env bash
# Packs everything that is published, and uses it as others do: programs that reference the packages, the template of dotnet new, the tool. Nothing stays behind but build outputs.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
work=$(mktemp -d)
version=0.1.0-packed.$(date +%s)
trap 'rm -rf "$work"' EXIT

# Unlearn.AutoML needs a package that is not on every source.
for project in src/*/; do
  if [ "$project" != src/Unlearn.AutoML/ ]; then
    dotnet pack "$project" -c Release -o "$work/feed" -v q -p:Version="$version"
  fi
done
dotnet pack templates -c Release -o "$work/feed" -v q -p:Version="$version"

# The packages go to a folder of their own, under a version of their own; others are taken from the user's cache.
cat >"$work/nuget.config" <<CONFIG
<configuration>
  <config><add key="globalPackagesFolder" value="$work/packages" /></config>
  <packageSources><clear /><add key="packed" value="$work/feed" /></packageSources>
  <fallbackPackageFolders><add key="cache" value="${NUGET_PACKAGES:-$HOME/.nuget/packages}" /></fallbackPackageFolders>
</configuration>
CONFIG

# Factors, unlearners, targets and recipes of one's own; and every other library.
for project in ThirdParty AllPackages; do
  cp -r "tests/$project" "$work/$project"
  rm -rf "$work/$project/bin" "$work/$project/obj"
  dotnet build "$work/$project" -c Release -v q -p:UnlearnVersion="$version"
  dotnet run --project "$work/$project" -c Release --no-build
done

# The README's snippets, with the packages alone that it names.
cp -r tests/ReadmeSnippets "$work/ReadmeSnippets"
rm -rf "$work/ReadmeSnippets/bin" "$work/ReadmeSnippets/obj"
snippets=$(awk -v folder="$work/ReadmeSnippets" -f eng/readme-snippets.awk README.md)
[ "$snippets" -gt 0 ]
dotnet build "$work/ReadmeSnippets" -c Release -v q -p:UnlearnVersion="$version"
(cd "$work/ReadmeSnippets" && dotnet run -c Release --no-build -- "$snippets" && [ -s factors.zip ])

dotnet new install "$work/feed/Unlearn.Templates.$version.nupkg" --debug:custom-hive "$work/hive"
dotnet new unlearn-pipeline --debug:custom-hive "$work/hive" -o "$work/Hardness"
dotnet build "$work/Hardness" -c Release -v q -warnaserror -p:NuGetAudit=false
(cd "$work/Hardness" && dotnet run -c Release --no-build && [ -s hardness.zip ])

dotnet tool install Unlearn.Cli --version "$version" --tool-path "$work/tools" --configfile "$work/nuget.config"
"$work/tools/unlearn" factors "$work/Hardness/customers.csv" --label hasLeft --model logistic --rows 200 --out "$work/factors"
[ "$(wc -l <"$work/factors/factors.csv")" -eq 201 ]
