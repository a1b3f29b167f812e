"""What a proposed decision set would change: a DAG that a person starts."""

from retention.airflow.impact import impact_dag

policy_impact = impact_dag()
