"""Small pictures for the report: a few kilobytes each, as data URIs."""

from __future__ import annotations

import base64
import io
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeler.errors import LabelError
from labeler.limits import LIMITS
from labeler.media import open_header
from labeler.save import read_file


if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL.Image import Image

WIDTH, HEIGHT = 144, 96
MOST_BYTES = 6_000
"""Largest thumbnail, in bytes of JPEG."""

_QUALITIES = (62, 40, 20)


def thumbnail_of(row: Mapping[str, Any]) -> str:
    """
    Return a JPEG data URI of a picture or the first frame of a video, empty where there is none.

    Files that could not be judged are not opened again: one of them may have broken a decoder.
    """
    path = Path(str(row["path"]))
    if row["error"] or row["modality"] not in {"image", "video"}:
        return ""
    with suppress(LabelError, OSError, ValueError, SyntaxError):
        if not path.is_file():
            return ""
        image = _picture(path) if row["modality"] == "image" else _frame(path)
        if image is not None:
            return _encoded(image)
    return ""


def _picture(path: Path) -> Image:
    from PIL import Image, ImageOps

    from labeler.image.picture import view_picture

    data = read_file(path, limit=LIMITS.file_bytes)
    header = open_header(data)
    if header.format == "jpeg":  # decodes an eighth of the size where that is enough
        with Image.open(io.BytesIO(data)) as image:
            image.draft("RGB", (2 * WIDTH, 2 * HEIGHT))
            return ImageOps.exif_transpose(image).convert("RGB")
    return Image.fromarray(view_picture(data, header.format)[0])


def _frame(path: Path) -> Image | None:
    from labeler.video.playback import frames_of

    shown = next(frames_of(path), None)
    image: Image | None = shown.frame.to_image() if shown else None
    return image


def _encoded(image: Image) -> str:
    image = image.convert("RGB")
    image.thumbnail((WIDTH, HEIGHT))
    for quality in _QUALITIES:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() <= MOST_BYTES:
            return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
    return ""
