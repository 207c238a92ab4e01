"""
Finding explicit labels in plain text: whole lines at the start or the end (R-05, R-06).

A line counts only where GB 45438-2025 5.1 puts a label, at the start or the end, and only when all
of it fits the grammar of `labeler.text.phrases`; a match further inside is reported as inner and is
no label. There is no substring search: people write about AI all the time.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice, pairwise
from typing import TYPE_CHECKING, Literal, cast

from detectors.evidence import VisibleEvidence
from detectors.text.disclosing import disclosed
from labeler.text.namesakes import without_namesakes
from labeler.text.phrases import (
    GRAMMARS,
    PREFIX,
    bare_patterns,
    names_agent,
    told_patterns,
)
from labeler.texts import NOTICES, WORDINGS, has_both_elements, known_texts


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Place = Literal["start", "end", "inner"]

EDGE_LINES = 3
"""Non-empty lines at either end in which a label may stand."""

MAX_LINE = 280
"""Longest line in characters that can be a label."""

_VARIANTS = {"zh": ("zh-TW",)}
_MAX_INNER = 20
_MOST_TRIED = 2000
_MARKUP = re.compile(r"\[([^\[\]\n]{1,80})\]\([^()\n]{0,200}\)|</?[a-z][^<>\n]{0,80}>|[*_`]{1,3}")
_POINTS = re.compile(
    r"(?:[.!。！;；—–]\s*|\s-\s)"
    r"((?:this|the following|本(?!来|身)|该|此|この|이|본|dies|cet?t?e?|est[ea])\s?)"
    r"(?=\S)",
    re.IGNORECASE,
)
_SIGNS = "ℹ🅰🅱"  # letters by category, signs by use
_BRACKETS = r"[(（\[【〔「『]([^()（）\[\]【】〔〕「」『』\n]{2,80})[)）\]】〕」』]"
_HEAD = re.compile(rf"\s*{_BRACKETS}")
_TAIL = re.compile(rf"{_BRACKETS}[\s。.!！*_]*\Z")
_FRONT_MATTER = re.compile(r"\A\ufeff?(---|\+\+\+)[ \t]*\r?\n.*?\n\1[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_LISTED = re.compile(r"\s*(?:#{2,}|-|✅)\s")
_SHORT, _VARIED = 60, 0.25
_QUOTES = ('"', "”", "」")
_QUESTION = re.compile(r"[?？]\s*\Z|\A\s*[-*]\s\[[ xX]\]")  # or a task to tick


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelLine:
    """
    A line that says that something was generated.

    ``media`` is what it speaks of when that is no text, such as a picture; then it labels that.
    ``both_elements``: names the AI and the generation element (R-01). ``line`` counts from 0.
    """

    text: str
    lang: str
    place: Place
    line: int
    media: str = ""
    both_elements: bool = False

    @property
    def labels_text(self) -> bool:
        """Say whether this is a label of the text it stands in."""
        return self.place != "inner" and not self.media


def find_labels(text: str) -> tuple[LabelLine, ...]:
    """Return every label line of a text in their order, those further inside too."""
    head = _FRONT_MATTER.match(text)
    body = text[head.end() :] if head else text
    above = text[: head.end()].count("\n") if head else 0
    if not names_agent(body):
        return ()
    lines = body.splitlines()
    filled = [number for number, line in enumerate(lines) if line.strip()]
    edges = {
        number: _nearer_end(place, len(filled) - 1 - place)
        for place, number in enumerate(filled)
        if min(place, len(filled) - 1 - place) < EDGE_LINES
    }
    found = chain(_at_edges(lines, edges, filled), _inside(lines, edges))
    ordered = sorted(found, key=lambda each: each[0])
    return tuple(_label_line(said, place, number + above) for number, said, place in ordered)


def read_explicit(text: str) -> tuple[VisibleEvidence, ...]:
    """
    Return a row for every label of the text at its start or end, or one that says none was found.

    The row names in ``detail`` the place, the language, what a label that is not about the text
    speaks of, and label lines further inside, which do not count.
    """
    lines = find_labels(text)
    rows = tuple(_row(line) for line in lines if line.labels_text)
    if rows:
        return rows
    told = "; ".join(_aside(line) for line in lines)
    return (VisibleEvidence(scheme="text", found=False, detail=told or "no label line was seen"),)


def match_line(line: str, *, free: bool = True) -> tuple[str, str] | None:
    """
    Return language and medium of a label line, None for any other line.

    The medium is empty when the line speaks of a text or does not say. ``free``: sentences in
    words of one's own count too (`detectors.text.disclosing`), not only whole wordings.

    >>> match_line("*（内容由AI生成，仅供参考）*")
    ('zh', '')
    >>> match_line("AI-generated content is everywhere, and readers are tired of it.")
    """
    if len(line) > MAX_LINE or not names_agent(line) or _QUESTION.search(line) or _repeats(line):
        return None
    said = without_namesakes(_undecorated(unicodedata.normalize("NFKC", _undecorated(line))))
    if not names_agent(said):
        return None
    announced = PREFIX.match(said)
    if announced:
        if line.rstrip().endswith(_QUOTES):
            return None  # a wording that is spoken about
        said = _undecorated(said[announced.end() :])
    if said.casefold() in _own_wordings():
        return _own_wordings()[said.casefold()], ""
    later = _pointing_sentence(said)
    return (
        _fit(said)
        or (_fit(later) if later else None)
        or (disclosed(said, opening=not _LISTED.match(line)) if free else None)
    )


def _repeats(line: str) -> bool:
    """Say whether a line says the same again and again, which nobody writes and is slow to read."""
    return len(line) > _SHORT and len(set(pairwise(line))) < _VARIED * len(line)


def _fit(said: str) -> tuple[str, str] | None:
    """Return language and medium of what fits a grammar as a whole."""
    for grammar in GRAMMARS:
        for pattern in told_patterns(grammar):
            match = pattern.fullmatch(said)
            if match:
                return grammar.lang, match["media"] or "" if "media" in match.re.groupindex else ""
        if any(pattern.fullmatch(said) for pattern in bare_patterns(grammar)):
            return grammar.lang, ""
    return None


def _pointing_sentence(said: str) -> str:
    """Return the sentence of a line that points to the text, if it is not the first one."""
    match = _POINTS.search(said)
    return said[match.end() - len(match[1]) :] if match else ""


def _undecorated(line: str) -> str:
    """Return a line without links, tags, emphasis, and the marks around it."""
    line = _MARKUP.sub(lambda match: match[1] or "", line)
    start, end = 0, len(line)
    while start < end and (not line[start].isalnum() or line[start] in _SIGNS):
        start += 1
    while end > start and not line[end - 1].isalnum():
        end -= 1
    return line[start:end]


@lru_cache(maxsize=1)
def _own_wordings() -> Mapping[str, str]:
    """Return the language of every wording this toolkit writes, labels and notices, casefolded."""
    texts = {
        text.casefold(): lang for lang in reversed(tuple(WORDINGS)) for text in known_texts(lang)
    }
    notices = {
        text.casefold(): lang
        for lang in reversed(tuple(NOTICES))
        for text in NOTICES[lang].values()
    }
    return {**notices, **texts}


def _nearer_end(above: int, below: int) -> Place:
    return "start" if above <= below else "end"


def _at_edges(
    lines: Sequence[str], edges: dict[int, Place], filled: Sequence[int]
) -> Iterator[tuple[int, str, Place]]:
    """Yield label lines at the edges, and labels in brackets at the very start or end."""
    for number, place in edges.items():
        if match_line(lines[number]):
            yield number, lines[number], place
            continue
        for pattern, at in ((_HEAD, (filled[0], filled[-1])), (_TAIL, (filled[-1],))):
            bracket = pattern.search(lines[number]) if number in at else None
            if bracket and (pattern is _TAIL or bracket.start() == 0) and match_line(bracket[1]):
                yield number, bracket[1], place
                break


def _inside(lines: Sequence[str], edges: dict[int, Place]) -> Iterator[tuple[int, str, Place]]:
    """Yield label lines that are not at the edges: the first of them, among so many candidates."""
    inner = ((n, line) for n, line in enumerate(lines) if n not in edges and len(line) <= MAX_LINE)
    candidates = islice((pair for pair in inner if names_agent(pair[1])), _MOST_TRIED)
    matching = (
        (number, line, "inner") for number, line in candidates if match_line(line, free=False)
    )
    yield from islice(cast("Iterator[tuple[int, str, Place]]", matching), _MAX_INNER)


def _label_line(said: str, place: Place, number: int) -> LabelLine:
    lang, media = match_line(said) or ("", "")
    return LabelLine(
        text=said.strip(),
        lang=lang,
        place=place,
        line=number,
        media=media,
        both_elements=any(
            has_both_elements(said, each) for each in (lang, *_VARIANTS.get(lang, ()))
        ),
    )


def _row(line: LabelLine) -> VisibleEvidence:
    detail = f"line {line.line + 1}, at the {line.place}, {line.lang}"
    if not line.both_elements:
        detail += "; does not name both elements (GB 45438-2025 5.1 b)"
    return VisibleEvidence(scheme="text", found=True, text=line.text, detail=detail)


def _aside(line: LabelLine) -> str:
    if line.media:
        return f"line {line.line + 1} speaks of {line.media}, not of the text: {line.text}"
    return f"line {line.line + 1} stands inside the text, where it is no label: {line.text}"
