"""
transformers: the visible label on what a text pipeline returns, or on what it streams.

The mark made while sampling is another thing: `labeler.integrations.transformers`.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from labeler.integrations.numbering import Labeller
from labeler.text.streams import label_stream, stream_label


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from labeler.model import Label, Receipt

_KEY = "generated_text"


class LabelledTextPipeline(Labeller):
    """
    Calls a ``pipeline("text-generation")``; its texts, or last chat messages, come labelled.

    Only what is new gets the label: ``return_full_text`` puts a prompt before it.
    """

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

    def _labelled(self, output: Any, receipts: list[Receipt]) -> Any:
        if isinstance(output, list):
            return [self._labelled(item, receipts) for item in output]
        chat = isinstance(output[_KEY], list)
        holder, key = (output[_KEY][-1], "content") if chat else (output, _KEY)
        data = holder[key].encode()
        done, (receipt,) = self.apply_labels(data, self.next_labels(1), name="answer.txt")
        holder[key] = done.decode()
        receipts.append(receipt)
        return output


def label_streamer(streamer: Iterable[str], label: Label, **words: Any) -> Iterator[str]:
    """Yield the texts of a ``TextIteratorStreamer`` with the label; see `stream_label`."""
    return label_stream(streamer, stream_label(label, **words))
