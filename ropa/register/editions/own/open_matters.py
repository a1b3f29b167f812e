"""What is open: decisions, gaps, checks of the register itself; and what changed since the publication before."""

from __future__ import annotations

from retention.workbook import Column, Field, Marked, Tone, Value
from ropa.register.changes import Change
from ropa.register.editions.own.edition import Edition
from ropa.register.editions.own.page import Note, Page, Paragraph, Table, table_page, widths_of
from ropa.register.model import Decision, Gap, RegisterCheck

RANKS: dict[int, Tone] = {1: "bad", 2: "bad", 3: "warn", 4: "warn", 5: "plain", 6: "muted"}


def decisions(edition: Edition) -> Page:
    """One line per decision."""
    return table_page("decisions", _decision_fields(edition), edition.register.decisions)


def gaps(edition: Edition) -> Page:
    """The ranked list."""
    return table_page("gaps", _gap_fields(edition), edition.register.gaps)


def checks(edition: Edition) -> Page:
    """Expectations on the register itself, with what fails them."""
    fields, checks = _check_fields(edition), edition.register.checks
    if checks:
        return table_page("checks", fields, checks)
    return Page("checks", widths_of(fields), (Paragraph(edition.say("checks.none"), "warn"),), 0)


def changes(edition: Edition) -> Page:
    """What changed since the publication before, and which one that was."""
    say, fields = edition.say, _change_fields(edition)
    compared = say("changes.since", number=edition.previous) if edition.previous else say("changes.first")
    blocks: list[Paragraph | Note | Table] = [Note(compared)]
    if edition.changes:
        blocks.append(Table(fields, edition.changes, main=True))
    elif edition.previous:
        blocks.append(Paragraph(say("changes.none")))
    return Page("changes", widths_of(fields), tuple(blocks), len(edition.changes))


def _decision_fields(edition: Edition) -> tuple[Field[Decision], ...]:
    say = edition.say

    def value(decision: Decision) -> Value:
        return edition.text(decision.value) if decision.decided else Marked(say("undecided"), "bad")

    def review(decision: Decision) -> Value:
        return Marked(decision.review_by, "bad") if decision.review_due else decision.review_by

    return (
        Field(Column(say("decisions.question"), 35, "strong"), lambda d: say.of(d.question)),
        Field(Column(say("decisions.state"), 12), lambda d: _state(edition, d)),
        Field(Column(say("decisions.value"), 20), value),
        Field(Column(say("decisions.source"), 38), lambda d: edition.text(d.source if d.decided else d.awaited)),
        Field(Column(say("decisions.approver"), 15), lambda d: d.approver),
        Field(Column(say("decisions.date"), 11, "date"), lambda d: d.checked_on),
        Field(Column(say("decisions.review"), 11, "date"), review),
        Field(Column(say("decisions.waiting"), 22), lambda d: edition.titles(d.rules)),
        Field(Column(say("id"), 24, "code"), lambda d: d.id),
    )


def _state(edition: Edition, decision: Decision) -> Value:
    """Decided, undecided, or due for review."""
    if not decision.decided:
        return Marked(edition.say("decisions.undecided"), "bad")
    if decision.review_due:
        return Marked(edition.say("decisions.review_due"), "bad")
    return Marked(edition.say("decisions.decided"), "good")


def _gap_fields(edition: Edition) -> tuple[Field[Gap], ...]:
    say = edition.say

    def rank(gap: Gap) -> Value:
        return Marked(f"{gap.rank} – {say(f'gaps.rank.{gap.rank}')}", RANKS[gap.rank])

    return (
        Field(Column(say("gaps.rank"), 21), rank),
        Field(Column(say("gaps.matter"), 26, "strong"), lambda gap: say.of(gap.title)),
        Field(Column(say("gaps.detail"), 42), lambda gap: say.of(gap.detail)),
        Field(Column(say("gaps.closes"), 33), lambda gap: say.of(gap.closes)),
        Field(Column(say("gaps.owner"), 16), lambda gap: say.of(gap.owner)),
        Field(Column(say("gaps.waiting"), 16, "count"), lambda gap: gap.waiting),
        Field(Column(say("gaps.where"), 16), lambda gap: edition.text(gap.where)),
        Field(Column(say("source"), 12), lambda gap: gap.lines),
    )


def _check_fields(edition: Edition) -> tuple[Field[RegisterCheck], ...]:
    say = edition.say

    def outcome(check: RegisterCheck) -> Value:
        failed: Tone = "bad" if check.legal else "warn"
        return Marked(say(f"checks.{check.outcome}"), "good" if check.outcome == "PASS" else failed)

    return (
        Field(Column(say("checks.title_of"), 52, "strong"), lambda c: say.of(c.title)),
        Field(Column(say("checks.article"), 18), lambda c: edition.text(c.article)),
        Field(Column(say("checks.legal"), 14), lambda c: say("yes" if c.legal else "no")),
        Field(Column(say("checks.outcome"), 16), outcome),
        Field(Column(say("checks.concerns"), 28), lambda c: ", ".join(c.concerns) or None),
        Field(Column(say("id"), 20, "code"), lambda c: c.id),
    )


def _change_fields(edition: Edition) -> tuple[Field[Change], ...]:
    say = edition.say
    return (
        Field(Column(say("changes.area"), 22, "strong"), lambda c: say.of(c.area)),
        Field(Column(say("changes.ref"), 10), lambda c: c.ref),
        Field(Column(say("changes.what"), 42), lambda c: say.of(c.what)),
        Field(Column(say("changes.before"), 37), lambda c: edition.text(c.before)),
        Field(Column(say("changes.after"), 37), lambda c: edition.text(c.after)),
    )
