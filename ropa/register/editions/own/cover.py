"""The cover: who answers, which publication this is and who approved it, the register in brief, what it rests on."""

from __future__ import annotations

import datetime as dt

from retention.cells import as_civil
from retention.workbook import Column, Field, Marked, Value
from ropa.register.editions.own.edition import Edition, bullets
from ropa.register.editions.own.found import TONES, total
from ropa.register.editions.own.page import Facts, Heading, Page, Table
from ropa.register.model import WORST_LAST, Night, Verdict

WIDTHS = (32, 21, 12, 18, 46, 19)


def page(edition: Edition) -> Page:
    """One page on paper, two where the controller has much to say."""
    say = edition.say
    blocks = (
        Facts(_controller(edition)),
        Heading(say("cover.publication")),
        Facts(_publication(edition)),
        Heading(say("cover.brief")),
        Facts(_brief(edition)),
        Heading(say("cover.basis"), new_page=True),
        Facts(_basis(edition)),
        Heading(say("cover.runs")),
        Table(_night_fields(edition), edition.register.nights),
    )
    return Page("cover", WIDTHS, blocks)


def _controller(edition: Edition) -> tuple[tuple[str, Value], ...]:
    say, controller = edition.say, edition.register.controller
    roles = bullets(
        f"{say.of(role.title)} ({role.lines})" + (f" – {say.of(role.detail)}" if role.detail else "")
        for role in controller.roles
    )
    dpo = say.of(controller.dpo.title)
    if controller.dpo.detail:
        dpo += f". {say.of(controller.dpo.detail)}"
    place = f"{controller.street}, {controller.postcode} {controller.city}, {say.of(controller.country)}"
    return (
        (say("cover.name"), Marked(controller.name, "total")),
        (say("cover.number"), controller.registration_number),
        (say("cover.address"), place),
        (say("cover.sites"), ", ".join(controller.sites) or None),
        (say("cover.roles"), roles or None),
        (say("cover.dpo"), f"{dpo} ({controller.dpo.lines})"),
        *((say.of(missing.title), edition.not_stated) for missing in controller.missing),
        (say("source"), controller.lines),
    )


def _publication(edition: Edition) -> tuple[tuple[str, Value], ...]:
    say, publication = edition.say, edition.publication
    full = edition.content_hash
    return (
        (say("cover.as_of"), Marked(say.date(edition.register.as_of), "total")),
        (say("cover.publication_number"), Marked(publication.number, "total")),
        (say("cover.published_at"), _moment(edition, publication.published_at)),
        (say("cover.content_hash"), f"{full[:8]} – {full}"),
        (say("cover.approval"), _approval(edition)),
    )


def _approval(edition: Edition) -> Value:
    say, approval = edition.say, edition.publication.approval
    if approval is None:
        return Marked(say("draft"), "bad")
    words = say("cover.approved", approver=approval.approver, at=_moment(edition, approval.at), number=approval.number)
    words = f"{words}{say.colon}{approval.note}" if approval.note else words
    return Marked(f"{words} – {say('draft.approved')}", "bad") if edition.publication.draft else Marked(words, "good")


def _moment(edition: Edition, moment: dt.datetime) -> str:
    civil = as_civil(moment)
    return edition.say("cover.moment", date=edition.say.date(civil.date()), time=f"{civil:%H:%M}")


def _brief(edition: Edition) -> tuple[tuple[str, Value], ...]:
    """What a reader wants to know first."""
    say, register = edition.say, edition.register
    findings = [category.finding for category in register.categories]
    held, overdue = total("records", findings), total("overdue", findings)
    return (
        (say("activities.sheet"), _activities(edition)),
        (
            say("holdings.sheet"),
            Marked(say("holdings.nobody"), "bad", edition.link("holdings"))
            if held is None or overdue is None
            else Marked(
                say("cover.brief.held", held=say.count(held), overdue=say.count(overdue)),
                "bad" if overdue else "plain",
                edition.link("holdings"),
            ),
        ),
        (say("gaps.sheet"), _open(edition)),
        (say("checks.sheet"), _checked(edition)),
        (say("changes.sheet"), _changed(edition)),
    )


def _activities(edition: Edition) -> Value:
    """How many activities, and how many of each verdict."""
    say, activities = edition.say, edition.register.activities
    counts: dict[Verdict, int] = {
        verdict: sum(activity.verdict == verdict for activity in activities) for verdict in WORST_LAST
    }
    told = ", ".join(f"{say(f'verdict.{name}').lower()}{say.colon}{say.count(n)}" for name, n in counts.items() if n)
    worst: Verdict = max((activity.verdict for activity in activities), key=WORST_LAST.index, default="unknown")
    words = say("cover.brief.activities", count=say.count(len(activities)), verdicts=told)
    return Marked(words, TONES[worst], edition.link("holdings"))


def _open(edition: Edition) -> Value:
    gaps = edition.register.gaps
    urgent = sum(gap.rank == 1 for gap in gaps)
    words = edition.say("cover.brief.gaps", count=edition.say.count(len(gaps)), urgent=edition.say.count(urgent))
    return Marked(words, "bad" if urgent else "plain", edition.link("gaps"))


def _checked(edition: Edition) -> Value:
    say, checks = edition.say, edition.register.checks
    if not checks:
        return Marked(say("checks.none"), "warn", edition.link("checks"))
    failed = [check for check in checks if check.outcome != "PASS"]
    legal = sum(check.legal for check in failed)
    words = say("cover.brief.checks", count=say.count(len(checks)), failed=say.count(len(failed)), legal=say.count(legal))
    return Marked(words, "bad" if legal else "warn" if failed else "plain", edition.link("checks"))


def _changed(edition: Edition) -> Value:
    say = edition.say
    if edition.previous is None:
        return Marked(say("changes.first"), target=edition.link("changes"))
    words = say("cover.brief.changes", count=say.count(len(edition.changes)), number=edition.previous)
    return Marked(words, target=edition.link("changes"))


def _basis(edition: Edition) -> tuple[tuple[str, Value], ...]:
    say, grounding = edition.say, edition.register.grounding
    chosen = f"{say.of(grounding.decision_set.title)} ({grounding.decision_set.id})"
    return (
        (say("cover.policy"), f"{say.of(grounding.policy_title)} – {grounding.policy_file}"),
        (say("cover.version"), grounding.policy_sha256),
        (say("cover.decisions"), Marked(f"{chosen} – {say('example.short')}", "bad") if grounding.example else chosen),
        (say("cover.hash"), grounding.policy_hash),
        (say("cover.declared"), grounding.declaration_hash),
        (
            say("cover.dates"),
            say("cover.dates.text", created=say.date(grounding.created_on), updated=say.date(grounding.updated_on)),
        ),
    )


def _night_fields(edition: Edition) -> tuple[Field[Night], ...]:
    say = edition.say

    def declaration(night: Night) -> Value:
        if night.last is None:
            return None
        return say("cover.same") if night.same_declaration else Marked(say("cover.other"), "bad")

    def basis(night: Night) -> Value:
        if night.counted is None:
            return Marked(say("cover.no_figures"), "bad")
        other = night.last is not None and night.counted.run_id != night.last.run_id
        return Marked(night.counted.run_id, "warn" if other else "plain")

    return (
        Field(Column(say("cover.col.store"), kind="strong"), lambda night: say.of(night.store.title)),
        Field(Column(say("cover.col.last"), kind="moment"), lambda night: night.last and night.last.started_at),
        Field(Column(say("cover.col.as_of"), kind="date"), lambda night: night.last and night.last.as_of),
        Field(Column(say("cover.col.status")), lambda night: _status(edition, night)),
        Field(Column(say("cover.col.run"), kind="code"), basis),
        Field(Column(say("cover.col.declaration")), declaration),
    )


def _status(edition: Edition, night: Night) -> Value:
    """The outcome of a store's last run."""
    if night.last is None:
        return Marked(edition.say("status.never"), "bad")
    status = night.last.status
    return Marked(
        edition.say(f"status.{status}"), "good" if status == "passed" else "warn" if status == "reservations" else "bad"
    )
