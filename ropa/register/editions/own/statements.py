"""Security measures, rights of the persons concerned, cookies, the processor's record: what the policy says of each."""

from __future__ import annotations

from retention.workbook import Column, Field, Marked, Value
from ropa.register.editions.own.edition import Edition, bullets
from ropa.register.editions.own.page import Heading, Page, Paragraph, Table, table_page
from ropa.register.model import Cookie, ProcessorActivity, Quotation, Right, Statement


def security(edition: Edition) -> Page:
    """The measures under article 32(1)."""
    say = edition.say
    fields: tuple[Field[Statement], ...] = (
        Field(Column(say("security.measure"), 52, "strong"), lambda s: say.of(s.title)),
        Field(Column(say("detail"), 20), lambda s: edition.text(s.detail)),
        Field(Column(say("source"), 76, "quote"), lambda s: edition.cited(s.citations)),
    )
    return table_page("security", fields, edition.register.security)


def rights(edition: Edition) -> Page:
    """The rights, then the ways in which they are exercised."""
    say, register = edition.say, edition.register
    blocks = (
        Table(_right_fields(edition), register.rights, repeat=True),
        Heading(say("rights.exercise")),
        Table(_stated(edition, "rights.way", 2, 3), register.exercise),
    )
    return Page("rights", (28, 11, 34, 31, 44), blocks, len(register.rights))


def cookies(edition: Edition) -> Page:
    """The cookies, then what the policy says of its practice."""
    say, register = edition.say, edition.register
    blocks = (
        Table(_cookie_fields(edition), register.cookies, repeat=True),
        Heading(say("cookies.practice")),
        Table(_stated(edition, "cookies.statement", 3, 3), register.cookie_practice),
    )
    return Page("cookies", (32, 20, 11, 18, 25, 42), blocks, len(register.cookies))


def processor(edition: Edition) -> Page:
    """The processor's record: its notice, then the categories of processing."""
    record = edition.register.processor
    blocks = (Paragraph(edition.say.of(record.notice), "warn"), Table(_processor_fields(edition), record.activities))
    return Page("processor", (7, 21, 25, 20, 18, 18, 38, 26, 8), blocks, len(record.activities))


def sources(edition: Edition) -> Page:
    """One line per citation."""
    say = edition.say
    fields: tuple[Field[Quotation], ...] = (
        Field(Column(say("sources.section"), 19, "strong"), lambda q: say.of(q.section)),
        Field(Column(say("sources.statement"), 38), lambda q: say.of(q.title)),
        Field(Column(say("sources.lines"), 11), lambda q: q.citation.lines),
        Field(Column(say("sources.words"), 68, "quote"), lambda q: edition.quoted(q.citation.quote)),
        Field(Column(say("id"), 24, "code"), lambda q: q.id),
    )
    return table_page("sources", fields, edition.register.quotations)


def _stated(edition: Edition, key: str, span: int, source: int) -> tuple[Field[Statement], ...]:
    say = edition.say
    return (
        Field(Column(say(key), kind="strong", span=span), lambda s: say.of(s.title)),
        Field(Column(say("source"), kind="quote", span=source), lambda s: edition.cited(s.citations)),
    )


def _right_fields(edition: Edition) -> tuple[Field[Right], ...]:
    say = edition.say

    def name(right: Right) -> Value:
        title = say.of(right.title)
        return say("rights.limit", title=title, of=say.of(right.limits)) if right.limits else title

    def effect(right: Right) -> Value:
        return say.of(right.effect) if right.effect else say("rights.no_effect")

    return (
        Field(Column(say("rights.right"), kind="strong"), name),
        Field(Column(say("rights.article")), lambda r: say.of(r.article)),
        Field(Column(say("rights.scope")), lambda r: edition.text(r.scope)),
        Field(Column(say("rights.effect")), effect),
        Field(Column(say("source"), kind="quote"), lambda r: edition.cited(r.citations)),
    )


def _cookie_fields(edition: Edition) -> tuple[Field[Cookie], ...]:
    say = edition.say

    def count(cookie: Cookie) -> Value:
        return edition.not_stated if isinstance(cookie.count, str) else cookie.count

    def recipient(cookie: Cookie) -> Value:
        if not isinstance(cookie.recipient, str):
            return say.of(cookie.recipient)
        return None if cookie.own else Marked(say("cookies.not_listed"), "warn")

    return (
        Field(Column(say("cookies.purpose"), kind="strong"), lambda c: say.of(c.title)),
        Field(Column(say("cookies.setter")), lambda c: c.setter),
        Field(Column(say("cookies.count"), kind="count"), count),
        Field(Column(say("cookies.lifetime")), lambda c: edition.text(c.lifetime)),
        Field(Column(say("cookies.recipient")), recipient),
        Field(Column(say("source"), kind="quote"), lambda c: edition.cited(c.citations)),
    )


def _processor_fields(edition: Edition) -> tuple[Field[ProcessorActivity], ...]:
    say = edition.say

    def controllers(activity: ProcessorActivity) -> Value:
        known = activity.controllers
        return edition.not_stated if isinstance(known, str) else bullets(map(say.of, known)) or say("none")

    def transfers(activity: ProcessorActivity) -> Value:
        known = activity.transfers
        return edition.not_stated if isinstance(known, str) else bullets(map(say.of, known)) or say("no_transfer")

    def missing(activity: ProcessorActivity) -> Value:
        names = edition.titles(activity.missing)
        return Marked(names, "note") if names else say("none")

    return (
        Field(Column(say("activities.ref"), kind="strong"), lambda p: p.ref),
        Field(Column(say("activities.name"), kind="strong"), lambda p: say.of(p.title)),
        Field(Column(say("processor.processing")), lambda p: say.of(p.processing)),
        Field(Column(say("processor.controllers")), controllers),
        Field(Column(say("activities.transfers")), transfers),
        Field(Column(say("activities.security")), lambda p: edition.names(p.security)),
        Field(Column(say("processor.missing")), missing),
        Field(Column(say("activities.gaps")), lambda p: edition.titles(p.gaps) or say("none")),
        Field(Column(say("source")), lambda p: p.lines),
    )
