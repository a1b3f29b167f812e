"""Airflow's parts as processes of this machine: what the tests share, and what `make cluster-check` kills a worker of."""
