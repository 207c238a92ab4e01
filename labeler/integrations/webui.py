"""
Stable Diffusion WebUI (A1111, Forge): a script that labels every picture, and every saved file.

The extension's ``scripts/aigc_label.py`` holds ``Script = make_script(Label(producer=...))``. The
visible label and the mark go into the picture before it is shown; the metadata label into the file
after the host has written it, with its own number kept in ``image.info`` in between.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from labeler.integrations.numbering import Labeller
from labeler.verbs import apply


if TYPE_CHECKING:
    from labeler.model import Label

_KEY = "aigc-content-id"


def make_script(label: Label, **chosen: Any) -> type:
    """Return a script class of the host; ``chosen`` is what `Labeller` takes."""
    scripts, callbacks = (import_module(f"modules.{n}") for n in ("scripts", "script_callbacks"))
    labeller = Labeller(label, **{"layers": "visible,watermark", **chosen})

    def label_file(params: Any) -> None:
        """Write the metadata label into a file that the host has saved."""
        number = params.image.info.get(_KEY) or labeller.next_labels(1)[0].content_id
        own = replace(label, content_id=number, propagate_id=None)
        labeller.note(apply(params.filename, own, layers="metadata", in_place=True).receipts)

    def title(_: Any) -> str:
        return "AIGC label"

    def show(*_: Any) -> Any:
        return scripts.AlwaysVisible

    def postprocess_image(_self: Any, _process: Any, held: Any, *_: Any) -> None:
        held.image = labeller.apply(held.image)
        held.image.info[_KEY] = labeller.receipts[0].label["ProduceID"]

    callbacks.on_image_saved(label_file)
    methods = {"title": title, "show": show, "postprocess_image": postprocess_image}
    return type("LabelScript", (scripts.Script,), {**methods, "labeller": labeller})
