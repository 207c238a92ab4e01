"""
diffusers: a watermarker in place of the pipeline's own, and a hook for what a pipeline returns.

``pipe.watermark = Watermarker(label)`` for the SDXL family, ``LabelledPipeline(pipe, label)`` for
any other. Neither can write file metadata: `labeler.apply` with ``layers="metadata"`` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labeler.integrations.numbering import Labeller


if TYPE_CHECKING:
    from labeler.model import Label, Receipt


class Watermarker(Labeller):
    """Has the interface of diffusers' ``StableDiffusionXLWatermarker``; draws and marks."""

    def apply_watermark(self, images: Any, *, is_tiny_vae: bool = False) -> Any:
        """Return a tensor (N, C, H, W) over -1 to 1 (tiny VAE: 0 to 1), clamped and labelled."""
        low = 0.0 if is_tiny_vae else -1.0
        unit = images.clamp(low, 1.0)  # decoders overshoot; the host clamps only afterwards
        return self.apply(unit, items=len(images), layout="CHW", value_range=(low, 1.0))


class LabelledPipeline(Labeller):
    """A pipeline whose ``images`` or ``frames`` come labelled; one receipt a picture or film."""

    def __init__(self, pipeline: Any, label: Label, **chosen: Any) -> None:
        """Take a pipeline, a label, and what `Labeller` takes."""
        super().__init__(label, **chosen)
        self.pipeline = pipeline

    def __call__(self, *args: Any, return_dict: bool = True, **asked: Any) -> Any:
        """Return what the pipeline returns: PIL images, arrays or tensors stay what they are."""
        output = self.pipeline(*args, return_dict=True, **asked)
        if (images := getattr(output, "images", None)) is not None:
            output.images, receipts = self.apply_labels(images, self.next_labels(len(images)))
            self.note(receipts)
        if (films := getattr(output, "frames", None)) is not None:
            self._label_films(films)
        return output if return_dict else output.to_tuple()

    def _label_films(self, films: Any) -> None:
        """Put the one label of each film on all its frames, in the host's own list or tensor."""
        kept: list[Receipt] = []
        for index, own in enumerate(self.next_labels(len(films))):
            films[index], receipts = self.apply_labels(films[index], [own] * len(films[index]))
            kept += receipts[:1]
        self.note(kept)
