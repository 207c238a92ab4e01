"""
What happens to videos on their way: coding, scaling, cutting, turning. Run by the ffmpeg program.

They act on our own marked clips only, to measure what the mark survives.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from benchmarks.ffmpeg import ffmpeg


if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


_X264 = ("-c:v", "libx264", "-preset", "veryfast")
_CRF28 = (*_X264, "-crf", "28")


def _filtered(text: str, *coding: str) -> tuple[str, ...]:
    return ("-vf", text, *(coding or _CRF28))


def _turned(degrees: int) -> tuple[str, ...]:
    return _filtered(f"rotate={degrees}*PI/180")


_RECORDED = (
    "crop=trunc(iw*.485)*2:trunc(ih*.485)*2,scale=trunc(iw*.415)*2:-2,gblur=0.7,"
    "eq=gamma=1.1:contrast=0.95,noise=alls=6:allf=t"
)

ATTACKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "H.264 CRF 28": _CRF28,
        "H.264 CRF 33": (*_X264, "-crf", "33"),
        "HEVC CRF 28": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
                        "log-level=none", "-crf", "28"),
        "VP9 CRF 36": ("-c:v", "libvpx-vp9", "-crf", "36", "-b:v", "0", "-cpu-used", "8",
                       "-deadline", "realtime"),
        "AV1 CRF 40": ("-c:v", "libsvtav1", "-preset", "11", "-crf", "40"),
        "480p + CRF 28": _filtered("scale=-2:480"),
        "15 fps": ("-r", "15", *_CRF28),
        "3 s clip": ("-ss", "0.7", "-t", "3", *_CRF28),
        "1.25x speed": _filtered("setpts=PTS/1.25"),
        "crop 80 %": _filtered("crop=trunc(iw*.4)*2:trunc(ih*.4)*2"),
        "crop 60 %": _filtered("crop=trunc(iw*.3)*2:trunc(ih*.3)*2:iw*.1:ih*.25"),
        "letterbox": _filtered("pad=iw:iw:0:(ow-ih)/2"),
        "mirror": _filtered("hflip"),
        "re-recorded": ("-vf", _RECORDED, "-r", "30", *_CRF28),
        "turned 1 deg": _turned(1),
        "turned 3 deg": _turned(3),
        "turned 10 deg": _turned(10),
    }
)  # fmt: skip
"""Arguments of ffmpeg for every attack, by its name in the report."""


QUICK = ("H.264 CRF 28", "480p + CRF 28", "crop 60 %", "turned 3 deg")
"""A few of them, for a quick run."""


def attack(name: str, source: Path, target: Path) -> None:
    """Write what an attack makes of a marked clip."""
    ffmpeg("-i", source, "-an", *ATTACKS[name], target)
