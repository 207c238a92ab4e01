"""
The figures of the audible label: finding it after damage, false alarms, and its picture.

Run with ``python -m benchmarks.audible_figures FOLDER...``, where the folders hold sound without
labels (Debian's asterisk-core-sounds-*-wav, hyperrogue-music, wesnoth-1.16-music and others);
``--picture FILE`` only draws the spectrogram of docs/audible.md. ffmpeg has to be on PATH.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from detectors.audio.audible import find_labels
from detectors.audio.facts import facts_of
from labeler.audio.audible import insert_label, plan_label
from labeler.core.audio.cue_search import best_rhythm


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from detectors.evidence import VisibleEvidence

    Floats = NDArray[np.float32]
    Attack = Callable[[Floats], Floats]

RATE = 16_000
SECONDS = 10
_SOUNDS = {".wav", ".ogg", ".opus", ".flac", ".mp3"}


def decoded(source: Path | bytes) -> Floats:
    """Return a file as mono float32 at 16 kHz."""
    told = source if isinstance(source, bytes) else None
    name = "-" if isinstance(source, bytes) else str(source)
    raw = ["-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"]
    command = ["ffmpeg", "-v", "error", "-threads", "1", "-i", name, *raw]
    out = subprocess.run(command, input=told, capture_output=True, check=False).stdout
    return np.frombuffer(out[: len(out) // 4 * 4], np.float32)


def through(*arguments: str, form: str = "wav") -> Attack:
    """Return an attack that codes or filters with ffmpeg."""
    raw = ["-f", "f32le", "-ar", str(RATE), "-ac", "1", "-i", "-"]

    def attack(samples: Floats) -> Floats:
        command = ["ffmpeg", "-v", "error", "-threads", "1", *raw, *arguments, "-f", form, "-"]
        data = samples.astype("<f4").tobytes()
        return decoded(subprocess.run(command, input=data, capture_output=True, check=True).stdout)

    return attack


def noisy(decibels: float) -> Attack:
    """Return an attack that adds white noise below the sound."""

    def attack(samples: Floats) -> Floats:
        level = np.sqrt((samples**2).mean() / 10 ** (decibels / 10))
        rng = np.random.default_rng(3)
        return np.asarray(samples + rng.standard_normal(len(samples)) * level, np.float32)

    return attack


def in_room(seconds: float) -> Attack:
    """Return an attack with an exponential tail of noise, direct sound 3 dB above it."""
    rng = np.random.default_rng(4)
    count = round(seconds * RATE)
    tail = rng.standard_normal(count) * np.exp(-6.9 * np.arange(count) / count)
    tail *= 0.7 / np.sqrt((tail**2).sum())
    tail[0] = 1

    def attack(samples: Floats) -> Floats:
        size = len(samples) + count
        both = np.fft.rfft(samples, size) * np.fft.rfft(tail, size)
        return np.asarray(np.fft.irfft(both, size)[: len(samples)] / 2, np.float32)

    return attack


def at_speed(speed: float) -> Attack:
    """Return an attack that plays faster or slower, pitch and all."""

    def attack(samples: Floats) -> Floats:
        at = np.arange(0, len(samples) - 1, speed)
        return np.asarray(np.interp(at, np.arange(len(samples)), samples), np.float32)

    return attack


ATTACKS: dict[str, Attack] = {
    "none": lambda samples: samples,
    "MP3 64k": through("-c:a", "libmp3lame", "-b:a", "64k", form="mp3"),
    "Opus 16k": through("-c:a", "libopus", "-b:a", "16k", form="ogg"),
    "44.1 kHz": through("-ar", "44100"),
    "8 kHz mu-law": through("-c:a", "pcm_mulaw", "-ar", "8000"),
    "speed +10 %": at_speed(1.1),
    "speed -10 %": at_speed(0.9),
    "tempo +10 %": through("-af", "atempo=1.1"),
    "tempo -10 %": through("-af", "atempo=0.9"),
    "noise 10 dB": noisy(10),
    "noise 5 dB": noisy(5),
    "room 0.3 s": in_room(0.3),
    "room 0.8 s": in_room(0.8),
    "300-3400 Hz": through("-af", "highpass=f=300,lowpass=f=3400"),
}


def files_in(folders: Sequence[Path]) -> list[Path]:
    """Return the sound files below folders."""
    found = (path for folder in folders for path in sorted(folder.rglob("*")))
    return [path for path in found if path.suffix.lower() in _SOUNDS]


def recovery(files: Sequence[Path], kind: str) -> Iterator[str]:
    """Yield a line an attack: how many labels are found, and the lowest score."""
    clips = [decoded(path)[20 * RATE : (20 + SECONDS) * RATE] for path in files]
    clips = [clip for clip in clips if len(clip) == SECONDS * RATE]
    places = ("start", "middle", "end")
    for name, attack in ATTACKS.items():
        scores = []
        for number, clip in enumerate(clips):
            place, lang = places[number % 3], ("zh", "en")[number % 2]
            plan = plan_label(clip, RATE, kind=kind, lang=lang, positions=(place,))
            found = find_labels(attack(insert_label(clip, RATE, plan)[0]), RATE)
            own = [row for row in found if row.scheme == kind and is_own(row)]
            scores.append(own[0].score or 0.0 if own else 0.0)
        hit = sum(score > 0 for score in scores)
        yield f"{kind:7} {name:14} {hit}/{len(scores)}  lowest {min(scores):.2f}"


def is_own(row: VisibleEvidence) -> bool:
    """Say whether a row is one of our own labels."""
    facts = facts_of(row)
    return facts is not None and facts.own


def false_alarms(files: Sequence[Path]) -> Iterator[str]:
    """Yield the labels found in sound that has none, and how much sound it was."""
    seconds, highest, alarms = 0.0, 0.0, 0
    begin = time.process_time()
    for block in joined_blocks(files):
        seconds += len(block) / RATE
        best = best_rhythm(block, RATE)
        highest = max(highest, best.score if best else 0.0)
        for row in find_labels(block, RATE):
            alarms += 1
            yield f"false alarm: {row.detail}"
    spent = max(time.process_time() - begin, 1e-3)
    hours = seconds / 3600
    yield f"{alarms} in {hours:.1f} h, highest rhythm {highest:.3f}; {seconds / spent:.0f}x"


def joined_blocks(files: Sequence[Path], seconds: float = 300) -> Iterator[Floats]:
    """Yield short files joined, and long ones alone."""
    parts: list[Floats] = []
    for path in files:
        parts.append(decoded(path))
        if sum(map(len, parts)) > seconds * RATE:
            yield np.concatenate(parts)
            parts = []
    if parts:
        yield np.concatenate(parts)


def draw(path: Path) -> None:
    """Draw the spectrogram of a sound with the rhythm at its start and the voice at its end."""
    matplotlib = import_module("matplotlib")
    matplotlib.use("Agg")
    plt = import_module("matplotlib.pyplot")
    sound = _programme()
    cue = insert_label(sound, RATE, plan_label(sound, RATE))[0]
    voice = plan_label(sound, RATE, kind="voice", positions=("end",))
    both = insert_label(cue, RATE, plan_label(cue, RATE, kind="voice", positions=("end",)))[0]
    figure, axes = plt.subplots(figsize=(9, 3.2), dpi=80, layout="constrained")
    both = both + np.float32(1e-6) * np.random.default_rng(1).standard_normal(len(both))
    axes.specgram(both, NFFT=512, Fs=RATE, noverlap=352, cmap="magma", vmin=-130, vmax=-35)
    axes.set(ylim=(0, 4000), xlabel="seconds", ylabel="Hz")
    axes.annotate("rhythm: short long, short short", (0.3, 1300), color="w", fontsize=9)
    end = len(both) / RATE - len(voice.clip) / RATE - 0.3
    axes.annotate("voice prompt", (end, 3600), color="w", fontsize=9)
    axes.annotate("programme", (4, 3600), color="w", fontsize=9)
    picture = io.BytesIO()
    figure.savefig(picture)
    # A palette of 64 colours keeps the file small
    Image.open(picture).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(
        path, optimize=True
    )


def _programme() -> Floats:
    """Return five seconds of plucked notes."""
    rng = np.random.default_rng(8)
    out = np.zeros(RATE * 6, np.float32)
    for at in np.arange(0, 5, 0.25):
        seconds = np.arange(RATE) / RATE
        tone = 220 * 2 ** (rng.choice([0, 3, 5, 7, 10, 12]) / 12)
        waves = sum(np.sin(2 * np.pi * tone * k * seconds) / k for k in range(1, 7))
        out[round(at * RATE) :][:RATE] += np.asarray(waves * np.exp(-5 * seconds) * 0.1, np.float32)
    return out[: RATE * 5]


def main() -> None:
    """Print the figures or draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--picture", type=Path)
    asked = parser.parse_args()
    if asked.picture:
        draw(asked.picture)
    files = files_in(asked.folders)
    long = [path for path in files if path.stat().st_size > 1_000_000]
    chosen = long[:: max(1, len(long) // asked.clips)][: asked.clips]
    for kind in ("rhythm", "voice") if chosen else ():
        for line in recovery(chosen, kind):
            print(line, flush=True)
    for line in false_alarms(files) if files else ():
        print(line, flush=True)


if __name__ == "__main__":
    main()
