#!/usr/bin/env bash
# Looks at the types of the workbench's page, where `make page` brought what that needs; else it says so.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
if [ ! -d "$root/page/node_modules" ]; then
  echo 'the types of page/ are not checked: `make page` brings what that needs'
  exit 0
fi
export PATH="$PATH:$root/.cache/node/bin"
cd "$root/page"
npm run -s check
