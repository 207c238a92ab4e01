"""
What exists: one cell a modality and layer, with the module that applies and the one that reads it.

The table is data and imports nothing. `doctor` prints it, tests hold the tree against it: applier
and reader stand at the same address below `labeler` and `detectors`.
"""

from __future__ import annotations

from dataclasses import dataclass

from labeler.model import Layer, Modality


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One combination of modality and layer. ``formats`` are those it can be applied to."""

    modality: Modality
    layer: Layer
    scheme: str
    applier: str
    reader: str
    formats: tuple[str, ...]


_PICTURES = ("jpeg", "png", "webp", "gif", "tiff", "avif", "heic")
_SOUNDS = ("wav", "mp3", "flac", "ogg", "m4a", "aiff", "wma")
_VIDEOS = ("mp4", "mov", "mkv", "webm", "flv", "avi", "wmv")

_PLACED = (
    "markdown", "html", "json", "jsonl", "vtt", "source", "docx", "xlsx", "pptx", "pdf", "epub",
)  # fmt: skip
_DOCUMENTS = ("text", "srt", *_PLACED)
_MARKABLE = tuple(name for name in _DOCUMENTS if name not in {"source", "pdf"})

CATALOGUE = (
    Cell(
        modality=Modality.IMAGE,
        layer=Layer.VISIBLE,
        scheme="text",
        applier="labeler.image.visible",
        reader="detectors.image.visible",
        formats=_PICTURES,
    ),
    Cell(
        modality=Modality.IMAGE,
        layer=Layer.WATERMARK,
        scheme="image-v1",
        applier="labeler.image.watermark",
        reader="detectors.image.watermark",
        formats=_PICTURES,
    ),
    Cell(
        modality=Modality.IMAGE,
        layer=Layer.METADATA,
        scheme="tc260-xmp",
        applier="labeler.metadata",
        reader="detectors.metadata",
        formats=_PICTURES,
    ),
    Cell(
        modality=Modality.AUDIO,
        layer=Layer.VISIBLE,
        scheme="rhythm",
        applier="labeler.audio.audible",
        reader="detectors.audio.audible",
        formats=_SOUNDS,
    ),
    Cell(
        modality=Modality.AUDIO,
        layer=Layer.WATERMARK,
        scheme="audio-v1",
        applier="labeler.audio.watermark",
        reader="detectors.audio.watermark",
        formats=_SOUNDS,
    ),
    Cell(
        modality=Modality.AUDIO,
        layer=Layer.METADATA,
        scheme="tc260-id3",
        applier="labeler.metadata",
        reader="detectors.metadata",
        formats=_SOUNDS,
    ),
    Cell(
        modality=Modality.TEXT,
        layer=Layer.VISIBLE,
        scheme="text",
        applier="labeler.text.visible",
        reader="detectors.text.visible",
        formats=_DOCUMENTS,
    ),
    Cell(
        modality=Modality.TEXT,
        layer=Layer.WATERMARK,
        scheme="text-v1",
        applier="labeler.text.watermark",
        reader="detectors.text.watermark",
        formats=_MARKABLE,
    ),
    Cell(
        modality=Modality.TEXT,
        layer=Layer.METADATA,
        scheme="tc260-markdown",
        applier="labeler.metadata",
        reader="detectors.metadata",
        formats=_PLACED,
    ),
    Cell(
        modality=Modality.VIDEO,
        layer=Layer.VISIBLE,
        scheme="text",
        applier="labeler.video.visible",
        reader="detectors.video.visible",
        formats=_VIDEOS,
    ),
    Cell(
        modality=Modality.VIDEO,
        layer=Layer.WATERMARK,
        scheme="image-v1",
        applier="labeler.video.watermark",
        reader="detectors.video.watermark",
        formats=_VIDEOS,
    ),
    Cell(
        modality=Modality.VIDEO,
        layer=Layer.METADATA,
        scheme="tc260-mp4",
        applier="labeler.video.metadata",
        reader="detectors.video.metadata",
        formats=_VIDEOS,
    ),
)
