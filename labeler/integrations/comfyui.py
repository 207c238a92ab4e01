"""
ComfyUI: a node that labels IMAGE batches, and one that saves them with the metadata label.

A custom node folder needs one line: ``from labeler.integrations.comfyui import *``. Only saving
needs the host, for its output folder. IMAGE is a tensor (N, H, W, C) over 0 to 1.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from labeler.model import Label
from labeler.verbs import apply


if TYPE_CHECKING:
    from collections.abc import Sequence

    from labeler.model import Receipt

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS"]
_FACTS = {"image": ("IMAGE",), "producer": ("STRING", {"default": ""})}


def _told(receipts: Sequence[Receipt]) -> str:
    return json.dumps([receipt.to_dict() for receipt in receipts], ensure_ascii=False)


class LabelImage:
    """Draws the visible label and embeds the mark; hands out the receipts as JSON."""

    RETURN_TYPES, RETURN_NAMES = ("IMAGE", "STRING"), ("image", "receipts")
    FUNCTION, CATEGORY = "label", "AIGC"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802  the host's name
        """Return the inputs of the node."""
        return {"required": _FACTS, "optional": {"content_id": ("STRING", {"default": ""})}}

    def label(self, image: Any, producer: str, content_id: str = "") -> tuple[Any, str]:
        """Return the batch labelled, every picture with its own number, and the receipts."""
        label = Label(producer=producer, content_id=content_id)
        result = apply(image, label, layout="HWC", layers="visible,watermark")
        return result.content, _told(result.receipts)


class SaveLabelled(LabelImage):
    """Labels a batch in every layer and saves it as PNG files in ComfyUI's output folder."""

    RETURN_TYPES, RETURN_NAMES = ("STRING",), ("receipts",)
    FUNCTION, OUTPUT_NODE = "save", True

    ...
