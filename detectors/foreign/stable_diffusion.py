"""
The marks of Stable Diffusion 1.x, 2.x, XL and of FLUX in the pixels of a picture.

All are dwtDct marks of invisible-watermark with a published message and without a key. What wrote
them is tried in every way that is known, so that more of them are found than the package itself
reads (docs/foreign-marks.md). Absence proves nothing: JPEG with reduced chroma, scaling and
cropping end these marks, and most programs never write them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.evidence import ProvenanceEvidence
from labeler.core.image.soft_blocks import message_sums, soft_readings
from labeler.core.significance import log_p_of_message
from labeler.schemes import DWT_DCT


if TYPE_CHECKING:
    from numpy.typing import NDArray


SCHEME = "invisible-watermark"

P_MAX = 1e-6
"""A reading counts when the bound on its chance, over all hypotheses together, is at most this."""

_WRITERS = 4
_MOST_PIXELS = 1 << 22
"""Pixels that are looked at, from the top; the message comes again and again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMessage:
    """A published message: ``bits`` as a string of 0 and 1, the first bit first."""

    name: str
    bits: str

    def to_array(self) -> NDArray[np.bool_]:
        """Return the bits, (n,) bool."""
        return np.array([bit == "1" for bit in self.bits])


def _spelled(text: bytes) -> str:
    return "".join(f"{byte:08b}" for byte in text)


MESSAGES = (
    KnownMessage(name="Stable Diffusion 1.x", bits=_spelled(b"StableDiffusionV1")),
    KnownMessage(name="Stable Diffusion 2.x", bits=_spelled(b"SDV2")),
    KnownMessage(name="Stable Diffusion XL", bits=f"{0xB3EC907BB19E:b}"),
    # Its authors give 48 bits, but their program drops the two leading zeros before writing.
    KnownMessage(name="FLUX", bits=f"{0x2AFE879CF52E:b}"),
)
"""What the reference programs write (design foreign-marks, section 5.4)."""


def read(pixels: NDArray[np.uint8]) -> ProvenanceEvidence:
    """
    Return whether a picture, uint8 (H, W) or RGB (H, W, 3), carries one of the known messages.

    ``p_value`` bounds the chance that a message drawn at random agrees as well with the picture in
    any of the ways that are tried.
    """
    if pixels.ndim != 3:
        return _nothing("a picture without colour cannot carry these marks")
    if pixels.shape[0] * pixels.shape[1] < DWT_DCT.least_pixels or min(pixels.shape[:2]) < 8:
        return _nothing("these marks are never put into pictures of less than 256 x 256 pixels")
    pixels = pixels[: max(8, _MOST_PIXELS // pixels.shape[1])]
    best = (0.0, MESSAGES[0], "", 0)
    for writer, votes in soft_readings(pixels, DWT_DCT.step):
        for known in MESSAGES:
            sums = message_sums(votes, len(known.bits))
            message = known.to_array()
            log_p = log_p_of_message(sums, message)
            if log_p < best[0]:
                best = (log_p, known, writer, int(((sums > 0) == message).sum()))
    log_p, known, writer, right = best
    p_value = min(1.0, math.exp(log_p) * _WRITERS * len(MESSAGES))
    if p_value > P_MAX:
        return ProvenanceEvidence(scheme=SCHEME, found=False, p_value=p_value)
    return ProvenanceEvidence(
        scheme=SCHEME,
        found=True,
        declares_ai=True,
        p_value=p_value,
        fields={
            "model": known.name,
            "method": DWT_DCT.name,
            "bits": f"{right}/{len(known.bits)}",
            "written_as": writer,
        },
        detail="a published message without a key: anybody can write it",
    )


def not_examined(why: str) -> ProvenanceEvidence:
    """Return the row of a picture whose pixels could not be had."""
    return _nothing(f"not examined: {why}")


def _nothing(why: str) -> ProvenanceEvidence:
    return ProvenanceEvidence(scheme=SCHEME, found=False, detail=why)
