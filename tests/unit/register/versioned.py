"""Registers to publish: one of each decision set, made once, and what tells versions apart."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import cache
from pathlib import Path
from typing import Literal

from retention.evidence import registers
from retention.evidence.database import Evidence
from retention.evidence.registers import Proposal
from retention.workspace import Workspace
from ropa.register.making import make_register
from ropa.register.model import Register

DAY = dt.date(2026, 11, 23)
ONE_DAY = dt.timedelta(days=1)


@cache
def made(decision_set: Literal["production", "example"] = "production") -> Register:
    """A register without evidence. The decisions of `production` are nobody's example."""
    return make_register(Workspace.at(Path("unused"), decision_set=decision_set).bundle(), None, DAY)


def on(day: dt.date, register: Register | None = None) -> Register:
    """The same register on another day."""
    return (register or made()).model_copy(update={"as_of": day})


def declaring(what: str, day: dt.date = DAY) -> Register:
    """A register that declares something else."""
    grounding = made().grounding.model_copy(update={"declaration_hash": what * 64})
    return made().model_copy(update={"grounding": grounding, "as_of": day})


def proposal(declared: str, day: dt.date, said: str) -> Proposal:
    """Something to publish that is no register at all: what keeps them does not know."""
    return Proposal(day, declared * 64, said, content_hash_of(said))


def content_hash_of(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()


def numbers(evidence: Evidence) -> list[str]:
    return [version.number for version in registers.shelf(evidence).versions]
