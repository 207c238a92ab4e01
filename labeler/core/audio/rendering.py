"""
From gains of tiles to sound: the change alone is synthesised and added to the untouched samples.

Where the gain is 0 the change is exactly 0, so digital silence stays digital silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from labeler.core.audio.bands import hann, window_size


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.schemes import AudioScheme


_ROWS = 64
_AMPLITUDE_OF_DB = np.float32(np.log(10) / 20)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Slopes:
    """
    Numbers ``begin`` to ``end`` of a packed transform mix two bands.

    They are ``lower`` and ``lower + 1`` (padded by one each), each bin twice: real and imaginary.
    """

    begin: int
    end: int
    lower: NDArray[np.intp]
    share: NDArray[np.float32]


@lru_cache(maxsize=32)
def _slopes_of(rate: int, scheme: AudioScheme) -> _Slopes:
    size = window_size(rate)
    place = (np.arange(size // 2) * rate / size - scheme.low_hz) / scheme.band_hz - 0.5
    inside = np.flatnonzero((place > -1) & (place < scheme.bands))
    first, last = max(int(inside[0]), 1), int(inside[-1]) + 1
    lower = np.floor(place[first:last])
    # Half of each band has its own gain, the rest leads over to the next.
    share = np.clip((place[first:last] - lower - 0.5) * 2 + 0.5, 0, 1)
    return _Slopes(
        begin=2 * first - 1,
        end=2 * last - 1,
        lower=lower.astype(np.intp) + 1,
        share=share.astype(np.float32),
    )


@lru_cache(maxsize=16)
def _windows(size: int) -> NDArray[np.float32]:
    """Return the square root of the window once a row of a pass, (`_ROWS`, size)."""
    rows = np.tile(np.sqrt(hann(size)), (_ROWS, 1))
    rows.setflags(write=False)
    return rows


def _factors(gains: NDArray[np.float32], slopes: _Slopes) -> NDArray[np.float32]:
    """Return the change of each bin, factor less 1, twice, for gains (slots, bands) in dB."""
    padded = np.pad(gains, ((0, 0), (1, 1)))
    low = np.take(padded, slopes.lower, axis=1)
    high = np.take(padded, slopes.lower + 1, axis=1)
    high -= low
    high *= slopes.share
    high += low
    high *= _AMPLITUDE_OF_DB
    np.expm1(high, out=high)
    return np.asarray(cv2.merge([high, high]), np.float32).reshape(len(high), -1)


class Renderer:
    """Marks samples (n, channels), in order, as their gains become known."""

    __slots__ = ("_frame", "_held", "_overlap", "_rate", "_scheme", "_slopes", "_start")

    def __init__(self, rate: int, channels: int, scheme: AudioScheme) -> None:
        """Begin before the first sample."""
        self._rate, self._scheme = rate, scheme
        self._slopes = _slopes_of(rate, scheme)
        hop = window_size(rate) // 2
        self._held = np.zeros((hop, channels), np.float32)
        self._overlap = np.zeros((hop, channels), np.float32)
        self._frame, self._start = 0, -hop

    def push(self, samples: NDArray[np.float32]) -> None:
        """Take samples whose gains will follow."""
        self._held = np.concatenate([self._held, samples])

    def render(
        self, gains: NDArray[np.float32], first: int, *, last: bool = False
    ) -> NDArray[np.float32]:
        """
        Return the marked samples that are complete, given the gains of slots from ``first`` on.

        ``gains`` (slots, bands) in dB. With ``last`` the sound ends with the samples taken so far
        and everything is returned; the last slot's gains then hold to the end.
        """
        hop, total = window_size(self._rate) // 2, self._start + len(self._held)
        if last:
            pad = (-total) % hop + 2 * hop
            self.push(np.zeros((pad, self._held.shape[1]), np.float32))
        frames = self._ready(first + len(gains), hop, whole=-(-total // hop) + 1 if last else 0)
        out = self._held[: len(frames) * hop].copy()
        if len(frames):
            slots = np.minimum(self._slots(frames, hop) - first, len(gains) - 1)
            self._add(out, _factors(gains, self._slopes), slots, hop)
        # The first frame is centred at sample 0: half a window of nothing comes before it.
        skip, begin = max(0, -self._start), self._start
        self._held = self._held[len(frames) * hop :]
        self._frame += len(frames)
        self._start = begin + len(frames) * hop
        return out[skip : total - begin] if last else out[skip:]

    def _slots(self, frames: NDArray[np.intp], hop: int) -> NDArray[np.intp]:
        return (frames * hop / self._rate / self._scheme.slot).astype(np.intp)

    def _ready(self, slots: int, hop: int, *, whole: int) -> NDArray[np.intp]:
        """Return the numbers of the frames whose gains and samples are known."""
        if whole:
            return np.arange(self._frame, whole)
        here = np.arange(self._frame, self._frame + max(0, len(self._held) // hop - 1))
        return here[self._slots(here, hop) < slots]

    def _add(
        self,
        out: NDArray[np.float32],
        factors: NDArray[np.float32],
        slots: NDArray[np.intp],
        hop: int,
    ) -> None:
        window = _windows(2 * hop)
        for channel in range(out.shape[1]):
            source = np.ascontiguousarray(self._held[: (len(slots) + 1) * hop, channel])
            view = sliding_window_view(source, 2 * hop)[::hop]
            change = np.zeros((len(slots) + 1, hop), np.float32)
            change[0] = self._overlap[:, channel]
            for row in range(0, len(slots), _ROWS):
                part = slots[row : row + _ROWS]
                here, shape = slice(row, row + len(part)), window[: len(part)]
                frames = view[here].copy()  # OpenCV cannot read rows that overlap
                cv2.multiply(frames, shape, frames)
                delta = self._changed(frames, factors, part)
                cv2.multiply(delta, shape, delta)
                change[here] += delta[:, :hop]
                change[row + 1 : row + 1 + len(part)] += delta[:, hop:]
            out[:, channel] += change[:-1].ravel()
            self._overlap[:, channel] = change[-1]

    def _changed(
        self, frames: NDArray[np.float32], factors: NDArray[np.float32], slots: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """Return the change of windowed frames, which are overwritten."""
        begin, end = self._slopes.begin, self._slopes.end
        cv2.dft(frames, frames, flags=cv2.DFT_ROWS)
        frames[:, :begin] = 0
        frames[:, end:] = 0
        kept = frames[:, begin:end]
        cv2.multiply(kept, factors[slots], kept)
        flags = cv2.DFT_ROWS | cv2.DFT_INVERSE | cv2.DFT_SCALE
        return np.asarray(cv2.dft(frames, frames, flags=flags), np.float32)
