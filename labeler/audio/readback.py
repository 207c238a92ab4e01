"""
Reading one's own work back from encoded sound (R-41): is the mark there, does the rhythm play.

The full readers stand in `detectors`; what is here is what labelling itself must know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.core.audio.cue_search import find_rhythms
from labeler.core.audio.embedding import mean_of
from labeler.core.audio.folding import CHUNK_SECONDS, FoldStream, mark_grid
from labeler.core.audio.pattern import pattern_of
from labeler.core.audio.reading import DRY, WET, attempts_of, convincing, read_fold
from labeler.payload import ReadBack, from_bits
from labeler.schemes import AUDIO_V1


if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from labeler.keys import Key

_NEAR = 0.1


def read_back(samples: NDArray[np.float32], rate: int, key: Key) -> ReadBack | None:
    """Return the mark of one key in samples (n, channels) as they are, or None."""
    return read_back_blocks([samples], rate, key)


def read_back_blocks(blocks: Iterable[NDArray[np.float32]], rate: int, key: Key) -> ReadBack | None:
    """Return the mark of one key in blocks of samples (n, channels), or None; constant memory."""
    pattern = pattern_of(AUDIO_V1, key.subkey(AUDIO_V1.name))
    stream = FoldStream(mark_grid(rate, AUDIO_V1), AUDIO_V1.period)
    for block in blocks:
        mono = block if block.ndim == 1 else mean_of(block)
        for at in range(0, len(mono), CHUNK_SECONDS * rate):
            stream.push(mono[at : at + CHUNK_SECONDS * rate])
    attempts = attempts_of(pattern, taps=2)
    reading = read_fold(stream.finish(), pattern, taps=(DRY, WET), attempts=attempts)
    if reading is None or not convincing(reading, pattern):
        return None
    return ReadBack(payload=from_bits(reading.payload), z=reading.z)


def own_rhythms(samples: NDArray[np.float32], rate: int) -> tuple[float, ...]:
    """Return where our own rhythm plays, in seconds."""
    mono = samples if samples.ndim == 1 else samples.mean(axis=1)
    return tuple(heard.begin for heard in find_rhythms(mono, rate) if heard.own)


def plays_at(samples: NDArray[np.float32], rate: int, positions: tuple[float, ...]) -> bool:
    """Say whether our own rhythm plays at every one of these seconds."""
    heard = own_rhythms(samples, rate)
    return all(any(abs(at - begin) < _NEAR for begin in heard) for at in positions)
