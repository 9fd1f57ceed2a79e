#!/usr/bin/env bash
# Packs the libraries, and builds and runs tests/ThirdParty on the packages: what users of one's own factors, unlearners, targets and recipes get. Nothing stays behind but build outputs.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
version=0.1.0-packed.$(date +%s)
trap 'rm -rf "$work"' EXIT
for library in Unlearn.Transforms Unlearn.MLNet Unlearn.Conformance; do
  dotnet pack "src/$library" -c Release -o "$work/feed" -v q -p:Version="$version"
done
cp -r tests/ThirdParty "$work/project"
rm -rf "$work/project/bin" "$work/project/obj"
# The packages go to a folder of their own, under a version of their own; others are taken from the user's cache.
cat >"$work/project/nuget.config" <<CONFIG
<configuration>
  <config><add key="globalPackagesFolder" value="$work/packages" /></config>
  <packageSources><add key="packed" value="$work/feed" /></packageSources>
  <fallbackPackageFolders><add key="cache" value="${NUGET_PACKAGES:-$HOME/.nuget/packages}" /></fallbackPackageFolders>
</configuration>
CONFIG
dotnet build "$work/project" -c Release -v q -p:UnlearnVersion="$version"
dotnet run --project "$work/project" -c Release --no-build
