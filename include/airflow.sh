#!/usr/bin/env bash
# Airflow on the repository's own data.
#   include/airflow.sh up      start it in the background and say where it is (make up)
#   include/airflow.sh down    stop it (make down)
#   include/airflow.sh serve   run it in the foreground (the container)
#   include/airflow.sh health  whether it works, as the exit code
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
port="${PORT:-8080}"

# The example decisions belong to sample stores: where a store's address is given, nothing is assumed.
decisions=example
for _ in "${!RETENTION_STORE_@}"; do decisions=production; done

set -a
. "$root/include/airflow.env"
AIRFLOW_HOME="$root/airflow"
AIRFLOW__CORE__DAGS_FOLDER="$root/dags"
AIRFLOW__CORE__PLUGINS_FOLDER="$root/plugins"
AIRFLOW__API__HOST="${HOST:-127.0.0.1}"
AIRFLOW__API__PORT="$port"
AIRFLOW__API__BASE_URL="http://localhost:$port"
AIRFLOW__CORE__EXECUTION_API_SERVER_URL="http://localhost:$port/execution/"
RETENTION_DECISIONS="${RETENTION_DECISIONS:-$decisions}"
PYTHONPATH="$root/plugins:$root"
PATH="$root/.venv/bin:$PATH"
set +a

pid_file="$AIRFLOW_HOME/airflow.pid"
log_file="$AIRFLOW_HOME/airflow.log"
users_file="$AIRFLOW_HOME/users.json"
secrets_file="$AIRFLOW_HOME/secrets.env"
url="http://localhost:$port"

# Made once: a user for each role, and the secrets that Airflow's parts share. Only the owner may look into the folder.
prepare() {
  mkdir -p -m 700 "$AIRFLOW_HOME"
  if [ ! -s "$users_file" ]; then
    (umask 077 && python - "$users_file" <<'PYTHON'
import json, pathlib, secrets, sys
roles = {"admin": "Admin", "compliance": "Compliance", "auditor": "Auditor", "engineer": "Data engineer"}
users = [{"username": user, "password": secrets.token_urlsafe(12), "role": role} for user, role in roles.items()]
pathlib.Path(sys.argv[1]).write_text(json.dumps(users, indent=2) + "\n")
PYTHON
    )
  fi
  if [ ! -s "$secrets_file" ]; then
    (umask 077 && python - "$secrets_file" <<'PYTHON'
import pathlib, secrets, sys
names = ("AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET")
pathlib.Path(sys.argv[1]).write_text("".join(f"{name}={secrets.token_urlsafe(48)}\n" for name in names))
PYTHON
    )
  fi
  set -a
  . "$secrets_file"
  set +a
  airflow db migrate
  python -m retention.airflow.roles --users "$users_file"
}

login() {
  python - "$users_file" <<'PYTHON'
import json, sys
admin = next(user for user in json.load(open(sys.argv[1])) if user["username"] == "admin")
print(f"    login     {admin['username']}\n    password  {admin['password']}")
PYTHON
  echo "    (one for each role: $users_file)"
}

# Airflow's parts, in the foreground: one that ends takes the others with it.
serve() {
  trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT
  trap 'exit 0' INT TERM
  local part
  for part in api-server scheduler dag-processor triggerer; do
    airflow "$part" &
  done
  wait -n
}

# The process group of our own Airflow, if it still runs.
running() {
  [ -s "$pid_file" ] && kill -0 -- "-$(cat "$pid_file")" 2>/dev/null
}

healthy() {
  python "$root/include/airflow/health.py" "$url/api/v2/monitor/health" metadatabase scheduler dag_processor triggerer
}

port_taken() {
  python -c 'import socket, sys; sys.exit(socket.socket().connect_ex(("127.0.0.1", int(sys.argv[1]))) != 0)' "$port"
}

up() {
  if running; then
    echo "Airflow already runs (make down stops it)."
  elif port_taken; then
    echo "Port $port is in use by another program. Try: make up PORT=8090" >&2
    exit 1
  else
    mkdir -p -m 700 "$AIRFLOW_HOME"
    printf 'Starting Airflow '
    set -m # a process group of its own, so that `down` stops all of it and nothing else
    nohup "$0" serve >"$log_file" 2>&1 </dev/null &
    echo $! >"$pid_file"
    set +m
    for _ in $(seq 300); do
      if healthy; then break; fi
      if ! running; then break; fi
      printf '.'
      sleep 1
    done
    echo
    if ! healthy; then
      echo "Airflow did not become healthy. Its last words:" >&2
      tail -n 20 "$log_file" >&2
      down
      exit 1
    fi
  fi
  echo
  echo "    $url"
  login
  echo
  echo "The DAGs are paused: unpause one, or trigger it with a dry run first. make down stops Airflow."
}

down() {
  if ! running; then
    echo "Airflow does not run."
    rm -f "$pid_file"
    return
  fi
  local group
  group="$(cat "$pid_file")"
  kill -TERM -- "-$group"
  for _ in $(seq 30); do
    running || break
    sleep 1
  done
  if running; then kill -KILL -- "-$group"; fi
  rm -f "$pid_file"
  echo "Airflow has stopped."
}

case "${1:-}" in
  up) up ;;
  down) down ;;
  health) healthy ;;
  serve)
    prepare
    login
    serve
    ;;
  *)
    echo "usage: include/airflow.sh up|down|serve|health" >&2
    exit 2
    ;;
esac
