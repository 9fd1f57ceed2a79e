#!/usr/bin/env bash
# Builds the documentation with the API reference into artifacts/site. The libraries must be built. A broken link or a damaged comment ends it.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
for library in src/*/PublicAPI.Shipped.txt; do
  name=$(basename "$(dirname "$library")")
  if [ ! -f "src/$name/bin/Release/net10.0/$name.dll" ]; then
    echo "$name is not built: dotnet build -c Release" >&2
    exit 1
  fi
done
dotnet tool restore
rm -rf artifacts/api artifacts/site
# Microsoft.ML.StandardTrainers names Microsoft.ML.OneDal, which no package of ours needs.
log=$(dotnet docfx metadata docfx.json)
echo "$log"
if grep 'warning:' <<<"$log" | grep -v 'Microsoft.ML.OneDal' >&2; then
  exit 1
fi
dotnet docfx build docfx.json --warningsAsErrors
