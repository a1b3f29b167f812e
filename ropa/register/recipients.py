"""Who data is disclosed to, and where it goes."""

from __future__ import annotations

from retention.declare.policy import NOT_STATED, Recipient, Transfer
from retention.workbook import Area, Column, Field, Marked, Sheet, Value
from ropa.register.context import Register, bullets


def write(register: Register) -> tuple[Sheet, Area]:
    """The recipients."""
    wanted = _recipient_fields(register)
    sheet = register.sheet("recipients", [field.column.width for field in wanted])
    return sheet, sheet.records(wanted, register.bundle.policy.recipients, main=True)


def write_transfers(register: Register) -> tuple[Sheet, Area]:
    """The places data is kept in and sent to."""
    wanted = _transfer_fields(register)
    sheet = register.sheet("transfers", [field.column.width for field in wanted])
    return sheet, sheet.records(wanted, register.bundle.policy.transfers, main=True)


def _recipient_fields(register: Register) -> tuple[Field[Recipient], ...]:
    say = register.say
    return (
        Field(Column(say("recipients.name"), 24, "strong"), lambda r: say.of(r.title)),
        Field(Column(say("recipients.kind"), 13), lambda r: say(f"recipient.{r.kind}")),
        Field(Column(say("activities.data"), 26), lambda r: _categories(register, r)),
        Field(Column(say("recipients.purpose"), 26), lambda r: say.of(r.purpose)),
        Field(Column(say("recipients.country"), 19), lambda r: register.text(r.country)),
        Field(Column(say("recipients.safeguards"), 16), lambda r: register.text(r.safeguards)),
        Field(Column(say("recipients.activities"), 13), lambda r: _used_by(register, "recipients", r.id)),
        Field(Column(say("source"), 11), lambda r: r.lines),
    )


def _categories(register: Register, recipient: Recipient) -> Value:
    if recipient.categories == NOT_STATED or not recipient.only:
        return register.categories(recipient.categories)
    say, titles, elements = register.say, register.category_titles, register.bundle.policy.elements()
    return bullets(
        say.of(titles[name])
        + (
            f" ({say('only', names=', '.join(say.of(elements[e]) for e in recipient.only[name]))})"
            if name in recipient.only
            else ""
        )
        for name in titles
        if name in recipient.categories
    )


def _transfer_fields(register: Register) -> tuple[Field[Transfer], ...]:
    say = register.say
    recipients = {recipient.id: recipient.title for recipient in register.bundle.policy.recipients}

    def third(transfer: Transfer) -> Value:
        if transfer.third_country == NOT_STATED:
            return register.not_stated
        return Marked(say("yes"), "warn") if transfer.third_country else say("no")

    return (
        Field(Column(say("transfers.what"), 30, "strong"), lambda t: say.of(t.title)),
        Field(Column(say("transfers.country"), 21), lambda t: register.text(t.country)),
        Field(Column(say("transfers.third"), 15), third),
        Field(Column(say("activities.recipients"), 22), lambda t: register.listed(t.recipients, recipients)),
        Field(Column(say("recipients.safeguards"), 20), lambda t: register.text(t.safeguards)),
        Field(Column(say("recipients.activities"), 14), lambda t: _used_by(register, "transfers", t.id)),
        Field(Column(say("source"), 44, "quote"), lambda t: register.citation(t.cites)),
    )


def _used_by(register: Register, field: str, name: str) -> str | None:
    refs = [activity.ref for activity in register.bundle.activities.activities if name in getattr(activity, field)]
    return ", ".join(refs) or None
