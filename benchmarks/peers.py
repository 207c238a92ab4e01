"""
The marks that are compared: ours and every peer that runs offline, behind one pair of functions.

Peers are optional: what is not installed is named with the reason. They get what favours them: the
length of the message is told to them, and their answer counts whenever it is exactly the message,
although they cannot say whether a picture carries a mark at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

import labeler
from benchmarks.tracing import digest
from detectors.image.watermark import read_mark
from labeler.image.watermark import embed_mark
from labeler.payload import MARK_ID_BITS, Payload, from_bits
from labeler.schemes import IMAGE_V1


if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from detectors.image.watermark import Depth

    Picture = NDArray[np.uint8]
    Bits = tuple[int, ...]

OURS = "ours"
PEERS = ("dwtDct", "dwtDctSvd", "rivaGan", "blind-watermark")
SLOW = frozenset({"rivaGan"})
"""Those that take many seconds a picture; they get fewer pictures and attacks."""

HEAVY = SLOW | {"blind-watermark"}
"""Those that are timed once a picture, and not at 4K."""

DEPTHS: tuple[Depth, ...] = ("plain", "fast", "standard", "deep")

_PEER_BITS, _RIVA_BITS = 64, 32
_MARK_FILES = (
    "labeler/core/*.py",
    "labeler/core/image/*.py",
    "labeler/image/watermark.py",
    "labeler/schemes.py",
    "detectors/image/watermark.py",
)
_SUITE_FILES = tuple(f"benchmarks/{n}.py" for n in ("attacks", "pictures", "synthesis", "quality"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """
    One mark in the comparison.

    ``embed`` takes RGB pixels and the 64 bits and returns the marked picture and how many leading
    bits it carries; ``read`` takes RGB pixels and returns the bits it claims, or None.
    """

    name: str
    version: str
    embed: Callable[[Picture, Bits], tuple[Picture, int]]
    read: Callable[[Picture], Bits | None]
    note: str = ""


def message_for(name: str) -> Bits:
    """Return the 64 bits that go into a picture: a payload whose mark id depends on the name."""
    hashed = hashlib.sha256(name.encode()).digest()
    mark_id = int.from_bytes(hashed[:8], "big") >> (64 - MARK_ID_BITS)
    return Payload(mark_id=mark_id).to_bits()


def contestants() -> tuple[list[str], dict[str, str]]:
    """Return the names of those that can run, ours first, and for the others why they cannot."""
    here, away = [OURS], {}
    for name in PEERS:
        try:
            make(name)
        except ImportError as error:
            away[name] = f"not installed ({error})"
        else:
            here.append(name)
    return here, away


@lru_cache(maxsize=16)
def make(name: str, depth: Depth = "deep") -> Contestant:
    """
    Return a contestant: ours, ours at another strength (``ours-subtle``, ``ours-1.0``), a peer.

    Raises ImportError when its package is not installed.
    """
    if name == OURS:
        return ours(depth=depth)
    if name.startswith(OURS + "-"):
        strength = name.removeprefix(OURS + "-")
        number = strength.replace(".", "", 1).isdigit()
        return ours(depth=depth, strength=float(strength) if number else strength)
    if name == "blind-watermark":
        return _blind_watermark()
    return _invisible_watermark(name, _RIVA_BITS if name == "rivaGan" else _PEER_BITS)


def ours(*, depth: Depth = "deep", strength: str | float = "default") -> Contestant:
    """Return the picture mark of this toolkit; its message counts only with p at most 1e-9."""

    def embed(pixels: Picture, bits: Bits) -> tuple[Picture, int]:
        marked, receipt = embed_mark(pixels, from_bits(bits), strength=strength)
        return np.asarray(marked, np.uint8), receipt.bits

    def read(pixels: Picture) -> Bits | None:
        evidence = read_mark(pixels, depth=depth)
        sure = evidence.p_value is not None and evidence.p_value <= IMAGE_V1.p_max
        if not evidence.found or not sure:
            return None
        payload = Payload(
            mark_id=int(evidence.mark_id, 16), status=evidence.status or 0, bits=evidence.bits
        )
        return payload.to_bits()

    name = OURS if strength == "default" else f"{OURS}-{strength}"
    version = f"{IMAGE_V1.name}, {labeler.__version__} ({fingerprint()})"
    return Contestant(name=name, version=version, embed=embed, read=read, note=f"depth {depth}")


def fingerprint() -> str:
    """Return eight digits that change with the code of our mark."""
    return digest(_MARK_FILES)


def suite_fingerprint() -> str:
    """Return eight digits that change with the attacks, the pictures or the quality figures."""
    return digest(_SUITE_FILES)


def _bgr(pixels: Picture) -> Picture:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), np.uint8)


def _rgb(values: NDArray[Any]) -> Picture:
    pixels = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)


def _bits(values: Any) -> Bits:
    return tuple(int(value > 0.5) for value in np.asarray(values, float).ravel())


def _invisible_watermark(method: str, length: int) -> Contestant:
    module = import_module("imwatermark")
    if method == "rivaGan":
        import_module("onnxruntime")
        module.WatermarkEncoder.loadModel()

    def embed(pixels: Picture, bits: Bits) -> tuple[Picture, int]:
        encoder = module.WatermarkEncoder()
        encoder.set_watermark("bits", list(bits[:length]))
        return _rgb(encoder.encode(_bgr(pixels), method)), length

    def read(pixels: Picture) -> Bits | None:
        return _bits(module.WatermarkDecoder("bits", length).decode(_bgr(pixels), method))

    return Contestant(
        name=method,
        version="invisible-watermark " + metadata.version("invisible-watermark"),
        embed=embed,
        read=read,
        note=f"{length} bits, its own defaults",
    )


def _blind_watermark() -> Contestant:
    with contextlib.redirect_stdout(io.StringIO()):
        module = import_module("blind_watermark")
    module.bw_notes.close()

    def embed(pixels: Picture, bits: Bits) -> tuple[Picture, int]:
        worker = module.WaterMark(password_img=1, password_wm=1)
        worker.read_img(img=_bgr(pixels))
        worker.read_wm(np.array(bits, bool), mode="bit")
        return _rgb(worker.embed()), len(bits)

    def read(pixels: Picture) -> Bits | None:
        worker = module.WaterMark(password_img=1, password_wm=1)
        return _bits(worker.extract(embed_img=_bgr(pixels), wm_shape=_PEER_BITS, mode="bit"))

    return Contestant(
        name="blind-watermark",
        version="blind-watermark " + metadata.version("blind-watermark"),
        embed=embed,
        read=read,
        note="64 bits, told their number",
    )
