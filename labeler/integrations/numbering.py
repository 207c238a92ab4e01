"""What adapters share: every item gets its own content number (R-28), and its receipt is kept."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from labeler.verbs import apply


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from labeler.model import Label, Receipt


class Labeller:
    """
    Labels one item after another with the facts of one label.

    Parameters
    ----------
    label
        Producer and, if wanted, a content number that is counted up: the first item has it as it
        is, the next ones ``-1``, ``-2``... A label with a fresh number gives each item a new one.
    record
        Called with every receipt. ``receipts`` keeps only those of the last call.
    chosen
        What `labeler.apply` takes: layers, language, position, key...

    """

    def __init__(
        self, label: Label, *, record: Callable[[Receipt], None] | None = None, **chosen: Any
    ) -> None:
        """Begin to count."""
        self._label, self._record, self._chosen = label, record, chosen
        self._numbers = count()
        self.receipts: tuple[Receipt, ...] = ()

    def next_labels(self, items: int) -> list[Label]:
        """Return the labels of so many items; no number is given twice."""
        numbers = [next(self._numbers) for _ in range(items)]
        return [self._label.numbered(n) if n else self._label for n in numbers]

    def apply(self, content: Any, *, items: int = 1, **chosen: Any) -> Any:
        """Return content labelled, of its own kind; raises as `labeler.apply` does."""
        labelled, receipts = self.apply_labels(content, self.next_labels(items), **chosen)
        self.note(receipts)
        return labelled

    def apply_labels(
        self, content: Any, labels: Sequence[Label], **chosen: Any
    ) -> tuple[Any, tuple[Receipt, ...]]:
        """Return content, a list of items or one batch, with these labels, and the receipts."""
        if isinstance(content, list):
            pairs = zip(content, labels, strict=True)
            done = [self.apply_labels(item, [label], **chosen) for item, label in pairs]
            return [item for item, _ in done], tuple(receipt for _, (receipt, *_) in done)
        result = apply(content, labels, **{**self._chosen, **chosen})
        return result.content, result.receipts

    def note(self, receipts: Iterable[Receipt]) -> None:
        """Keep the receipts of one call and hand them on."""
        self.receipts = tuple(receipts)
        for receipt in self.receipts:
            if self._record is not None:
                self._record(receipt)
