"""
The keyed pattern of the sound mark: signs, sync tiles, and the deal of coded bits to tiles.

Everything comes from the random stream of `labeler.core.random` under the scheme's sub-key
(docs/formats/audio-v1.md, section 4). Tiles are indexed [slot, band].
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from labeler.core import convolutional, random
from labeler.core.checksum import frame


if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from labeler.schemes import AudioScheme, CodeMode


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pattern:
    """
    What all modes of one key share. Arrays are read-only, (period, bands).

    ``signs``: +1 or -1 a tile; ``is_sync``: the tiles that carry no bits; ``code_tiles``: the flat
    indices of the others, slot by slot in each slot's own order. ``sync_spectrum`` and
    ``mask_spectrum``: `spectrum_of` the signs of the sync tiles and of where they are, to
    `correlate` folds with at all offsets.
    """

    scheme: AudioScheme
    seed: bytes
    signs: NDArray[np.float32]
    is_sync: NDArray[np.bool_]
    code_tiles: NDArray[np.intp]
    sync_spectrum: NDArray[np.float32]
    mask_spectrum: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Deal:
    """
    Which coded bit each tile carries in one mode.

    ``bit``: (period, bands), -1 in sync tiles; ``order``: flat tile indices sorted by coded bit;
    ``starts``: where each coded bit begins in ``order``.
    """

    mode: CodeMode
    bit: NDArray[np.intp]
    order: NDArray[np.intp]
    starts: NDArray[np.intp]

    @property
    def coded_bits(self) -> int:
        """Coded bits of the mode."""
        return len(self.starts)


@lru_cache(maxsize=16)
def pattern_of(scheme: AudioScheme, seed: bytes) -> Pattern:
    """Return the pattern of a scheme under a sub-key."""
    shape = scheme.period, scheme.bands
    signs = random.signs(seed, f"{scheme.name}/signs", shape[0] * shape[1]).reshape(shape)
    order = np.stack(
        [
            random.permutation(seed, f"{scheme.name}/slot-{slot}", scheme.bands)
            for slot in range(scheme.period)
        ]
    )
    is_sync = np.zeros(shape, np.bool_)
    np.put_along_axis(is_sync, order[:, : scheme.sync_bands], values=True, axis=1)
    rows = np.arange(scheme.period)[:, None] * scheme.bands
    mask = is_sync.astype(np.float32)
    pattern = Pattern(
        scheme=scheme,
        seed=seed,
        signs=signs,
        is_sync=is_sync,
        code_tiles=(rows + order[:, scheme.sync_bands :]).ravel(),
        sync_spectrum=spectrum_of(np.ascontiguousarray((signs * mask).T)),
        mask_spectrum=spectrum_of(np.ascontiguousarray(mask.T)),
    )
    arrays = signs, is_sync, pattern.code_tiles, pattern.sync_spectrum, pattern.mask_spectrum
    for array in arrays:
        array.setflags(write=False)
    return pattern


def spectrum_of(fold: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the packed transforms (OpenCV's CCS) over the slots of a fold (bands, slots)."""
    return np.asarray(cv2.dft(fold, flags=cv2.DFT_ROWS), np.float32)


def correlate(
    spectra: Sequence[NDArray[np.float32]], known: NDArray[np.float32]
) -> NDArray[np.float32]:
    """
    Return the correlations of folds with a known one at all offsets, (folds, slots).

    All are given by `spectrum_of` them, (bands, slots); the correlation is the sum over the bands.
    """
    products = np.concatenate(
        [
            cv2.reduce(cv2.mulSpectrums(each, known, cv2.DFT_ROWS, conjB=True), 0, cv2.REDUCE_SUM)
            for each in spectra
        ]
    )
    flags = cv2.DFT_ROWS | cv2.DFT_INVERSE | cv2.DFT_SCALE
    return np.asarray(cv2.dft(products, flags=flags), np.float32)


@lru_cache(maxsize=64)
def deal_of(pattern: Pattern, mode: CodeMode) -> Deal:
    """Return the deal of a mode: every run of tiles as long as the code holds each bit once."""
    scheme, tiles = pattern.scheme, len(pattern.code_tiles)
    length = mode.frame_bits * scheme.code.rate_inverse
    runs = [
        random.permutation(pattern.seed, f"{mode.tag}/run-{run}", length)
        for run in range(-(-tiles // length))
    ]
    dealt = np.concatenate(runs)[:tiles]
    bit = np.full(scheme.period * scheme.bands, -1, np.intp)
    bit[pattern.code_tiles] = dealt
    order = np.argsort(bit, kind="stable")[bit.size - tiles :]
    deal = Deal(
        mode=mode,
        bit=bit.reshape(scheme.period, scheme.bands),
        order=order,
        starts=np.searchsorted(bit[order], np.arange(length)),
    )
    for array in (deal.bit, deal.order, deal.starts):
        array.setflags(write=False)
    return deal


def code_signs(
    framed: NDArray[np.uint8] | tuple[int, ...], pattern: Pattern
) -> NDArray[np.float32]:
    """Return the coded bits of a frame as signs: +1 for 0, -1 for 1."""
    coded = convolutional.encode(np.asarray(framed, np.uint8), pattern.scheme.code)
    return np.float32(1) - np.float32(2) * coded.astype(np.float32)


def targets_of(pattern: Pattern, framed: NDArray[np.uint8], mode: CodeMode) -> NDArray[np.float32]:
    """Return the sign that every tile gets, (period, bands): key times coded bit."""
    signs = code_signs(framed, pattern)
    bit = deal_of(pattern, mode).bit
    return pattern.signs * np.where(bit < 0, np.float32(1), signs[bit])


def payload_targets(
    pattern: Pattern, payload: tuple[int, ...], mode: CodeMode
) -> NDArray[np.float32]:
    """Return `targets_of` the frame of a payload of ``mode.payload_bits`` bits."""
    return targets_of(pattern, frame(payload, mode), mode)
