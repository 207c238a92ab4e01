"""
Finding the sentence in which people disclose, in their own words, the part an AI had (R-05).

Platforms and laws have fixed wordings, which `labeler.text.phrases` matches as whole lines. People
write otherwise: here a sentence at the edge of a text has to point to the text or to its author, or
to begin with what was done, name an AI as the one who did it, and hold nothing before that makes
it a denial, a rule, a question or a quotation. What follows is free.
"""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING

from labeler.text.disclosures import compiled
from labeler.text.disclosures_east import CHINESE, JAPANESE, KOREAN
from labeler.text.disclosures_west import ENGLISH, FRENCH, GERMAN, SPANISH
from labeler.text.phrases import names_agent


if TYPE_CHECKING:
    from collections.abc import Iterator

    from labeler.text.disclosures import Disclosures

_KANA, _HANGUL, _HAN = (
    re.compile(x) for x in ("[\u3040-\u30ff]", "[\uac00-\ud7a3]", "[\u4e00-\u9fff]")
)
_SENTENCE = re.compile(r"(?<=[。！？!?；;])\s*|(?<=\.)\s+(?=\S)")
_MOST, _OPENINGS = 8, 2
_PART = re.compile(r"[(（\[【]\s*|(?<=[\w\s)])[:：]\s*|[,，]\s*")
_PAUSES = ",，;；:：(（["
_QUOTED = re.compile("[“「『«„][^”」』»]*$")
_NUMBERING = re.compile(r"\W*\w{0,2}\W*\Z")
_AND = ("和", "与", "與", "及", "、", "と", "や", "와 ", "과 ", " 및")


def disclosed(said: str, *, opening: bool = True) -> tuple[str, str] | None:
    """
    Return language and medium of a line that discloses the part of an AI, None for any other.

    ``said`` is a line without decoration (NFKC); the medium is empty when it speaks of a text.
    ``opening``: it may do so without a subject, as headings and lists of features do too.

    >>> disclosed("I used ChatGPT to polish the wording of this post")
    ('en', '')
    >>> disclosed("This article explains how texts are written by ChatGPT")
    """
    sentences = [part for part in _SENTENCE.split(said) if part and part.strip()][:_MOST]
    for place, sentence in enumerate(sentences):
        if not names_agent(sentence) or sentence.rstrip().endswith(("?", "？")):
            continue
        for grammar in _grammars(sentence):
            begins = opening and _may_begin(place, sentences[0], grammar)
            medium = _told(sentence.strip(), grammar, opening=begins)
            if medium is not None:
                return grammar.lang, medium
    return None


def _may_begin(place: int, first: str, grammar: Disclosures) -> bool:
    """Say whether a sentence so far behind the first may do without a subject."""
    if place == 0 or grammar.head_last:
        return place == 0
    return place <= _OPENINGS and not _NUMBERING.match(first)


def _grammars(sentence: str) -> tuple[Disclosures, ...]:
    if _KANA.search(sentence):
        return (JAPANESE,)
    if _HANGUL.search(sentence):
        return (KOREAN,)
    if _HAN.search(sentence):
        return (CHINESE,)
    return (ENGLISH, GERMAN, FRENCH, SPANISH)


def _told(sentence: str, grammar: Disclosures, *, opening: bool) -> str | None:
    """Return the medium a sentence speaks of, '' for a text; None when it discloses nothing."""
    pointing = (compiled(pattern).search(sentence) for pattern in grammar.pointing)
    starting = _starting(sentence, grammar) if opening else ()
    for match in chain(pointing, starting):
        if match and not _turned(sentence, match, grammar):
            return _medium(sentence[: match.end()], grammar)
    return None


def _starting(sentence: str, grammar: Disclosures) -> Iterator[re.Match[str] | None]:
    """Yield what begins a sentence without a subject, or a part of it that stands by itself."""
    for start in (0, *(found.end() for found in islice(_PART.finditer(sentence), _MOST))):
        closing = sentence[start - 1 : start] not in {",", "，"}
        for pattern in grammar.opening:
            match = compiled(pattern).match(sentence, start)
            if match and (
                closing or not start or not sentence[match.end() :].strip(" .。!！)）]】")
            ):
                yield match


def _turned(sentence: str, match: re.Match[str], grammar: Disclosures) -> bool:
    """Say whether words around a match turn it into something else: a rule, a denial, a quote."""
    before, ahead, after = (
        sentence[: match.end()],
        sentence[: match.start()],
        sentence[match.end() :],
    )
    clause = before[max(map(ahead.rfind, _PAUSES)) + 1 :]
    return bool(
        compiled(grammar.against).search(before)
        or compiled(grammar.denied).search(clause)
        or compiled(grammar.goes_on).match(after)
        or compiled(grammar.unless).search(after)
        or _QUOTED.search(ahead)
        or '"' in ahead
    )


def _medium(before: str, grammar: Disclosures) -> str:
    """Return the medium that is spoken of, '' when a text is: the head of what stands before."""
    agent = compiled(grammar.agent).search(before)
    before = before[: agent.start()] if agent else before
    if grammar.head_last:
        texts = [m.end() for m in compiled(grammar.noun).finditer(before)]
        media = [
            m for m in compiled(grammar.media).finditer(before) if m.end() >= max(texts, default=0)
        ]
        joined = any(before.startswith(_AND, end) for end in texts)
        return media[-1][0] if media and not joined else ""
    medium = compiled(rf"\b{grammar.media}\b").search(before)
    text = compiled(rf"\b{grammar.noun}\b").search(before)
    return medium[0] if medium and not (text and text.start() < medium.start()) else ""
