"""
Video files as the verbs take them: told by content, labelled from path to path, bytes by a detour.

A film never passes through the memory: what comes as bytes goes through a temporary file.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO

from labeler.containers.sniffing import sniff_file
from labeler.containers.value import parse_value
from labeler.containers.videos import VIDEOS, video_container_of
from labeler.errors import LayerFailed, MediaTooLarge, UnsupportedMedia
from labeler.limits import LIMITS
from labeler.media import check_extension
from labeler.model import Layer, Receipt
from labeler.payload import payload_of
from labeler.policy import policy_named
from labeler.save import placed
from labeler.texts import interface_notice


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from labeler.model import Label
    from labeler.options import Options
    from labeler.video.sidecars import Sidecar
    from labeler.video.streams import Progress


MUXERS: Mapping[str, str] = MappingProxyType(
    {
        "mp4": "mp4",
        "mov": "mov",
        "mkv": "matroska",
        "webm": "webm",
        "flv": "flv",
        "avi": "avi",
        "wmv": "asf",
    }
)
"""FFmpeg's name of the container of each format."""

_STREAMS = frozenset({"mpegts", "mpegps", "mpegvideo", "annexb", "ivf", "y4m", "ogv"})
_BLOCK = 1 << 20


def video_format(file: BinaryIO) -> str:
    """Return the format of a video file, empty when it is something else."""
    name = sniff_file(file) or ""
    return name if is_video_format(name) else ""


def is_video_format(name: str) -> bool:
    """Say whether a format, by the name that `sniff` gives it, is one of video."""
    return name in VIDEOS or name in _STREAMS


def is_video(content: Path | bytes) -> bool:
    """Say whether a file, or bytes, are a video, by content; a missing file is none."""
    if isinstance(content, bytes):
        return bool(video_format(BytesIO(content)))
    try:
        if not content.is_file():
            return False
        with content.open("rb") as file:
            return bool(video_format(file))
    except OSError as error:
        raise UnsupportedMedia(f"cannot be read: {(error.strerror or 'error').lower()}") from error


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file of any length, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def label_file(
    source: Path,
    target: Path | None,
    label: Label,
    options: Options,
    *,
    name: str = "",
    overwrite: bool = False,
    progress: Progress | None = None,
    last: Callable[[Receipt, Path], None] | None = None,
) -> Receipt:
    """
    Label a video file and put the result at ``target``, whole or not at all (R-41).

    Without a target everything is done and nothing kept. ``last`` is called with the receipt and
    the finished file before that gets its name; when it raises, nothing is left. Raises as
    `labeler.video.label.label_video` and `labeler.save.written_through`.
    """
    from labeler.video.label import label_video
    from labeler.video.sidecars import write_sidecars
    from labeler.video.streams import muxer_for

    with source.open("rb") as file:
        own = video_format(file)
    container = MUXERS.get(own, "mp4") if target is None else muxer_for(target)
    beside = _beside(source, target, label, options, overwrite=overwrite)
    with placed(target, overwrite=overwrite, suffix=source.suffix) as place:
        done = label_video(source, place, label, options, container=container, progress=progress)
        if Layer.METADATA.value in done.layers:
            _require_label(place, done.label.fields())
        if beside:
            done.layers.setdefault(Layer.VISIBLE.value, {})["subtitles"] = [
                str(sidecar.target) for sidecar in beside
            ]
        lang = options.language or policy_named(options.policy).language
        receipt = Receipt(
            path=name or str(source),
            output="" if target is None else str(target),
            layers=done.layers,
            skipped=done.skipped,
            label=done.label.fields(),
            mark_id=payload_of(done.label).mark_hex,
            sha256=digest_of(place),
            warnings=done.warnings,
            interface_notice=interface_notice(done.label.status, lang),
        )
        if last is not None:
            last(receipt, place)
    if beside and target is not None:
        write_sidecars(beside, overwrite=overwrite)
    return receipt


def _beside(
    source: Path, target: Path | None, label: Label, options: Options, *, overwrite: bool
) -> tuple[Sidecar, ...]:
    """Return the labelled subtitle files, if they were asked for."""
    if not options.subtitles:
        return ()
    from labeler.video.sidecars import label_sidecars

    place = target or source.with_name(f"{source.stem}-labelled{source.suffix}")
    return label_sidecars(source, place, label, options, overwrite=overwrite or target is None)


def _require_label(path: Path, fields: Mapping[str, str]) -> None:
    """Raise `LayerFailed` unless the file on the disk has one label, with these fields (R-30)."""
    with path.open("rb") as file:
        found = [c for c in video_container_of(file).find(file) if not c.fault]
    if [parse_value(carrier.text).fields for carrier in found] != [dict(fields)]:
        raise LayerFailed("the metadata label read back differs from what was written")


@contextmanager
def as_file(data: bytes) -> Iterator[Path]:
    """Yield a temporary file that holds a video given as bytes."""
    if len(data) > LIMITS.file_bytes:
        raise MediaTooLarge(
            f"it has {len(data):,} bytes; the limit for video in memory is {LIMITS.file_bytes:,}: "
            "give its path"
        )
    with tempfile.TemporaryDirectory(prefix="aigc-label-") as folder:
        path = Path(folder) / "video"
        path.write_bytes(data)
        yield path


def label_bytes(
    data: bytes,
    label: Label,
    options: Options,
    *,
    name: str = "",
    ending: str = "",
    progress: Progress | None = None,
) -> tuple[bytes, Receipt]:
    """
    Label a video given as bytes; return the file and the receipt.

    ``ending`` is that of the output's name where it says another container than the source has.
    """
    with as_file(data) as path:
        with path.open("rb") as file:
            own = video_format(file)
        target = path.with_name(f"labelled{ending or '.' + own}")
        receipt = label_file(path, target, label, options, name=name, progress=progress)
        return target.read_bytes(), replace(receipt, path=name, output="")


def write_video_fields(data: bytes, fields: Mapping[str, str]) -> bytes:
    """Return a video given as bytes with these fields as its one metadata label (art. 6)."""
    from labeler.video.metadata import write_fields

    target = BytesIO()
    write_fields(BytesIO(data), target, fields)
    return target.getvalue()


def copy_with_fields(source: Path, target: Path, fields: Mapping[str, str]) -> str:
    """
    Write ``target`` as ``source`` with these fields as its one metadata label (art. 6).

    No fields: a plain copy. Constant memory. Returns the scheme of the label it then has, if any.
    """
    from labeler.video.metadata import write_fields

    if not fields:
        shutil.copyfile(source, target)
    else:
        with source.open("rb") as before, target.open("w+b") as after:
            write_fields(before, after, fields)
    with target.open("rb") as file:
        found = [c.scheme for c in video_container_of(file).find(file) if not c.fault]
    return next(iter(found), "")


def check_name(source: Path, target: Path | None = None) -> None:
    """
    Raise `UnsupportedMedia` when a name says another format than the content of ``source``.

    ``target`` is a second name for the same content, which is not encoded again.
    """
    with source.open("rb") as file:
        name = video_format(file)
    if name in VIDEOS:
        check_extension(source, name)
        if target is not None:
            check_extension(target, name)
