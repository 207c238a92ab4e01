"""
The recordings that sound marks are measured on: a fixed list from installed packages, and speech.

Music comes from Debian's game packages, human speech at 8 kHz from Asterisk's prompts, synthetic
speech from `benchmarks.speech`. Of each an excerpt is taken whose place follows from the name. A
hash of the name says which split a recording belongs to, so it cannot be chosen by its results.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import speech
from labeler.audio.codec import decode_blocks, read_format
from labeler.errors import LabelError


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

PACKAGES = (
    "hyperrogue-music",
    "singularity-music",
    "frozen-bubble-data",
    "wesnoth-1.16-music",
    "asterisk-moh-opsound-wav",
    "asterisk-core-sounds-en-wav",
    "asterisk-core-sounds-fr-wav",
    "espeak-ng",
)
"""Debian packages that the full list needs: ``apt-get install --no-install-recommends``."""

KINDS = ("music", "neural", "formant", "telephone")
"""Music, neural and formant speech synthesis, human speech at 8 kHz."""

EXCERPT = 30.0
"""Seconds of a recording that are marked and attacked."""

_SHARE = Path("/usr/share")
_TEST_SHARE = 0.62
_SILENT = 1e-3
_SHORTEST, _SHORTEST_BYTES = 2.5, 40_000

_MUSIC = {
    "hyperrogue/music": """
        hr-domina-hunting hr-domina-mountain hr-savino-palace hr3-caves hr3-crossroads hr3-desert
        hr3-graveyard hr3-hell hr3-icyland hr3-jungle hr3-laboratory hr3-mirror hr3-motion hr3-rlyeh
    """,
    "games/frozen-bubble/snd": "frozen-mainzik-1p frozen-mainzik-2p introzik",
    "games/wesnoth/1.16/data/core/music": """
        battle-epic breaking_the_chains casualties_of_war elf-land frantic journeys_end knolls
        loyalists northern_mountains silence the_city_falls traveling_minstrels underground wanderer
    """,
    "asterisk/moh": "macroform-cold_day macroform-the_simplicity reno_project-system",
}
_SINGULARITY = (
    "A New Journey", "Advanced Simulacra", "Awakening", "Coherence", "Enemy Unknown", "Inevitable",
    "Media Threat", "Nebula", "Orbital Elevator", "Through Space",
)  # fmt: skip
_TELEPHONE = {
    "asterisk/sounds/en_US_f_Allison": """
        demo-instruct demo-congrats priv-callee-options basic-pbx-ivr-main demo-echotest
        conf-adminmenu-18
    """,
    "asterisk/sounds/fr_CA_f_June": """
        demo-instruct demo-congrats priv-callee-options conf-adminmenu-162 vm-msginstruct
    """,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One recording of the list: what it is called, one of `KINDS`, and where it is."""

    name: str
    kind: str
    path: Path

    @property
    def split(self) -> str:
        """Test or tuning, by a hash of the name."""
        return "test" if share(self.name) < _TEST_SHARE else "tuning"


def share(name: str) -> float:
    """Return a number 0..1 that depends on the name only."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") / 2**32


def sources(*, split: str | None = None, kinds: Iterable[str] | None = None) -> list[Source]:
    """Return the recordings of the list that are here, sorted by name."""
    wanted = set(kinds) if kinds is not None else set(KINDS)
    here = [
        source
        for source in _listed()
        if source.kind in wanted
        and source.path.is_file()
        and (split is None or source.split == split)
    ]
    return sorted(here, key=lambda source: source.name)


def missing() -> list[str]:
    """Return the names of the list whose packages are not installed."""
    return sorted(source.name for source in _listed() if not source.path.is_file())


def load(source: Source, seconds: float = EXCERPT) -> tuple[Samples, int]:
    """
    Return an excerpt (n, channels) float32 and its rate; short recordings are taken whole.

    It starts at a place that follows from the name, in the first half where there is one.
    """
    rate = read_format(source.path).rate
    want = round(seconds * rate)
    start = round(share("start " + source.name) * 20 * rate)
    parts, have = [], 0
    for block in decode_blocks(source.path):
        parts.append(block)
        have += len(block)
        if have >= start + want:
            break
    whole = np.concatenate(parts)
    start = max(0, min(start, len(whole) - want))
    return np.ascontiguousarray(whole[start : start + want]), rate


def describe(source: Source, samples: Samples, rate: int) -> dict[str, Any]:
    """Return what a result file records of a recording."""
    return {
        "name": source.name,
        "kind": source.kind,
        "split": source.split,
        "rate": rate,
        "channels": samples.shape[1],
        "seconds": round(len(samples) / rate, 2),
        "sha256": hashlib.sha256(np.ascontiguousarray(samples).tobytes()).hexdigest(),
    }


def unmarked(hours: float) -> Iterator[tuple[str, int, Samples]]:
    """
    Yield (name, rate, samples) of up to a minute from every recording that can be found, whole.

    Music of all packages, all Asterisk prompts joined to minutes, all synthetic speech; it stops
    after so many hours.
    """
    left = hours * 3600
    for path in _everything():
        try:
            rate = read_format(path).rate
            for number, minute in enumerate(_minutes(path, rate)):
                yield f"{path.name} {number}", rate, minute
                left -= len(minute) / rate
                if left <= 0:
                    return
        except LabelError:
            continue


def _minutes(path: Path, rate: int) -> Iterator[Samples]:
    for block in decode_blocks(path, frames=60 * rate):
        if len(block) >= _SHORTEST * rate and float(np.abs(block).max()) > _SILENT:
            yield block


def _everything() -> list[Path]:
    """Return long recordings first, then the spoken ones, each list by name."""
    roots = ("hyperrogue/music", "games", "asterisk/moh", "asterisk/sounds")
    found = []
    for root in roots:
        found += sorted((_SHARE / root).rglob("*.ogg")) + sorted((_SHARE / root).rglob("*.wav"))
    found += sorted(speech.CACHE.glob("*.wav"))
    return [path for path in found if path.stat().st_size > _SHORTEST_BYTES]


def _listed() -> list[Source]:
    listed = []
    for kind, table, ending in (("music", _MUSIC, ".ogg"), ("telephone", _TELEPHONE, ".wav")):
        for folder, files in table.items():
            suffix = ".wav" if folder.startswith("asterisk") else ending
            for file in files.split():
                path = _SHARE / folder / f"{file}{suffix}"
                name = f"{folder.rsplit('/', 1)[-1]}/{file}"
                listed.append(Source(name=name, kind=kind, path=path))
    for title in _SINGULARITY:
        path = _SHARE / "games/singularity/music" / f"{title}.ogg"
        listed.append(Source(name=f"singularity/{title}", kind="music", path=path))
    for kind, spoken in (("neural", speech.neural_files()), ("formant", speech.formant_files())):
        listed += [Source(name=name, kind=kind, path=path) for name, path in spoken.items()]
    return listed
