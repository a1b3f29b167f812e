"""A store's declaration together with the text of its population queries."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from retention.declare.source import Source, unreadable
from retention.declare.stores import Population, Store
from retention.errors import DeclarationError


@dataclass(frozen=True)
class MappedStore:
    """A store's declaration with the text of its population queries."""

    declared: Store
    folder: Path
    queries: dict[str, str]  # population name -> SQL text
    source: Source

    @property
    def name(self) -> str:
        return self.declared.store

    def query_path(self, population: Population) -> Path:
        return self.folder / population.query

    def error(self, population: str, message: str, mend: str) -> DeclarationError:
        """A declaration error at a population's entry in store.yaml."""
        for index, declared in enumerate(self.declared.populations):
            if declared.name == population:
                return self.source.error(message, at=("populations", index), mend=mend)
        return self.source.error(message, mend=mend)


def map_store(path: Path) -> MappedStore:
    """Reads `store.yaml` and the queries beside it. Raises DeclarationError."""
    source = Source(path)
    declared = source.parse(Store)
    if declared.store != path.parent.name:
        raise source.error(
            f"the store is called {declared.store!r} but lies in folder {path.parent.name!r}",
            at=("store",),
            mend="give both the same name",
        )
    try:
        ZoneInfo(declared.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise source.error(
            f"time zone {declared.timezone!r} is unknown", at=("timezone",), mend="use an IANA name such as UTC or Europe/Paris"
        ) from None
    queries = {}
    for index, population in enumerate(declared.populations):
        file = path.parent / population.query
        if not file.is_file():
            raise source.error(
                f"population {population.name}: {population.query} does not exist beside store.yaml",
                at=("populations", index, "query"),
                mend="add the file or correct its name",
            )
        try:
            queries[population.name] = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as reason:
            raise unreadable(file, reason) from None
    return MappedStore(declared, path.parent, queries, source)
