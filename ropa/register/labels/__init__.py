"""Every word of the register that is not declared elsewhere, in its two languages: French first, then English."""

from __future__ import annotations

from collections.abc import Mapping

from retention.declare.words import Text
from retention.errors import DeclarationError
from ropa.register.labels.activities import ACTIVITIES
from ropa.register.labels.checks import CHECKS
from ropa.register.labels.common import COMMON
from ropa.register.labels.contents import CONTENTS
from ropa.register.labels.cover import COVER
from ropa.register.labels.criteria import CRITERIA
from ropa.register.labels.data import DATA
from ropa.register.labels.decisions import DECISIONS
from ropa.register.labels.findings import FINDINGS
from ropa.register.labels.gaps import GAPS
from ropa.register.labels.holdings import HOLDINGS
from ropa.register.labels.parties import PARTIES
from ropa.register.labels.schedule import SCHEDULE
from ropa.register.labels.sheets import SHEETS
from ropa.register.labels.statements import STATEMENTS

Pairs = Mapping[str, tuple[str, str]]


def catalogue(*themes: Pairs) -> dict[str, Text]:
    """Labels of several themes as one catalogue. Raises DeclarationError where one lacks a language, or stands twice."""
    labels: dict[str, Text] = {}
    for theme in themes:
        for key, (french, english) in theme.items():
            for language, words in (("French", french), ("English", english)):
                if not words.strip():
                    raise _wrong(key, f"has no {language} text", f"write it beside `{key}`")
            if key in labels:
                raise _wrong(key, "stands twice", "keep one of the two")
            labels[key] = Text(fr=french, en=english)
    return labels


def _wrong(key: str, what: str, mend: str) -> DeclarationError:
    return DeclarationError(f"the label `{key}` {what}", file="ropa/register/labels", mend=mend)


LABELS = catalogue(
    COMMON,
    SHEETS,
    COVER,
    CONTENTS,
    ACTIVITIES,
    DATA,
    PARTIES,
    STATEMENTS,
    SCHEDULE,
    CRITERIA,
    HOLDINGS,
    FINDINGS,
    DECISIONS,
    GAPS,
    CHECKS,
)
