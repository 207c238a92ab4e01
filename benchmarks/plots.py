"""The plots of docs/benchmarks.md, drawn with matplotlib where it is installed."""

from __future__ import annotations

import io
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from PIL import Image

from benchmarks.peers import OURS
from benchmarks.summary import joined, speed


if TYPE_CHECKING:
    from pathlib import Path

_INK = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7")
_DPI = 90
_COLOURS = 64


def draw(result: dict[str, Any], folder: Path) -> list[Path]:
    """Write the plots into a folder and return their paths; none without matplotlib."""
    if find_spec("matplotlib") is None:
        return []
    import_module("matplotlib").use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    drawn = [_recovery(result, folder / "bench-recovery.png")]
    if result.get("timing"):
        drawn.append(_speed(result, folder / "bench-speed.png"))
    return drawn


def _recovery(result: dict[str, Any], path: Path) -> Path:
    """Draw the share of photographs read after each attack, one column of dots a contestant."""
    plt = import_module("matplotlib.pyplot")
    parts = {name: joined(result, ["photo"], name)["recovery"] for name in result["contestants"]}
    parts = {name: part for name, part in parts.items() if part}
    attacks = list(dict.fromkeys(attack for part in parts.values() for attack in part))[::-1]
    figure, axes = plt.subplots(figsize=(8, 1.2 + 0.17 * len(attacks)))
    for place, (name, part) in enumerate(parts.items()):
        found = [(i, part[a]) for i, a in enumerate(attacks) if a in part and part[a]["of"]]
        heights = [i + 0.09 * (place - 2) for i, _ in found]
        shares = [100 * tally["read"] / tally["of"] for _, tally in found]
        axes.plot(shares, heights, "o", ms=4, label=name, color=_INK[place % len(_INK)])
    axes.set_yticks(range(len(attacks)), attacks, fontsize=7)
    axes.set_ylim(-0.7, len(attacks) - 0.3)
    axes.set_xlabel("photographs whose exact message is read, per cent")
    axes.grid(visible=True, axis="y", alpha=0.3)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=5, fontsize=8, frameon=False)
    return _save(figure, path)


def _speed(result: dict[str, Any], path: Path) -> Path:
    """Draw ms per megapixel of embedding and plain reading, on a logarithmic scale."""
    plt = import_module("matplotlib.pyplot")
    jobs = speed(result["timing"])
    names = [name for name in (OURS, *result["peers"]) if f"embed {name}" in jobs][::-1]
    figure, axes = plt.subplots(figsize=(8, 1 + 0.55 * len(names)))
    for place, action in enumerate(("embed", "read")):
        heights = [i + 0.18 - 0.36 * place for i in range(len(names))]
        times = [jobs[f"{action} {name}"].get("1-2 MP", 0) for name in names]
        axes.barh(heights, times, 0.34, label=action, color=_INK[place])
        for height, time in zip(heights, times, strict=True):
            axes.text(time, height, f" {time:.3g}", va="center", fontsize=8)
    axes.set_yticks(range(len(names)), names)
    axes.set_xscale("log")
    axes.set_xlabel("processor time in ms per megapixel, pictures of 1-2 MP")
    axes.legend(frameon=False, fontsize=8)
    return _save(figure, path)


def _save(figure: Any, path: Path) -> Path:
    """Save with a small palette: a plot needs few colours, and the repository stays small."""
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=_DPI, bbox_inches="tight")
    import_module("matplotlib.pyplot").close(figure)
    Image.open(buffer).convert("RGB").quantize(_COLOURS).save(path, optimize=True)
    return path
