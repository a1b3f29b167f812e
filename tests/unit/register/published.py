"""A publication to write editions from: the example declaration, nights with every outcome, checks with every outcome."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from retention.declare.bundle import Bundle
from retention.declare.words import Text
from retention.workspace import Workspace
from ropa.register.making import make_register
from ropa.register.model import Register, RegisterCheck
from ropa.register.phrases import article
from ropa.register.publication import Approval, Publication
from tests.unit.report.nights import seeded

AS_OF = dt.date(2026, 11, 23)
AT = dt.datetime(2026, 11, 23, 5, 30, tzinfo=dt.UTC)
APPROVAL = Approval(
    approver="Direction", at=dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC), note="lu et approuvé", number="1.0"
)
CHECKS = tuple(
    RegisterCheck(
        id=name,
        title=Text(fr="Contrôle", en="Check"),
        article=article("art. 30(1)(b)"),
        legal=legal,
        outcome=outcome,
        concerns=concerns,
    )
    for name, legal, outcome, concerns in (
        ("activity.purpose", True, "PASS", ()),
        ("activity.basis_stated", False, "FAIL", ("R8", "R9")),
        ("rule.period", True, "ERROR", ()),
    )
)


def bundle(decision_set: str = "example") -> Bundle:
    return Workspace.at(Path("unused"), decision_set=decision_set).bundle()


def register(folder: Path, decision_set: str = "example") -> Register:
    declared = bundle(decision_set)
    return make_register(declared, seeded(folder, declared), AS_OF).model_copy(update={"checks": CHECKS})


def publication(content: Register, *, minor: int = 0, approved: bool = False) -> Publication:
    return Publication(1, minor, AT + dt.timedelta(days=minor), content, APPROVAL if approved else None)
