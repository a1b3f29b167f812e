#!/usr/bin/env bash
# A secret is a file named after its setting (/run/secrets/AIRFLOW__CORE__FERNET_KEY): it becomes that setting, for this process and
# what it starts. Nothing of it stands in the compose file, on a command line, or in what `docker inspect` shows; so whatever else is
# run in a container, a health check for one, goes through here as well.
set -euo pipefail

for file in "${SECRETS:-/run/secrets}"/*; do
  name="$(basename "$file")"
  case "$name" in
    AIRFLOW__* | AIRFLOW_CONN_* | RETENTION_*) export "$name=$(<"$file")" ;;
  esac
done
exec "$@"
