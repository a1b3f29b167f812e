"""Archives held against the rest of the declaration: who may have one, what it may take, and that the law alone governs it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from retention.declare.decisions import Decisions
from retention.declare.mapped import MappedStore
from retention.declare.rules import Floor, Rule, Rules
from retention.declare.stores import Population, Store
from retention.declare.words import Standing

Problem = tuple[tuple[int | str, ...], str, str]  # where below `populations`, what is wrong, how to mend it


def check_archives(store: MappedStore, rules: Rules, decisions: Decisions) -> None:
    """Raises DeclarationError for the first archive that could lose a row, keep too much, or be governed by two rules."""
    declared = store.declared
    for index, source in enumerate(declared.populations):
        if source.archive is None:
            continue
        target = next((n for n, p in enumerate(declared.populations) if p.name == source.archive.population), None)
        if target is None:
            raise store.source.error(
                f"the archive of population {source.name} is {source.archive.population!r}, no population of this store",
                at=("populations", index, "archive"),
                mend="map it, or correct the name",
            )
        archive, covered = declared.populations[target], _covered(rules, decisions, source)
        for problem, number in (
            *((found, index) for found in (*_roles(declared, source, archive), *_columns(source, archive))),
            *((found, index) for found in _floors(rules, source, archive)),
            *((found, target) for found in _other_rules(rules, archive)),
            *((found, target) for found in _too_much(covered, archive)),
            *((found, index) for found in _too_little(covered, declared.archive_columns(source), source, archive)),
        ):
            where, what, mend = problem
            raise store.source.error(what, at=("populations", number, *where), mend=mend)


def _roles(declared: Store, source: Population, archive: Population) -> Iterator[Problem]:
    others = [p for p in declared.populations if p.archive and p.archive.population == archive.name]
    if len(others) > 1:
        names = " and ".join(p.name for p in others)
        yield ("archive",), f"{archive.name} is the archive of {names}: their keys could meet there", "give each one of its own"
    if archive.name == source.name or archive.archive is not None:
        yield ("archive",), f"{archive.name} has an archive itself", "name a population that rows leave for good only"
    if archive.role or archive.parent or archive.suppression or any(_refers(p, archive) for p in declared.populations):
        yield (
            ("archive",),
            f"{archive.name} cannot be an archive: it has a role, a parent, children or a suppression list",
            "an archived row stands alone: leave these out",
        )
    if archive.kind == source.kind:
        yield ("archive",), f"{archive.name} is of the same kind as {source.name}", "give the archive a kind of its own"
    if (archive.category, archive.key_type) != (source.category, source.key_type):
        yield ("archive",), f"{archive.name} differs from {source.name} in category or key type", "give both the same"


def _refers(population: Population, archive: Population) -> bool:
    return population.parent is not None and population.parent.population == archive.name


def _columns(source: Population, archive: Population) -> Iterator[Problem]:
    assert source.archive is not None
    given = source.archive.columns
    for name in given:
        if name not in archive.columns:
            yield ("archive", "columns", name), f"{archive.name} has no column {name}", "declare it there, or correct the name"
    for name, column in archive.columns.items():
        of = given.get(name, name)
        if of not in source.columns:
            yield (
                ("archive",),
                f"nothing fills {archive.table}.{name}: {source.table} has no column {of}",
                "say under `archive.columns` which column fills it, or drop it from the archive",
            )
        elif column.element != source.columns[of].element:
            yield (
                ("archive",),
                f"{archive.table}.{name} is declared to hold {column.element!r}, but {source.table}.{of} holds "
                f"{source.columns[of].element!r}",
                "data does not change what it is by being moved: declare the same element",
            )
    if given.get(archive.key, archive.key) != source.key:
        yield ("archive",), f"the key of {archive.name} is not filled from that of {source.name}", "fill it from the key"


def _floors(rules: Rules, source: Population, archive: Population) -> Iterator[Problem]:
    floors = floors_of(rules, source)
    if not floors:
        yield ("archive",), f"no floor covers population {source.name}: nothing would ever be archived", "remove `archive`"
    for floor in floors:
        if not concerns(floor, archive):
            yield (
                ("archive",),
                f"rule {floor.id} keeps {source.name} and not its archive: what it keeps would be let go of there",
                f"add the kind {archive.kind} to the rule's scope",
            )
        if floor.scope.standings or floor.scope.states:
            yield (
                ("archive",),
                f"rule {floor.id} asks for a standing or a state, which an archived row may no longer tell",
                "remove them from the rule's scope, or the archive from the population",
            )


def _other_rules(rules: Rules, archive: Population) -> Iterator[Problem]:
    for rule in rules.rules:
        if not isinstance(rule, Floor) and concerns(rule, archive):
            yield (
                ("kind",),
                f"rule {rule.id} concerns the archive {archive.name}, which the law alone keeps",
                f"add {archive.kind} to `except_kinds` in the rule's scope",
            )


def _covered(rules: Rules, decisions: Decisions, source: Population) -> set[str] | None:
    """The elements that floors cover; None before all of it is decided, and then nothing is archived."""
    covered: set[str] = set()
    for floor in floors_of(rules, source):
        found: Any = decisions.get(floor.elements.decision)
        if found is None or not found.decided:
            return None
        covered |= set(found.value)
    return covered


def _too_much(covered: set[str] | None, archive: Population) -> Iterator[Problem]:
    for name, column in archive.columns.items():
        if covered is not None and column.element not in covered and name != archive.key:
            yield (
                ("columns", name),
                f"the archive takes {archive.table}.{name}, which holds {column.element!r}: no floor covers that",
                "drop the column from the archive: only what the law requires may be kept there",
            )


def _too_little(covered: set[str] | None, taken: dict[str, str], source: Population, archive: Population) -> Iterator[Problem]:
    for name, column in source.columns.items():
        if covered is not None and column.element in covered and name not in taken.values():
            yield (
                ("archive",),
                f"a floor covers {source.table}.{name}, which holds {column.element!r}, and the archive does not take it",
                f"add a column for it to {archive.name}: what the law requires would be lost",
            )


def floors_of(rules: Rules, population: Population) -> tuple[Floor, ...]:
    """The floors that may apply to rows of a population."""
    return tuple(rule for rule in rules.rules if isinstance(rule, Floor) and concerns(rule, population))


def concerns(rule: Rule, population: Population) -> bool:
    """Whether a rule can be about a population, going by category, kind, and whether its rows name anybody."""
    scope = rule.scope
    anonymous = population.subject == "none" and bool(scope.standings) and Standing.ANONYMOUS not in scope.standings
    return (
        population.category in scope.categories
        and (not scope.kinds or population.kind in scope.kinds)
        and population.kind not in scope.except_kinds
        and not anonymous
    )
