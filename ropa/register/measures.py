"""Security measures, rights of the persons concerned, cookies: what the policy says of each."""

from __future__ import annotations

from retention.declare.policy import NOT_STATED, Cookie, Right, Statement
from retention.workbook import Area, Column, Field, Marked, Sheet, Value
from ropa.register.context import Register


def write_security(register: Register) -> tuple[Sheet, Area]:
    """The measures under article 32(1)."""
    wanted = _statement_fields(register, register.say("security.measure"))
    sheet = register.sheet("security", [field.column.width for field in wanted])
    return sheet, sheet.records(wanted, register.bundle.policy.security, main=True)


def write_rights(register: Register) -> tuple[Sheet, Area]:
    """The rights, then the ways in which they are exercised."""
    say, policy = register.say, register.bundle.policy
    sheet = register.sheet("rights", (28, 11, 34, 31, 44))
    area = sheet.records(_right_fields(register), policy.rights)
    sheet.heading(say("rights.exercise"))
    sheet.records(
        (
            Field(Column(say("rights.way"), kind="strong", span=2), lambda s: say.of(s.title)),
            Field(Column(say("source"), kind="quote", span=3), lambda s: register.citation(s.cites)),
        ),
        policy.exercise,
    )
    return sheet, area


def write_cookies(register: Register) -> tuple[Sheet, Area]:
    """The cookies, then what the policy says of its practice."""
    say, policy = register.say, register.bundle.policy
    sheet = register.sheet("cookies", (32, 20, 11, 18, 25, 42))
    area = sheet.records(_cookie_fields(register), policy.cookies)
    sheet.heading(say("cookies.practice"))
    sheet.records(
        (
            Field(Column(say("cookies.statement"), kind="strong", span=3), lambda s: say.of(s.title)),
            Field(Column(say("source"), kind="quote", span=3), lambda s: register.citation(s.cites)),
        ),
        policy.cookie_practice,
    )
    return sheet, area


def _statement_fields(register: Register, header: str) -> tuple[Field[Statement], ...]:
    say = register.say
    return (
        Field(Column(header, 52, "strong"), lambda s: say.of(s.title)),
        Field(Column(say("detail"), 20), lambda s: say.of(s.detail) if s.detail else None),
        Field(Column(say("source"), 76, "quote"), lambda s: register.citation(s.cites)),
    )


def _right_fields(register: Register) -> tuple[Field[Right], ...]:
    say = register.say
    titles = {right.id: right.title for right in register.bundle.policy.rights}

    def name(right: Right) -> Value:
        return (
            say("rights.limit", title=say.of(right.title), of=say.of(titles[right.limits]))
            if right.limits
            else say.of(right.title)
        )

    def effect(right: Right) -> Value:
        return say.of(right.effect) if right.effect else say("rights.no_effect")

    return (
        Field(Column(say("rights.right"), kind="strong"), name),
        Field(Column(say("rights.article")), lambda r: register.article(r.article)),
        Field(Column(say("rights.scope")), lambda r: say.of(r.detail) if r.detail else None),
        Field(Column(say("rights.effect")), effect),
        Field(Column(say("source"), kind="quote"), lambda r: register.citation(r.cites)),
    )


def _cookie_fields(register: Register) -> tuple[Field[Cookie], ...]:
    say = register.say
    recipients = {recipient.id: recipient.title for recipient in register.bundle.policy.recipients}

    def count(cookie: Cookie) -> Value:
        return register.not_stated if isinstance(cookie.count, str) else cookie.count

    def recipient(cookie: Cookie) -> Value:
        if cookie.recipient != NOT_STATED:
            return say.of(recipients[cookie.recipient])
        return None if cookie.setter == "SMS Envoi" else Marked(say("cookies.not_listed"), "warn")

    return (
        Field(Column(say("cookies.purpose"), kind="strong"), lambda c: say.of(c.title)),
        Field(Column(say("cookies.setter")), lambda c: c.setter),
        Field(Column(say("cookies.count"), kind="count"), count),
        Field(Column(say("cookies.lifetime")), lambda c: register.text(c.lifetime)),
        Field(Column(say("cookies.recipient")), recipient),
        Field(Column(say("source"), kind="quote"), lambda c: register.citation(c.cites)),
    )
