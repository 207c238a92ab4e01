"""
transformers: the visible label on what a text pipeline returns, or on what it streams.

The mark made while sampling is another thing: `labeler.integrations.transformers`.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from labeler.integrations.numbering import Labeller
from labeler.integrations.streaming import label_texts


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from labeler.model import Label, Receipt

_KEY = "generated_text"


class LabelledTextPipeline(Labeller):
    """A ``pipeline("text-generation")`` whose texts, or last chat messages, come labelled."""

    def __init__(self, pipeline: Any, label: Label, **chosen: Any) -> None:
        """Take a pipeline, a label, and what `Labeller` takes; layers are visible by default."""
        super().__init__(label, **{"layers": "visible", **chosen})
        self.pipeline = pipeline

    def __call__(self, prompts: Any, **asked: Any) -> Any:
        """Return what the pipeline returns, of the same shape, with one receipt a text."""
        receipts: list[Receipt] = []
        labelled = self._labelled(copy.deepcopy(self.pipeline(prompts, **asked)), receipts)
        self.note(receipts)
        return labelled

    def stream(self, streamer: Iterable[str], **words: Any) -> Iterator[str]:
        """Yield what a ``TextIteratorStreamer`` yields, with the label (`stream_label`)."""
        return label_texts(streamer, self, **words)

    def _labelled(self, output: Any, receipts: list[Receipt]) -> Any:
        if isinstance(output, list):
            return [self._labelled(item, receipts) for item in output]
        chat = isinstance(output[_KEY], list)
        holder, key = (output[_KEY][-1], "content") if chat else (output, _KEY)
        data, labels = holder[key].encode(), self.next_labels(1)
        done, (receipt,) = self.apply_labels(data, labels, name="answer.txt")
        holder[key] = done.decode()
        receipts.append(receipt)
        return output
