#!/usr/bin/env bash
# Has hadolint look at all Dockerfiles; where its wheels don't fit the machine, it says so and passes.
# usage: tools/image/lint.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
hadolint=$(PATH=$PWD/.venv/bin:$PATH command -v hadolint) || { echo "no hadolint for this machine: Dockerfiles are not looked at"; exit 0; }
find Dockerfile examples -name Dockerfile -print0 | xargs -0 "$hadolint"
