"""
Put the metadata label into a video file: never encoded, one copy, read back (R-30, R-36 to R-41).

Files come and go as seekable binary files, and go through in blocks: a film of hours takes no more
memory than one of seconds. In memory, `io.BytesIO` does.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from labeler.containers.sniffing import sniff_file
from labeler.containers.stating import write_film_stating
from labeler.containers.video.model import STALE_C2PA
from labeler.containers.videos import video_container_of
from labeler.errors import CorruptMedia, LayerFailed, MediaTooLarge, UnsupportedMedia
from labeler.limits import LIMITS, Limits
from labeler.metadata import format_value
from labeler.written import require_one_copy, same_bytes


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from labeler.containers.video.model import VideoHeader
    from labeler.model import Label


ENCRYPTED = "the media are encrypted: the metadata label is written, the content was not looked at"


def open_video_header(file: BinaryIO, limits: Limits = LIMITS) -> VideoHeader:
    """
    Return what a video file says of itself, checked against the limits; nothing is decoded.

    Encrypted video has a header too (``encrypted``): its metadata can be read and labelled.

    Raises
    ------
    UnsupportedMedia
        Not a video file of a known format, whatever it is called, or one without a track of
        pictures (R-42, R-51).
    MediaTooLarge
        Over the limit on the pixels of a frame.
    CorruptMedia
        Truncated, empty, or the header is broken.
    """
    header = video_container_of(file).probe(file)
    pixels = header.width * header.height
    if not pixels and header.format != "flv":  # FLV need not state a size
        raise CorruptMedia(f"the video is {header.width} x {header.height} pixels")
    if pixels > limits.pixels:
        raise MediaTooLarge(
            f"{header.width} x {header.height} pixels are over the limit of {limits.pixels:,}"
        )
    return header


def write_label(
    source: BinaryIO, target: BinaryIO, label: Label, *, value_form: str = "guide"
) -> tuple[str, ...]:
    """
    Write the video with the label as its one metadata copy, at the guide's place for its format.

    Parameters
    ----------
    source
        An MP4, M4V, MOV, MKV, WebM, FLV, AVI or WMV file, open for reading, seekable.
    target
        An empty file, open for reading and writing (``w+b``). After an error its content is of no
        use.
    label
        The facts.
    value_form
        ``guide`` or ``wrapped`` (R-61).

    Returns
    -------
    tuple of str
        What is to be said of the result: a C2PA manifest whose hash no longer holds, encrypted
        media.

    Raises
    ------
    UnsupportedMedia
        Another format, or a file with no place for a label (R-42).
    CorruptMedia, MediaTooLarge
        The file is malformed, or the label does not fit.
    LabelConflict
        An older copy stands where it cannot be replaced (R-30).
    LayerFailed
        The label did not read back, or the media changed (R-41).
    """
    return write_fields(source, target, label.fields(), value_form=value_form)


def write_fields(
    source: BinaryIO,
    target: BinaryIO,
    fields: Mapping[str, str],
    *,
    value_form: str = "guide",
    source_type: str | None = None,
) -> tuple[str, ...]:
    """
    Do what `write_label` does with fields that need not make a whole label (Measures art. 6 ¶2).

    Fields that are not given are written empty: the object has all seven keys (R-24). With
    ``source_type`` the XMP states that word of the IPTC NewsCodes as well.
    """
    value = format_value(fields, value_form=value_form)
    container = video_container_of(source)
    if source_type:
        write_film_stating(
            source,
            target,
            format_name=sniff_file(source) or "",
            value=value,
            source_type=source_type,
        )
    else:
        container.write(source, target, value)
    target.flush()
    require_one_copy(container.find(target), value)
    if not same_bytes(container.payload_bytes(source), container.payload_bytes(target)):
        raise LayerFailed("the coded video changed while the label was written; nothing was kept")
    return tuple(notes_on(target))


def notes_on(file: BinaryIO) -> Iterator[str]:
    """Yield what is to be said of a file that was labelled: broken signatures, encryption."""
    container = video_container_of(file)
    if any(block.kind == "c2pa" for block in container.blocks(file)):
        yield STALE_C2PA
    # Without a track of pictures there is no header; labels are written all the same.
    with suppress(UnsupportedMedia):
        if container.probe(file).encrypted:
            yield ENCRYPTED


def payload_bytes(file: BinaryIO) -> Iterator[bytes]:
    """
    Yield the coded media of a file only, for digests that no tag can change.

    Raises `LabelError` as `write_label` does for files that are no video.
    """
    return video_container_of(file).payload_bytes(file)
