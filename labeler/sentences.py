"""
Sentences for people in another language, phrase by phrase, from a table.

A machine format keeps its English sentences; what a person reads is put together here. A phrase
that the table does not know stays as it is, so that no fact is lost or made up; text in quotation
marks is never looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Table = tuple[tuple[str, str], ...]
"""
Pairs of a phrase and what it is in the other language.

``{name:kind}`` in the phrase stands for what changes, ``{name}`` in the translation for the same:
a ``number``; a ``word`` without blanks; a ``name``, a word that is looked up; a ``list`` of names,
``known`` where every one has to be; ``text`` and ``quoted`` text, to the letter; a ``path``, text
that ends at the first place where it can; ``more``, which is a sentence in itself, and what
another program ``said``, a sentence that stays as it is where it is not known.
"""

MOST = 4_000
"""Characters of a sentence that is translated; a longer one stays as it is."""

_RUN = 3
_DEPTH = 4
_QUOTED = re.compile(r"""(?<!\w)(?:'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+")(?!\w)""", re.DOTALL)
_KEPT = re.compile("\0(\\d+)\0")
_PLACE = re.compile(r"\{(\w+):(\w+)\}")
_JOINT = re.compile("(, | and )")
_JOINTS = {", ": "、", " and ": "和"}
_KINDS = {
    "number": r"[+-]?\d(?:[\d.,]*\d)?(?:e[+-]?\d+)?%?",
    "word": r"[^\s;]+",
    "name": r"[^\s;]+",
    "quoted": "\0\\d+\0",
    "text": ".+",
    "path": ".+?",
    "list": ".+",
    "known": ".+",
    "more": ".+",
    "said": ".+",
}


@dataclass(slots=True)
class _Phrase:
    """
    A phrase with places in it; its pattern is compiled when it is first tried.

    ``literal`` is its longest piece between places: a text without it need not be matched.
    """

    phrase: str
    told: str
    literal: str
    kinds: Mapping[str, str] = field(default_factory=dict)
    pattern: re.Pattern[str] | None = None

    def match(self, text: str) -> re.Match[str] | None:
        """Return what stands in the places of the phrase, None for another sentence."""
        if self.literal not in text:
            return None
        if self.pattern is None:
            self.pattern, self.kinds = _compiled(self.phrase)
        return self.pattern.fullmatch(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    """A table by whole phrase, and its phrases with places by their first word, '' for any."""

    whole: dict[str, str] = field(default_factory=dict)
    by_word: dict[str, list[_Phrase]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """A table of sentences and one of single names, ready for use; see `open_phrasebook`."""

    sentences: _Index
    names: _Index

    def translate(self, sentence: str) -> str:
        """
        Return a sentence in the other language, as far as the table knows its phrases.

        >>> book = open_phrasebook((("z {z:number}", "得分 {z}"), ("no mark", "未发现")))
        >>> book.translate("no mark; z 1.5; something else")
        '未发现；得分 1.5; something else'
        """
        return self._told(sentence)[0]

    def knows(self, sentence: str) -> bool:
        """
        Say whether the table knows every phrase of a sentence.

        >>> book = open_phrasebook((("z {z:number}", "得分 {z}"), ("no mark", "未发现")))
        >>> book.knows("no mark; z 1.5"), book.knows("no mark; something else")
        (True, False)
        """
        return self._told(sentence)[1]

    def _told(self, sentence: str) -> tuple[str, bool]:
        """Return the translation with its quoted text, and whether all of it is known."""
        if len(sentence) > MOST or "\0" in sentence:
            return sentence, False
        kept: list[str] = []

        def keep(match: re.Match[str]) -> str:
            kept.append(match[0])
            return f"\0{len(kept) - 1}\0"

        told, known = self._sentence(_QUOTED.sub(keep, sentence), _DEPTH)
        return _KEPT.sub(lambda match: kept[int(match[1])], told), known

    def _sentence(self, text: str, depth: int) -> tuple[str, bool]:
        """Return the translation, and whether all of it is known."""
        parts = text.split("; ")
        told: list[tuple[str, bool]] = []
        at = 0
        while at < len(parts):
            length, found, known = self._longest(parts[at : at + _RUN], depth)
            told.append((found, known))
            at += length
        return _joined(told), all(known for _, known in told)

    def _longest(self, parts: Sequence[str], depth: int) -> tuple[int, str, bool]:
        """Return how many parts make one phrase, its translation, and whether it is all known."""
        partly: tuple[int, str, bool] | None = None
        for length in range(len(parts), 0, -1):
            if (whole := self.sentences.whole.get("; ".join(parts[:length]))) is not None:
                return length, whole, True
        for length in range(1, len(parts) + 1):
            found = self._phrase("; ".join(parts[:length]), depth)
            if found is None and length == 1:
                found = self._clauses(parts[0], depth)
            if found is not None and found[1]:
                return length, *found
            if found is not None and partly is None:
                partly = (length, *found)
        return partly or (1, parts[0], False)

    def _clauses(self, text: str, depth: int) -> tuple[str, bool] | None:
        """Return the translation of clauses with commas between them, None unless all are known."""
        parts = text.split(", ")
        told: list[str] = []
        at = 0
        while at < len(parts):
            for length in range(1, min(_RUN, len(parts) - at) + 1):
                found = self._phrase(", ".join(parts[at : at + length]), depth)
                if found is not None and found[1]:
                    told.append(found[0])
                    at += length
                    break
            else:
                return None
        return "，".join(told), True

    def _phrase(self, text: str, depth: int) -> tuple[str, bool] | None:
        """Return the translation of one phrase of the table and whether its parts are known."""
        if (whole := self.sentences.whole.get(text)) is not None:
            return whole, True
        partly = None
        for phrase in _candidates(self.sentences, text):
            if match := phrase.match(text):
                found = self._filled(phrase, match, depth)
                if found is not None and found[1]:
                    return found
                partly = partly or found
        return partly

    def _filled(self, phrase: _Phrase, match: re.Match[str], depth: int) -> tuple[str, bool] | None:
        values, known = match.groupdict(), True
        for name, kind in phrase.kinds.items():
            if kind == "more":
                values[name], all_of_it = (
                    self._sentence(values[name], depth - 1) if depth else (values[name], True)
                )
                known = known and all_of_it
            elif kind == "said":
                found, all_of_it = self._sentence(values[name], depth - 1) if depth else ("", False)
                values[name] = found if all_of_it else values[name]
            elif kind in {"name", "list", "known"}:
                names = _JOINT.split(values[name])
                if kind == "known" and any(self._name(part) is None for part in names[::2]):
                    return None
                values[name] = self._list(names)
        return phrase.told.format_map(values), known

    def _list(self, names: Sequence[str]) -> str:
        """Return names with their joints, each looked up; an unknown one stays as it is."""
        return "".join(_JOINTS.get(part) or self._name(part) or part for part in names)

    def _name(self, text: str) -> str | None:
        if (whole := self.names.whole.get(text)) is not None:
            return whole
        for phrase in _candidates(self.names, text):
            if match := phrase.match(text):
                return phrase.told.format_map(match.groupdict())
        return None


def open_phrasebook(sentences: Table, names: Table = ()) -> Phrasebook:
    """Return tables ready for use; nothing is compiled before this is called."""
    return Phrasebook(_index(sentences), _index(names))


def _index(table: Iterable[tuple[str, str]]) -> _Index:
    index = _Index()
    for phrase, told in table:
        if _PLACE.search(phrase) is None:
            index.whole[phrase] = told
            continue
        literals = _PLACE.split(phrase)[::3]  # between them stand names and kinds
        word = literals[0].partition(" ")[0] if " " in literals[0] else ""
        literal = max(literals, key=len)
        index.by_word.setdefault(word, []).append(_Phrase(phrase, told, literal))
    return index


def _compiled(phrase: str) -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Return a phrase as a pattern without nested repetition, so that no text is slow to match."""
    pieces, kinds = [], {}
    rest = 0
    for place in _PLACE.finditer(phrase):
        name, kind = place.groups()
        pieces += [re.escape(phrase[rest : place.start()]), f"(?P<{name}>{_KINDS[kind]})"]
        kinds[name] = kind
        rest = place.end()
    pattern = "".join([*pieces, re.escape(phrase[rest:])])
    return re.compile(pattern, re.DOTALL), kinds


def _candidates(index: _Index, text: str) -> Iterator[_Phrase]:
    word = text.partition(" ")[0]
    yield from index.by_word.get(word, ())
    if word:
        yield from index.by_word.get("", ())


def _joined(told: Sequence[tuple[str, bool]]) -> str:
    """Join parts; what is not translated keeps the joint that it had."""
    text = told[0][0]
    for (_, before), (part, known) in pairwise(told):
        text += ("；" if before and known else "; ") + part
    return text
