"""What a night changed, for OpenLineage: one dataset for each table that something was disposed of in, with the number of rows.

The task `record` tells it, for it has every receipt. Nothing is sent unless Airflow is given a transport
(`AIRFLOW__OPENLINEAGE__TRANSPORT`); names of tables and counts are all that is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import URL

    from retention.workspace import Workspace

PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306}
SCHEMES = {"postgresql": "postgres", "mariadb": "mysql"}  # as OpenLineage names them


def with_lineage(task: Any, store: str) -> Any:
    """Has a task tell OpenLineage, when it is complete, what its run disposed of in a store."""
    task.operator.get_openlineage_facets_on_complete = _teller(store)
    return task


def _teller(store: str) -> Callable[[Any], Any]:
    def tell(task_instance: Any) -> Any:
        from retention.airflow.connections import connected
        from retention.workspace import Workspace

        return lineage(connected(Workspace.from_env()), store, f"{store}:{task_instance.run_id}")

    return tell


def lineage(workspace: Workspace, store: str, run_id: str) -> Any:
    """The tables of a store with the rows that a run disposed of, as OpenLineage says it."""
    from airflow.providers.openlineage.extractors import OperatorLineage
    from openlineage.client.event_v2 import OutputDataset
    from openlineage.client.facet_v2 import output_statistics_output_dataset as statistics
    from sqlalchemy import make_url

    declared = workspace.bundle().store(store).declared
    rows = Counter[str]()
    for receipt in workspace.evidence(readonly=True).receipts([run_id]):
        rows[receipt.population] += receipt.rows
    url = make_url(workspace.store_url(store))
    found = [
        OutputDataset(
            namespace=_namespace(url),
            name=_name(url, population.table),
            outputFacets={"outputStatistics": statistics.OutputStatisticsOutputDatasetFacet(rowCount=rows[population.name])},
        )
        for population in declared.populations
        if rows[population.name]
    ]
    return OperatorLineage(inputs=[], outputs=found)


def _namespace(url: URL) -> str:
    """The server, without user and password."""
    kind = url.get_backend_name()
    if kind == "sqlite":
        return "file"
    return f"{SCHEMES.get(kind, kind)}://{url.host or 'localhost'}:{url.port or PORTS.get(kind, 0)}"


def _name(url: URL, table: str) -> str:
    if url.get_backend_name() == "postgresql":
        return f"{url.database}.public.{table}"
    return f"{url.database}.{table}"
