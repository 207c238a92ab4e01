"""
Reading audible labels: our rhythm cue, our voice prompts, rhythms of others (R-18, R-55).

One pass over the sound in pieces of a minute serves all three. Spoken labels of other voices are
not recognised, since that needs speech recognition; every row says so.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from detectors.audio.facts import RHYTHM, VOICE, AudibleFacts, describe
from detectors.evidence import VisibleEvidence
from detectors.findings import NOT_EXAMINED
from labeler.audio.audible import RHYTHM_TEXT
from labeler.audio.pace import pace_of
from labeler.audio.prompts import SENTENCES, shipped_prompt
from labeler.core.audio.clip import FRAMES, correlate_shape, measure_shape, shapes_of
from labeler.core.audio.cue_search import (
    HOP,
    SEARCH,
    each_piece,
    is_own,
    rhythms_in,
    thin_out,
)
from labeler.core.audio.loudness import integrated_loudness


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from labeler.core.audio.clip import Shape
    from labeler.core.audio.cue_search import Envelopes, Heard

    Floats = NDArray[np.float32]
    Finding = tuple[AudibleFacts, float, str]

UNSEARCHED = "spoken labels of other voices not examined (no speech recognition)"
"""What a reading without speech recognition cannot say."""

VOICE_SCORE = 0.7
"""
Least correlation of a shipped prompt: unmarked sound stays below 0.4, but the same synthetic voice
saying another sentence that begins alike reaches 0.64 (docs/audible.md).
"""

_LOWEST_RATE = 8000
_NEAR = 1.5  # s from either end of the sound within which a label stands at start or end
_TAILS = {"own": (1e-3, 40.0), "foreign": (1e-2, 40.0), "voice": (1e-2, 40.0)}


def read_audible(samples: Floats, rate: int) -> VisibleEvidence:
    """
    Read the clearest audible label of a sound, or say that none was found.

    Parameters
    ----------
    samples
        Float, (n,) or (n, channels), full scale 1.0.
    rate
        Samples a second; below 8 kHz nothing is examined.

    """
    if rate < _LOWEST_RATE:
        detail = f"{NOT_EXAMINED}: audible labels are looked for from {_LOWEST_RATE} Hz on"
        return VisibleEvidence(scheme=RHYTHM, found=False, detail=detail)
    found = find_labels(samples, rate)
    if found:
        return found[0]
    return VisibleEvidence(
        scheme=RHYTHM, found=False, detail=f"neither rhythm nor shipped prompt found; {UNSEARCHED}"
    )


def find_labels(samples: Floats, rate: int) -> tuple[VisibleEvidence, ...]:
    """
    Return every audible label of a sound: our own first, then the higher score.

    Parameters are those of `read_audible`; the sound has at least 8 kHz.
    """
    heard: list[Heard] = []
    voices: list[Finding] = []
    length = len(samples) / rate
    for envelopes in each_piece(samples, rate):
        heard += rhythms_in(envelopes)
        voices += _voices_in(envelopes, length)
    found = [_rhythm(one, length) for one in thin_out(heard)] + _thinned(voices)
    found.sort(key=lambda finding: (finding[0].own, finding[1]), reverse=True)
    rest = _loudness_of_rest(samples, rate, [facts for facts, _, _ in found])
    return tuple(_evidence(finding, samples, rate, rest) for finding in found)


def score_p_value(score: float, kind: str, hours: float) -> float:
    """
    Bound the chance that so many hours of sound without a label score as high.

    The tails are fitted above the scores of unmarked sound (docs/audible.md); ``kind`` is own,
    foreign or voice.

    >>> score_p_value(0.97, "own", 1.0) < 1e-6
    True
    """
    an_hour, decay = _TAILS[kind]
    threshold = {"own": SEARCH.own_score, "foreign": SEARCH.foreign_score}.get(kind, VOICE_SCORE)
    rate = an_hour * math.exp(-decay * (score - threshold))
    return min(1.0, rate * max(hours, 1 / 60))


def _rhythm(heard: Heard, length: float) -> Finding:
    """Put a rhythm down as facts, score and text."""
    facts = AudibleFacts(
        kind=RHYTHM,
        begin=max(0.0, heard.begin),
        end=heard.end,
        position=_position(heard.begin, heard.end, length),
        unit=heard.rhythm.unit,
        gap=heard.rhythm.gap,
        tone=heard.rhythm.tone,
        own=is_own(heard.rhythm),
    )
    return facts, heard.score, RHYTHM_TEXT


def _voices_in(envelopes: Envelopes, length: float) -> Iterator[Finding]:
    """Yield the shipped prompts of a piece that reach the threshold."""
    energies = measure_shape(envelopes)
    for lang, text in SENTENCES.items():
        shapes = _shapes(lang)
        scores = correlate_shape(energies, shapes)
        best = scores.max(axis=0)
        for frame in np.flatnonzero(best >= VOICE_SCORE):
            shape = shapes[int(scores[:, frame].argmax())]
            begin = max(0.0, envelopes.begin + float(frame) * HOP * FRAMES)
            facts = AudibleFacts(
                kind=VOICE,
                begin=begin,
                end=begin + shape.seconds,
                position=_position(begin, begin + shape.seconds, length),
                pace=pace_of(text, shape.seconds),
            )
            yield facts, float(best[frame]), text


def _thinned(voices: Sequence[Finding]) -> list[Finding]:
    """Keep the best of prompts that overlap."""
    kept: list[Finding] = []
    for finding in sorted(voices, key=lambda finding: finding[1], reverse=True):
        facts = finding[0]
        if all(facts.end < other.begin or other.end < facts.begin for other, _, _ in kept):
            kept.append(finding)
    return kept


@lru_cache(maxsize=4)
def _shapes(lang: str) -> tuple[Shape, ...]:
    """Return the shapes of a shipped prompt."""
    prompt = shipped_prompt(lang)
    return shapes_of(prompt.samples, prompt.rate)


def _position(begin: float, end: float, length: float) -> str:
    """Name the place of a label in a sound (GB 45438-2025 5.3 d, R-15)."""
    if begin <= _NEAR:
        return "start"
    return "end" if end >= length - _NEAR else "middle"


def _loudness_of_rest(samples: Floats, rate: int, found: Sequence[AudibleFacts]) -> float:
    """Return the loudness of a sound without its labels, ``-inf`` when that is silent or empty."""
    if not found:
        return -math.inf
    kept = np.ones(len(samples), bool)
    for facts in found:
        kept[round(max(0.0, facts.begin - 0.1) * rate) : round((facts.end + 0.1) * rate)] = False
    return integrated_loudness(samples[kept], rate)


def _evidence(finding: Finding, samples: Floats, rate: int, rest: float) -> VisibleEvidence:
    """Measure the level of a label and put the row together."""
    facts, score, text = finding
    part = samples[round(facts.begin * rate) : round(facts.end * rate)]
    label = integrated_loudness(part, rate)
    level = label - rest if math.isfinite(label) and math.isfinite(rest) else None
    kind = VOICE if facts.kind == VOICE else "own" if facts.own else "foreign"
    complete = AudibleFacts(
        kind=facts.kind,
        begin=facts.begin,
        end=facts.end,
        position=facts.position,
        level=level,
        unit=facts.unit,
        gap=facts.gap,
        tone=facts.tone,
        pace=facts.pace,
        own=facts.own,
    )
    return VisibleEvidence(
        scheme=facts.kind,
        found=True,
        text=text,
        score=round(score, 3),
        p_value=score_p_value(score, kind, len(samples) / rate / 3600),
        detail=f"{describe(complete)}; {UNSEARCHED}",
    )
