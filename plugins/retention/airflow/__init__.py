"""Airflow's corner: DAGs made from the declaration. Nothing else in the library imports Airflow."""
