"""
The keyed pattern of the sound mark: signs, sync tiles, and the deal of coded bits to tiles.

Everything comes from the random stream of `labeler.core.random` under the scheme's sub-key
(docs/formats/audio-v1.md, section 4). Tiles are indexed [slot, band].
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from labeler.core import convolutional, random
from labeler.core.checksum import frame


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.schemes import AudioScheme, CodeMode


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pattern:
    """
    What all modes of one key share. Arrays are read-only, (period, bands).

    ``signs``: +1 or -1 a tile; ``is_sync``: the tiles that carry no bits; ``code_tiles``: the flat
    indices of the others, slot by slot in each slot's own order. ``sync_spectrum`` and
    ``mask_spectrum``: conjugate transforms over the slots, (period / 2 + 1, bands), that correlate
    a folded plane with the sync tiles at all offsets.
    """

    scheme: AudioScheme
    seed: bytes
    signs: NDArray[np.float32]
    is_sync: NDArray[np.bool_]
    code_tiles: NDArray[np.intp]
    sync_spectrum: NDArray[np.complex64]
    mask_spectrum: NDArray[np.complex64]


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
        sync_spectrum=np.conj(np.fft.rfft(signs * mask, axis=0)).astype(np.complex64),
        mask_spectrum=np.conj(np.fft.rfft(mask, axis=0)).astype(np.complex64),
    )
    for array in (signs, is_sync, pattern.code_tiles):
        array.setflags(write=False)
    return pattern


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
