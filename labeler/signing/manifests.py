"""
The C2PA library (extra ``c2pa``) as this toolkit uses it: offline, and without thumbnails.

Its defaults fetch remote manifests and certificate states that a hostile file names; those are
switched off here, in one place, for reading and for signing.
"""

from __future__ import annotations

import json
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO

from labeler.backends import backend
from labeler.errors import CorruptMedia, MissingBackend


if TYPE_CHECKING:
    from collections.abc import Mapping

MIME_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "jpeg": "image/jpeg",
        "png": "image/png",
        "webp": "image/webp",
        "gif": "image/gif",
        "tiff": "image/tiff",
        "avif": "image/avif",
        "heic": "image/heic",
        "wav": "audio/wav",
        "mp3": "audio/mpeg",
        "flac": "audio/flac",
        "m4a": "audio/mp4",
        "mp4": "video/mp4",
        "mov": "video/quicktime",
        "avi": "video/avi",
        "pdf": "application/pdf",
        "epub": "application/epub+zip",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    }
)
"""The formats that the library reads, by the names that this toolkit gives them."""


def load_library() -> Any:
    """Return the library; raise `MissingBackend` when the extra is not installed."""
    return backend("c2pa", extra="c2pa", purpose="C2PA")


def is_installed() -> bool:
    """Say whether the extra is there."""
    with suppress(MissingBackend):
        return bool(load_library())
    return False


def settings(*, online: bool = False, anchors: str = "") -> dict[str, Any]:
    """
    Return what every call of the library is made with.

    ``online`` allows it to fetch remote manifests and certificate states; ``anchors`` are the
    root certificates to trust, in PEM.
    """
    verify: dict[str, Any] = {"remote_manifest_fetch": online, "ocsp_fetch": online}
    chosen: dict[str, Any] = {"builder": {"thumbnail": {"enabled": False}}}
    if not online:
        chosen["core"] = {"allowed_network_hosts": [], "allow_redirects": False}
    verify["verify_trust"] = True
    if anchors:
        chosen["trust"] = {"trust_anchors": anchors}
    chosen["verify"] = verify
    return chosen


def read_store(
    file: BinaryIO, format_name: str, *, online: bool = False, anchors: str = ""
) -> dict[str, Any] | None:
    """
    Return what the library says of the manifest store of a file, None when it finds none.

    Raises
    ------
    CorruptMedia
        The store cannot be read, or is remote and the call offline; the message says which.
    MissingBackend
        The extra ``c2pa`` is not installed.
    """
    library = load_library()
    file.seek(0)
    try:
        context = library.Context.from_dict(settings(online=online, anchors=anchors))
        with library.Reader(MIME_TYPES[format_name], file, context=context) as reader:
            found: dict[str, Any] = json.loads(reader.json())
            return found
    except library.C2paError as error:
        text = str(error)
        if text.startswith("ManifestNotFound"):
            return None
        raise CorruptMedia(f"the C2PA manifest cannot be read: {one_line(text)}") from error
    except (ValueError, RecursionError) as error:
        raise CorruptMedia(f"the C2PA manifest cannot be read: {one_line(str(error))}") from error


def one_line(text: str) -> str:
    """Return an error of the library as one short line."""
    return " ".join(text.split())[:200]
