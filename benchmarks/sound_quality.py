"""
How much a marked recording differs from its original: PESQ, ViSQOL, NMR and the plain SNR.

PESQ (ITU-T P.862.2, wide band, 16 kHz) and ViSQOL are judged by their own packages where those are
installed. NMR is ours, a simplified total noise-to-mask ratio after PEAQ (ITU-R BS.1387) with
slopes of a fixed steepness: below about -10 dB differences are usually inaudible. It is for
comparisons.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.sound_attacks import resampled


if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

_PESQ_RATE, _FULL_RATE = 16_000, 48_000
_PESQ_SECONDS, _VISQOL_SECONDS = 22, 6
_WINDOW, _HOP, _BANDS, _LOWEST = 2048, 1024, 109, 80.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """PESQ-WB and ViSQOL (None without their packages), NMR in dB, SNR in dB (None: identical)."""

    pesq: float | None
    visqol: float | None
    nmr: float
    snr: float | None

    def to_dict(self) -> dict[str, float | None]:
        """Return the figures as a result file holds them."""
        return asdict(self)


def compare(before: Samples, after: Samples, rate: int) -> Quality:
    """Return all figures of a pair of recordings (n, channels), judged as mono."""
    pair = before.mean(axis=1), after.mean(axis=1)
    change = after.astype(np.float64) - before
    power = float((change**2).sum())
    snr = 10 * math.log10(float((before.astype(np.float64) ** 2).sum()) / power) if power else None
    return Quality(
        pesq=pesq(*pair, rate), visqol=visqol(*pair, rate), nmr=nmr(*pair, rate), snr=snr
    )


def _at(samples: Samples, rate: int, to: int, seconds: float) -> Samples:
    count = round(seconds * rate)
    start = max(0, (len(samples) - count) // 2)
    part = np.ascontiguousarray(samples[start : start + count], np.float32)[:, None]
    return resampled(part, rate, to)[:, 0]


def pesq(before: Samples, after: Samples, rate: int) -> float | None:
    """Return the wide-band PESQ of the middle 22 s, at most 4.64, or None without ``pesq``."""
    if find_spec("pesq") is None:
        return None
    module: Any = import_module("pesq")
    pair = [_at(each, rate, _PESQ_RATE, _PESQ_SECONDS) for each in (before, after)]
    try:
        return float(module.pesq(_PESQ_RATE, *pair, "wb"))
    except module.PesqError:
        return None


def visqol(before: Samples, after: Samples, rate: int) -> float | None:
    """Return ViSQOL (audio mode) of the middle 6 s, at most about 4.73, or None without it."""
    if find_spec("visqol") is None:
        return None
    judge = import_module("visqol").VisqolApi()
    judge.create(mode="audio")
    pair = [
        _at(each, rate, _FULL_RATE, _VISQOL_SECONDS).astype(np.float64) for each in (before, after)
    ]
    return float(judge.measure_from_arrays(*pair, _FULL_RATE).moslqo)


def nmr(before: Samples, after: Samples, rate: int) -> float:
    """Return the mean noise-to-mask ratio in dB, over the frames that are not silent."""
    pair = [resampled(each[:, None].astype(np.float32), rate, _FULL_RATE)[:, 0]
            for each in (before, after)]  # fmt: skip
    frequency = np.asarray(np.fft.rfftfreq(_WINDOW, 1 / _FULL_RATE) + 1e-3, np.float64)
    weight = _outer_ear(frequency)
    clean, marked = (_spectrum(each) * weight for each in pair)
    edges = 7 * np.arcsinh(frequency / 650)
    lowest = 7 * math.asinh(_LOWEST / 650)
    place = ((edges - lowest) / 0.25).astype(int)
    inside = (frequency >= _LOWEST) & (place < _BANDS)
    bands = np.zeros((len(frequency), _BANDS))
    bands[np.flatnonzero(inside), place[inside]] = 1
    centre = lowest + (np.arange(_BANDS) + 0.5) * 0.25
    noise = (clean - marked) ** 2 @ bands
    ratio = noise / _mask(clean**2 @ bands, np.asarray(centre, np.float64))
    loud = (clean**2).sum(axis=1) > 1e4
    mean = float(ratio[loud].mean()) if loud.any() else 0.0
    return 10 * math.log10(mean + 1e-12)


def _spectrum(samples: Samples) -> NDArray[np.float64]:
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)
    return np.asarray(np.abs(np.fft.rfft(frames * window, axis=1)) * (32768 / (_WINDOW / 4)))


def _outer_ear(frequency: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weights of the outer and middle ear (BS.1387, 2.1.4)."""
    k = frequency / 1000
    level = -0.6 * 3.64 * k**-0.8 + 6.5 * np.exp(-0.6 * (k - 3.3) ** 2) - 1e-3 * k**3.6
    return np.asarray(10 ** (np.maximum(level, -80) / 20))


def _mask(energy: NDArray[np.float64], centre: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each band masks: energy spread by 27 and -12 dB a Bark, less 3 dB or more."""
    hertz = 650 * np.sinh(centre / 7)
    inner = energy + 10 ** (0.4 * 0.364 * (hertz / 1000) ** -0.8) * 10
    gap = centre[None, :] - centre[:, None]
    spread = 10 ** (np.where(gap < 0, 27 * gap, -12 * gap) / 10)
    spread /= spread.sum(axis=1, keepdims=True)
    offset = np.where(centre <= 12, 3, 0.25 * centre)
    return np.asarray((inner @ spread) / 10 ** (offset / 10))
