"""
Caps on hostile input, one frozen record. Everything that parses or decodes takes them from here.

The numbers are ours (R-50 asks for caps and names 16 MiB for XMP); each error names the limit.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """
    Bytes, pixels, frames and depths beyond which input is refused with `MediaTooLarge`.

    From ``dense_from`` pixels on, more pixels a byte than even a flat picture needs are taken for
    a bomb: a broken size field, or a file made to fill the memory. Progressive JPEG reaches 340
    on flat ground, deflate 344 in RGB, LZW about 2,400.

    ``document_bytes`` is text decoded in memory at once, and what one part of an archive may unpack
    to; ``archive_bytes`` all parts together, at ``archive_ratio`` to 1 from ``document_bytes`` on.

    ``sound_values`` are samples times channels held in memory at once (240 MB as float32: 11
    minutes of stereo at 44.1 kHz); longer recordings go through in blocks, up to
    ``sound_seconds``.

    ``index_bytes`` is the most of a video file that is held in memory at once: its header with
    the tables of all samples (a film of ten hours at 60 frames a second has 40 MB of them).
    ``parts`` are the boxes, tags or elements of a file that are walked, media data among them.
    """

    file_bytes: int = 512 << 20
    pixels: int = 89_000_000
    animation_pixels: int = 100_000_000
    frames: int = 2_000
    pixels_per_byte: int = 2_500
    jpeg_pixels_per_byte: int = 400
    dense_from: int = 4_000_000
    xmp_bytes: int = 16 << 20
    text_bytes: int = 1 << 20
    segments: int = 100_000
    document_bytes: int = 128 << 20
    archive_entries: int = 20_000
    archive_bytes: int = 512 << 20
    archive_ratio: int = 200
    depth: int = 12
    index_bytes: int = 64 << 20
    parts: int = 5_000_000
    sound_values: int = 60_000_000
    sound_seconds: int = 48 * 3600
    sound_channels: int = 8
    sound_rate_low: int = 8_000
    sound_rate_high: int = 192_000


LIMITS = Limits()
