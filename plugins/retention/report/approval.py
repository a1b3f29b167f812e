"""What a person reads who has to approve a plan: what would go, how much of it, why they are asked, in two languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from retention.dates import PARIS
from retention.declare.words import Language, Text
from retention.evidence.records import ApprovalReason, Asked, Comparison
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
    "changes": _both("Ce que change la déclaration", "What the declaration changes"),
    "impact.made": _both(
        "Dans cette base, contre la déclaration précédente ({before}) : {dispose} à traiter aussitôt qui étaient gardés, "
        "{release} qui ne sont plus échus, {sooner} échus plus tôt, {longer} gardés plus longtemps, {otherwise} échus mais "
        "traités autrement, {same} sans changement, {unjudged} non jugeables. En détail : {books}.",
        "In this store, against the earlier declaration ({before}): {dispose} to be disposed of at once that were kept, "
        "{release} no longer due, {sooner} due sooner, {longer} kept longer, {otherwise} due but treated otherwise, {same} "
        "as before, {unjudged} that cannot be judged. In detail: {books}.",
    ),
    "impact.same": _both(
        "Rien dans cette base : la déclaration précédente ({before}) demandait la même chose de chaque enregistrement.",
        "Nothing in this store: the earlier declaration ({before}) asked the same of every record.",
    ),
    "impact.first": _both(
        "Rien n'a encore été traité dans cette base : il n'y a pas de déclaration précédente.",
        "Nothing of this store was disposed of before: there is no earlier declaration.",
    ),
    "impact.not_kept": _both(
        "Non connu : les fichiers de la déclaration précédente ({before}) n'ont pas été conservés.",
        "Not known: the files of the earlier declaration ({before}) were not kept.",
    ),
    "impact.altered": _both(
        "Non connu : les fichiers conservés de la déclaration précédente ({before}) ne sont pas ceux qui ont été scellés. "
        "« retention verify » dit ce qui a été touché.",
        "Not known: the files kept of the earlier declaration ({before}) are not those that were sealed. "
        "“retention verify” says what was touched.",
    ),
    "impact.unreadable": _both(
        "Non connu : cette version du programme ne relit pas la déclaration précédente ({before}) telle qu'elle était.",
        "Not known: this version of the program does not read the earlier declaration ({before}) as what it was.",
    ),
    "impact.mapping": _both(
        "Non comparé : les tables ou requêtes déclarées de cette base ont changé depuis la déclaration précédente ({before}), "
        "et les mêmes lignes ne peuvent pas être jugées sous les deux.",
        "Not compared: the tables or queries declared for this store changed since the earlier declaration ({before}), and "
        "the same rows cannot be judged under both.",
    ),
    "impact.failed": _both(
        "Non connu : la comparaison avec la déclaration précédente ({before}) n'a pas abouti ; le journal dit pourquoi.",
        "Not known: the comparison with the earlier declaration ({before}) failed; the log says why.",
    ),
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


def question(asked: Asked, report: str | None, language: Language, *, book: Callable[[str], str] = "`{}`".format) -> str:
    """Everything a person needs to decide, as Markdown. `report`: the workbook that was written about the night.

    `book`: how a workbook is named that says what the declaration changes.
    """
    say, run = Words(LABELS, language), asked.run
    parts = [
        f"**{say('why')}**\n\n" + "\n".join(f"- {why(reason, language)}" for reason in asked.reasons),
        f"**{say('what')}**\n\n" + _table(asked, say),
    ]
    if asked.comparison is not None:
        parts.append(f"**{say('changes')}**\n\n{changes(asked.comparison, language, book=book)}")
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


def changes(found: Comparison, language: Language, *, book: Callable[[str], str] = str) -> str:
    """What the declaration changes in the store, or why that is not known. `book`: how a workbook is named."""
    say = Words(LABELS, language)
    counts = {change: say.count(rows) for change, rows in found.changes.items()}
    before = found.before[:16] if found.before else "?"
    return say(f"impact.{found.outcome}", before=before, books=", ".join(map(book, sorted(found.workbooks))), **counts)


def _table(asked: Asked, say: Words) -> str:
    rows = [
        f"| `{each.population}` | `{each.rule}` | {reasons.words(reasons.ACTIONS, each.action, say.language).lower()} "
        f"| {say.count(each.rows)} |"
        for each in asked.candidates
    ]
    return "\n".join([f"| {say('head')} |", "|---|---|---|---:|", *rows])
