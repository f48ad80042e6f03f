#!/usr/bin/env bash
# Compiles and imports every Python file of every module.
set -euo pipefail
cd "$(dirname "$0")"
python=${PYTHON:-.venv/bin/python}
export PYTHONPATH=.:libs/flask_core:libs/waddlebot

failed=0
for toml in */module.toml; do
  module=$(dirname "$toml")
  if "$python" -m compileall -q "$module" && "$python" -m waddlebot.importing "$module"; then
    echo "ok      $module"
  else
    echo "failed  $module"
    failed=1
  fi
done
exit "$failed"
