"""What changed between two versions: every change is told, of the right part, and nothing else is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention.declare.words import Text
from retention.workspace import Workspace
from ropa.register.change_labels import CHANGE_LABELS
from ropa.register.change_words import SAY
from ropa.register.changes import ROWS, Change, Rows, changes, in_brief, label
from ropa.register.making import make_register
from ropa.register.model import Late, Names, Part, Register
from tests.unit.report.nights import add_nights, seeded

AS_OF = dt.date(2026, 11, 23)
LISTS = {"controller", "grounding", "processor"}  # what the register has once


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Register:
    bundle = Workspace.at(Path("unused"), decision_set="example").bundle()
    return make_register(bundle, seeded(tmp_path_factory.mktemp("changes"), bundle), AS_OF)


def with_part(register: Register, area: str, index: int, part: Part) -> Register:
    """The register with one of its parts replaced."""
    if area == "register":
        assert isinstance(part, Register)
        return part
    if area in LISTS:
        return register.model_copy(update={area: part})
    if area == "processing":
        parts = list(register.processor.activities)
        parts[index] = part  # type: ignore[call-overload]
        return register.model_copy(
            update={"processor": register.processor.model_copy(update={"activities": tuple(parts)})},
        )
    parts = list(getattr(register, area))
    parts[index] = part  # type: ignore[call-overload]
    return register.model_copy(update={area: tuple(parts)})


def other(value: Any, name: str) -> Any:
    """A value of the same type that says something else; None where there is no telling."""
    words: dict[str, str] = {"action": "archive", "kind": "authority", "outcome": "FAIL", "category": "usage"}
    if name in words and isinstance(value, str):
        return words[name] if value != words[name] else {"action": "delete", "kind": "group", "category": "account"}[name]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, dt.date):
        return value + dt.timedelta(days=400)
    if isinstance(value, Text):
        return Text(fr=f"{value.fr} – autrement", en=f"{value.en} – otherwise")
    if isinstance(value, str):
        return f"{value} otherwise" if value != "not stated" else Text(fr="Dit", en="Stated")
    if isinstance(value, Names):
        return Names(kind="not_stated") if value.kind != "not_stated" else Names(kind="named")
    if isinstance(value, tuple) and value:
        return value[1:]
    return Text(fr="Dit", en="Stated") if value is None and name in ("note", "limits", "effect", "detail") else None


@dataclass(frozen=True)
class Mutation:
    """A field of a part, changed."""

    rows: Rows
    index: int
    field: str


@pytest.fixture(scope="module")
def mutations(register: Register) -> list[Mutation]:
    return [
        Mutation(rows, index, name)
        for rows in ROWS
        for index, part in enumerate(rows.of(register))
        for name in rows.fields()
        if name != "store" and other(getattr(part, name), name) is not None
    ]


def mutated(register: Register, mutation: Mutation) -> Register:
    part = list(mutation.rows.of(register))[mutation.index]
    update = {mutation.field: other(getattr(part, mutation.field), mutation.field)}
    return with_part(register, mutation.rows.area, mutation.index, part.model_copy(update=update))


def test_the_same_says_nothing(register: Register) -> None:
    assert changes(register, register) == ()
    again = Register.model_validate_json(register.model_dump_json())
    assert changes(register, again) == ()
    assert in_brief(()) == SAY("brief.none")


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_every_field_that_changes_is_told_of_its_part_and_no_other(
    register: Register, mutations: list[Mutation], data: st.DataObject
) -> None:
    mutation = data.draw(st.sampled_from(mutations))
    after = mutated(register, mutation)
    found = changes(register, after)
    part = list(mutation.rows.of(after))[mutation.index]
    assert found, mutation
    assert {change.area for change in found} == {SAY(f"area.{mutation.rows.area}")}
    assert {change.ref for change in found} == {mutation.rows.ref(part)}
    back = changes(after, register)
    assert [(change.before, change.after) for change in found] == [
        (swapped(change.after), swapped(change.before)) for change in back
    ]


def swapped(text: Text | None) -> Text | None:
    """`added: X` of one direction is `removed: X` of the other."""
    if text is None:
        return None
    pairs = (("en plus", "en moins"), ("added", "removed"))

    def turn(words: str) -> str:
        for one, two in pairs:
            words = re.sub(f"^({one}|{two})", lambda match, one=one, two=two: two if match[1] == one else one, words)
        return words

    return Text(fr=turn(text.fr), en=turn(text.en))


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_what_comes_and_goes_is_told(register: Register, data: st.DataObject) -> None:
    lists = [rows for rows in ROWS if rows.area not in LISTS | {"register", "processing", "checks"} and list(rows.of(register))]
    rows = data.draw(st.sampled_from(lists))
    parts = list(rows.of(register))
    gone = parts.pop(data.draw(st.integers(0, len(parts) - 1)))
    without = register.model_copy(update={rows.area: tuple(parts)})
    (removed,) = changes(register, without)
    (added,) = changes(without, register)
    assert removed.ref == added.ref == rows.ref(gone)
    assert removed.what.fr.lower().startswith(SAY(f"{rows.area}.removed").fr)
    assert added.what.en.lower().startswith(SAY(f"{rows.area}.added").en)


def test_every_field_has_its_words() -> None:
    """A field added to the model wants a phrase in the list of changes, or to be declared silent."""
    for rows in ROWS:
        for name in rows.fields():
            assert label(rows.area, name), (rows.area, name)
        assert f"area.{rows.area}" in CHANGE_LABELS
        if rows.area not in LISTS | {"register"}:
            assert {f"{rows.area}.added", f"{rows.area}.removed"} <= CHANGE_LABELS.keys()


def test_the_day_alone_is_not_worth_a_sentence(tmp_path: Path) -> None:
    bundle = Workspace.at(Path("unused"), decision_set="example").bundle()
    evidence = seeded(tmp_path, bundle)
    first, later = (make_register(bundle, evidence, AS_OF + dt.timedelta(days=days)) for days in (0, 1))
    assert first != later
    assert changes(first, later) == ()


def test_a_night_changes_figures_and_no_more(tmp_path: Path) -> None:
    bundle = Workspace.at(Path("unused"), decision_set="example").bundle()
    evidence = seeded(tmp_path, bundle)
    first = make_register(bundle, evidence, AS_OF)
    add_nights(evidence, bundle, as_of=AS_OF + dt.timedelta(days=1), left=2)
    found = changes(first, make_register(bundle, evidence, AS_OF + dt.timedelta(days=1)))
    assert {change.area.en for change in found} == {"Figures", "Compliance found"}
    figures = [change for change in found if change.area.en == "Figures"]
    assert [change.ref for change in figures] == ["account", "transaction", "subscription", "usage"]
    assert all(change.before != change.after for change in figures)
    verdicts = [change for change in found if change.area.en == "Compliance found"]
    assert any("→ No, because" in change.what.en and "→ Non, car" in change.what.fr for change in verdicts)


def test_nights_that_never_were_and_nights_that_failed(tmp_path: Path) -> None:
    bundle = Workspace.at(Path("unused"), decision_set="example").bundle()
    never = make_register(bundle, None, AS_OF)
    evidence = seeded(tmp_path, bundle)
    once = make_register(bundle, evidence, AS_OF)
    found = changes(never, once)
    assert all(change.what.en.endswith(": first run") for change in found if change.area.en == "Runs")
    assert any(change.before == SAY("figures.none") for change in found)
    add_nights(evidence, bundle, as_of=AS_OF, statuses={"usage": "failed"}, prefix="again-")
    failed = changes(once, make_register(bundle, evidence, AS_OF))
    assert "last run: in order → failed" in next(change.what.en for change in failed if change.area.en == "Runs")
    assert any(change.ref == "night.usage" and change.what.en.startswith("Gap opened: ") for change in failed)


def test_production_against_example(register: Register) -> None:
    """Decisions withdrawn, periods undecided, gaps opened: as the two decision sets differ."""
    bundle = Workspace.at(Path("unused"), decision_set="production").bundle()
    example = make_register(Workspace.at(Path("unused"), decision_set="example").bundle(), None, AS_OF)
    found = changes(example, make_register(bundle, None, AS_OF))
    withdrawn = [change for change in found if change.what.en.startswith("Decision withdrawn")]
    assert withdrawn and all(change.before is not None and change.after is None for change in withdrawn)
    assert not any(change.what.en.endswith(("value changed", "approver changed")) for change in found)
    assert any(change.area.en == "Gaps" and change.what.en.startswith("Gap opened: ") for change in found)
    back = changes(make_register(bundle, None, AS_OF), example)
    assert sum(change.what.en.startswith("Decision taken: ") for change in back) == len(withdrawn)


def replaced(register: Register, area: str, wanted: Callable[[Any], bool], **update: Any) -> Register:
    parts = tuple(part.model_copy(update=update) if wanted(part) else part for part in getattr(register, area))
    return register.model_copy(update={area: parts})


def only(found: tuple[Change, ...]) -> Change:
    assert len(found) == 1, found
    return found[0]


def test_a_period_in_words(register: Register) -> None:
    line = next(line for line in register.schedule if line.months)
    before, after = (replaced(register, "schedule", lambda part: part.id == line.id, months=months) for months in (25, 36))
    change = only(changes(before, after))
    assert (change.before, change.after) == (Text(fr="25 mois", en="25 months"), Text(fr="3 ans", en="3 years"))
    assert change.what.en == f"{line.title.en} – retention period changed"
    assert change.ref == line.id


def test_a_verdict_in_words(register: Register) -> None:
    why = Text(fr="Base : aucune passe", en="Store: no run")
    before = replaced(register, "activities", lambda part: part.ref == "R3", verdict="yes", why=())
    after = replaced(before, "activities", lambda part: part.ref == "R3", verdict="unknown", why=(why,))
    change = only(changes(before, after))
    assert change.ref == "R3" and change.what.fr.startswith("R3 – ")
    assert change.what.fr.endswith("Oui → Non établi, car Base\u00a0: aucune passe")
    assert change.what.en.endswith("Yes → Not shown, because Store: no run")
    back = only(changes(after, before))
    assert back.what.en.endswith("Not shown → Yes; settled: Store: no run")
    category = register.categories[0]
    late = category.finding.model_copy(update={"overdue": Late(rows=3, since=AS_OF), "verdict": "no"})
    told = changes(register, replaced(register, "categories", lambda part: part.id == category.id, finding=late))
    assert [change.ref for change in told] == [category.id] * 2


def test_reasons_that_differ_only_in_numbers_are_the_same_reasons(register: Register) -> None:
    def because(fr: str) -> Register:
        return replaced(register, "activities", lambda part: part.ref == "R2", why=(Text(fr=fr, en=fr),))

    assert changes(because("échus : 12, depuis le 03/02/2026"), because("échus : 1 214, depuis le 04/02/2026")) == ()
    change = only(changes(because("échus : 12"), because("répétition")))
    assert change.ref == "R2" and "for other reasons" in change.what.en


def test_a_decision_due_for_review(register: Register) -> None:
    decision = next(decision for decision in register.decisions if decision.decided)
    after = replaced(register, "decisions", lambda part: part.id == decision.id, review_due=True)
    assert only(changes(register, after)).what.en == f"Decision due for review: {decision.question.en}"


def test_when_the_policy_s_text_changes_its_lines_move_silently(register: Register) -> None:
    moved = register.model_copy(update={"grounding": register.grounding.model_copy(update={"policy_sha256": "f" * 64})})
    after = replaced(moved, "rights", lambda part: True)
    after = replaced(after, "activities", lambda part: True, lines="L999")
    assert only(changes(register, after)).what.en == "Text of the published policy changed"
    corrected = replaced(register, "activities", lambda part: part.ref == "R1", lines="L999")
    assert only(changes(register, corrected)).ref == "R1"


def test_what_nobody_prints_is_still_told(register: Register) -> None:
    grounding = register.grounding.model_copy(update={"declaration_hash": "0" * 64})
    change = only(changes(register, register.model_copy(update={"grounding": grounding})))
    assert change.what.fr.startswith("La déclaration a changé")


def test_a_line_says_the_first_and_how_many_more(register: Register) -> None:
    after = replaced(register, "cookies", lambda part: True, setter="Nobody")
    found = changes(register, after)
    assert in_brief(found[:1]).en == f"Cookies – {found[0].what.en}"
    assert in_brief(found).en.endswith(f"; and {len(found) - 1} more")
