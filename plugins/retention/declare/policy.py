"""The privacy policy as data: `ropa/declarations/policy.yaml`. A fact cites the words it rests on, or is said to be missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from retention.declare.citations import check_citations, models_in, read_policy_text
from retention.declare.source import Declared, Location, Source
from retention.declare.words import CATEGORIES, Category, Cite, Identifier, Months, Text

NotStated = Literal["not stated"]
NOT_STATED: NotStated = "not stated"

BasisKind = Literal["contract", "legitimate_interest", "legal_obligation", "vital_interests", "consent"]
ARTICLES: dict[BasisKind, str] = {
    "consent": "art. 6(1)(a)",
    "contract": "art. 6(1)(b)",
    "legal_obligation": "art. 6(1)(c)",
    "vital_interests": "art. 6(1)(d)",
    "legitimate_interest": "art. 6(1)(f)",
}


class Statement(Declared):
    """Something the policy says, and where."""

    id: Identifier
    title: Text
    detail: Text | None = None
    cites: tuple[Cite, ...] = Field(min_length=1)

    @property
    def lines(self) -> str:
        """`L15, L214, L216`."""
        return lines_of(self.cites)


def lines_of(cites: tuple[Cite, ...]) -> str:
    """The lines of several citations, each once, in their order: `L15, L214, L216`."""
    return ", ".join(f"L{line}" for line in sorted({line for cite in cites for line in cite.lines}))


class Missing(Declared):
    """Something a register must carry and the policy does not say."""

    id: Identifier
    title: Text


class Controller(Declared):
    """Who answers for the processing."""

    name: str
    registration_number: str
    street: str
    postcode: str
    city: str
    country: Text
    sites: tuple[str, ...] = Field(min_length=1)
    cites: tuple[Cite, ...] = Field(min_length=1)
    roles: tuple[Statement, ...] = Field(min_length=1)
    dpo: Statement
    not_stated: tuple[Missing, ...]


class Subjects(Statement):
    """A category of data subjects; `inferred` where the policy's words only imply it."""

    inferred: bool = False


class LegalBasis(Statement):
    """A ground for processing, in the policy's words and under the article of the GDPR it answers to."""

    basis: BasisKind

    @property
    def article(self) -> str:
        return ARTICLES[self.basis]


class DataCategory(Statement):
    """One of the policy's four categories of data."""

    id: Category
    elements: tuple[Statement, ...] = Field(min_length=1)
    purposes: tuple[Statement, ...] = Field(min_length=1)
    legal_bases: tuple[LegalBasis, ...] = Field(min_length=1)
    sources: tuple[Statement, ...] | NotStated
    subjects: tuple[Identifier, ...] = Field(min_length=1)
    subjects_inferred: bool  # the policy does not say whose data this category holds


class TechnicalElement(Declared):
    """What a row needs in order to be found, dated or told apart; the policy has no word for it."""

    id: Identifier
    title: Text
    note: Text


class OtherPurpose(Statement):
    """A purpose for which any category may be processed."""

    legal_bases: tuple[LegalBasis, ...] = Field(min_length=1)


class Recipient(Statement):
    """Whoever the policy says data is disclosed to. The title is its name."""

    kind: Literal["provider", "group", "successor", "adviser", "authority"]
    categories: tuple[Category, ...] | NotStated
    only: dict[Category, tuple[Identifier, ...]] = Field(default_factory=dict)  # named elements, not all of a category
    purpose: Text
    country: Text | NotStated
    safeguards: Text | NotStated = NOT_STATED


class Transfer(Statement):
    """Where data is said to be kept or sent."""

    country: Text | NotStated
    third_country: bool | NotStated
    recipients: tuple[Identifier, ...] | NotStated = NOT_STATED
    safeguards: Text | NotStated = NOT_STATED


class RetentionStatement(Statement):
    """What the policy promises about how long data is kept."""

    categories: tuple[Category, ...] = Field(min_length=1)
    period: Months | None = None  # only where the policy itself gives a number


class Right(Statement):
    """A right of the data subject, or (`limits`) what the policy sets against one."""

    article: str
    limits: Identifier | None = None
    effect: Text | None = None  # what it changes in the disposal of records


class Cookie(Statement):
    """A cookie, or a supplier that sets one."""

    setter: str
    count: Annotated[int, Field(ge=1)] | NotStated
    lifetime: Text | NotStated = NOT_STATED
    recipient: Identifier | NotStated = NOT_STATED  # the recipient it sends data to, where the policy lists it as one


class Gap(Statement):
    """A contradiction of the policy or a silence: printed as such, never resolved silently."""

    kind: Literal["contradiction", "gap"]
    detail: Text
    closes: Text
    owner: Text
    decision: Identifier | None = None  # the operator's decision that would close it


class Policy(Declared):
    """`ropa/declarations/policy.yaml`."""

    id: Identifier
    title: Text
    text_file: str = Field(pattern=r"^[A-Za-z0-9_.-]+$")
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    controller: Controller
    subjects: tuple[Subjects, ...]
    categories: tuple[DataCategory, ...]
    technical_elements: tuple[TechnicalElement, ...]
    other_purposes: tuple[OtherPurpose, ...]
    recipients: tuple[Recipient, ...]
    transfers: tuple[Transfer, ...]
    security: tuple[Statement, ...]
    retention: tuple[RetentionStatement, ...]
    rights: tuple[Right, ...]
    exercise: tuple[Statement, ...]  # by which way rights are exercised
    cookies: tuple[Cookie, ...]
    cookie_practice: tuple[Statement, ...]
    changes: tuple[Statement, ...]
    gaps: tuple[Gap, ...]

    @model_validator(mode="after")
    def _four_categories(self) -> Policy:
        if tuple(category.id for category in self.categories) != CATEGORIES:
            raise ValueError(
                f"the categories must be {', '.join(CATEGORIES)}, each once and in this order. Mend: restore the missing one"
            )
        return self

    def statements(self) -> Iterator[Statement]:
        """Everything the policy states, and every gap, wherever it stands in the file."""
        return (model for _, model in models_in(self) if isinstance(model, Statement))

    def statement(self, statement_id: str) -> Statement | None:
        """The cited statement of that id: a purpose, a right, a promise about retention, a recipient, a gap…"""
        return next((statement for statement in self.statements() if statement.id == statement_id), None)

    def category(self, category_id: Category) -> DataCategory:
        return next(category for category in self.categories if category.id == category_id)

    def recipient(self, recipient_id: str) -> Recipient | None:
        return next((recipient for recipient in self.recipients if recipient.id == recipient_id), None)

    def elements(self) -> dict[str, Text]:
        """The whole vocabulary of data elements: the policy's own, then the technical ones."""
        stated = {element.id: element.title for category in self.categories for element in category.elements}
        return stated | {element.id: element.title for element in self.technical_elements}


def load_policy(path: Path) -> Policy:
    """The policy, once its text is the one declared, every citation holds, ids are unique and references lead somewhere."""
    source = Source(path)
    policy = source.parse(Policy)
    text = read_policy_text(source, path.parent / policy.text_file, sha256=policy.sha256, at=("sha256",))
    check_citations(source, policy, text)
    _check_ids(source, policy)
    _check_references(source, policy)
    return policy


def check_known(source: Source, names: object, known: object, *, what: str, at: Location) -> None:
    """Raises DeclarationError for the first of `names` that is not among `known`. A single word such as `all` is no name."""
    if not isinstance(names, tuple):
        return
    assert isinstance(known, set | frozenset | dict)
    for index, name in enumerate(names):
        if name not in known:
            raise source.error(
                f"{name!r} is no {what}", at=(*at, index), mend=f"declare that {what} first, or correct the spelling"
            )


def _check_ids(source: Source, policy: Policy) -> None:
    seen: set[str] = set()
    for place, model in models_in(policy):
        identifier = getattr(model, "id", None)
        if identifier is None:
            continue
        if identifier in seen:
            raise source.error(f"the id {identifier} stands twice", at=(*place, "id"), mend="give one of the two another id")
        seen.add(identifier)


def _check_references(source: Source, policy: Policy) -> None:
    subjects = {subject.id for subject in policy.subjects}
    recipients = {recipient.id for recipient in policy.recipients}
    rights = {right.id for right in policy.rights}
    elements = policy.elements()
    for i, category in enumerate(policy.categories):
        check_known(source, category.subjects, subjects, what="category of data subjects", at=("categories", i, "subjects"))
    for i, recipient in enumerate(policy.recipients):
        for name, only in recipient.only.items():
            check_known(source, only, elements, what="data element", at=("recipients", i, "only", name))
    for i, transfer in enumerate(policy.transfers):
        check_known(source, transfer.recipients, recipients, what="recipient", at=("transfers", i, "recipients"))
    for i, right in enumerate(policy.rights):
        if right.limits is not None:
            check_known(source, (right.limits,), rights, what="right", at=("rights", i, "limits"))
    for i, cookie in enumerate(policy.cookies):
        if cookie.recipient != NOT_STATED:
            check_known(source, (cookie.recipient,), recipients, what="recipient", at=("cookies", i, "recipient"))
