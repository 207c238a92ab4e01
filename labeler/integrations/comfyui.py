"""
ComfyUI: a node that labels an IMAGE batch, and one that labels and saves PNG files with metadata.

The ``__init__.py`` of a custom node folder takes ``NODE_CLASS_MAPPINGS`` from here. Only saving
needs the host, for its output folder. IMAGE is a tensor (N, H, W, C) over 0 to 1.
"""

from __future__ import annotations

import io
import json
from importlib import import_module
from pathlib import Path
from typing import Any

from labeler.adapt import to_numpy
from labeler.integrations.numbering import Labeller
from labeler.model import Label
from labeler.save import write_atomically


class LabelImage:
    """Draws the visible label and embeds the mark; hands out the receipts as JSON."""

    RETURN_TYPES, RETURN_NAMES = ("IMAGE", "STRING"), ("image", "receipts")
    FUNCTION, CATEGORY, OUTPUT_NODE, LAYERS = "label", "AIGC", False, "visible,watermark"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802  the host's name
        """Return the inputs of the node."""
        return {"required": {"image": ("IMAGE",), "producer": ("STRING", {"default": ""})}}

    def label(self, image: Any, producer: str) -> tuple[Any, str]:
        """Return the batch, every picture with its own number, and the receipts."""
        labeller = Labeller(Label(producer=producer), layers=self.LAYERS)
        labelled = labeller.apply(image, items=len(image), layout="HWC")
        told = [receipt.to_dict() for receipt in labeller.receipts]
        return labelled, json.dumps(told, ensure_ascii=False)


class SaveLabelled(LabelImage):
    """Saves every picture of a batch as PNG with all three layers in the host's output folder."""

    FUNCTION, OUTPUT_NODE = "save", True

    def save(self, image: Any, producer: str) -> dict[str, Any]:
        """Return the batch as it came, the receipts, and the files for the host to show."""
        folder, name, number, sub, _ = import_module("folder_paths").get_save_image_path(
            "labelled", import_module("folder_paths").get_output_directory()
        )
        labeller, told, shown = Labeller(Label(producer=producer)), [], []
        for at, levels in enumerate((to_numpy(image) * 255).round().clip(0, 255).astype("uint8")):
            file = io.BytesIO()
            import_module("PIL.Image").fromarray(levels).save(file, "PNG")
            data, own = labeller.apply(file.getvalue()), f"{name}_{number + at:05}_.png"
            (receipt,) = labeller.receipts
            write_atomically(Path(folder) / own, data)
            told.append(receipt.to_dict())
            shown.append({"filename": own, "subfolder": sub, "type": "output"})
        result = (image, json.dumps(told, ensure_ascii=False))
        return {"ui": {"images": shown}, "result": result}


NODE_CLASS_MAPPINGS = {"AIGCLabelImage": LabelImage, "AIGCSaveLabelled": SaveLabelled}
