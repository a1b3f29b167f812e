"""Every wrong declaration is refused with one error that names the file, the line and the mend."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from retention.declare.activities import load_activities, load_processor
from retention.declare.citations import PolicyText
from retention.declare.decisions import Decisions
from retention.declare.policy import load_policy
from retention.declare.rules import Rules
from retention.declare.source import Source
from retention.declare.stores import Store
from retention.declare.words import Cite
from retention.errors import DeclarationError

DECLARATIONS = Path(__file__).parents[3] / "ropa" / "declarations"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The declarations, to be spoiled."""
    folder = tmp_path / "declarations"
    shutil.copytree(DECLARATIONS, folder)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def _spoil(path: Path, before: str, after: str) -> int:
    """Replaces the first occurrence and returns its 1-based line."""
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return text[: text.index(before)].count("\n") + 1


def _refused(read: Callable[[], object], path: Path) -> DeclarationError:
    with pytest.raises(DeclarationError) as caught:
        read()
    error = caught.value
    assert error.file == str(path)
    assert error.mend
    assert error.exit_code == 2
    return error


def _policy(folder: Path) -> Callable[[], object]:
    return lambda: load_policy(folder / "policy.yaml")


def _activities(folder: Path) -> Callable[[], object]:
    def read() -> object:
        policy = load_policy(folder / "policy.yaml")
        return load_activities(folder / "activities.yaml", policy, Source(folder / "retention.yaml").parse(Rules))

    return read


def _decisions(path: Path) -> Callable[[], object]:
    return lambda: Source(path).parse(Decisions)


# ── Citations ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_altered_quote_names_its_line(copy: Path) -> None:
    line = _spoil(copy / "policy.yaml", "seront supprimées au bout de 25 mois.", "seront supprimées au bout de 36 mois.")
    error = _refused(_policy(copy), copy / "policy.yaml")
    assert error.line == line
    assert "L214, L216" in error.message and "36 mois" in error.message


def test_a_line_that_does_not_exist(copy: Path) -> None:
    line = _spoil(copy / "policy.yaml", "lines: [514]", "lines: [515]")
    error = _refused(_policy(copy), copy / "policy.yaml")
    assert error.line == line
    assert "line 515 does not exist" in error.message and "1 to 514" in error.mend


def test_a_line_too_many(copy: Path) -> None:
    line = _spoil(
        copy / "policy.yaml", 'lines: [514], quote: "Mobile Pro dispose', 'lines: [514, 5], quote: "Mobile Pro dispose'
    )
    error = _refused(_policy(copy), copy / "policy.yaml")
    assert (error.line, "line 5 " in error.message) == (line, True)


def test_an_altered_sha(copy: Path) -> None:
    line = _spoil(copy / "policy.yaml", "sha256: b99475", "sha256: b99476")
    error = _refused(_policy(copy), copy / "policy.yaml")
    assert error.line == line and "SHA-256" in error.message


def test_an_altered_text(copy: Path) -> None:
    _spoil(copy / "privacy-policy.fr.txt", "25 mois", "36 mois")
    assert "the policy has changed" in _refused(_policy(copy), copy / "policy.yaml").message


def test_a_text_that_is_gone(copy: Path) -> None:
    (copy / "privacy-policy.fr.txt").unlink()
    assert "cannot be read" in _refused(_policy(copy), copy / "policy.yaml").message


def test_an_altered_quote_of_an_activity(copy: Path) -> None:
    line = _spoil(copy / "activities.yaml", "Logiciel comptable Cogilog", "Logiciel comptable Ciel")
    assert _refused(_activities(copy), copy / "activities.yaml").line == line


def test_an_altered_quote_of_the_processors_register(copy: Path) -> None:
    line = _spoil(copy / "processor.yaml", "et un sous-traitant", "et non un sous-traitant")
    policy = load_policy(copy / "policy.yaml")
    assert _refused(lambda: load_processor(copy / "processor.yaml", policy), copy / "processor.yaml").line == line


@pytest.mark.parametrize(
    ("lines", "quote", "fault"),
    [
        ((1,), "un  deux\n trois", None),  # white space folded
        ((1,), "deux trois", None),  # emphasis removed from the text
        ((1,), "**deux** trois", None),  # and from the quote
        ((2,), "la page du site", None),  # a link is its words
        ((2,), "https://x.example/", None),
        ((3,), "premier point", None),  # a bullet is no word
        ((3, 1), "premier point un deux", None),  # in the order cited
        ((1, 3), "un […] point", None),  # words left out
        ((1,), "trois […] un", "does not say 'un'"),  # not out of their order
        ((1,), "Un deux", "does not say"),  # case counts
        ((1,), "[…]", "does not say ''"),
        ((1, 3), "un deux", "line 3"),  # every line has its part
        ((0,), "un deux", "line 0 does not exist"),
        ((-1,), "premier point", "line -1 does not exist"),
        ((4,), "premier", "line 4 does not exist"),
    ],
)
def test_what_a_citation_may_overlook(lines: tuple[int, ...], quote: str, fault: str | None) -> None:
    text = PolicyText(b"un **deux** trois\nla [page](#) du site <https://x.example/>\n- premier point")
    found = text.fault(Cite(lines=lines, quote=quote))
    assert (found is None) if fault is None else (found is not None and fault in found[0])


# ── Ids and references ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("- id: rights.rectification", "- id: rights.access", "rights.access stands twice"),
        ("- id: retention.usage", "- id: purpose.claims", "purpose.claims stands twice"),
        ("  - id: record_id", "  - id: email", "email stands twice"),
        ("subjects: [subject.subscribers]", "subjects: [subject.robots]", "subject.robots"),
        ("only: {account: [email]}", "only: {account: [fax]}", "fax"),
        ("recipients: [recipient.ovh]", "recipients: [recipient.aws]", "recipient.aws"),
        ("recipient: recipient.hotjar", "recipient: recipient.coldjar", "recipient.coldjar"),
        ("limits: rights.erasure", "limits: rights.oblivion", "rights.oblivion"),
        ("sources: not stated", "sources: unknown", "sources"),
        ("period: 25 months", "period: 0 months", "0 months is no retention period"),
        ("period: 25 months", "period: -3 months", "not a period"),
        ("period: 25 months", "period: 9999 years", "no retention period"),
        ("kind: contradiction", "kind: quibble", "kind"),
        ("text_file: privacy-policy.fr.txt", "text_file: ../../etc/passwd", "text_file"),
    ],
)
def test_a_policy_at_odds_with_itself(copy: Path, before: str, after: str, message: str) -> None:
    line = _spoil(copy / "policy.yaml", before, after)
    error = _refused(_policy(copy), copy / "policy.yaml")
    assert message in error.message
    assert error.line == line


def test_a_category_that_is_missing(copy: Path) -> None:
    text = (copy / "policy.yaml").read_text(encoding="utf-8")
    start, end = text.index("  - id: subscription\n"), text.index("  - id: usage\n")
    (copy / "policy.yaml").write_text(text[:start] + text[end:], encoding="utf-8")
    assert "account, transaction, subscription, usage" in _refused(_policy(copy), copy / "policy.yaml").message


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("recipients: [recipient.cogilog]", "recipients: [recipient.ciel]", "recipient.ciel"),
        ("rules: [trial-data]", "rules: [trial-dates]", "trial-dates"),
        ("retention: [retention.trial]", "retention: [retention.ever]", "retention.ever"),
        ("transfers: [transfer.outside_eea]", "transfers: [transfer.moon]", "transfer.moon"),
        ("gaps: [gap.insurance_hold]", "gaps: [gap.none]", "gap.none"),
        ("subjects: [subject.payers, ", "subjects: [subject.robots, ", "subject.robots"),
        ("purposes: [purpose.claims]", "purposes: [purpose.fun]", "purpose.fun"),
        ("elements: [email, subscription_email]", "elements: [email, fax]", "fax"),
        ("statement: basis.claims.interest", "statement: basis.none", "basis.none"),
        ("basis: legitimate_interest, statement: basis.claims", "basis: contract, statement: basis.claims", "not of contract"),
        ("        doubtful: true\n        note:", "        doubtful: true\n        nota:", "nota"),
        ("  - id: r2\n", "  - id: r1\n", "r1 stands twice"),
        ("updated_on: 2026-11-23", "updated_on: 2026-11-22", "before it was created"),
    ],
)
def test_activities_that_name_what_nobody_declared(copy: Path, before: str, after: str, message: str) -> None:
    _spoil(copy / "activities.yaml", before, after)
    error = _refused(_activities(copy), copy / "activities.yaml")
    assert message in error.message
    assert error.line is not None


# ── Files that are no declaration ───────────────────────────────────────────────────────────────────────────────────────

BROKEN = [
    pytest.param("", "empty", id="empty"),
    pytest.param("# nothing but a comment\n", "empty", id="comment"),
    pytest.param("- a\n- b\n", "no mapping", id="list"),
    pytest.param("set: [production\n", "not valid YAML", id="unclosed"),
    pytest.param("set: \x00\n", "not valid YAML", id="binary"),
    pytest.param("set: production\nset: example\n", "stands twice", id="duplicate key"),
    pytest.param("set: production\n---\nset: example\n", "not valid YAML", id="two documents"),
    pytest.param("set: *nobody\n", "not valid YAML", id="unknown alias"),
    pytest.param("set: 2026-02-30\n", "2026-02-30", id="30 February"),
    pytest.param("set: !!int many\n", "many", id="no number"),
    pytest.param("set: " + "[" * 5000 + "\n", "too deeply", id="bottomless"),
    pytest.param("set: production\n", "Field required", id="incomplete"),
]


@pytest.mark.parametrize(("text", "message"), BROKEN)
@pytest.mark.parametrize("name", ["policy.yaml", "activities.yaml", "decisions/production.yaml"])
def test_a_broken_file(copy: Path, name: str, text: str, message: str) -> None:
    path = copy / name
    path.write_text(text, encoding="utf-8")
    read = _decisions(path) if name.startswith("decisions") else _policy(copy) if name == "policy.yaml" else _activities(copy)
    error = _refused(read, path)
    assert message in error.message
    assert error.line is not None and error.line >= 1


def test_a_file_that_is_no_text(copy: Path) -> None:
    path = copy / "policy.yaml"
    path.write_bytes(b"\xff\xfe\x00title")
    assert "UTF-8" in _refused(_policy(copy), path).message


def test_a_file_that_is_missing(copy: Path) -> None:
    path = copy / "policy.yaml"
    path.unlink()
    assert "does not exist" in _refused(_policy(copy), path).message


def test_an_unknown_key(copy: Path) -> None:
    path = copy / "policy.yaml"
    line = _spoil(path, "title: {fr: Politique", "titel: {fr: Politique")
    error = _refused(_policy(copy), path)
    assert error.line is not None and (error.line == line or "title" in error.message)


# ── Decisions ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("value: 5 years", "value: 0 months", "0 months is no retention period"),
        ("value: 5 years", "value: -3 months", "not a period"),
        ("value: 5 years", "value: 9999 years", "no retention period"),
        ("value: 5 years", "value: 5", "not a period"),
        ("value: 5 years", "value: five years", "not a period"),
        ("value: 5 years", "value:", "neither"),
        ("value: 5 years", "value: 5 years\n    undecided: {fr: à voir, en: to be seen}", "both decided and undecided"),
        ("value: 5 years", "value: 5 years\n    valeu: 6 years", "valeu"),
        ("value: 5 years", "value: 5 years\n    value: 6 years", "stands twice"),
        ('    approver: "Exemple, personne (example, nobody)"\n', "", "approver"),
        ("value: trial_start", "value: trial_middle", "trial_middle"),
        ('value: "12-31"', 'value: "02-29"', "02-29"),
        ("review_by: 2027-11-30", "review_by: 2027-11-31", "2027-11-31"),
        ("value: 2030-12-31", "value: some day", "value"),
        ("value: [record_id,", "value: [] # [record_id,", "value"),
        ("value: 5\n", "value: 0\n", "value"),
        ("  - id: usage.max", "  - id: transaction.max", "transaction.max stands twice"),
        ("candidate_share: 0.40", "candidate_share: 1.40", "candidate_share"),
        ("batch_rows: 100000", "batch_rows: 0", "batch_rows"),
        ("batch_rows: 100000", "batch_rows: 100000\n  candidate_count: 0", "candidate_count"),
        ("needed_for: []", "needed_for: [first_disposal]", "needed_for"),
        ("needed_for: []", "needed: []", "approval.needed"),
        ("two_persons: false", "two_persons: 2", "two_persons"),
        ("two_persons: false", "approvers: []", "approvers"),
        ("two_persons: false", 'approvers: [""]', "approvers"),
        ("two_persons: false", "timeout_hours: 0", "timeout_hours"),
        ("two_persons: false", "approvers: [Anna, bert]\n  changed_by: [' anna', Bert]", "nobody could approve"),
    ],
)
def test_a_decision_that_cannot_be_meant(copy: Path, before: str, after: str, message: str) -> None:
    path = copy / "decisions" / "example.yaml"
    _spoil(path, before, after)
    error = _refused(_decisions(path), path)
    assert message in error.message
    assert error.line is not None and error.line > 0


# ── Stores ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("pace", "message", "at"),
    [
        ("target_seconds: 0", "target_seconds", 1),
        ("workers: 0", "workers", 1),
        ("speed: 3", "speed", 1),
        ("smallest: 6000", "out of order: smallest 6000, first_size 5000", 0),
        ("pause_seconds: 9\n  patience_seconds: 3", "pause_seconds exceeds patience_seconds", 0),
        ("replica_connections: [north, north]", "names a replica twice", 0),
    ],
)
def test_a_pace_that_cannot_be_kept(tmp_path: Path, pace: str, message: str, at: int) -> None:
    path = tmp_path / "store.yaml"
    shipped = (DECLARATIONS.parents[1] / "include" / "sql" / "account" / "store.yaml").read_text(encoding="utf-8")
    path.write_text(f"{shipped}\npace:\n  {pace}\n", encoding="utf-8")
    error = _refused(lambda: Source(path).parse(Store), path)
    assert message in error.message
    assert error.line == shipped.count("\n") + 2 + at
