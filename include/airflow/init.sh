#!/usr/bin/env bash
# Once before the others start, and after every upgrade: Airflow's tables, our roles, the evidence database. Harmless when repeated.
set -euo pipefail

airflow db migrate
python -m retention.airflow.roles --users "${SECRETS:-/run/secrets}/users.json"
retention init --evidence
