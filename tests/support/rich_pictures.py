"""Small pictures of every format with a title, EXIF, a colour profile, comments; and old labels."""

from __future__ import annotations

import io
import struct
from functools import cache
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageSequence, PngImagePlugin

from makers import photo


FORMATS = (
    "jpeg",
    "png",
    "apng",
    "webp",
    "webp-animated",
    "gif",
    "tiff",
    "tiff-pages",
    "avif",
    "heic",
)
WITH_EXIF = ("jpeg", "png", "apng", "webp", "webp-animated", "tiff", "avif", "heic")
TITLE = "a cat & <friends>"
CAMERA = "ACME"
VALUE = (
    '{"Label":"1","ContentProducer":"001191440300708461136T1XGW3","ProduceID":"demo-001",'
    '"ReservedCode1":"","ContentPropagator":"001191440300708461136T1XGW3","PropagateID":"demo-001",'
    '"ReservedCode2":""}'
)
OLD = VALUE.replace("demo-001", "old-009")
WRAPPED = f'{{"AIGC":{OLD}}}'
NAMESPACE = "http://www.tc260.org.cn/ns/AIGC/1.0/"


def packet(body: str = "", attributes: str = "", *, title: str = TITLE) -> bytes:
    """An XMP packet with a title, further properties, and padding."""
    shown = title.replace("&", "&amp;").replace("<", "&lt;")
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        f'  <rdf:Description rdf:about="" {attributes}\n'
        '    xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        '   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">'
        f"{shown}</rdf:li></rdf:Alt></dc:title>\n"
        f"   {body}\n  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n" + " " * 100 + "\n"
        '<?xpacket end="w"?>'
    ).encode()


@cache
def profile() -> bytes:
    """An sRGB profile."""
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made[:24] + struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + made[36:]  # not of this second


def exif_block(*, description: str = "", comment: bytes = b"", thumbnail: bool = False) -> bytes:
    """An EXIF block with a camera, a date, an orientation and, when asked, texts."""
    exif = Image.Exif()
    exif[0x010F] = CAMERA
    exif[0x0112] = 6
    inner = exif.get_ifd(0x8769)
    inner[0x9003] = "2026:01:02 03:04:05"
    if description:
        exif[0x010E] = description
    if comment:
        inner[0x9286] = comment
    if thumbnail:
        exif.get_ifd(1)[0x0201] = 7
    return exif.tobytes()


@cache
def rich(
    kind: str, side: int = 48, *, exif: bytes | None = None, xmp: bytes | None = None
) -> bytes:
    """A picture of one of `FORMATS` with everything a photograph brings along."""
    first, *rest = [Image.fromarray(np.roll(photo(side=side), 5 * i, 1)) for i in range(3)]
    name = kind.partition("-")[0]
    options: dict[str, Any] = {"icc_profile": profile(), "exif": exif or exif_block()}
    if kind in {"apng", "webp-animated", "gif", "tiff-pages"}:
        options |= {"save_all": True, "append_images": rest, "duration": [100, 200, 300]}
    if name in {"jpeg", "webp", "avif", "heic"}:
        options["xmp"] = xmp or packet()
    if name == "tiff":
        tags = Image.Exif()
        tags.load(options["exif"])
        tags[0x02BC] = xmp or packet()
        options["exif"] = tags
    if name in {"png", "apng"}:
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", (xmp or packet()).decode())
        info.add_text("Comment", "made by hand")
        options["pnginfo"] = info
    if name == "gif":
        options = {k: v for k, v in options.items() if k not in {"icc_profile", "exif"}}
        options |= {"comment": b"made by hand", "loop": 0}
    if name == "jpeg":
        options["comment"] = b"made by hand"
    if name == "heic":
        return _heic(first, options)
    return _saved(first, {"apng": "PNG"}.get(name, name.upper()), options)


def frames_of(data: bytes) -> list[np.ndarray]:
    """Every frame as decoded, RGBA."""
    if data[4:12] in {b"ftypheic", b"ftypmif1", b"ftypheix"}:
        heif = pytest.importorskip("pillow_heif", reason="HEIC needs the heic extra")
        return [np.asarray(heif.open_heif(data))]
    with Image.open(io.BytesIO(data)) as image:
        return [np.asarray(frame.convert("RGBA")) for frame in ImageSequence.Iterator(image)]


def same_frames(one: bytes, other: bytes) -> bool:
    """Whether two files decode to the same frames."""
    first, second = frames_of(one), frames_of(other)
    pairs = zip(first, second, strict=False)
    return len(first) == len(second) and all(np.array_equal(a, b) for a, b in pairs)


def _saved(image: Image.Image, name: str, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


def _heic(image: Image.Image, options: dict[str, Any]) -> bytes:
    heif = pytest.importorskip("pillow_heif", reason="HEIC needs the heic extra")
    buffer = io.BytesIO()
    told = {key: options[key] for key in ("exif", "xmp", "icc_profile")}
    image.info["icc_profile"] = told.pop("icc_profile")
    heif.from_pillow(image).save(buffer, quality=80, **told)
    return buffer.getvalue()
