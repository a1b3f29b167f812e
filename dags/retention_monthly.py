"""The report of each month, a DAG of its own on the first of the next."""

from retention.airflow.monthly import monthly_dag

monthly_report = monthly_dag()
