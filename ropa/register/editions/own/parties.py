"""Who data is disclosed to, and where it goes."""

from __future__ import annotations

from retention.workbook import Column, Field, Marked, Value
from ropa.register.editions.own.edition import Edition, bullets
from ropa.register.editions.own.page import Page, table_page
from ropa.register.model import Recipient, RecipientData, Transfer


def recipients(edition: Edition) -> Page:
    """Whoever data is disclosed to."""
    return table_page("recipients", _recipient_fields(edition), edition.register.recipients)


def transfers(edition: Edition) -> Page:
    """The places data is kept in and sent to."""
    return table_page("transfers", _transfer_fields(edition), edition.register.transfers)


def _recipient_fields(edition: Edition) -> tuple[Field[Recipient], ...]:
    say = edition.say
    return (
        Field(Column(say("recipients.name"), 24, "strong"), lambda r: say.of(r.name)),
        Field(Column(say("recipients.kind"), 13), lambda r: say(f"recipient.{r.kind}")),
        Field(Column(say("activities.data"), 26), lambda r: _disclosed(edition, r)),
        Field(Column(say("recipients.purpose"), 26), lambda r: say.of(r.purpose)),
        Field(Column(say("recipients.country"), 19), lambda r: edition.text(r.country)),
        Field(Column(say("recipients.safeguards"), 16), lambda r: edition.text(r.safeguards)),
        Field(Column(say("recipients.activities"), 13), lambda r: ", ".join(r.activities) or None),
        Field(Column(say("source"), 11), lambda r: r.lines),
    )


def _disclosed(edition: Edition, recipient: Recipient) -> Value:
    """The categories; of some, the elements alone. All of all categories as such."""
    if isinstance(recipient.data, str):
        return edition.not_stated
    every = {category.id for category in edition.register.categories} == {part.category.id for part in recipient.data}
    if every and not any(part.only for part in recipient.data):
        return edition.say("all")
    return bullets(_part(edition, part) for part in recipient.data) or edition.say("none")


def _part(edition: Edition, part: RecipientData) -> str:
    say = edition.say
    title = say.of(part.category.title)
    return f"{title} ({say('only', names=', '.join(say.of(each.title) for each in part.only))})" if part.only else title


def _transfer_fields(edition: Edition) -> tuple[Field[Transfer], ...]:
    say = edition.say

    def third(transfer: Transfer) -> Value:
        if isinstance(transfer.third_country, str):
            return edition.not_stated
        return Marked(say("yes"), "warn") if transfer.third_country else say("no")

    return (
        Field(Column(say("transfers.what"), 28, "strong"), lambda t: say.of(t.title)),
        Field(Column(say("transfers.country"), 20), lambda t: edition.text(t.country)),
        Field(Column(say("transfers.third"), 14), third),
        Field(Column(say("activities.recipients"), 21), lambda t: edition.names(t.recipients)),
        Field(Column(say("recipients.safeguards"), 19), lambda t: edition.text(t.safeguards)),
        Field(Column(say("recipients.activities"), 13), lambda t: ", ".join(t.activities) or None),
        Field(Column(say("source"), 41, "quote"), lambda t: edition.cited(t.citations)),
    )
