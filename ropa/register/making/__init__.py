"""Makes the register of one day from the declaration and the evidence: the only way from either into an edition."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

from retention.dates import cutoff
from retention.declare.bundle import Bundle
from retention.evidence.database import Evidence
from retention.evidence.figures import LastNight, last_nights
from retention.evidence.records import Run
from ropa.register.labels import LABELS
from ropa.register.making import activities, data, decisions, findings, gaps, parties, schedule, statements
from ropa.register.making.context import Making, Spans, statement
from ropa.register.model import Grounding, Named, Night, Register, RunRef
from ropa.register.phrases import Phrases


def make_register(bundle: Bundle, evidence: Evidence | None, as_of: dt.date) -> Register:
    """The register as of a day, from what is declared now and what the runs up to that day left on record."""
    nights = last_nights(evidence, bundle.stores, as_of)
    making = Making(bundle, nights, _spans(evidence, as_of), as_of, Phrases(LABELS))
    policy = bundle.policy
    return Register(
        title=bundle.activities.title,
        as_of=as_of,
        controller=parties.controller(making),
        grounding=_grounding(bundle),
        nights=tuple(_night(making, night) for night in nights.values()),
        activities=activities.activities(making),
        categories=data.categories(making),
        elements=tuple(data.elements(making)),
        recipients=parties.recipients(making),
        transfers=parties.transfers(making),
        schedule=tuple(schedule.schedule(making)),
        security=tuple(map(statement, policy.security)),
        rights=statements.rights(making),
        exercise=tuple(map(statement, policy.exercise)),
        cookies=statements.cookies(making),
        cookie_practice=tuple(map(statement, policy.cookie_practice)),
        decisions=decisions.decisions(making),
        gaps=gaps.gaps(making),
        processor=activities.processor(making),
        quotations=tuple(statements.quotations(making)),
    )


def _spans(evidence: Evidence | None, as_of: dt.date) -> Spans | None:
    """The nights of the last 30 days and of the last 12 months, the register's day included."""
    if evidence is None:
        return None
    month_before, year_before = as_of - dt.timedelta(days=29), cutoff(as_of, 12) + dt.timedelta(days=1)
    return Spans(evidence.disposed(between=(month_before, as_of)), evidence.disposed(between=(year_before, as_of)))


def _grounding(bundle: Bundle) -> Grounding:
    declared = {
        "policy_hash": bundle.policy_hash,
        "activities": bundle.activities.model_dump(mode="json"),
        "processor": bundle.processor.model_dump(mode="json"),
    }
    return Grounding(
        policy_title=bundle.policy.title,
        policy_file=bundle.policy.text_file,
        policy_sha256=bundle.policy.sha256,
        decision_set=Named(id=bundle.decisions.set, title=bundle.decisions.title),
        example=bundle.decisions.example,
        policy_hash=bundle.policy_hash,
        declaration_hash=hashlib.sha256(json.dumps(declared, sort_keys=True, ensure_ascii=False).encode()).hexdigest(),
        created_on=bundle.activities.created_on,
        updated_on=bundle.activities.updated_on,
    )


def _night(making: Making, night: LastNight) -> Night:
    counted = night.figures.run if night.figures is not None else None
    return Night(
        store=making.store(night.store),
        last=_run(night.last) if night.last else None,
        counted=_run(counted) if counted else None,
        same_declaration=night.last is not None and night.last.policy_hash == making.bundle.policy_hash,
        late_days=findings.late_days(night, making.as_of),
    )


def _run(run: Run) -> RunRef:
    return RunRef(run_id=run.run_id, as_of=run.as_of, status=run.status, started_at=run.started_at, policy_hash=run.policy_hash)
