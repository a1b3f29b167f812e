"""One DAG for every store mapped under include/sql/: a new folder there is a new DAG here."""

from retention.airflow.catalogue import store_cards
from retention.airflow.night import night_dag

nights = {dag.dag_id: dag for dag in map(night_dag, store_cards())}
globals().update(nights)  # Airflow finds a DAG by a global name
