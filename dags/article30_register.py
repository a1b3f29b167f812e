"""The article 30 register, a DAG that follows the nights of all stores."""

from retention.airflow.catalogue import store_cards
from retention.airflow.register import register_dag

article30_register = register_dag(store_cards())
