"""The list of processing activities: one line each, every field of article 30(1)."""

from __future__ import annotations

from collections.abc import Mapping

from retention.declare.activities import Activity, ActivityBasis
from retention.declare.policy import NOT_STATED
from retention.workbook import Area, Column, Field, Marked, Sheet, Value
from ropa.register.context import Register, bullets


def write(register: Register, cards: Mapping[str, str]) -> tuple[Sheet, Area]:
    """The list. `cards` are the addresses of the activities' own pages."""
    wanted = fields(register, cards)
    sheet = register.sheet("activities", [field.column.width for field in wanted])
    return sheet, sheet.records(wanted, register.bundle.activities.activities, main=True)


def fields(register: Register, cards: Mapping[str, str]) -> tuple[Field[Activity], ...]:
    say = register.say
    return (
        Field(Column(say("activities.ref"), 7, "strong"), lambda a: Marked(a.ref, target=cards.get(a.id))),
        Field(Column(say("activities.name"), 20, "strong"), lambda a: say.of(a.title)),
        Field(Column(say("activities.purposes"), 27), lambda a: purposes(register, a)),
        Field(Column(say("activities.subjects"), 21), lambda a: subjects(register, a)),
        Field(Column(say("activities.data"), 19), lambda a: register.categories(a.categories)),
        Field(Column(say("activities.recipients"), 19), lambda a: recipients(register, a)),
        Field(Column(say("activities.transfers"), 22), lambda a: transfers(register, a)),
        Field(Column(say("activities.limit"), 25), lambda a: say.of(a.time_limit)),
        Field(Column(say("activities.security"), 18), lambda a: security(register, a, short=True)),
        Field(Column(say("activities.basis"), 23), lambda a: bases(register, a)),
        Field(Column(say("activities.source"), 11), lambda a: a.lines),
        Field(Column(say("activities.gaps"), 27), lambda a: gaps(register, a)),
    )


def purposes(register: Register, activity: Activity) -> Value:
    """The main purpose, then the policy's own words for it."""
    titles = register.statement_titles()
    return bullets([register.say.of(activity.purpose), *(register.say.of(titles[name]) for name in activity.purposes)])


def subjects(register: Register, activity: Activity) -> Value:
    """Whose data; marked where the policy does not say so itself."""
    titles = {subject.id: subject.title for subject in register.bundle.policy.subjects}
    named = register.listed(activity.subjects, titles)
    return Marked(f"{named}\n({register.say('inferred')})", "plain") if activity.subjects_inferred else named


def elements(register: Register, activity: Activity) -> Value:
    if activity.elements == "all":
        return register.say("all_elements")
    return register.listed(activity.elements, register.bundle.policy.elements())


def recipients(register: Register, activity: Activity) -> Value:
    titles = {recipient.id: recipient.title for recipient in register.bundle.policy.recipients}
    return register.listed(activity.recipients, titles, none="no_recipient")


def transfers(register: Register, activity: Activity) -> Value:
    titles = {transfer.id: transfer.title for transfer in register.bundle.policy.transfers}
    return register.listed(activity.transfers, titles, none="no_transfer")


def security(register: Register, activity: Activity, *, short: bool = False) -> Value:
    """The measures; in the list "all" stands for all that the policy states."""
    measures = {measure.id: measure.title for measure in register.bundle.policy.security}
    if activity.security == "all":
        return register.say("all_measures") if short else register.listed(tuple(measures), measures)
    return register.listed(activity.security, measures)


def bases(register: Register, activity: Activity) -> Value:
    """The legal bases; doubt and inference are said beside them."""
    if activity.bases == NOT_STATED:
        return register.not_stated
    known = [basis for basis in activity.bases if isinstance(basis, ActivityBasis)]
    text = bullets(_basis(register, basis) for basis in known)
    return Marked(text, "note") if any(basis.doubtful or basis.inferred for basis in known) else text


def _basis(register: Register, basis: ActivityBasis) -> str:
    say = register.say
    words = f"{say(f'basis.{basis.basis}')} ({register.article(basis.article)})"
    marks = [say(mark) for mark, true in (("doubtful", basis.doubtful), ("inferred", basis.inferred)) if true]
    if marks:
        words += f" – {', '.join(marks)}"
    return f"{words}{say.colon}{say.of(basis.note)}" if basis.note else words


def gaps(register: Register, activity: Activity) -> Value:
    titles = {gap.id: gap.title for gap in register.bundle.policy.gaps}
    return register.listed(activity.gaps, titles)


def rules(register: Register, activity: Activity) -> Value:
    """The retention rules that govern the records."""
    titles = {rule.id: rule.title for rule in register.bundle.rules.rules}
    return register.listed(activity.rules, titles)
