"""The vocabulary declarations share: texts in two languages, citations, periods, kinds, standings."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, StringConstraints

from retention.declare.source import Declared

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]*$", max_length=64)]
Language = Literal["fr", "en"]

Category = Literal["account", "transaction", "subscription", "usage"]
CATEGORIES: tuple[Category, ...] = ("account", "transaction", "subscription", "usage")


class Standing(StrEnum):
    """What a row's data subject is to the company."""

    CUSTOMER = "customer"  # has, or once had, a contract
    TRIAL = "trial"  # an unconverted trial and never a contract
    PROSPECT = "prospect"  # known, neither trial nor contract
    ANONYMOUS = "anonymous"  # the row names nobody


class Action(StrEnum):
    """What disposition does to a row that is due."""

    DELETE = "delete"
    ANONYMISE = "anonymise"  # blank the columns of the rule's elements; small cells are deleted
    MINIMISE = "minimise"  # blank every column but those of the floor's elements
    ARCHIVE = "archive"  # move the floor's elements to the archive; nothing stays where the row was


class Text(Declared):
    """A text in the register's two languages."""

    fr: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def in_(self, language: Language) -> str:
        return self.fr if language == "fr" else self.en


def _same_in_both(value: Any) -> Any:
    return {"fr": value, "en": value} if isinstance(value, str) else value


# A text that may be the same in both languages, such as the name of a law; then it is written once.
TextOnce = Annotated[Text, BeforeValidator(_same_in_both)]


class Cite(Declared):
    """Lines of the published policy and the words found there (white space folded, emphasis marks ignored)."""

    lines: tuple[int, ...] = Field(min_length=1)
    quote: str = Field(min_length=3)

    @property
    def label(self) -> str:
        """`L15` or `L214, L216`."""
        return ", ".join(f"L{line}" for line in self.lines)


_PERIOD = re.compile(r"^\s*(\d+)\s+(month|months|year|years)\s*$")
LONGEST_PERIOD_MONTHS = 1200


def _period_months(value: Any) -> Any:
    """`25 months` or `10 years` as a number of calendar months."""
    match = _PERIOD.match(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("not a period. Mend: write a number and a unit, such as `25 months` or `10 years`")
    months = int(match[1]) * (12 if match[2].startswith("year") else 1)
    if not 1 <= months <= LONGEST_PERIOD_MONTHS:
        raise ValueError(
            f"{months} months is no retention period. Mend: give between 1 month and {LONGEST_PERIOD_MONTHS // 12} years; "
            "to leave it open, write `undecided`"
        )
    return months


def period_text(months: int, language: Language) -> str:
    """`25 mois`, `10 ans`, `25 months`, `10 years`."""
    years, rest = divmod(months, 12)
    if rest == 0:
        if language == "fr":
            return f"{years} an" + ("s" if years > 1 else "")
        return f"{years} year" + ("s" if years > 1 else "")
    return f"{months} mois" if language == "fr" else f"{months} month" + ("s" if months > 1 else "")


Months = Annotated[int, BeforeValidator(_period_months), PlainSerializer(lambda months: f"{months} months")]
