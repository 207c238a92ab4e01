"""
The sound marks that are compared: ours, and audiowmark where somebody has built it.

audiowmark (GPL-3, C++) is run as a program: the environment variable AUDIOWMARK names it, or it is
on the PATH. It is no part of this repository. It gets what favours it: the length of the message is
told to it, and its answer counts when any of its patterns is exactly the message.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import labeler
from benchmarks.peers import message_for
from benchmarks.sound_attacks import GEOMETRIC
from benchmarks.tracing import digest
from detectors.audio.watermark import read_mark
from labeler.audio import codec
from labeler.audio.watermark import StreamMarker
from labeler.payload import Payload, from_bits
from labeler.schemes import AUDIO_V1


if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from detectors.audio.watermark import Depth

    Samples = NDArray[np.float32]
    Bits = tuple[int, ...]

__all__ = ["DEPTHS", "OURS", "PEERS", "Contestant", "contestants", "make", "message_for"]

OURS = "ours"
PEERS = ("audiowmark", "audiowmark-short16")
DEPTHS: tuple[Depth, ...] = ("plain", "fast", "standard")

_MARK_FILES = (
    "labeler/core/*.py",
    "labeler/core/audio/*.py",
    "labeler/audio/watermark.py",
    "labeler/schemes.py",
    "detectors/audio/watermark.py",
)
_SUITE_FILES = tuple(
    f"benchmarks/{name}.py" for name in ("sound_attacks", "sounds", "speech", "rooms")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """
    One mark in the comparison.

    ``embed`` takes samples (n, channels), the rate and the message and returns marked samples;
    ``read`` takes samples, the rate and the name of the attack they went through, and returns the
    messages that it claims. ``bits`` is how many leading bits of the message it carries.
    """

    name: str
    version: str
    bits: int
    embed: Callable[[Samples, int, Bits], Samples]
    read: Callable[[Samples, int, str], tuple[Bits, ...]]


def contestants() -> tuple[list[str], dict[str, str]]:
    """Return the names of those that can run, ours first, and for the others why they cannot."""
    here, away = [OURS], {}
    for name in PEERS:
        try:
            make(name)
        except FileNotFoundError as error:
            away[name] = str(error)
        else:
            here.append(name)
    return here, away


@lru_cache(maxsize=32)
def make(name: str, bits: int = 64, depth: Depth = "standard") -> Contestant:
    """
    Return a contestant: ours, ours at a strength (``ours-quiet``, ``ours-0.3``), or a peer.

    Raises FileNotFoundError where audiowmark is not built.
    """
    if name.startswith(OURS):
        strength = name.removeprefix(OURS).removeprefix("-") or "default"
        return ours(bits, strength, depth)
    return _audiowmark(name)


def ours(bits: int = 64, strength: str = "default", depth: Depth = "standard") -> Contestant:
    """Return the sound mark of this toolkit; its message counts only with p at most 1e-6."""
    number: str | float = float(strength) if strength.replace(".", "", 1).isdigit() else strength

    def embed(samples: Samples, rate: int, message: Bits) -> Samples:
        marker = StreamMarker(
            rate, samples.shape[1], from_bits(message), strength=number, bits=bits, self_check=False
        )
        return np.concatenate([marker.push(samples), marker.finish()])

    def read(samples: Samples, rate: int, _: str) -> tuple[Bits, ...]:
        evidence = read_mark(samples, rate, depth=depth)
        sure = evidence.p_value is not None and evidence.p_value <= AUDIO_V1.p_max
        if not evidence.found or not sure or evidence.mark_id is None:
            return ()
        payload = Payload(
            mark_id=int(evidence.mark_id, 16), status=evidence.status or 0, bits=evidence.bits
        )
        return (payload.to_bits()[: evidence.bits],)

    name = OURS if strength == "default" else f"{OURS}-{strength}"
    version = f"{AUDIO_V1.name}, {labeler.__version__} ({fingerprint()})"
    return Contestant(name=name, version=version, bits=bits, embed=embed, read=read)


def fingerprint() -> str:
    """Return eight digits that change with the code of our mark."""
    return digest(_MARK_FILES)


def suite_fingerprint() -> str:
    """Return eight digits that change with the attacks or the recordings."""
    return digest(_SUITE_FILES)


def _audiowmark(name: str) -> Contestant:
    program = os.environ.get("AUDIOWMARK") or shutil.which("audiowmark")
    if not program or not Path(program).is_file():
        raise FileNotFoundError("not built; set AUDIOWMARK to the program")
    bits = 16 if name.endswith("short16") else 128
    short = ["--short", "16"] if bits == 16 else []
    printed = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)

    def embed(samples: Samples, rate: int, message: Bits) -> Samples:
        wanted = _hex(message, bits)
        with tempfile.TemporaryDirectory() as folder:
            before, after = Path(folder, "in.wav"), Path(folder, "out.wav")
            before.write_bytes(codec.encode_array(samples, rate))
            command = [program, "add", *short, str(before), str(after), wanted]
            subprocess.run(command, capture_output=True, check=True)
            return codec.decode_sound(after.read_bytes()).samples

    def read(samples: Samples, rate: int, attack: str) -> tuple[Bits, ...]:
        search = ["--detect-speed"] if attack in GEOMETRIC else []
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "in.wav")
            path.write_bytes(codec.encode_array(samples, rate))
            command = [program, "get", *short, *search, str(path)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = re.findall(r"^pattern\s+\S+\s+([0-9a-f]+)", done.stdout, re.MULTILINE)
        return tuple(_bits(digits, bits) for digits in found)

    version = (printed.stdout or printed.stderr).strip().splitlines()
    return Contestant(
        name=name,
        version=version[0] if version else "audiowmark",
        bits=bits,
        embed=embed,
        read=read,
    )


def _long(message: Bits, bits: int) -> Bits:
    return tuple((message * (bits // len(message) + 1))[:bits])


def _hex(message: Bits, bits: int) -> str:
    return f"{int(''.join(map(str, _long(message, bits))), 2):0{bits // 4}x}"


def _bits(digits: str, bits: int) -> Bits:
    return tuple(map(int, f"{int(digits, 16):0{bits}b}"))


def is_message(claimed: tuple[Bits, ...], message: Bits, contestant: Contestant) -> bool:
    """Say whether one of the claimed messages is exactly the one that was embedded."""
    return _long(message, contestant.bits)[: contestant.bits] in claimed
