"""What the mark of finished text survives: excerpts of marked documents, changed and read."""

from __future__ import annotations

import html
import io
import json
import random
import re
import unicodedata
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from benchmarks import texts
from detectors.text.watermark import read_mark
from labeler.payload import Payload
from labeler.text.watermark import embed_mark


if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Change = Callable[[str, random.Random], str]

PAYLOAD = Payload(mark_id=0x123456789ABCDE)
EXCERPT = 200
"""Visible characters of an excerpt."""

_HIDDEN = "[\u200b-\u200d\u2060\ufe03-\ufe0a]"
_SENTENCE = re.compile(rf".*?[.!?。！？]+(?:{_HIDDEN})*\s*|.+", re.DOTALL)
_WORD = re.compile(
    rf"[A-Za-z'’-]+{_HIDDEN}*|(?:[\u4e00-\u9fff]{_HIDDEN}*){{1,2}}|.{_HIDDEN}*", re.DOTALL
)


def _without_category(text: str, _: random.Random) -> str:
    return "".join(c for c in text if unicodedata.category(c) != "Cf")


def _without_selectors(text: str, _: random.Random) -> str:
    return re.sub("[\ufe00-\ufe0f\U000e0100-\U000e01ef]", "", text)


def _fewer_words(text: str, rng: random.Random) -> str:
    """Delete a tenth of the words, with the packets that stand behind them."""
    return "".join(word for word in _WORD.findall(text) if rng.random() >= 0.1)


def _shuffled(text: str, rng: random.Random) -> str:
    parts = _SENTENCE.findall(text)
    rng.shuffle(parts)
    return "".join(parts)


def _through_docx(text: str, _: random.Random) -> str:
    docx = import_module("docx")
    document = docx.Document()
    for paragraph in text.split("\n\n"):
        document.add_paragraph(paragraph)
    file = io.BytesIO()
    document.save(file)
    return "\n\n".join(p.text for p in docx.Document(io.BytesIO(file.getvalue())).paragraphs)


def _through_markdown(text: str, _: random.Random) -> str:
    page = import_module("markdown_it").MarkdownIt().render(text)
    return html.unescape(re.sub(r"<[^>]+>", "", page))


CHANGES: dict[str, Change] = {
    "none": lambda text, _: text,
    "all of category Cf removed": _without_category,
    "all variation selectors removed": _without_selectors,
    "NFKC": lambda text, _: unicodedata.normalize("NFKC", text),
    "a tenth of the words deleted": _fewer_words,
    "sentences shuffled": _shuffled,
    "through JSON": lambda text, _: str(json.loads(json.dumps(text))),
    "through Markdown and HTML": _through_markdown,
    "through DOCX": _through_docx,
}
_NEEDS = {"through DOCX": "docx", "through Markdown and HTML": "markdown_it"}


def recover(root: Path, *, count: int, documents: int) -> dict[str, Any]:
    """
    Return the recovered share by language, order and change, of ``count`` excerpts each.

    ``excerpt first``: an excerpt is taken and then changed; ``change first``: the other way round.
    """
    found: dict[str, Any] = {}
    for language in texts.LANGUAGES:
        marked = [
            embed_mark(text, PAYLOAD, profile="excerpt")[0]
            for text in texts.documents(language, root, documents)
        ]
        for order in ("excerpt first", "change first"):
            found[f"{language}, {order}"] = {
                name: _share(marked, change, order, count)
                for name, change in CHANGES.items()
                if name not in _NEEDS or find_spec(_NEEDS[name])
            }
    return found


def _share(marked: list[str], change: Change, order: str, count: int) -> dict[str, int]:
    rng = random.Random(2)
    each = -(-count // len(marked))
    read = 0
    for document in marked:
        whole = document if order == "excerpt first" else change(document, rng)
        for piece in _excerpts(whole, rng, each):
            text = change(piece, rng) if order == "excerpt first" else piece
            read += read_mark(text)[0].mark_id == PAYLOAD.mark_hex
    return {"read": read, "of": each * len(marked)}


def _excerpts(text: str, rng: random.Random, count: int) -> list[str]:
    """Return excerpts of so many visible characters, without hidden ones at their ends."""
    hidden = re.compile(_HIDDEN)
    visible = [place for place, c in enumerate(text) if not hidden.match(c)]
    starts = [rng.randrange(max(1, len(visible) - EXCERPT)) for _ in range(count)]
    return [text[visible[s] : visible[min(s + EXCERPT, len(visible)) - 1] + 1] for s in starts]


def read_unmarked(root: Path, megabytes: float) -> dict[str, Any]:
    """Return how much unmarked text was read and what was found in it."""
    size, files, candidates, found = 0, 0, 0, []
    for name, text in texts.everything(root):
        row = read_mark(text)[0]
        size += len(text.encode())
        files += 1
        candidates += "hidden characters" in row.detail
        if row.found:
            found.append(name)
        if size >= megabytes * 1e6:
            break
    return {
        "megabytes": round(size / 1e6, 1),
        "files": files,
        "with_symbols": candidates,
        "found": found,
    }
