"""
Reading the invisible mark of pictures (R-45): the twin of `labeler.image.watermark`.

Blind: no original, no size, no hint. What is found is stated with a rigorous bound on the chance of
such a reading from content that carries no mark of the key (docs/formats/image-v1.md, section 8).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from detectors.evidence import WatermarkEvidence
from labeler.core.image.canonical import canonical_luma, canonical_scale, whiten
from labeler.core.image.lattice import lattice_of
from labeler.core.image.mark_map import CELL, expected_strength, gaps_of, presence_of
from labeler.core.image.reading import (
    MIN_SIDE,
    NOTHING,
    Finding,
    better,
    read_plain,
    whole_picture_geometries,
)
from labeler.core.image.search import DEPTHS, search, views_of
from labeler.errors import InvalidKey, UnknownPolicy, UnsupportedMedia
from labeler.image.watermark import DTYPES
from labeler.keys import DEFAULT_KEY, Key
from labeler.payload import from_bits
from labeler.schemes import IMAGE_V1


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from labeler.core.image.chips import Reading
    from labeler.core.image.mark_map import Presence


_SMALLEST_P = 1e-300
_MAPPED = ("standard", "deep")
"""Depths at which a found mark's gaps are told: they take some ms."""

Depth = Literal["plain", "fast", "standard", "deep"]


def read_mark(
    pixels: NDArray[Any],
    *,
    keys: Sequence[Key] = (DEFAULT_KEY,),
    depth: Depth = "plain",
) -> WatermarkEvidence:
    """
    Return what stands in the pixels under the first key that reads, or that nothing was found.

    Parameters
    ----------
    pixels
        (H, W) or (H, W, C): grey, grey and alpha, RGB, RGBA; uint8, uint16 or float32 in [0, 1].
    keys
        Tried in order; each counts in the bound, and the picture is prepared once for all.
    depth
        How far to search: ``plain`` reads pictures that were recompressed or scaled as a whole;
        ``fast`` also cropped, turned, mirrored and stretched ones; ``standard`` the same from
        weaker marks; ``deep`` also bent ones and pictures within pictures. The last two also say
        in ``detail`` where a notable part of the picture lacks the mark (see `map_mark`).

    Returns
    -------
    WatermarkEvidence
        ``p_value`` is the bound of the best attempt, at most 1. Without ``found`` a value below 1
        says that a mark of that key seems to be there but its message does not check.
        ``agrees_with_metadata`` stays None: the metadata is not known here.

    Raises
    ------
    UnsupportedMedia
        Another shape or dtype.
    InvalidKey
        No key at all.
    UnknownPolicy
        No such depth.
    """
    _check(pixels, keys, depth)
    luma = _luma_of(pixels)
    level = whiten(luma)
    if min(level.shape) < MIN_SIDE:
        return _nothing(f"{pixels.shape[1]} x {pixels.shape[0]} pixels hold no mark")
    best, best_key = NOTHING, keys[0]
    for key, finding in findings_in(level, _geometries(pixels.shape), keys, depth):
        if better(best, finding) is finding:
            best, best_key = finding, key
        if best.found:
            break
    evidence = evidence_of(best, best_key)
    if not best.found or depth not in _MAPPED:
        return evidence
    presence = _presence(luma, level, best, best_key)
    missing = _missing_in_words(_gaps(presence, luma, pixels.shape)) if presence is not None else ""
    return replace(evidence, detail=evidence.detail + missing)


def _presence(
    luma: NDArray[np.float32], level: NDArray[np.float32], finding: Finding, key: Key
) -> Presence | None:
    lattice = lattice_of(IMAGE_V1, key.subkey(IMAGE_V1.name))
    return presence_of(level, expected_strength(luma), finding, lattice)


def _luma_of(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Return the canonical luma; what is no number or out of range is cut off."""
    luma = canonical_luma(pixels, IMAGE_V1.canonical)
    return np.clip(np.nan_to_num(luma), 0, 255) if pixels.dtype == np.float32 else luma


def _geometries(shape: tuple[int, ...]) -> list[NDArray[np.float64]]:
    scale = canonical_scale(shape[0], shape[1], IMAGE_V1.canonical)
    return whole_picture_geometries((shape[0], shape[1]), scale, IMAGE_V1.canonical)


def findings_in(
    level: NDArray[np.float32],
    geometries: list[NDArray[np.float64]],
    keys: Sequence[Key],
    depth: Depth,
    *,
    pictures: int = 1,
) -> Iterator[tuple[Key, Finding]]:
    """
    Yield one finding a key and stage: first all keys plainly, then view by view.

    ``level`` is a whitened canonical picture (rows, columns), ``geometries`` those that are tried
    first. ``pictures`` is how many such pictures are tried for one answer: it counts in the bound.
    """
    scheme = IMAGE_V1
    attempts = scheme.attempts * len(keys) * pictures
    lattices = [lattice_of(scheme, key.subkey(scheme.name)) for key in keys]
    for key, lattice in zip(keys, lattices, strict=True):
        yield key, read_plain(level, geometries, lattice, attempts=attempts)
    if depth == "plain":
        return
    for view in views_of(level, DEPTHS[depth]):
        for key, lattice in zip(keys, lattices, strict=True):
            yield key, search(view, lattice, attempts=attempts)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkGap:
    """An area without the mark: its ``share`` of the picture and the box around it in pixels."""

    share: float
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarkMap:
    """
    Where a picture carries the mark, on a grid of cells of ``cell`` pixels.

    ``amplitude`` (rows, columns) is 1 where the mark is strong and about 0 where it is missing;
    ``missing`` says where it certainly is. Each cell stands for a window of ``window`` pixels.
    ``gaps`` are the notable areas without the mark, largest first.
    """

    amplitude: NDArray[np.float32]
    missing: NDArray[np.bool_]
    cell: float
    window: float
    gaps: tuple[MarkGap, ...]


def map_mark(
    pixels: NDArray[Any], *, key: Key = DEFAULT_KEY, depth: Depth = "standard"
) -> MarkMap | None:
    """
    Return where the mark is missing, None when no mark of the key is found.

    A missing mark means that the place was pasted or changed after marking, or that it could not
    hold a mark (wholly black or white, transparent); it is a pointer for a human, no proof.
    Parameters and errors are those of `read_mark`.
    """
    _check(pixels, (key,), depth)
    luma = _luma_of(pixels)
    level = whiten(luma)
    if min(level.shape) < MIN_SIDE:
        return None
    seen = findings_in(level, _geometries(pixels.shape), (key,), depth)
    found = (finding for _, finding in seen)
    finding = next((finding for finding in found if finding.found), NOTHING)
    presence = _presence(luma, level, finding, key)
    if presence is None:
        return None
    scale = canonical_scale(pixels.shape[0], pixels.shape[1], IMAGE_V1.canonical)
    return MarkMap(
        amplitude=presence.amplitude,
        missing=presence.missing,
        cell=CELL * scale,
        window=presence.window * scale,
        gaps=_gaps(presence, luma, pixels.shape),
    )


def _check(pixels: NDArray[Any], keys: Sequence[Key], depth: str) -> None:
    if depth not in get_args(Depth):
        raise UnknownPolicy(f"depth {depth!r} is none of {', '.join(get_args(Depth))}")
    if not keys:
        raise InvalidKey("no key to read with; pass at least labeler.keys.DEFAULT_KEY")
    channels = pixels.shape[2] if pixels.ndim > 2 else 1
    shaped = pixels.ndim in {2, 3} and 1 <= channels <= 4 and 0 not in pixels.shape
    if pixels.dtype.name not in DTYPES or not shaped:
        raise UnsupportedMedia(
            f"{pixels.dtype} of shape {pixels.shape} is no picture; use (H, W) or (H, W, 1 to 4) "
            f"of {', '.join(DTYPES)}"
        )


def _nothing(detail: str) -> WatermarkEvidence:
    return WatermarkEvidence(scheme=IMAGE_V1.name, found=False, p_value=1.0, detail=detail)


def evidence_of(finding: Finding, key: Key) -> WatermarkEvidence:
    """Return a finding under a key as a row of evidence."""
    reading = finding.reading
    if reading is None:
        return _nothing("no mark of these keys was seen; that never means a human made it")
    if not finding.found:
        seen = reading.log_p < 0
        detail = (
            f"traces of a mark (z {reading.z:.1f}), but its message does not check"
            if seen
            else "no mark of these keys was seen; that never means a human made it"
        )
        return WatermarkEvidence(
            scheme=IMAGE_V1.name,
            found=False,
            p_value=_p_value(reading),
            key=key.name if seen else "",
            detail=detail,
        )
    payload = from_bits(tuple(reading.framed[: reading.mode.payload_bits].tolist()))
    return WatermarkEvidence(
        scheme=IMAGE_V1.name,
        found=True,
        p_value=_p_value(reading),
        bits=payload.bits,
        mark_id=payload.mark_hex,
        status=payload.status,
        key=key.name,
        detail=f"z {reading.z:.1f}; {_geometry_in_words(finding)}",
    )


def _gaps(
    presence: Presence, luma: NDArray[np.float32], shape: tuple[int, ...]
) -> tuple[MarkGap, ...]:
    if not presence.missing.any():
        return ()
    height, width = shape[:2]
    cell = CELL * canonical_scale(height, width, IMAGE_V1.canonical)
    return tuple(
        MarkGap(
            share=gap.share,
            left=round(gap.cells[2] * cell),
            top=round(gap.cells[0] * cell),
            right=min(round((gap.cells[3] + 1) * cell), width),
            bottom=min(round((gap.cells[1] + 1) * cell), height),
        )
        for gap in gaps_of(presence, luma)
    )


def _missing_in_words(gaps: tuple[MarkGap, ...]) -> str:
    """Say where a notable part of the mark is missing; empty if nowhere."""
    if not gaps:
        return ""
    largest = gaps[0]
    return (
        f"; missing in {sum(gap.share for gap in gaps):.0%} of the picture, most of it at x "
        f"{largest.left} to {largest.right}, y {largest.top} to {largest.bottom}: pasted, changed "
        "or never marked"
    )


def _p_value(reading: Reading) -> float:
    """Return the bound as a number that every JSON reader can tell from zero."""
    return max(math.exp(reading.log_p), _SMALLEST_P)


def _geometry_in_words(finding: Finding) -> str:
    geometry, aligned = finding.geometry, finding.alignment
    if geometry is None or aligned is None:
        return finding.path
    scale = math.sqrt(abs(float(np.linalg.det(geometry))))
    angle = math.degrees(math.atan2(geometry[1, 0], geometry[0, 0])) + 180 * aligned.turned
    mirrored = ", mirrored" if np.linalg.det(geometry) < 0 else ""
    negative = ", negative" if aligned.negative else ""
    return (
        f"tile seen at {scale:.2f} of its size, turned by {angle % 360:.0f} degrees"
        f"{mirrored}{negative}"
    )
