#!/usr/bin/env bash
# Run by the image of PostgreSQL when its folder is empty: the evidence database beside Airflow's own.
set -euo pipefail
createdb --username "$POSTGRES_USER" evidence
