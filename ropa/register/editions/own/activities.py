"""The list of processing activities: one line each, every field of article 30(1)."""

from __future__ import annotations

from collections.abc import Mapping

from retention.workbook import Column, Field, Marked, Value
from ropa.register.editions.own.edition import Edition, bullets
from ropa.register.editions.own.found import verdict
from ropa.register.editions.own.page import Page, table_page
from ropa.register.model import Activity, Basis, Named


def page(edition: Edition, cards: Mapping[str, str]) -> Page:
    """The list. `cards` are the addresses of the activities' own records."""
    return table_page("activities", fields(edition, cards), edition.register.activities, spread=7, repeated=2)


def fields(edition: Edition, cards: Mapping[str, str]) -> tuple[Field[Activity], ...]:
    say = edition.say
    return (
        Field(Column(say("activities.ref"), 7, "strong"), lambda a: Marked(a.ref, target=cards.get(a.id))),
        Field(Column(say("activities.name"), 21, "strong"), lambda a: say.of(a.title)),
        Field(Column(say("activities.purposes"), 34), lambda a: purposes(edition, a)),
        Field(Column(say("activities.subjects"), 25), lambda a: subjects(edition, a)),
        Field(Column(say("activities.data"), 24), lambda a: edition.names(a.categories, every="all")),
        Field(Column(say("activities.recipients"), 25), lambda a: recipients(edition, a)),
        Field(Column(say("activities.source"), 11), lambda a: a.lines),
        Field(Column(say("activities.transfers"), 25), lambda a: transfers(edition, a)),
        Field(Column(say("activities.limit"), 26), lambda a: say.of(a.time_limit)),
        Field(Column(say("activities.security"), 16), lambda a: edition.names(a.security, every="all_measures")),
        Field(Column(say("activities.basis"), 23), lambda a: bases(edition, a)),
        Field(Column(say("activities.gaps"), 35), lambda a: gaps(edition, a)),
        Field(Column(say("activities.verdict"), 14), lambda a: verdict(edition, a.verdict)),
    )


def purposes(edition: Edition, activity: Activity) -> Value:
    """The main purpose, then the policy's own words for it."""
    say = edition.say
    stated = (say.of(text) for text in (activity.purpose, *(named.title for named in activity.purposes)))
    return bullets(dict.fromkeys(stated))


def subjects(edition: Edition, activity: Activity) -> Value:
    """Whose data; marked where the policy does not say so itself."""
    named = edition.names(activity.subjects)
    return with_mark(edition, named) if activity.subjects_inferred else named


def with_mark(edition: Edition, named: Value) -> Value:
    """Names that the policy does not give itself."""
    plain, tone = (named.value, named.tone) if isinstance(named, Marked) else (named, "plain")
    return Marked(f"{plain}\n({edition.say('inferred')})", tone)


def elements(edition: Edition, activity: Activity) -> Value:
    """The elements, in a line: some activities name a dozen."""
    if activity.elements.kind == "named" and activity.elements.items:
        return ", ".join(edition.say.of(each.title) for each in activity.elements.items)
    return edition.names(activity.elements, every="all_elements")


def recipients(edition: Edition, activity: Activity) -> Value:
    return edition.names(activity.recipients, none="no_recipient")


def transfers(edition: Edition, activity: Activity) -> Value:
    return edition.names(activity.transfers, none="no_transfer")


def bases(edition: Edition, activity: Activity) -> Value:
    """The legal bases; doubt and inference are said beside them."""
    if isinstance(activity.bases, str):
        return edition.not_stated
    text = bullets(_basis(edition, basis) for basis in activity.bases)
    return Marked(text, "note") if any(basis.doubtful or basis.inferred for basis in activity.bases) else text


def _basis(edition: Edition, basis: Basis) -> str:
    say = edition.say
    words = f"{say.of(basis.title)} ({say.of(basis.article)})"
    marks = [say(mark) for mark, true in (("doubtful", basis.doubtful), ("inferred", basis.inferred)) if true]
    if marks:
        words += f" – {', '.join(marks)}"
    return f"{words}{say.colon}{say.of(basis.note)}" if basis.note else words


def gaps(edition: Edition, activity: Activity) -> Value:
    return _or_none(edition, activity.gaps)


def rules(edition: Edition, activity: Activity) -> Value:
    """The retention rules that govern the records."""
    return _or_none(edition, activity.rules)


def _or_none(edition: Edition, named: tuple[Named, ...]) -> str:
    return edition.titles(named) or edition.say("none")
