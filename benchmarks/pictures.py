"""
The pictures that marks are measured on: a fixed list from installed packages, and drawn ones.

Photographs and artwork come from Debian's wallpaper packages where they are installed, and from
what scikit-image and scikit-learn ship; `benchmarks.synthesis` draws smooth ones. Each is reduced
to 1-2 megapixels; those that have less are a kind of their own. A hash of the name says which split
a picture belongs to, so the split cannot be chosen by its results.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image

from benchmarks.synthesis import SMOOTH


if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

PACKAGES = (
    "lomiri-wallpapers",
    "mate-backgrounds",
    "plasma-workspace-wallpapers",
    "gnome-backgrounds",
    "ukui-wallpapers",
    "sway-backgrounds",
    "xfdesktop4-data",
    "palapeli-data",
    "opencv-doc",
)
"""Debian packages that the full list needs: ``apt-get install --no-install-recommends``."""

_SHARE = Path("/usr/share")
_TEST_SHARE = 0.62
_MEGA = 1e6

_PHOTO_FILES = {
    "backgrounds": """
        Bridge_by_Sander_Klootwijk.jpg Dragonfly_by_Bolly.jpg Kleiber_by_Lukas_Baubkus.jpg
        Picture_0B_by_freespace.jpg Picture_1A_by_freespace.jpg Wine_by_Jakkub_Mede.jpg
        aitzgorri_by_Aitzol_Berasategi.jpg free_by_Peter_Nerlich.jpg
        friends_by_Aitzol_Berasategi.jpg greentock_by_Peter_Nerlich.jpg
        life_by_Aitzol_Berasategi.jpg picosdeeuropa_by_Aitzol_Berasategi.jpg
        seeding_by_Clements_Engelhardt.jpg sunset_by_Aitzol_Berasategi.jpg
    """,
    "backgrounds/mate/nature": """
        Aqua.jpg Blinds.jpg Dune.jpg FreshFlower.jpg Garden.jpg GreenMeadow.jpg LadyBird.jpg
        RainDrops.jpg Storm.jpg TwoWings.jpg Wood.jpg YellowFlower.jpg
    """,
    "wallpapers": """
        BytheWater/contents/images/2560x1600.jpg ColdRipple/contents/images/2560x1600.jpg
        ColorfulCups/contents/images/2560x1600.jpg DarkestHour/contents/images/2560x1600.jpg
        EveningGlow/contents/images/2560x1600.jpg FallenLeaf/contents/images/2560x1600.jpg
        Grey/contents/images/2560x1600.jpg Kite/contents/images/2560x1600.jpg
        OneStandsOut/contents/images/2560x1600.jpg Path/contents/images/2560x1600.jpg
        summer_1am/contents/images/2560x1600.jpg
    """,
    "palapeli/collection": """
        cincinnati-bridge.jpg citrus-fruits.jpg european-honey-bee.jpg panther-chameleon-female.jpg
    """,
    "doc/opencv-doc/examples/data": "aloeL.jpg",
}

_SMALL_FILES = {
    "palapeli/collection": "castle-maintenon.jpg",
    "doc/opencv-doc/examples/data": "building.jpg leuvenA.jpg fruits.jpg baboon.jpg",
}

_FLAT_FILES = {
    "backgrounds": """
        2004default.jpg calla.png city.png desert.png firstgeneration.jpg fluent-color.png
        focal-ubuntukylin.png goldfish.png rhythm.jpg rollpaper.png string.jpg the-mouse.jpg
        Fossa_by_Jasper_Roks.jpg Infinite-Sea_by_Aury88.jpg umang_by_Abhishek_Mudgal.jpg
        Painting-Colors_by__herobrine7gamer.jpg warty-final-ubuntu.png
    """,
    "backgrounds/gnome": """
        adwaita-d.webp adwaita-l.webp grid-d.webp licorice-l.webp pixels-l.webp symbolic-d.webp
        truchet-l.webp wood-l.webp
    """,
    "backgrounds/mate": """
        abstract/Elephants.jpg desktop/Float-into-MATE.png desktop/GreenTraditional.jpg
        desktop/Stripes.png desktop/Ubuntu-Mate-Cold-no-logo.png
    """,
    "backgrounds/sway": "Sway_Wallpaper_Blue_1920x1080.png",
    "backgrounds/xfce": "xfce-blue.jpg xfce-stripes.png xfce-teal.jpg xfce-verticals.png",
    "wallpapers": """
        Altai/contents/images/5120x2880.png Autumn/contents/images/2560x1600.jpg
        Canopee/contents/images/3840x2160.png Cascade/contents/images/3840x2160.png
        Cluster/contents/images/3840x2160.png Elarun/contents/images/2560x1600.png
        Flow/contents/images/5120x2880.jpg FlyingKonqui/contents/images/2560x1600.png
        Honeywave/contents/images/5120x2880.jpg IceCold/contents/images/5120x2880.png
        Kay/contents/images/5120x2880.png Kokkini/contents/images/3840x2160.png
        MilkyWay/contents/images/5120x2880.png Opal/contents/images/3840x2160.png
        PastelHills/contents/images/3200x2000.jpg Patak/contents/images/5120x2880.png
        SafeLanding/contents/images/5120x2880.jpg Shell/contents/images/5120x2880.jpg
        Volna/contents/images/5120x2880.jpg
    """,
}

_SHIPPED = {
    ("photo", "skimage", "data"): "retina.jpg",
    ("small", "skimage", "data"): """
        astronaut.png chelsea.png coffee.png rocket.jpg motorcycle_left.png hubble_deep_field.jpg
    """,
    ("small", "sklearn", "datasets/images"): "china.jpg flower.jpg",
}
"""(kind, package, folder): what Python packages ship, nearly all under one megapixel."""

KINDS = ("photo", "flat", "smooth", "small")
"""Photographs from 1 MP, drawn artwork, computed pictures, photographs under 1 MP."""

_SEEN = frozenset({"backgrounds/life_by_Aitzol_Berasategi.jpg"})
"""Test pictures that are known to have been looked at while constants were chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """
    One picture of the list: what it is called, what kind it is, where it comes from.

    ``kind`` is one of `KINDS`, or ``square`` and its side; ``path`` is None for computed pictures;
    ``side`` is that of a square to cut from the middle and reduce to, 0 for the whole picture.
    """

    name: str
    kind: str
    path: Path | None = None
    side: int = 0

    @property
    def split(self) -> str:
        """Test or tuning, by a hash of the name."""
        return "test" if self.name not in _SEEN and _share(self.name) < _TEST_SHARE else "tuning"


def sources(*, split: str | None = None, kinds: Iterable[str] | None = None) -> list[Source]:
    """Return the pictures of the list that are here, sorted by name."""
    wanted = set(kinds) if kinds is not None else None
    here = [
        source
        for source in _listed()
        if (source.path is None or source.path.is_file())
        and (split is None or source.split == split)
        and (wanted is None or source.kind in wanted)
    ]
    return sorted(here, key=lambda source: source.name)


def squares(side: int, *, split: str = "test") -> list[Source]:
    """Return the middle squares of the photographs, reduced to a side: what avatars are made of."""
    return [
        replace(source, name=f"square{side}/{source.name}", kind=f"square{side}", side=side)
        for source in sources(split=split, kinds=["photo"])
    ]


def missing() -> list[str]:
    """Return the names of the list whose packages are not installed."""
    return sorted(s.name for s in _listed() if s.path is not None and not s.path.is_file())


def load(source: Source) -> NDArray[np.uint8]:
    """
    Return a picture as (H, W, 3) uint8 RGB of at most 1-2 megapixels, transparency on white.

    The size within 1-2 megapixels follows from the name, so that all sizes occur.
    """
    if source.path is None:
        pixels = SMOOTH[source.name.removeprefix("smooth/")]()
    else:
        pixels = _read(source.path)
    if source.side:
        return _square(pixels, source.side)
    return _reduced(pixels, (1 + _share("size " + source.name)) * _MEGA)


def load_4k() -> NDArray[np.uint8]:
    """Return one (2160, 3840, 3) picture: a photograph if a large one is here, else a drawing."""
    for source in sources(kinds=["photo"]):
        pixels = _read(source.path) if source.path else None
        if pixels is not None and pixels.shape[0] * pixels.shape[1] >= 3840 * 2160:
            break
    else:
        pixels = SMOOTH["sky"]()
    return np.asarray(cv2.resize(pixels, (3840, 2160), interpolation=cv2.INTER_AREA), np.uint8)


def describe(source: Source, pixels: NDArray[np.uint8]) -> dict[str, Any]:
    """Return what a result file records of a picture: name, kind, split, size, SHA-256."""
    return {
        "name": source.name,
        "kind": source.kind,
        "split": source.split,
        "width": pixels.shape[1],
        "height": pixels.shape[0],
        "sha256": hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest(),
    }


def _listed() -> list[Source]:
    listed = [Source(name=f"smooth/{name}", kind="smooth") for name in SMOOTH]
    for kind, table in (("photo", _PHOTO_FILES), ("flat", _FLAT_FILES), ("small", _SMALL_FILES)):
        for folder, files in table.items():
            for file in files.split():
                path = _SHARE / folder / file
                listed.append(Source(name=f"{folder}/{file}", kind=kind, path=path))
    for (kind, package, folder), files in _SHIPPED.items():
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            continue
        for file in files.split():
            path = Path(spec.origin).parent / folder / file
            listed.append(Source(name=f"{package}/{file}", kind=kind, path=path))
    return listed


def _share(name: str) -> float:
    """Return a number 0..1 that depends on the name only."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") / 2**32


def _read(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        colour = image.convert("RGBA")
    white = Image.new("RGBA", colour.size, "white")
    return np.array(Image.alpha_composite(white, colour).convert("RGB"), np.uint8)


def _square(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    least = min(height, width)
    top, left = (height - least) // 2, (width - least) // 2
    middle = pixels[top : top + least, left : left + least]
    return np.asarray(cv2.resize(middle, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _reduced(pixels: NDArray[np.uint8], area: float) -> NDArray[np.uint8]:
    factor = math.sqrt(area / (pixels.shape[0] * pixels.shape[1]))
    if factor >= 1:
        return pixels
    smaller = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(smaller, np.uint8)
