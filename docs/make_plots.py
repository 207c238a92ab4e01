"""Draw plots of the benchmarks of sound, video and text: `python docs/make_plots.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape


if TYPE_CHECKING:
    from collections.abc import Iterable

DOCS = Path(__file__).parent
NAMES = ("sound", "video", "text")
WIDTH, STEP, LEFT, RIGHT, TOP = 760, 19, 250, 90, 44
INK, LINE, GOOD, WEAK = "#1f2937", "#cbd5e1", "#0072b2", "#d55e00"
WEAK_BELOW = 0.9

Bar = tuple[str, int, int]
"""What was done, how many were read, of how many."""


def plot(name: str) -> str:
    """Return the plot of one benchmark as SVG."""
    figures = json.loads((DOCS / f"benchmarks-{name}.json").read_text("utf-8"))
    titled = {"sound": _sound, "video": _video, "text": _text}
    title, bars = titled[name](figures)
    return _drawing(title, bars)


def _sound(figures: dict[str, Any]) -> tuple[str, list[Bar]]:
    told = figures["recovery"]["ours"]["64 bits"]
    bars = [(k.removesuffix("@10"), v["read"], v["of"]) for k, v in told.items() if "@10" in k]
    return "64 bits read exactly from clips of 10 s", bars


def _video(figures: dict[str, Any]) -> tuple[str, list[Bar]]:
    rows = figures["recovery"]
    attacks = dict.fromkeys(row["attack"] for row in rows)
    reads = {attack: [row["read"] for row in rows if row["attack"] == attack] for attack in attacks}
    stills = figures["stills"]
    last = ("one still of CRF 28", sum(r["read"] for r in stills), sum(r["stills"] for r in stills))
    bars = [(attack, sum(read), len(read)) for attack, read in reads.items()]
    return "64 bits read exactly from clips of 4 s", [*bars, last]


def _text(figures: dict[str, Any]) -> tuple[str, list[Bar]]:
    bars = [
        (f"{order.partition(',')[0]}: {change}", tally["read"], tally["of"])
        for order, changes in figures["recovery"].items()
        if order.endswith("change first")
        for change, tally in changes.items()
    ]
    return "64 bits read exactly from excerpts of 200 characters, changed first", bars


def _drawing(title: str, bars: Iterable[Bar]) -> str:
    rows = list(bars)
    height = TOP + STEP * len(rows) + 34
    space = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
    out = [
        f'<svg {space} role="img" font-family="sans-serif" font-size="12" fill="{INK}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="10" y="22" font-size="15" font-weight="bold">{escape(title)}</text>',
    ]
    out += _scale(height)
    for number, bar in enumerate(rows):
        out += _bar(TOP + STEP * number, bar)
    return "\n".join([*out, "</svg>\n"])


def _scale(height: int) -> list[str]:
    out = []
    for percent in range(0, 101, 25):
        x = LEFT + (WIDTH - LEFT - RIGHT) * percent / 100
        ends = f'x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{height - 28}"'
        out.append(f'<line {ends} stroke="{LINE}"/>')
        out.append(f'<text x="{x:.1f}" y="{height - 12}" text-anchor="middle">{percent} %</text>')
    return out


def _bar(top: int, bar: Bar) -> list[str]:
    name, read, of = bar
    share = read / of
    width = (WIDTH - LEFT - RIGHT) * share
    look = f'height="{STEP - 7}" fill="{GOOD if share >= WEAK_BELOW else WEAK}"'
    words = f'<text x="{LEFT - 8}" y="{top + 10}" text-anchor="end">{escape(name)}</text>'
    count = f'<text x="{WIDTH - RIGHT + 8}" y="{top + 10}">{read} of {of}</text>'
    return [words, f'<rect x="{LEFT}" y="{top}" width="{width:.1f}" {look}/>', count]


if __name__ == "__main__":
    for each in NAMES:
        (DOCS / "img" / f"bench-{each}.svg").write_text(plot(each), encoding="utf-8")
