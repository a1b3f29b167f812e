"""The index of a pack, as HTML and as Markdown: what each file is, how to check it, what happened, what is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from retention.audit.declared import Declared
from retention.audit.labels import LABELS
from retention.audit.span import Span
from retention.declare.words import Language
from retention.evidence.records import LedgerHead, Run
from retention.typography import Words

COMMAND = "python -I verify_pack.py"
PAGE = """\
<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 15px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 2.5rem auto; padding: 0 1.5rem; color: #1a202c; }}
h1 {{ font-size: 1.7rem; color: #1f3a5f; }} h2 {{ font-size: 1.15rem; margin-top: 2.2rem; color: #1f3a5f; }}
table {{ border-collapse: collapse; width: 100%; }}
td, th {{ text-align: left; vertical-align: top; padding: .4rem 1rem .4rem 0; border-bottom: 1px solid #d5dbe3; }}
td {{ overflow-wrap: anywhere; }} td:first-child {{ white-space: nowrap; }}
code {{ background: #f2f4f7; padding: .1rem .3rem; }}
</style></head><body>
{body}
</body></html>
"""


@dataclass(frozen=True)
class Facts:
    """What the index tells of."""

    span: Span
    runs: Sequence[Run]
    head: LedgerHead | None  # the last entry of the span
    counts: Mapping[str, int]  # of what has a file of its own, and of reports, versions and workbooks
    declared: Declared
    airflow: bool


@dataclass(frozen=True)
class Table:
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Code:
    text: str


Part = str | Table | Code


def sections(facts: Facts, language: Language) -> tuple[str, list[tuple[str, list[Part]]]]:
    """The title, and each section with what it says. The first has no heading of its own."""
    say = Words(LABELS, language)
    title = say("title", first=say.date(facts.span.first), last=say.date(facts.span.last))
    return title, [
        ("", [say("intro"), say("private")]),
        (say("verify"), _verify(say, facts)),
        (say("declaration"), list(_declaration(say, facts))),
        (say("runs"), [_runs(say, facts)]),
        (say("files"), [Table((say("col.file"), say("col.what"), say("col.count")), tuple(_files(say, facts)))]),
        (say("missing"), _missing(say, facts)),
    ]


def html(facts: Facts, language: Language) -> str:
    title, parts = sections(facts, language)
    body = [f"<h1>{escape(title)}</h1>"]
    for heading, said in parts:
        body += [f"<h2>{escape(heading)}</h2>"] if heading else []
        body += [_html(part) for part in said]
    return PAGE.format(language=language, title=escape(title), body="\n".join(body))


def markdown(facts: Facts, language: Language) -> str:
    title, parts = sections(facts, language)
    lines = [f"# {title}"]
    for heading, said in parts:
        lines += [f"## {heading}"] if heading else []
        lines += [_markdown(part) for part in said]
    return "\n\n".join(lines) + "\n"


def _html(part: Part) -> str:
    if isinstance(part, Code):
        return f"<p><code>{escape(part.text)}</code></p>"
    if isinstance(part, str):
        return f"<p>{escape(part)}</p>"
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in part.header)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in part.rows)
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>"


def _markdown(part: Part) -> str:
    if isinstance(part, Code):
        return f"    {part.text}"
    if isinstance(part, str):
        return part
    lines = [part.header, tuple("---" for _ in part.header), *part.rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in lines)


def _verify(say: Words, facts: Facts) -> list[Part]:
    if facts.head is None:
        return [say("verify.how"), Code(COMMAND), say("verify.nothing")]
    return [say("verify.how"), Code(COMMAND), say("verify.means", seq=facts.head.seq, hash=facts.head.hash)]


def _declaration(say: Words, facts: Facts) -> Iterator[Part]:
    declared = facts.declared
    about = {"hash": declared.policy_hash[:16], "set": declared.decision_set}
    if not facts.runs:
        yield say("declaration.none", **about)
    else:
        yield say("declaration.other" if declared.others else "declaration.same", **about)
    if declared.missing:
        others = ", ".join(f"{each.policy_hash} ({len(each.runs)})" for each in declared.missing)
        yield say("declaration.missing", runs=sum(len(each.runs) for each in declared.missing), others=others)
    if declared.in_force:
        header = tuple(say(f"col.{name}") for name in ("policy", "set", "runs", "files", "entry"))
        rows = (
            (each.policy_hash, each.decision_set, say.count(len(each.runs)), say(f"files.{each.files}"),
             str(each.ledger_entry or ""))
            for each in declared.in_force
        )  # fmt: skip
        yield Table(header, tuple(rows))


def _runs(say: Words, facts: Facts) -> Part:
    if not facts.runs:
        return say("runs.none")
    header = tuple(say(f"col.{name}") for name in ("store", "as_of", "status", "started", "policy", "note"))
    rows = (
        (run.store, say.date(run.as_of), say(f"status.{run.status}"), f"{run.started_at:%Y-%m-%d %H:%M}",
         run.policy_hash[:12], run.note or "")
        for run in facts.runs
    )  # fmt: skip
    return Table(header, tuple(rows))


def _files(say: Words, facts: Facts) -> Iterator[tuple[str, str, str]]:
    def line(name: str, key: str, count: str = "") -> tuple[str, str, str]:
        return name, say(f"file.{key}"), say.count(facts.counts[count]) if count else ""

    yield line("ledger/entries.jsonl", "entries", "ledger")
    yield line("ledger/head.json", "head")
    yield line("receipts.jsonl", "receipts", "receipts")
    yield line("plans/", "plans", "plans")
    yield line("runs.jsonl", "runs", "runs")
    yield line("validation.jsonl", "validation", "validation")
    yield line("counts.jsonl", "counts", "counts")
    yield line("holds/in-force.jsonl", "holds.force", "holds in force")
    yield line("acts/holds.jsonl", "holds", "holds")
    yield line("acts/approvals.jsonl", "approvals", "approvals")
    yield line("acts/actions.jsonl", "actions", "actions")
    yield line("register/", "register", "versions")
    yield line("reports/", "reports", "reports")
    yield line("declaration/", "declaration", "declaration")
    yield line("declaration/in-force/", "declarations", "declarations in force")
    if facts.airflow:
        for name in ("runs", "tasks", "events"):
            yield line(f"airflow/{name}.jsonl", f"airflow.{name}", f"airflow {name}")
    yield line("verify_pack.py", "verify")
    yield line("verify_proof.py", "proof")
    yield line("MANIFEST.sha256", "manifest")


def _missing(say: Words, facts: Facts) -> list[Part]:
    parts: list[Part] = [say("missing.keys")]
    if not facts.airflow:
        parts.append(say("missing.airflow"))
    if not facts.counts["reports"]:
        parts.append(say("missing.reports"))
    if not facts.counts["versions"]:
        parts.append(say("missing.register"))
    return parts
