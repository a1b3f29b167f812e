"""What a person reads who has to approve a plan: what would go, how much of it, why they are asked, in two languages."""

from __future__ import annotations

import datetime as dt

from retention.dates import PARIS
from retention.declare.words import Language, Text
from retention.evidence.records import ApprovalReason, Asked
from retention.report import reasons
from retention.typography import Words


def _both(french: str, english: str) -> Text:
    return Text(fr=french, en=english)


LABELS: dict[str, Text] = {
    "declaration_changed": _both(
        "Première disposition depuis que la politique, les décisions, les règles ou les bases déclarées ont changé.",
        "The first disposal since policy, decisions, rules or mappings changed.",
    ),
    "new_population": _both(
        "Rien n'a encore jamais été traité dans {population} ; échus : {rows}.",
        "Nothing of {population} was ever disposed of; due: {rows}.",
    ),
    "candidate_share": _both(
        "Dans {population}, {rows} échus : plus de {percent} % de la table.",
        "{rows} of {population} are due: more than {percent}% of the table.",
    ),
    "candidate_count": _both(
        "Dans {population}, {rows} échus : plus que la limite de {limit}.",
        "{rows} of {population} are due: more than the limit of {limit}.",
    ),
    "after_idle": _both(
        "Dans {population}, {rows} échus, après {limit} nuits au moins sans aucun.",
        "{rows} of {population} are due, after {limit} nights or more without any.",
    ),
    "subject": _both("{store} : {rows} enregistrements à traiter, à approuver", "{store}: {rows} records to dispose of"),
    "why": _both("Pourquoi une personne doit regarder", "Why a person must look"),
    "what": _both("Ce qui serait traité", "What would be disposed of"),
    "head": _both("table | règle | action | enregistrements", "table | rule | action | records"),
    "span": _both("Dates de départ : du {oldest} au {newest}.", "Anchor dates: from {oldest} to {newest}."),
    "two": _both(
        "Deux personnes : qui a lancé la nuit ou modifié la déclaration ne peut pas approuver.",
        "Two persons: who started the run or changed the declaration may not approve.",
    ),
    "by": _both("Demandé par : {who}.", "Asked for by: {who}."),
    "schedule": _both("l'horaire de chaque nuit", "the nightly schedule"),
    "plan": _both("Plan `{plan}` de la nuit du {date} (`{run}`).", "Plan `{plan}` of the night of {date} (`{run}`)."),
    "report": _both("Le rapport de cette nuit : `{report}`.", "The report of this night: `{report}`."),
    "until": _both(
        "Sans réponse avant le {until} (heure de Paris), rien n'est traité.",
        "Without an answer by {until} (Paris time) nothing is disposed of.",
    ),
}


def why(reason: ApprovalReason, language: Language) -> str:
    """One reason in a sentence."""
    say, limit = Words(LABELS, language), reason.limit
    percent = f"{limit * 100:g}" if limit is not None else ""
    return say(
        reason.code,
        population=reason.population,
        rows=say.count(reason.rows),
        limit=say.count(int(limit)) if limit is not None else "",
        percent=percent.replace(".", ",") if language == "fr" else percent,
    )


def subject(asked: Asked, store: str, language: Language) -> str:
    """One line: which store, how many records."""
    say = Words(LABELS, language)
    return say("subject", store=store, rows=say.count(asked.rows))


def question(asked: Asked, report: str | None, language: Language) -> str:
    """Everything a person needs to decide, as Markdown. `report`: the workbook that was written about the night."""
    say, run = Words(LABELS, language), asked.run
    parts = [
        f"**{say('why')}**\n\n" + "\n".join(f"- {why(reason, language)}" for reason in asked.reasons),
        f"**{say('what')}**\n\n" + _table(asked, say),
    ]
    if asked.oldest and asked.newest:
        parts.append(say("span", oldest=say.date(asked.oldest), newest=say.date(asked.newest)))
    parts.append(say("plan", plan=asked.plan_hash, date=say.date(run.as_of), run=run.run_id))
    parts.append(say("by", who=f"`{asked.requested_by}`" if asked.requested_by else say("schedule")))
    if asked.two_persons:
        parts.append(say("two"))
    if report is not None:
        parts.append(say("report", report=report))
    parts.append(say("until", until=f"{asked.answer_by.replace(tzinfo=dt.UTC).astimezone(PARIS):%Y-%m-%d %H:%M}"))
    return "\n\n".join(parts)


def _table(asked: Asked, say: Words) -> str:
    rows = [
        f"| `{each.population}` | `{each.rule}` | {reasons.words(reasons.ACTIONS, each.action, say.language).lower()} "
        f"| {say.count(each.rows)} |"
        for each in asked.candidates
    ]
    return "\n".join([f"| {say('head')} |", "|---|---|---|---:|", *rows])
