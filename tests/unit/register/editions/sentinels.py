"""A register in which every field holds a value of its own: whatever stands in a wrong place is found out.

Texts read `fr <path>` and `en <path>`, other strings their path (`activities.0.title`), days and counts are all different.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from retention.declare.words import Text
from ropa.register.model import Activity, Element, Named, Names, Part, Register
from ropa.register.publication import Approval, Publication

Write = Callable[[str, str], str]  # language or "" and path → text
EVERY = 2  # how many of everything there can be several of
ELEMENTS = ("name", "interests", "card_details", "ip_address", "location", "unheard_of")  # one for each of the CNIL's rows


def plainly(language: str, path: str) -> str:
    return f"{language} {path}".strip()


def register(write: Write = plainly) -> Register:
    """The register. Its parts refer to each other: activity 0 to the first rule, recipient …, activity 1 to the second."""
    made = _Maker(write).part(Register, "")
    elements = tuple(
        Element(
            id=name,
            title=_text(write, f"element.{name}"),
            category="account" if name == "name" else "usage",
            note=None,
            columns=(),
            lines=None,
        )
        for name in ELEMENTS
    )
    lines = made.schedule
    decided = {"categories": ("account",), "months": 25, "awaited": (), "only": (), "action": "archive"}
    awaited = {"categories": ("usage",), "months": None, "only": ()}
    schedule = tuple(
        line.model_copy(update={**update, "stores": (night.store.id,)})
        for line, update, night in zip(lines, (decided, awaited), made.nights, strict=True)
    )
    categories = tuple(
        each.model_copy(update={"id": name}) for each, name in zip(made.categories, ("account", "usage"), strict=True)
    )
    activities = tuple(_joined(made, activity, number, write) for number, activity in enumerate(made.activities))
    decisions = tuple(
        each.model_copy(update={"id": f"{number}.assessment", "rules": (_named(lines[number]),), "decided": number == 1})
        for number, each in enumerate(made.decisions)
    )
    rights = tuple(each.model_copy(update={"limits": None}) for each in made.rights)
    processor = made.processor.model_copy(
        update={
            "activities": tuple(
                each.model_copy(update={"gaps": (_named(made.gaps[number]),)})
                for number, each in enumerate(made.processor.activities)
            )
        }
    )
    return made.model_copy(
        update={
            "elements": elements, "schedule": schedule, "categories": categories, "activities": activities,
            "decisions": decisions, "processor": processor, "rights": rights,
        }
    )  # fmt: skip


def publication(made: Register, *, approved: bool = False) -> Publication:
    approval = Approval("Marie Dupont", dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC), "", "3.0") if approved else None
    return Publication(3, 14, dt.datetime(2026, 11, 25, 8, tzinfo=dt.UTC), made, approval)


def _joined(made: Register, activity: Activity, number: int, write: Write) -> Activity:
    """The activity with what it names: the parts of the same number."""

    def names(item: Any) -> Names:
        return Names(kind="named", items=(_named(item),))

    category = activity.found[0].category.model_copy(update={"id": ("account", "usage")[number]})
    elements = tuple(Named(id=name, title=_text(write, f"element.{name}")) for name in ELEMENTS)
    bases = activity.bases
    if number:
        bases = (bases[0].model_copy(update={"basis": "legitimate_interest"}), *bases[1:])
    return activity.model_copy(
        update={
            "bases": bases,
            "rules": (_named(made.schedule[number]),),
            "recipients": names(made.recipients[number]),
            "transfers": names(made.transfers[number]),
            "security": names(made.security[number]),
            "categories": Names(kind="named", items=(category,)),
            "elements": Names(kind="named", items=elements),
            "found": (activity.found[0].model_copy(update={"category": category}),),
        }
    )


def _named(item: Any) -> Named:
    return Named(id=item.id, title=item.name if hasattr(item, "name") else item.title)


def _text(write: Write, path: str) -> Text:
    return Text(fr=write("fr", path), en=write("en", path))


class _Maker:
    """Makes any part of the model from its fields' types."""

    def __init__(self, write: Write) -> None:
        self.write = write
        self.numbers = itertools.count(1001)

    def part(self, kind: type[Any], path: str) -> Any:
        values = {name: self.value(field.annotation, f"{path}.{name}".lstrip(".")) for name, field in kind.model_fields.items()}
        return kind(**values)

    def value(self, kind: Any, path: str) -> Any:
        origin, inner = get_origin(kind), get_args(kind)
        if origin in (Union, UnionType):
            known = [each for each in inner if each is not type(None)]
            return self.value(next((each for each in known if get_origin(each) is not Literal), known[0]), path)
        if origin is Literal:
            return inner[0]
        if origin is tuple:
            return tuple(self.value(inner[0], f"{path}.{number}") for number in range(EVERY))
        if kind is Text:
            return _text(self.write, path)
        if isinstance(kind, type) and issubclass(kind, Part):
            return self.part(kind, path)
        return self._plain(kind, path)

    def _plain(self, kind: Any, path: str) -> Any:
        if kind is bool:
            return False
        number = next(self.numbers)
        if kind is int:
            return number
        day = dt.date(2000, 1, 1) + dt.timedelta(days=number)
        if kind is dt.date:
            return day
        return dt.datetime.combine(day, dt.time(1)) if kind is dt.datetime else self.write("", path)
