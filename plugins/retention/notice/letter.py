"""A letter: a subject and a page of HTML that any mail program shows, colours aside."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import Literal

Grade = Literal["red", "amber", "blue"]
INK = {"red": "#b3261e", "amber": "#8a5a00", "blue": "#1f3a5f"}  # each readable on white

PAGE = """\
<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head>
<body style="margin:0;padding:24px;background:#ffffff;color:#1a202c;font:15px/1.5 Arial,Helvetica,sans-serif">
<p style="margin:0 0 4px;color:{ink};font-weight:bold">{grade}</p>
<h1 style="margin:0 0 16px;padding-left:12px;border-left:5px solid {ink};font-size:20px">{title}</h1>
<table role="presentation" style="border-collapse:collapse">{rows}</table>
<p style="margin:24px 0 0;color:#5b6470;font-size:12px">{foot}</p>
</body></html>
"""
ROW = (
    '<tr><th scope="row" style="padding:6px 20px 6px 0;text-align:left;vertical-align:top;white-space:nowrap">{name}</th>'
    '<td style="padding:6px 0;vertical-align:top">{value}</td></tr>\n'
)


@dataclass(frozen=True)
class Letter:
    """What is told. `lines` are a name and what is said under it; a line may be said in several paragraphs."""

    language: str
    grade: Grade
    grade_words: str
    title: str
    lines: tuple[tuple[str, tuple[str, ...]], ...]
    foot: str
    links: tuple[tuple[str, str], ...] = field(default=())  # a name and an address of this installation

    @property
    def subject(self) -> str:
        """One line, whatever the title holds: a mail's header ends where its line ends."""
        return " ".join(f"[{self.grade_words}] {self.title}".split())

    def html(self) -> str:
        rows = [(escape(name), "<br>".join(_shown(part) for part in parts)) for name, parts in self.lines]
        rows += [(escape(name), f'<a href="{escape(address)}">{escape(address)}</a>') for name, address in self.links]
        return PAGE.format(
            language=self.language,
            ink=INK[self.grade],
            grade=escape(self.grade_words),
            title=escape(self.title),
            rows="".join(ROW.format(name=name, value=value) for name, value in rows),
            foot=escape(self.foot),
        )


def _shown(text: str) -> str:
    """A command between backticks looks like one."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
