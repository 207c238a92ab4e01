"""
Gradio: a decorator for the function behind an interface; what it returns comes labelled.

Pictures (PIL, array), sound as (rate, samples), files by name and plain text keep their kind. The
host's own ``watermark=`` is drawn by the browser and is not in the file.
"""

from __future__ import annotations

import functools
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeler.integrations.numbering import Labeller


if TYPE_CHECKING:
    from collections.abc import Callable

    from labeler.model import Label


def labelled(label: Label, **chosen: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator; ``chosen`` is what `Labeller` takes, the receipts go to ``record``."""
    labeller = Labeller(label, **chosen)

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            return label_output(function(*args, **kwargs), labeller)

        return call

    return decorate


def label_output(output: Any, labeller: Labeller) -> Any:  # noqa: PLR0911  one return a kind
    """Return one output labelled; lists of outputs and None as they come."""
    match output:
        case None:
            return None
        case list():
            return [label_output(item, labeller) for item in output]
        case (int() as rate, samples):
            return rate, labeller.apply(samples, rate=rate)
        case (picture, str() as caption):
            return label_output(picture, labeller), caption
        case str() | Path() if os.path.isfile(output):  # noqa: PTH113  long texts are no error here
            folder = tempfile.mkdtemp(prefix="aigc-label-")
            done = labeller.apply(output, output=Path(folder) / Path(output).name)
            return type(output)(done)
        case str():
            data = labeller.apply(output.encode(), name="answer.txt", layers="visible")
            return data.decode()
        case _:
            return labeller.apply(output)
