"""
The figures of the visible label: height as written, reading after damage, false alarms, cost.

Run with ``python -m benchmarks.visible_figures`` (about ten minutes; ``--quick`` takes a tenth of
everything). The height is measured by a ruler of its own, by difference to the flat ground the
label was drawn on, after a round trip through PNG; nothing of the toolkit's ruler is used for it.
"""

from __future__ import annotations

import argparse
import io
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.pictures import load, sources
from detectors.image.visible import read_visible
from labeler.image.visible import POSITIONS, STYLES, draw_label, plan_label
from labeler.texts import WORDINGS, known_texts


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from detectors.evidence import VisibleEvidence

    Picture = NDArray[np.uint8]

SIDES = (64, 72, 80, 96, 100, 119, 128, 160, 180, 199, 200, 240, 256, 320, 360, 400, 480, 512, 600)
LARGE = (640, 720, 768, 900, 1024, 1080, 1280, 1536, 2048, 4096, 8192)
ODD = ((64, 2048), (3000, 96), (96, 160), (1344, 768), (7680, 4320), (4320, 7680), (8192, 8192))
SHAPES = ((1.0, 1.0), (1.5, 1.0), (1.0, 16 / 9))
LABELLED, UNLABELLED = 500, 400
_GREY = 118


@dataclass(frozen=True, slots=True, kw_only=True)
class Height:
    """One label measured on its written file: least ink rows of a letter, and what is required."""

    size: tuple[int, int]
    lang: str
    rows: int
    required: int
    claimed: int


def sizes() -> list[tuple[int, int]]:
    """Return sixty sizes from 64 to 8192 pixels: square, landscape and portrait in turn."""
    found = []
    for i, side in enumerate((*SIDES, *LARGE, *SIDES[::-1], *LARGE[:4])):
        wide, high = SHAPES[i % 3]
        found.append((min(8192, round(side * wide)), min(8192, round(side * high))))
    return [*found, *ODD][:60]


def written_height(width: int, height: int, lang: str) -> Height:
    """Draw on flat grey, write as PNG, read again, and measure every letter by difference."""
    plan = plan_label(width, height, lang=lang)
    labelled, receipt = draw_label(np.full((height, width), _GREY, np.uint8), plan)
    x, y, w, h = receipt.box
    file = io.BytesIO()
    Image.fromarray(labelled[y : y + h, x : x + w]).save(file, "PNG", compress_level=1)
    written = np.asarray(Image.open(file), np.float32)
    plate, pen = float(np.median(written)), float(receipt.pen[0])
    share = (written - plate) / (pen - plate)
    rows = []
    for gx, gy, gw, gh in receipt.glyph_boxes:
        spare = max(1, gh // 8)
        column = share[max(0, gy - y - spare) : gy - y + gh + spare, gx - x : gx - x + gw]
        rows.append(int((column.max(1) >= 0.5).sum()))
    required = -(-min(width, height) * 5 // 100)
    return Height(
        size=(width, height),
        lang=lang,
        rows=min(rows),
        required=required,
        claimed=receipt.ink_height,
    )


def coded(picture: Picture, format_name: str, quality: int) -> Picture:
    """Return a picture after a lossy codec."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format_name, quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


def halved(picture: Picture) -> Picture:
    """Return a picture at half its size."""
    smaller = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return np.asarray(smaller, np.uint8)


DAMAGE: dict[str, Callable[[Picture], Picture]] = {
    "as written": lambda a: a,
    "JPEG 50": lambda a: coded(a, "JPEG", 50),
    "half size": halved,
    "half size, JPEG 50": lambda a: coded(halved(a), "JPEG", 50),
    "WebP 60": lambda a: coded(a, "WEBP", 60),
}


def photographs() -> Iterator[tuple[str, Picture]]:
    """Yield the pictures of the benchmarks by name, reduced to a short side of 150 to 900."""
    rng = np.random.default_rng(1)
    for source in sources():
        picture = load(source)
        factor = float(rng.uniform(150, 900)) / min(picture.shape[:2])
        if factor < 1:
            picture = np.asarray(
                cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA),
                np.uint8,
            )
        yield source.name, picture


def drawn() -> Iterator[tuple[str, Picture]]:
    """Yield pictures without any photograph: flat, gradients, noise, patterns, text."""
    rng = np.random.default_rng(2)
    for level in range(0, 256, 51):
        yield f"flat {level}", np.full((360, 480, 3), level, np.uint8)
    ramp = np.linspace(0, 255, 480).astype(np.uint8)
    yield "gradient", np.repeat(np.tile(ramp, (360, 1))[..., None], 3, -1)
    for i in range(6):
        yield f"noise {i}", rng.integers(0, 256, (300, 400, 3), np.uint8)
        small = rng.integers(0, 256, (12 + 9 * i, 16 + 12 * i, 3), np.uint8)
        yield f"clouds {i}", cv2.resize(small, (480, 360), interpolation=cv2.INTER_CUBIC)
        grid = np.indices((360, 480)).sum(0) // (3 + 3 * i) % 2 * 255
        yield f"stripes {i}", np.repeat(grid[..., None], 3, -1).astype(np.uint8)
    words = (
        "GENERATED BY HAND|MADE IN CHINA|REGENERATED|ARTIFICIAL|ALL RIGHTS RESERVED|GENERAL|"
        "CREADO POR ANA|KI-KURS|ÉNERGIE GÉNÉRALE|GENERIERT|The quick brown fox|2025-09-01 10:00"
    ).split("|")
    for i, word in enumerate(words):
        page = Image.new("RGB", (640, 420), tuple(int(v) for v in rng.integers(0, 256, 3)))
        pen = ImageDraw.Draw(page)
        for row in range(9):
            face = ImageFont.load_default(18 + 4 * (i % 6))
            pen.text((12 + 9 * row, 8 + 45 * row), f"{word} {words[row]}", fill="white", font=face)
        yield f"text {word}", np.asarray(page)


def unlabelled() -> Iterator[tuple[str, Picture]]:
    """Yield pictures without a label: whole, drawn, and seeded crops of the photographs."""
    rng = np.random.default_rng(3)
    yield from drawn()
    whole = list(photographs())
    yield from whole
    while True:
        for name, picture in whole:
            h, w = picture.shape[:2]
            ch, cw = (int(n * rng.uniform(0.35, 0.9)) for n in (h, w))
            y, x = int(rng.integers(0, h - ch + 1)), int(rng.integers(0, w - cw + 1))
            crop = picture[y : y + ch, x : x + cw]
            yield f"crop of {name}", np.ascontiguousarray(crop[:: rng.choice([-1, 1])])


def timed(picture: Picture, langs: tuple[str, ...] | None) -> tuple[VisibleEvidence, float]:
    """Read a picture and take the CPU time."""
    start = time.process_time()
    evidence = read_visible(picture, langs=langs)
    return evidence, time.process_time() - start


def measure_heights(share: int) -> None:
    """Print how the written height stands to the required one."""
    heights = [written_height(w, h, lang) for lang in WORDINGS for w, h in sizes()[::share]]
    short = [h for h in heights if h.rows < h.required]
    exact = sum(h.rows == h.claimed for h in heights)
    over = sorted(h.rows / h.required for h in heights if min(h.size) >= 200)
    print(
        f"height: {len(heights)} labels, {len(sizes()[::share])} sizes, {len(WORDINGS)} languages"
    )
    print(f"  below the required height: {len(short)} {short[:3]}")
    print(f"  as the receipt claims: {exact}; off by more than a row: ", end="")
    print(sum(abs(h.rows - h.claimed) > 1 for h in heights))
    print(f"  over the required, from 200 px: median {np.median(over):.3f}, most {over[-1]:.3f}")


def measure_reading(count: int) -> None:
    """Print how many labels are read after each damage, and how well they measure."""
    rng = np.random.default_rng(4)
    read: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    scores, heights, contrasts, seconds, missed = [], [], [], [], []
    pictures = list(photographs())
    for i in range(count):
        name, picture = pictures[i % len(pictures)]
        h, w = picture.shape[:2]
        lang = list(WORDINGS)[int(rng.integers(len(WORDINGS)))]
        text = str(rng.choice(known_texts(lang)))
        style, position = list(STYLES)[i % 4], POSITIONS[int(rng.integers(len(POSITIONS)))]
        plan = plan_label(w, h, lang=lang, text=text, style=style, position=position)
        labelled, receipt = draw_label(picture, plan)
        damage = list(DAMAGE)[int(rng.integers(len(DAMAGE)))]
        evidence, spent = timed(DAMAGE[damage](labelled), None)
        tried[damage] += 1
        seconds.append(spent)
        if evidence.text != text:
            missed.append((name, picture.shape[:2], text, style, damage, evidence.text))
            continue
        read[damage] += 1
        scores.append(evidence.score or 0.0)
        heights.append((evidence.height_ratio or 0.0) / receipt.height_ratio)
        contrasts.append(evidence.contrast or 0.0)
    print(f"reading: {sum(read.values())} of {count} with the right text, all languages and styles")
    for damage in DAMAGE:
        print(f"  {damage}: {read[damage]} of {tried[damage]}")
    low = np.percentile(scores, [0, 1, 5, 50]).round(3)
    print(f"  score: least {low[0]}, 1 % {low[1]}, 5 % {low[2]}, median {low[3]}")
    low = np.percentile(heights, [0, 5, 50, 95, 100]).round(3)
    print(f"  height read to height drawn: {low[0]} .. {low[4]}, 5 % {low[1]}, 95 % {low[3]}")
    low = np.percentile(contrasts, [0, 1, 5, 50]).round(2)
    print(f"  contrast read: least {low[0]}, 1 % {low[1]}, 5 % {low[2]}, median {low[3]}")
    print(f"  CPU: median {np.median(seconds):.3f} s, most {max(seconds):.3f} s")
    for row in missed:
        print("  missed:", *row)


def measure_false_alarms(count: int) -> None:
    """Print how many labels are found where none is, and what looking costs."""
    found, seconds, two = [], [], []
    for _, (name, picture) in zip(range(count), unlabelled(), strict=False):
        evidence, spent = timed(picture, None)
        seconds.append(spent)
        two.append(timed(picture, ("zh", "en"))[1])
        if evidence.found:
            found.append((name, evidence.text, evidence.score))
    print(f"false alarms: {len(found)} of {count} {found[:3]}")
    print(f"  CPU, all languages: median {np.median(seconds):.3f} s, most {max(seconds):.3f} s")
    print(f"  CPU, zh and en: median {np.median(two):.3f} s, most {max(two):.3f} s")


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    share = 10 if parser.parse_args().quick else 1
    cv2.setNumThreads(1)
    measure_heights(share)
    measure_reading(LABELLED // share)
    measure_false_alarms(UNLABELLED // share)


if __name__ == "__main__":
    main()
