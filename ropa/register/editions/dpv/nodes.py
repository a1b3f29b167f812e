"""Nodes of the graph: stable names, literals in both languages, nothing where there is nothing to say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from retention.declare.words import Text
from ropa.register.model import NOT_STATED, Citation, Named

Node = dict[str, Any]


def iri(kind: str, *names: str) -> str:
    """`reg:rule:trial-data`: the same in every publication of a company's register."""
    return ":".join(("reg", kind, *(quote(name, safe="") for name in names)))


def make(name: str, types: Iterable[str], fields: dict[str, Any]) -> Node:
    """A node of these types. Fields that hold nothing are left out; one that holds False or 0 is not."""
    kept = {key: value for key, value in fields.items() if value is not None and value != [] and value != ""}
    return {"@id": name, "@type": sorted(set(types))} | kept


def ref(name: str) -> dict[str, str]:
    return {"@id": name}


def refs(names: Iterable[str]) -> list[dict[str, str]]:
    """Links, each once, in a settled order: a set has none of its own."""
    return [ref(name) for name in sorted(set(names))]


def links(kind: str, items: Iterable[Named]) -> list[dict[str, str]]:
    return refs(iri(kind, item.id) for item in items)


def text(value: Text | str | None) -> list[dict[str, str]]:
    """A text in both languages; nothing where there is none, or the policy does not state it."""
    return texts([value]) if isinstance(value, Text) else []


def texts(values: Iterable[Text]) -> list[dict[str, str]]:
    found = {(language, value.in_(language)) for value in values for language in ("en", "fr")}
    return [{"@language": language, "@value": words} for language, words in sorted(found) if words]


def day(value: dt.date | None) -> dict[str, str] | None:
    return {"@type": "xsd:date", "@value": value.isoformat()} if value else None


def moment(value: dt.datetime) -> dict[str, str]:
    """An instant, which the evidence keeps in UTC."""
    aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    return {"@type": "xsd:dateTime", "@value": aware.astimezone(dt.UTC).isoformat(timespec="seconds")}


def period(months: int) -> dict[str, str]:
    return {"@type": "xsd:duration", "@value": f"P{months}M"}


def quotes(citations: Iterable[Citation]) -> list[dict[str, str]]:
    """Passages of the policy, which is in French."""
    return [{"@language": "fr", "@value": words} for words in sorted({f"{c.lines} « {c.quote} »" for c in citations})]


def silent(**fields: object) -> list[dict[str, str]]:
    """Which properties the policy leaves unsaid: `dpv_hasRecipient=activity.recipients` names dpv:hasRecipient if it does."""
    unsaid = (name for name, value in fields.items() if value == NOT_STATED or getattr(value, "kind", None) == "not_stated")
    return refs(name.replace("_", ":", 1) for name in unsaid)
