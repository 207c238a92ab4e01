"""
False positives of the picture mark: a test of what its bound rests on, on unmarked pictures.

Decodes of unmarked pictures, of crops of them and of attacked ones, in random geometries, with no
gate before the decoder: far more than a reader would try. Three things are looked at: the statistic
of the best codeword against the threshold, the statistic of single codewords against the Hoeffding
tail exp(-t^2 / 2) that the bound rests on, and checksums that hold by chance.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from benchmarks import pictures
from benchmarks.attacks import EVERY
from detectors.image.watermark import read_mark
from labeler.core.image.alignment import PILOT_GATE, align
from labeler.core.image.canonical import canonical_luma, whiten
from labeler.core.image.chips import decode, soft_chips, statistic
from labeler.core.image.fold import fold_picture
from labeler.core.image.lattice import codeword_chips, lattice_of
from labeler.core.significance import z_needed
from labeler.keys import DEFAULT_KEY
from labeler.schemes import IMAGE_V1


if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from detectors.image.watermark import Depth
    from labeler.core.image.alignment import Alignment
    from labeler.core.image.lattice import Lattice
    from labeler.schemes import CodeMode

    Picture = NDArray[np.uint8]

GEOMETRIES = 14
"""Random geometries tried on every picture."""

CODEWORDS = 4
"""Random codewords whose own statistic is taken at every decode."""

_ATTACKED = 0.6
_LEVELS = (2.0, 2.5, 3.0, 3.5, 4.0)
_ATTACKS = (
    "jpeg50",
    "resize0.5",
    "noise10",
    "webp50",
    "rotate5",
    "blur2",
    "resize0.5+jpeg50",
    "equalise",
    "median5",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One ungated decode: pilot score, winner's z, whether its checksum held, single codewords."""

    mode: str
    score: float
    z: float
    valid: bool
    single: tuple[float, ...]


def unmarked_pictures(seed: int = 7) -> Iterator[Picture]:
    """Yield crops of the picture list without end, most of them attacked, none ever marked."""
    chance = np.random.default_rng(seed)
    listed = pictures.sources()
    load = cache(pictures.load)
    while True:
        pixels = load(listed[int(chance.integers(len(listed)))])
        height, width = pixels.shape[:2]
        share = chance.uniform(0.3, 0.8)
        rows, columns = int(height * share), int(width * share)
        top = int(chance.integers(0, height - rows + 1))
        left = int(chance.integers(0, width - columns + 1))
        part = pixels[top : top + rows, left : left + columns]
        if chance.random() < _ATTACKED:
            part = EVERY[_ATTACKS[int(chance.integers(len(_ATTACKS)))]](part)
        yield np.ascontiguousarray(part)


def draws(decodes: int, *, seed: int = 7) -> Iterator[Draw]:
    """Yield ungated decodes of unmarked pictures until each mode has had ``decodes``."""
    cv2.setNumThreads(1)
    lattice = lattice_of(IMAGE_V1, DEFAULT_KEY.subkey(IMAGE_V1.name))
    chance = np.random.default_rng(seed)
    made = 0
    for pixels in unmarked_pictures(seed):
        level = whiten(canonical_luma(pixels, IMAGE_V1.canonical))
        for index in range(GEOMETRIES):
            folded = fold_picture(level, _geometry(chance), lattice)
            if folded is None:
                continue
            aligned = align(folded, lattice, near=index % 4 == 0)
            for mode in IMAGE_V1.modes:
                yield _draw(aligned, lattice, mode, chance)
            made += 1
            if made == decodes:
                return


def _geometry(chance: np.random.Generator) -> NDArray[np.float64]:
    """Return a scale of 0.5 to 2, in seven of ten cases with a rotation."""
    scale = math.exp(chance.uniform(math.log(0.5), math.log(2)))
    angle = chance.uniform(0, 2 * math.pi) if chance.random() < 0.7 else 0.0
    cosine, sine = math.cos(angle), math.sin(angle)
    return scale * np.array([[cosine, -sine], [sine, cosine]])


def _draw(
    aligned: Alignment, lattice: Lattice, mode: CodeMode, chance: np.random.Generator
) -> Draw:
    soft = soft_chips(aligned.coefficients, lattice)
    reading = decode(soft, lattice, mode, attempts=IMAGE_V1.attempts)
    frames = chance.integers(0, 2, (CODEWORDS, mode.frame_bits)).astype(np.uint8)
    single = (statistic(soft, codeword_chips(lattice, frame, mode)) for frame in frames)
    name = "long" if mode == IMAGE_V1.long_mode else "short"
    return Draw(
        mode=name, score=aligned.score, z=reading.z, valid=reading.valid, single=tuple(single)
    )


def summarise(drawn: list[Draw]) -> dict[str, Any]:
    """Return the distribution of each mode, next to its threshold and to the Hoeffding tail."""
    modes = {"long": IMAGE_V1.long_mode, "short": IMAGE_V1.short_mode}
    return {name: _summary([d for d in drawn if d.mode == name], modes[name]) for name in modes}


def _summary(drawn: list[Draw], mode: CodeMode) -> dict[str, Any]:
    z = np.array([d.z for d in drawn])
    single = np.array([value for d in drawn for value in d.single])
    needed = z_needed(IMAGE_V1.p_max, frame_bits=mode.frame_bits, attempts=IMAGE_V1.attempts)
    return {
        "decodes": len(z),
        "mean": float(z.mean()),
        "deviation": float(z.std()),
        "p99": float(np.percentile(z, 99)),
        "p99.9": float(np.percentile(z, 99.9)),
        "max": float(z.max()),
        "threshold": needed,
        "over_threshold": int((z >= needed).sum()),
        "valid_checksums": sum(d.valid for d in drawn),
        "expected_checksums": len(z) / 2**mode.check_bits,
        "pilot_gate_share": float(np.mean([d.score >= PILOT_GATE for d in drawn])),
        "single": {
            "count": len(single),
            "mean": float(single.mean()),
            "deviation": float(single.std()),
            "tail": {
                str(level): [float((single >= level).mean()), math.exp(-level * level / 2)]
                for level in _LEVELS
            },
        },
    }


def read_unmarked(count: int, *, depth: Depth = "deep", seed: int = 11) -> dict[str, Any]:
    """Read unmarked pictures to the end with the whole reader, and count what it claims to find."""
    cv2.setNumThreads(1)
    smallest, found = 1.0, []
    whole = map(pictures.load, pictures.sources())
    for index, pixels in enumerate(islice(chain(whole, unmarked_pictures(seed)), count)):
        evidence = read_mark(pixels, depth=depth)
        if evidence.p_value is not None:
            smallest = min(smallest, evidence.p_value)
        if evidence.found:
            digest = hashlib.sha256(pixels.tobytes()).hexdigest()[:16]
            found.append({"index": index, "sha256": digest, "detail": evidence.detail})
    return {"pictures": count, "depth": depth, "found": found, "smallest_p": smallest}
