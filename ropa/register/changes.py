"""What changed between two versions of the register, in plain words. That the day moved is no change worth a sentence.

Parts are matched by their id and compared field by field. What is derived from something else, or moves with the day alone, is
silent; findings are told as verdicts and as figures per category, not rule by rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from retention.declare.words import Text
from ropa.register import model
from ropa.register.change_labels import CHANGE_LABELS
from ropa.register.change_words import SAY, difference, told
from ropa.register.model import (
    WORST_LAST,
    Activity,
    DataCategory,
    Decision,
    Finding,
    Gap,
    Night,
    Part,
    Register,
    ScheduleLine,
    Verdict,
)
from ropa.register.phrases import joined


@dataclass(frozen=True)
class Change:
    """One thing that changed: where, of what (the reference or id), what, and how it read before and after."""

    area: Text
    ref: str | None
    what: Text
    before: Text | None
    after: Text | None


_AREAS = {CHANGE_LABELS[key].en: rank for rank, key in enumerate(CHANGE_LABELS) if key.startswith("area.")}
Extra = Callable[[Any, Any], Iterator[Change]]


def _nothing_else(_before: Any, _after: Any) -> Iterator[Change]:
    return iter(())


def _id(part: Any) -> str:
    return str(part.id)


def _title(part: Any) -> Text | None:
    title: Text = part.title
    return title


@dataclass(frozen=True)
class Rows:
    """A list of the register: how its parts are told apart and named, and which of their fields say nothing of their own."""

    area: str
    part: type[Part]
    of: Callable[[Register], Iterable[Any]]
    silent: frozenset[str] = frozenset()
    key: Callable[[Any], str] = _id
    ref: Callable[[Any], str | None] = _id
    name: Callable[[Any], Text | None] = _title
    extra: Extra = field(default=_nothing_else)

    def fields(self) -> Iterator[str]:
        """The fields that are compared."""
        return (name for name in self.part.model_fields if name not in self.silent and name != "id")


def changes(before: Register, after: Register) -> tuple[Change, ...]:
    """Everything worth a sentence that `after` says otherwise than `before`, in the order of the register."""
    moved = before.grounding.policy_sha256 != after.grounding.policy_sha256
    checked = before.checks and after.checks
    lists = [rows for rows in ROWS if checked or rows.area != "checks"]  # that a register was checked at all is no change in it
    found = [change for rows in lists for change in (*_rows(rows, before, after, moved), *_extras(rows, before, after))]
    found += [*_figures(before, after), *_sources(before, after)]
    found.sort(key=lambda change: _AREAS[change.area.en])
    if not found and before.grounding.declaration_hash != after.grounding.declaration_hash:
        found.append(Change(SAY("area.grounding"), None, _sentence(SAY("grounding.unseen")), None, None))
    return tuple(found)


def in_brief(found: tuple[Change, ...]) -> Text:
    """A list of changes in a line: the first one, and how many more there are."""
    if not found:
        return SAY("brief.none")
    first = found[0]
    what = joined([first.area, first.what], " – ")
    return SAY("brief.more", what=what, count=len(found) - 1) if len(found) > 1 else what


# lists


def _rows(rows: Rows, before: Register, after: Register, moved: bool) -> Iterator[Change]:
    for earlier, later in _matched(rows, before, after):
        if earlier is None:
            yield _told(rows, later, "coming", SAY(f"{rows.area}.added"))
        elif later is None:
            yield _told(rows, earlier, "coming", SAY(f"{rows.area}.removed"))
        else:
            yield from _fields(rows, earlier, later, moved)


def _extras(rows: Rows, before: Register, after: Register) -> Iterator[Change]:
    for earlier, later in _matched(rows, before, after):
        if earlier is not None and later is not None:
            yield from rows.extra(earlier, later)


def _matched(rows: Rows, before: Register, after: Register) -> Iterator[tuple[Any, Any]]:
    """Parts of the same id beside each other, None where one is alone; of several with one id the unchanged are left out."""
    earlier, later = _by_key(rows, before), _by_key(rows, after)
    for key in [*later, *(key for key in earlier if key not in later)]:
        ours, theirs = earlier.get(key, []), later.get(key, [])
        alone = [part for part in ours if part not in theirs], [part for part in theirs if part not in ours]
        yield from zip_longest(*alone)


def _by_key(rows: Rows, register: Register) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for part in rows.of(register):
        found.setdefault(rows.key(part), []).append(part)
    return found


def _fields(rows: Rows, before: Any, after: Any, moved: bool) -> Iterator[Change]:
    silent = _settled(before, after)
    for name in rows.fields():
        if name in silent or (moved and name == "lines"):  # lines of the policy move when its text does
            continue
        earlier, later = getattr(before, name), getattr(after, name)
        if _bare(earlier) != _bare(later):
            texts = difference(earlier, later, name)
            yield _told(rows, after, "field", label(rows.area, name), texts if texts[0] != texts[1] else (None, None))


def label(area: str, name: str) -> Text:
    """What is said of a field that changed."""
    return SAY(f"{area}.{name}" if f"{area}.{name}" in SAY else f"field.{name}")


def _bare(value: Any) -> Any:
    """A value without the lines of the policy in which it was found."""
    if isinstance(value, Part):
        return {name: _bare(getattr(value, name)) for name in type(value).model_fields if name != "lines"}
    return tuple(map(_bare, value)) if isinstance(value, tuple) else value


def _told(rows: Rows, part: Any, form: str, what: Text, texts: tuple[Text | None, Text | None] = (None, None)) -> Change:
    """A change of a part in a sentence of some form: `coming` or `field`."""
    name, ref = rows.name(part), rows.ref(part)
    return Change(SAY(f"area.{rows.area}"), ref, _sentence(SAY(form, name=name, what=what) if name else what), *texts)


def _sentence(text: Text) -> Text:
    """With a capital letter."""
    return Text(fr=text.fr[:1].upper() + text.fr[1:], en=text.en[:1].upper() + text.en[1:])


# what is told as one thing, though several fields change


def _settled(before: Any, after: Any) -> frozenset[str]:
    """Fields that only follow from a change that is told by itself."""
    if isinstance(after, Decision) and before.decided != after.decided:
        return frozenset({"value", "source", "awaited", "approver", "checked_on", "review_by"})
    if isinstance(after, Gap) and after.id.startswith("night."):
        return frozenset({"detail", "where"})  # the date and the run of the last failure
    if isinstance(after, ScheduleLine) and before.awaited != after.awaited:
        return frozenset({"sources"})  # a decision taken or withdrawn
    if isinstance(after, Night) and (before.last is None) != (after.last is None):
        return frozenset({"same_declaration"})
    return frozenset()


def _decision(before: Decision, after: Decision) -> Iterator[Change]:
    area = SAY("area.decisions")

    def told_of(key: str, earlier: Any, later: Any) -> Change:
        what = _sentence(SAY("coming", name=after.question, what=SAY(key)))
        return Change(area, after.id, what, told(earlier), told(later))

    if before.decided != after.decided:
        yield told_of("decisions.taken" if after.decided else "decisions.withdrawn", before.value, after.value)
    if after.review_due and not before.review_due:
        yield told_of("decisions.review", None, after.review_by)
    elif before.review_due and not after.review_due:
        yield told_of("decisions.reviewed", before.review_by, after.review_by)


def _night(before: Night, after: Night) -> Iterator[Change]:
    earlier, later = (_status(night) for night in (before, after))
    if earlier == later:
        return
    what = SAY("nights.first") if earlier is None else SAY("nights.lost")
    if earlier is not None and later is not None:
        what = SAY("nights.status", before=earlier, after=later)
    named = _sentence(SAY("of", name=after.store.title, what=what))
    yield Change(SAY("area.nights"), after.store.id, named, earlier, later)


def _status(night: Night) -> Text | None:
    return SAY(f"word.{night.last.status}") if night.last is not None else None


# verdicts


def _activity(before: Activity, after: Activity) -> Iterator[Change]:
    """The activity's verdict; where it stands, that of each of its categories."""
    name = SAY("of_ref", ref=after.ref, name=after.title)
    own = list(_verdict(after.ref, name, before, after))
    yield from own
    if not own:
        earlier = {each.category.id: each for each in before.found}
        for each in after.found:
            if each.category.id in earlier:
                yield from _verdict(
                    after.ref,
                    joined([name, each.category.title]),
                    earlier[each.category.id].finding,
                    each.finding,
                )


def _category(before: DataCategory, after: DataCategory) -> Iterator[Change]:
    yield from _verdict(after.id, after.title, before.finding, after.finding)


def _verdict(ref: str, name: Text, before: Activity | Finding, after: Activity | Finding) -> Iterator[Change]:
    earlier, later = _in_a_word(before.verdict), _in_a_word(after.verdict)
    if before.verdict != after.verdict:
        form, why = _ground(before, after)
        said = SAY(form, before=earlier, after=later, **({"why": why} if why is not None else {}))
        yield Change(SAY("area.verdicts"), ref, _sentence(SAY("of", name=name, what=said)), earlier, later)
    elif _kinds(before.why) != _kinds(after.why):
        said = SAY("verdict.reasons", verdict=later)
        yield Change(SAY("area.verdicts"), ref, _sentence(SAY("of", name=name, what=said)), told(before.why), told(after.why))


def _ground(before: Activity | Finding, after: Activity | Finding) -> tuple[str, Text | None]:
    """Why a verdict changed: of a worse one the reasons that are new, of a better one those that are gone."""
    earlier, later = _kinds(before.why), _kinds(after.why)
    if WORST_LAST.index(after.verdict) > WORST_LAST.index(before.verdict):
        new = tuple(text for text in after.why if _kind(text) not in earlier)
        form, why = "verdict.because", told(new or after.why)
    else:
        form, why = "verdict.settled", told(tuple(text for text in before.why if _kind(text) not in later))
    return (form, why) if why is not None else ("verdict.changed", None)


def _in_a_word(verdict: Verdict) -> Text:
    return SAY(f"verdict.{verdict}")


def _kinds(why: tuple[Text, ...]) -> set[str]:
    """Reasons without their numbers and dates, which move from day to day."""
    return set(map(_kind, why))


def _kind(text: Text) -> str:
    return re.sub(r"[\d\s/]+", " ", text.fr)


# figures and sources


def _figures(before: Register, after: Register) -> Iterator[Change]:
    earlier = {category.id: category for category in before.categories}
    for category in after.categories:
        if category.id not in earlier:
            continue
        then, now = (_counts(each.finding) for each in (earlier[category.id], category))
        if then != now:
            what = _sentence(SAY("of", name=category.title, what=SAY("figures.changed")))
            yield Change(SAY("area.figures"), category.id, what, then, now)


def _counts(finding: Finding) -> Text:
    """The figures of a category that do not move with the day alone, in a sentence."""
    if finding.records is None:
        return SAY("figures.none")
    return SAY(
        "figures.counts",
        records=finding.records,
        overdue=finding.overdue.rows if finding.overdue else 0,
        held=finding.held or 0,
        quarantined=finding.quarantined or 0,
        undecided=finding.undecided or 0,
        disposed=finding.last_run.total if finding.last_run else 0,
    )


def _sources(before: Register, after: Register) -> Iterator[Change]:
    """Quotations as a whole: what is quoted of one statement is told of that statement."""
    earlier, later = ({(each.id, each.citation.quote) for each in register.quotations} for register in (before, after))
    if earlier != later:
        what = SAY("sources.changed", added=len(later - earlier), removed=len(earlier - later))
        yield Change(SAY("area.sources"), None, _sentence(what), None, None)


# the register's lists, in its order


def _alone(_part: Any) -> str:
    return ""


def _no_ref(_part: Any) -> None:
    return None


def _by_ref(part: Any) -> str:
    return str(part.ref)


def _single(area: str, part: type[Part], of: Callable[[Register], Any], *silent: str) -> Rows:
    """A part that the register has once."""
    return Rows(area, part, lambda register: (of(register),), frozenset(silent), key=_alone, ref=_no_ref, name=_no_ref)


_REGISTER = frozenset(Register.model_fields) - {"title"}

ROWS: tuple[Rows, ...] = (
    Rows("register", Register, lambda r: (r,), _REGISTER, key=_alone, ref=_no_ref, name=_no_ref),
    _single("grounding", model.Grounding, lambda r: r.grounding, "policy_hash", "declaration_hash"),
    _single("controller", model.Controller, lambda r: r.controller),
    Rows(
        "activities",
        Activity,
        lambda r: r.activities,
        frozenset({"found", "verdict", "why"}),
        ref=_by_ref,
        extra=_activity,
    ),
    Rows("categories", DataCategory, lambda r: r.categories, frozenset({"finding"}), extra=_category),
    Rows("elements", model.Element, lambda r: r.elements),
    Rows("recipients", model.Recipient, lambda r: r.recipients, name=lambda part: part.name),
    Rows("transfers", model.Transfer, lambda r: r.transfers),
    Rows("schedule", model.ScheduleLine, lambda r: r.schedule, frozenset({"cutoff", "finding"})),
    Rows("security", model.Statement, lambda r: r.security),
    Rows("rights", model.Right, lambda r: r.rights),
    Rows("exercise", model.Statement, lambda r: r.exercise),
    Rows("cookies", model.Cookie, lambda r: r.cookies),
    Rows("cookie_practice", model.Statement, lambda r: r.cookie_practice),
    Rows(
        "decisions",
        Decision,
        lambda r: r.decisions,
        frozenset({"decided", "review_due"}),
        name=lambda part: part.question,
        extra=_decision,
    ),
    Rows("gaps", Gap, lambda r: r.gaps, frozenset({"waiting"})),
    _single("processor", model.ProcessorRecord, lambda r: r.processor, "activities"),
    Rows("processing", model.ProcessorActivity, lambda r: r.processor.activities, ref=_by_ref),
    Rows("checks", model.RegisterCheck, lambda r: r.checks),
    Rows(
        "nights",
        Night,
        lambda r: r.nights,
        frozenset({"last", "counted", "late_days"}),
        key=lambda part: part.store.id,
        ref=lambda part: str(part.store.id),
        name=lambda part: part.store.title,
        extra=_night,
    ),
)
