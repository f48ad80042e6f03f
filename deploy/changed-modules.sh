#!/usr/bin/env bash
# The modules that differ from a commit, as a JSON list; all of them when what they share differs or nothing is known.
set -euo pipefail
cd "$(dirname "$0")/.."
before=${1:-}

names=()
changed=$(git diff --name-only "$before" HEAD 2>/dev/null || echo libs/)
shared=$(grep -cE '^(libs/|requirements/|docker-compose|\.python-version|test_build_all)' <<<"$changed" || true)
for toml in */module.toml; do
  folder=$(dirname "$toml")
  if [ "$shared" -gt 0 ] || grep -q "^$folder/" <<<"$changed"; then
    names+=("$(sed -n 's/^name = "\(.*\)"/"\1"/p' "$toml")")
  fi
done
(IFS=,; echo "[${names[*]}]")
