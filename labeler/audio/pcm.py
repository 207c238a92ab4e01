"""
Samples as numbers in a file, and as floats with full scale 1.0.

A coding is named as FFmpeg names its sample formats: ``u8 s8 s16 s24 s32 f32 f64``, and ``mulaw``
and ``alaw`` for the two telephone laws of ITU-T G.711. 24-bit numbers are held in int32.

Integers of up to 24 bits fit into float32 exactly. Of the other codings (`INEXACT`) the stored
numbers are kept beside the floats, and `store` puts them back wherever a sample was not changed.
"""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np


if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Samples = NDArray[np.float32]
    Stored = NDArray[Any]

WIDTHS: Mapping[str, int] = MappingProxyType(
    {"u8": 1, "s8": 1, "s16": 2, "s24": 3, "s32": 4, "f32": 4, "f64": 8, "mulaw": 1, "alaw": 1}
)
"""Bytes a stored sample, by coding."""

INEXACT = frozenset({"s32", "f64", "mulaw", "alaw"})
"""Codings in which two stored numbers may share one float32."""

_DTYPES = {
    "u8": "u1", "s8": "i1", "s16": "i2", "s24": "i4", "s32": "i4", "f32": "f4", "f64": "f8",
    "mulaw": "u1", "alaw": "u1",
}  # fmt: skip
_BITS = {"s8": 8, "s16": 16, "s24": 24, "s32": 32}


def unpack(raw: bytes | memoryview, coding: str, channels: int, *, big: bool) -> Stored:
    """Return the stored numbers (n, channels) of bytes that hold whole frames."""
    if coding == "s24":
        return _unpack_24(np.frombuffer(raw, np.uint8), channels, big=big)
    numbers = np.frombuffer(raw, np.dtype((">" if big else "<") + _DTYPES[coding]))
    return numbers.astype(_DTYPES[coding], copy=False).reshape(-1, channels)


def _unpack_24(octets: NDArray[np.uint8], channels: int, *, big: bool) -> Stored:
    triples = octets.reshape(-1, 3)
    wide = np.zeros((len(triples), 4), np.uint8)
    wide[:, 1:] = triples[:, ::-1] if big else triples
    numbers: Stored = wide.view("<i4")[:, 0].astype(np.int32)
    numbers >>= 8
    return numbers.reshape(-1, channels)


def pack(stored: Stored, coding: str, *, big: bool) -> bytes:
    """Return stored numbers as bytes, frame by frame: the inverse of `unpack`."""
    if coding == "s24":
        octets = np.ascontiguousarray(stored, "<i4").view(np.uint8).reshape(-1, 4)[:, :3]
        return (octets[:, ::-1] if big else octets).tobytes()
    return np.ascontiguousarray(stored, np.dtype((">" if big else "<") + _DTYPES[coding])).tobytes()


def to_samples(stored: Stored, coding: str) -> Samples:
    """Return stored numbers as float32 with full scale 1.0."""
    if coding in {"f32", "f64"}:
        return stored.astype(np.float32)
    if coding in {"mulaw", "alaw"}:
        return np.asarray(_law(coding)[stored], np.float32)
    if coding == "u8":
        return (stored.astype(np.float32) - np.float32(128)) / np.float32(128)
    return np.asarray(stored * np.float32(2.0 ** (1 - _BITS[coding])), np.float32)


def store(samples: Samples, coding: str, *, before: Stored | None = None) -> Stored:
    """
    Return samples as stored numbers: rounded, clipped to full scale, no dither.

    ``before`` are the numbers that were stored, same shape: they stay wherever the sample is still
    the float that `to_samples` made of them, so that unchanged samples are bit-identical.
    """
    made = _store(samples, coding)
    if before is not None and coding in INEXACT:
        np.copyto(made, before, where=to_samples(before, coding) == samples)
    return made


def _store(samples: Samples, coding: str) -> Stored:
    if coding in {"f32", "f64"}:
        return samples.astype(_DTYPES[coding])
    if coding in {"mulaw", "alaw"}:
        return _nearest_code(samples, coding)
    if coding == "u8":
        return np.asarray(np.clip(np.rint(samples * np.float32(128)) + 128, 0, 255), np.uint8)
    scale = 2 ** (_BITS[coding] - 1)
    wide = samples.astype(np.float64) if coding == "s32" else samples
    rounded = np.rint(wide * wide.dtype.type(scale))
    return np.asarray(np.clip(rounded, -scale, scale - 1), _DTYPES[coding])


@lru_cache(maxsize=2)
def _law(coding: str) -> Samples:
    """Return what each of the 256 codes means (ITU-T G.711), full scale 1.0."""
    code = np.arange(256) ^ (0xFF if coding == "mulaw" else 0x55)
    exponent, mantissa = (code >> 4) & 7, code & 15
    if coding == "mulaw":
        size = (((mantissa << 3) + 132) << exponent) - 132
        negative = code & 0x80 != 0
    else:
        size = ((mantissa << 4) + 8 + 256 * (exponent > 0)) << np.maximum(exponent - 1, 0)
        negative = code & 0x80 == 0
    values = np.where(negative, -size, size).astype(np.float32) / np.float32(32768)
    values.flags.writeable = False
    return values


@lru_cache(maxsize=2)
def _borders(coding: str) -> tuple[Samples, NDArray[np.uint8]]:
    """Return the borders between neighbouring meanings, and their codes in that order."""
    values = _law(coding)
    order = np.argsort(values, kind="stable").astype(np.uint8)
    ordered = values[order]
    return (ordered[1:] + ordered[:-1]) / np.float32(2), order


def _nearest_code(samples: Samples, coding: str) -> Stored:
    borders, codes = _borders(coding)
    return codes[np.searchsorted(borders, samples)]
