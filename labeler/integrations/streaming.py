"""One streamed answer: chunks go in, labelled chunks come out, and a receipt at the end."""

from __future__ import annotations

import hashlib
from itertools import chain
from typing import TYPE_CHECKING, Any

from labeler.model import Layer, Receipt, Skipped
from labeler.payload import payload_of
from labeler.text.streams import StreamLabeller, stream_label


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from labeler.integrations.numbering import Labeller


class LabelledStream:
    """The visible label of one answer; ``words`` are what `stream_label` takes."""

    def __init__(self, labeller: Labeller, **words: Any) -> None:
        """Begin an answer with a number of its own."""
        self._labeller, (self._label,) = labeller, labeller.next_labels(1)
        self._words = stream_label(self._label, **words)
        self._stream = StreamLabeller(self._words)
        self._digest, self._said = hashlib.sha256(), False

    def feed(self, chunk: Any) -> list[Any]:
        """Return what takes the place of a chunk."""
        out = list(self._stream.feed(chunk))
        self._said |= out != [chunk]
        return out

    def finish(self) -> list[Any]:
        """Return what comes after the last chunk."""
        out = list(self._stream.finish())
        self._said |= bool(out)
        return out

    def sent(self, data: bytes) -> bytes:
        """Return bytes that leave; the receipt has their SHA-256."""
        self._digest.update(data)
        return data

    def close(self) -> None:
        """Hand on the receipt: data and tool calls are not labelled, and it says so."""
        said = {"kind": "text", "text": self._words.words, "places": [self._words.position]}
        whys = {Layer.WATERMARK: "a stream has no file", Layer.METADATA: "a stream has no file"}
        if not self._said:
            whys[Layer.VISIBLE] = "the answer is empty, data or a tool call"
        receipt = Receipt(
            path="", output="", layers={"visible": said} if self._said else {},
            skipped=tuple(Skipped(layer=layer, why=why) for layer, why in whys.items()),
            label=self._label.fields(), mark_id=payload_of(self._label).mark_hex,
            sha256=self._digest.hexdigest(),
        )  # fmt: skip
        self._labeller.note((receipt,))


def label_texts(texts: Iterable[str], labeller: Labeller, **words: Any) -> Iterator[str]:
    """Yield the pieces of one answer with the label; the receipt comes when it has ended."""
    stream = LabelledStream(labeller, **words)
    for piece in chain((out for text in texts for out in stream.feed(text)), [None]):
        for out in stream.finish() if piece is None else [piece]:
            stream.sent(out.encode())
            yield out
    stream.close()
