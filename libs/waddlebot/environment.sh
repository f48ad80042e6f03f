#!/usr/bin/env bash
# Makes .venv with the Python that .python-version asks for and installs a lock into it, hashes checked.
set -euo pipefail
lock=$1
wanted=$(cat .python-version)

find_python() {
  for candidate in "python${wanted}" "$(command -v pyenv >/dev/null && pyenv prefix "$(pyenv latest "$wanted" 2>/dev/null)" 2>/dev/null)/bin/python" python3; do
    if "$candidate" -c "import sys; sys.exit(sys.version_info[:2] != tuple(map(int, '${wanted}'.split('.'))))" 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  echo "Python ${wanted} was not found. Install it, then run make again." >&2
  exit 1
}

if [ ! -x .venv/bin/python ]; then
  "$(find_python)" -m venv .venv
fi
echo "Preparing the environment (once; about a minute) …"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
