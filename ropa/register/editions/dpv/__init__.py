"""The register for machines: JSON-LD in the terms of W3C DPV 2, as a DCAT catalogue whose records are the activities.

Names are URNs of the company's registration number and the declared ids: they are the same in every publication. The file
needs nothing from the network to be read: its context stands in it, and the few terms that are ours are defined in it.
`shapes.ttl` says in SHACL what a register must hold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from retention.declare.words import Language
from ropa.register.editions.dpv import findings, parties, records, schedule
from ropa.register.editions.dpv.nodes import Node
from ropa.register.editions.dpv.terms import PREFIXES
from ropa.register.editions.dpv.vocabulary import NAMESPACE, definitions
from ropa.register.editions.output import put
from ropa.register.publication import Publication

SHAPES = Path(__file__).with_name("shapes.ttl")
NAMES = {"fr": "registre", "en": "register"}


def write(publication: Publication, language: Language, folder: Path) -> Path:
    """Writes `registre-<as_of>.jsonld`. Both languages stand in it; `language` names the file. Raises OutputError."""
    content = json.dumps(document(publication), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return put(content.encode(), folder, f"{NAMES[language]}-{publication.register.as_of}.jsonld")


def document(publication: Publication) -> dict[str, Any]:
    """The graph and its context. The same publication gives the same document."""
    nodes = sorted(_nodes(publication), key=lambda node: str(node["@id"]))
    names = [node["@id"] for node in nodes]
    assert len(set(names)) == len(names), "two nodes of one name"
    used = set(re.findall(r'"ret:(\w+)"', json.dumps(nodes)))
    company = quote(publication.register.controller.registration_number, safe="")
    context = PREFIXES | {"reg": f"urn:retention:{company}:", "ret": NAMESPACE}
    return {"@context": context, "@graph": [*nodes, *definitions(used)]}


def _nodes(publication: Publication) -> Iterator[Node]:
    register = publication.register
    yield records.catalogue(publication)
    yield from records.processor_catalogue(publication)
    yield records.policy(register)
    yield from records.records(register)
    yield parties.controller(register)
    for part in (
        parties.missing, parties.recipients, parties.places, parties.data, parties.purposes, parties.subjects,
        parties.measures, parties.rights, parties.cookies, schedule.schedule, schedule.decisions, schedule.gaps,
        schedule.checks, findings.runs,
    ):  # fmt: skip
        yield from part(register)
