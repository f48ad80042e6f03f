#!/usr/bin/env bash
# Builds the image of every module, starts each and checks its health: ./test_build_all.sh [--no-start] [module …]
set -euo pipefail
cd "$(dirname "$0")"

engine=${ENGINE:-$(command -v docker || command -v podman || true)}
[ -n "$engine" ] || { echo "Neither docker nor podman was found." >&2; exit 1; }
version=${VERSION:-local}
read -ra build_options <<<"${BUILD_OPTIONS:-}"
start=yes
wanted=()
for word in "$@"; do
  case $word in
    --no-start) start=no ;;
    *) wanted+=("$word") ;;
  esac
done

name_of() { sed -n 's/^name = "\(.*\)"/\1/p' "$1/module.toml"; }

is_wanted() {
  [ ${#wanted[@]} -eq 0 ] && return 0
  local one
  for one in "${wanted[@]}"; do [ "$one" = "$1" ] && return 0; done
  return 1
}

# Alone, on SQLite, without root, without capabilities and on a read-only root.
healthy() {
  local image=$1 container
  container=$("$engine" run --detach --read-only --tmpfs /tmp --tmpfs /data:uid=10001 --cap-drop ALL \
    --security-opt no-new-privileges \
    --env WADDLEBOT_SERVICE_KEY="$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')" \
    --env WADDLEBOT_ENCRYPTION_KEYS="$(head -c 32 /dev/urandom | base64 -w0)" "$image")
  local answer=1
  for _ in $(seq 60); do
    if "$engine" exec "$container" python -m flask_core.healthcheck >/dev/null 2>&1; then
      answer=0
      break
    fi
    sleep 0.5
  done
  if [ "$answer" -eq 0 ] && [ "$("$engine" exec "$container" id -u)" = 0 ]; then
    echo "  runs as root" >&2
    answer=1
  fi
  [ "$answer" -eq 0 ] || "$engine" logs --tail 20 "$container" >&2
  "$engine" rm --force "$container" >/dev/null
  return "$answer"
}

failed=0
for toml in */module.toml; do
  folder=$(dirname "$toml")
  name=$(name_of "$folder")
  is_wanted "$name" || continue
  image=waddlebot/$name:$version
  if ! "$engine" build --quiet "${build_options[@]}" --file "$folder/Dockerfile" --tag "$image" . >/dev/null; then
    echo "not built    $name"
    failed=1
  elif [ "$start" = no ]; then
    echo "built        $name"
  elif healthy "$image"; then
    echo "healthy      $name"
  else
    echo "not healthy  $name"
    failed=1
  fi
done
exit "$failed"
