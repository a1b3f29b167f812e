"""The categories of data, each with what the runs found of it, and the elements they are made of."""

from __future__ import annotations

from collections.abc import Iterator

from retention.declare.policy import NOT_STATED
from retention.declare.policy import DataCategory as Declared
from ropa.register.making import findings
from ropa.register.making.context import Making, statement
from ropa.register.model import DataCategory, Element, Named, StatedBasis
from ropa.register.phrases import article


def categories(making: Making) -> tuple[DataCategory, ...]:
    """The policy's four categories."""
    return tuple(_category(making, declared) for declared in making.bundle.policy.categories)


def _category(making: Making, declared: Declared) -> DataCategory:
    subjects = {subject.id: subject.title for subject in making.bundle.policy.subjects}
    return DataCategory(
        id=declared.id,
        title=declared.title,
        subjects=tuple(Named(id=name, title=subjects[name]) for name in declared.subjects),
        subjects_inferred=declared.subjects_inferred,
        purposes=tuple(map(statement, declared.purposes)),
        bases=tuple(StatedBasis(title=b.title, article=article(b.article), lines=b.lines) for b in declared.legal_bases),
        sources=NOT_STATED if isinstance(declared.sources, str) else tuple(map(statement, declared.sources)),
        lines=declared.lines,
        finding=findings.of_category(making, declared.id),
    )


def elements(making: Making) -> Iterator[Element]:
    """The policy's own elements, then the technical ones."""
    policy = making.bundle.policy
    for category in policy.categories:
        for stated in category.elements:
            yield Element(
                id=stated.id, title=stated.title, category=category.id, note=stated.detail,
                columns=_columns(making, stated.id), lines=stated.lines,
            )  # fmt: skip
    for technical in policy.technical_elements:
        yield Element(
            id=technical.id, title=technical.title, category=None, note=technical.note,
            columns=_columns(making, technical.id), lines=None,
        )  # fmt: skip


def _columns(making: Making, element: str) -> tuple[str, ...]:
    return tuple(
        f"{population.table}.{name}"
        for store in making.bundle.stores.values()
        for population in store.declared.populations
        for name, column in population.columns.items()
        if column.element == element
    )
