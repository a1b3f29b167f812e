#!/usr/bin/env bash
# Makes what docker-compose.yaml reads from ./secrets: one file a secret, readable by its owner alone. What is there already stays.
#   include/airflow/secrets.sh            then replace what must come from you: addresses of the stores, the mail server, …
#   include/airflow/secrets.sh --sample   with the addresses of the sample stores (profile "sample")
# Keep a copy elsewhere: RETENTION_DIGEST_KEY is needed to read the evidence, AIRFLOW__CORE__FERNET_KEY to read Airflow's connections.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
folder="${SECRETS:-$root/secrets}"
umask 077
mkdir -p "$folder"

random() { head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
once() { # NAME, value
  [ -s "$folder/$1" ] || printf '%s' "$2" >"$folder/$1"
}

once postgres_password "$(random)"
once redis_password "$(random)"
once stores_password "$(random)"
postgres="$(<"$folder/postgres_password")"
redis="$(<"$folder/redis_password")"
stores="$(<"$folder/stores_password")"

once AIRFLOW__CORE__FERNET_KEY "$(head -c 32 /dev/urandom | base64 | tr '+/' '-_')"
once AIRFLOW__API__SECRET_KEY "$(random)"
once AIRFLOW__API_AUTH__JWT_SECRET "$(random)$(random)"
once AIRFLOW__DATABASE__SQL_ALCHEMY_CONN "postgresql+psycopg://retention:$postgres@postgres/airflow"
once AIRFLOW__CELERY__RESULT_BACKEND "db+postgresql+psycopg://retention:$postgres@postgres/airflow"
once AIRFLOW__CELERY__BROKER_URL "redis://:$redis@redis:6379/0"
once RETENTION_EVIDENCE "postgresql+psycopg://retention:$postgres@postgres/evidence"
once RETENTION_DIGEST_KEY "$(random)"
for store in account transaction subscription usage; do
  name="RETENTION_STORE_$(echo "$store" | tr '[:lower:]' '[:upper:]')"
  if [ "${1:-}" = --sample ]; then
    once "$name" "postgresql+psycopg://retention:$stores@stores/$store"
  else
    once "$name" "postgresql+psycopg://USER:PASSWORD@HOST/$store"
  fi
done
if [ ! -s "$folder/users.json" ]; then
  printf '[{"username": "admin", "password": "%s", "role": "Admin"}]\n' "$(random)" >"$folder/users.json"
fi
echo "Secrets are in $folder. The first login is in users.json; add a user for each person there, or later in Airflow."
