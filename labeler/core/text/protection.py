"""
Stretches of a text that no packet may enter: code, addresses, markup, tables, front matter.

Complaints about invisible characters come from pasted commands, broken links and code that no
longer compiles (design text, A1), so whatever looks like one of these is left alone. Protecting too
much only costs a place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal


if TYPE_CHECKING:
    from collections.abc import Iterator

Syntax = Literal["plain", "markdown", "html"]
Span = tuple[int, int]

_ADDRESS = r"[^\s\u3000-\u9fff\uff00-\uffef<>\"]+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    What is protected: matches of ``pattern``, which begins with the literal ``trigger``.

    ``left`` characters before the match are protected too; with ``line`` all of its first line.
    ``dense`` triggers are so frequent that the pattern is searched for as a whole.
    """

    trigger: str
    pattern: str
    left: int = 0
    line: bool = False
    dotall: bool = False
    dense: bool = False

    def compiled(self) -> re.Pattern[str]:
        """Return the pattern, compiled; `re` keeps it."""
        return re.compile(self.pattern, re.DOTALL if self.dotall else 0)


_EVERYWHERE = (
    Rule(trigger="://", pattern="://" + _ADDRESS, left=10),
    Rule(trigger="www.", pattern=r"www\." + _ADDRESS),
    Rule(trigger="@", pattern=r"@[\w.-]{1,255}", left=64),
    Rule(trigger="#", pattern=r"#[\w-]{1,255}"),
    Rule(trigger="\\", pattern=r"\\[a-zA-Z]+(?:\[[^\]\n]{0,200}+\])?(?:\{[^}\n]{0,400}+\})*"),
    Rule(trigger="::", pattern="::", left=1),
)
"""Addresses, tags, commands of TeX: in any syntax."""

_LINES = (
    r"#{1,6}[ \t][^\n]*",  # headings, whose text becomes an anchor
    r"[ \t]*(?:\n\t[^\n]*)+",  # indented code behind an empty line
    r"[ \t]*(?:>>>|\$|PS>|C:\\)[ \t][^\n]*",  # commands behind a prompt
    r" {0,3}\[[^\]\n]{1,160}\]:[^\n]*",  # definitions of links and footnotes
    r"[ \t>]*\|[^\n]*",  # rows of tables
    r"[ \t]*:?-+:?[ \t]*\|[^\n]*",  # the rule below the head of a table
    r"[ \t>]*(?:[-*+][ \t]+)*(?:\d{1,9}[.)]|[:!?.;,)]+)",  # numbers of lists, other markers
)
_INDENTED = {
    "markdown": r"[ \t]*(?:\n {4}[^\n]*)+",
    "plain": r" {4}[^\n]*[{}=;<>_\\][^\n]*",
}


def _text_rules(syntax: Syntax) -> tuple[Rule, ...]:
    """Return the structure of plain text and Markdown."""
    lines = "|".join((*_LINES, _INDENTED[syntax]))
    return (
        Rule(trigger="```", pattern=r"```.*?(?:```|\Z)", dotall=True),
        Rule(trigger="~~~", pattern=r"~~~.*?(?:~~~|\Z)", dotall=True),
        Rule(trigger="`", pattern=r"`[^`\n]{1,160}+`"),
        Rule(trigger="$", pattern=r"\$\$[^$]{1,2000}+\$\$|\$(?! )[^$\n]{1,160}+\$"),
        Rule(trigger="<", pattern=r"<(?:!--.*?(?:-->|\Z)|[a-zA-Z/!?][^<>]{0,2000}+>)", dotall=True),
        Rule(trigger="&", pattern=r"&#?\w{1,32}+;"),
        Rule(trigger="[", pattern=r"\[[^\]\n]{0,80}+\](?:\([^)\n]{0,800}+\))?", dense=True),
        Rule(trigger="{", pattern=r"\{[{%#][^\n]{0,200}?[}%#]\}"),
        Rule(trigger="\n=", pattern=r"\n=+[ \t]*(?=\n|\Z)", line=True),
        Rule(trigger="\n-", pattern=r"\n-+[ \t]*(?=\n|\Z)", line=True),
        Rule(trigger="\n", pattern=rf"\n(?:{lines})", dense=True),
    )


_HTML = (
    Rule(
        trigger="<",
        pattern=(
            r"<(script|style|pre|code|kbd|samp|var|textarea|title|svg|math|select|button)\b"
            r".*?(?:</\1\s*>|\Z)"
        ),
        dotall=True,
    ),
    Rule(trigger="<!--", pattern=r"<!--.*?(?:-->|\Z)", dotall=True),
    Rule(trigger="<", pattern=r"<[a-zA-Z/!?][^<>]{0,65536}+>", dotall=True),
    Rule(trigger="&", pattern=r"&#?\w{1,32}+;"),
)
_FRONT_MATTER = re.compile(r"\n\ufeff?(---|\+\+\+)[ \t]*\r?\n.*?\n\1[ \t]*(?=\r?\n|\Z)", re.DOTALL)


@lru_cache(maxsize=3)
def rules_of(syntax: Syntax) -> tuple[Rule, ...]:
    """Return the rules of a syntax."""
    return (_HTML if syntax == "html" else _text_rules(syntax)) + _EVERYWHERE


def protected_spans(text: str, syntax: Syntax) -> list[Span]:
    """
    Return the stretches (start, end) of a text that no packet may enter, in no order.

    They may overlap; the time is linear in the text, whatever it holds. A packet behind character
    ``i`` is forbidden when ``start <= i < end``.
    """
    lines = "\n" + text
    head = _FRONT_MATTER.match(lines) if syntax != "html" else None
    spans = [] if head is None else [(0, head.end())]
    for rule in rules_of(syntax):
        spans.extend(_found(rule, lines))
    return [(max(0, start - 1), end - 1) for start, end in spans if end > 1]


def _found(rule: Rule, lines: str) -> Iterator[Span]:
    """Yield what a rule protects."""
    for hit in rule.compiled().finditer(lines) if rule.dense else _jump(rule, lines):
        start, end = hit.span()
        yield (lines.rfind("\n", 0, start) + 1 if rule.line else max(0, start - rule.left)), end


def _jump(rule: Rule, lines: str) -> Iterator[re.Match[str]]:
    """Go from trigger to trigger, which is many times faster where there are few."""
    if rule.trigger[-1] not in lines:  # one character is found faster than several
        return
    match = rule.compiled().match
    at = lines.find(rule.trigger)
    while at >= 0:
        hit = match(lines, at)
        if hit is not None:
            yield hit
        at = lines.find(rule.trigger, max(hit.end() if hit else 0, at + 1))
