"""
Measure the mark of videos: ``python benchmarks/run_videos.py --clips FOLDER [--quick]``.

Recovery after every attack, stills read by the reader of pictures, unmarked windows, and what mark
and label cost on top of a transcode. Writes benchmarks-video.md and .json into ``--out``. Finished
work is kept under ``--work`` and used again, so a run can be stopped and started.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.videos import Clip

ROOT = Path(__file__).parents[1]
STAGES = ("recovery", "stills", "unmarked", "cost")
_QUICK_CLIPS = ("animation720", "bikes272")
_QUICK_ATTACKS = ("H.264 CRF 28", "480p + CRF 28", "crop 60 %", "turned 3 deg")
_STILLS = 10
_WINDOW = 2.0
_PAIRS = 5


def main(argv: list[str] | None = None) -> int:
    """Run the stages that were asked for and write the report."""
    asked = _asked(argv)
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[threads] = "1"  # before numpy is loaded: one thread for everybody
    sys.path.insert(0, str(ROOT))  # so that the script runs without being installed
    import cv2

    from benchmarks import videos

    cv2.setNumThreads(1)
    asked.work.mkdir(parents=True, exist_ok=True)
    videos.fetch(asked.clips)
    names = _QUICK_CLIPS if asked.quick else asked.only
    clips = [
        (clip, videos.prepare(clip, file, asked.work))
        for clip, file in videos.originals(asked.clips)
        if names is None or clip.name in names
    ]
    stages: dict[str, Callable[..., list[dict[str, Any]]]] = {
        "recovery": _recovery,
        "stills": _stills,
        "unmarked": _unmarked,
        "cost": _cost,
    }
    figures = {stage: _journalled(asked, stage, clips, stages[stage]) for stage in asked.stages}
    _write(asked, figures)
    return 0


def _asked(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, required=True, help="where wheels are unpacked")
    parser.add_argument("--quick", action="store_true", help="two clips, few attacks")
    parser.add_argument("--only", nargs="+", help="names of clips")
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=STAGES)
    parser.add_argument("--strength", default="default")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "video")
    parser.add_argument("--out", type=Path, help="where the report goes (default: --work)")
    asked = parser.parse_args(argv)
    asked.out = asked.out or asked.work
    return asked


def _journalled(
    asked: argparse.Namespace,
    stage: str,
    clips: list[tuple[Clip, Path]],
    measure: Callable[..., list[dict[str, Any]]],
) -> list[dict[str, Any]]:
    """Return the rows of a stage over all clips, measuring those that are not kept yet."""
    rows: list[dict[str, Any]] = []
    for clip, file in clips:
        kept = asked.work / f"{stage}-{clip.name}-{asked.strength}.json"
        if not kept.exists():
            found = measure(asked, clip, file)
            kept.write_text(json.dumps(found, indent=1), encoding="utf-8")
        rows += json.loads(kept.read_text(encoding="utf-8"))
    return rows


def _label() -> Any:
    from labeler.model import Label

    return Label(producer="001191440300708461136T1XGW3", content_id="demo-001")


def _marked(asked: argparse.Namespace, clip: Clip, file: Path) -> tuple[Path, dict[str, Any]]:
    """Return the marked clip at CRF 18 and its receipt."""
    from labeler.model import Layer
    from labeler.options import Options
    from labeler.video.label import label_content

    target = asked.work / f"{clip.name}-marked-{asked.strength}.mkv"
    notes = target.with_suffix(".json")
    if not notes.exists():
        options = Options(
            layers=(Layer.WATERMARK,), strength=asked.strength, vcodec="h264", preset="veryfast"
        )
        content = label_content(file, target, _label(), options, known=False)
        notes.write_text(json.dumps(content.layers["watermark"]), encoding="utf-8")
    return target, json.loads(notes.read_text(encoding="utf-8"))


def _is_ours(evidence: Any, bits: int) -> bool:
    from labeler.payload import payload_of

    return bool(
        evidence.found and evidence.bits == bits
        and evidence.mark_id == payload_of(_label()).mark_hex
    )  # fmt: skip


def _recovery(asked: argparse.Namespace, clip: Clip, file: Path) -> list[dict[str, Any]]:
    from benchmarks.video_attacks import ATTACKS, attack
    from detectors.video.watermark import read_mark

    marked, receipt = _marked(asked, clip, file)
    rows = []
    for name in _QUICK_ATTACKS if asked.quick else ATTACKS:
        target = asked.work / "attacked.mkv"
        attack(name, marked, target)
        began = time.process_time()
        evidence = read_mark(target)
        rows.append(
            {
                "clip": clip.name, "attack": name, "read": _is_ours(evidence, receipt["bits"]),
                "detail": evidence.detail, "seconds": time.process_time() - began,
                "psnr_db": receipt["psnr_db"], "psnr_least_db": receipt["psnr_least_db"],
            }
        )  # fmt: skip
        print(clip.name, name, rows[-1]["read"], evidence.detail, flush=True)
    return rows


def _stills(asked: argparse.Namespace, clip: Clip, file: Path) -> list[dict[str, Any]]:
    """Read stills of the CRF 28 file at random times with the reader of pictures."""
    import numpy as np

    from benchmarks.video_attacks import attack
    from detectors.image.watermark import read_mark
    from labeler.video.facts import read_facts
    from labeler.video.planes import display_picture
    from labeler.video.playback import frames_of

    marked, receipt = _marked(asked, clip, file)
    target = asked.work / "attacked.mkv"
    attack("H.264 CRF 28", marked, target)
    facts = read_facts(target)
    shown = [display_picture(shown.frame, facts) for shown in frames_of(target)]
    places = np.random.default_rng(7).choice(len(shown), min(_STILLS, len(shown)), replace=False)
    read = [_is_ours(read_mark(shown[at], depth="standard"), receipt["bits"]) for at in places]
    print(clip.name, "stills", sum(read), "of", len(read), flush=True)
    return [{"clip": clip.name, "stills": len(read), "read": sum(read)}]


def _unmarked(asked: argparse.Namespace, clip: Clip, file: Path) -> list[dict[str, Any]]:
    """Read the clip as it is, and pieces of it in all kinds of shapes."""
    from detectors.video.watermark import read_mark

    del asked
    rows: list[dict[str, Any]] = []
    for piece in _windows(clip, file):
        evidence = read_mark(piece)
        rows.append({"clip": clip.name, "found": evidence.found, "p_value": evidence.p_value})
    print(clip.name, "unmarked", len(rows), "found", sum(r["found"] for r in rows), flush=True)
    return rows


def _windows(clip: Clip, file: Path) -> Iterator[Path]:
    import subprocess

    from benchmarks.video_attacks import ATTACKS

    for index, (name, arguments) in enumerate(ATTACKS.items()):
        target = file.with_name(f"{clip.name}-window.mkv")
        start = 0.1 * index
        subprocess.run(
            ["ffmpeg", "-nostdin", "-v", "error", "-y", "-ss", str(start), "-i", file, "-t",
             str(_WINDOW), "-an", *(ATTACKS["15 fps"] if name == "3 s clip" else arguments),
             target], check=True, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        yield target


def _cost(asked: argparse.Namespace, clip: Clip, file: Path) -> list[dict[str, Any]]:
    """Time a transcode with and without mark and label, in turns; CPU seconds and bytes."""
    from fractions import Fraction

    from labeler.options import Options
    from labeler.video.encoders import Encoding
    from labeler.video.facts import read_facts
    from labeler.video.label import frame_work
    from labeler.video.streams import rewrite

    facts = read_facts(file)
    target = asked.work / "cost.mkv"
    times: dict[str, list[float]] = {"plain": [], "marked": []}
    sizes: dict[str, int] = {}
    for _ in range(1 if asked.quick else _PAIRS):
        for kind, kept in times.items():
            work = frame_work(facts, _label(), Options(strength=asked.strength))
            began = time.process_time()
            rewrite(
                file, target, facts, work.edit if kind == "marked" else _untouched,
                container="matroska",
                encoding=Encoding(vcodec="h264", crf=23, preset="veryfast"),
            )  # fmt: skip
            kept.append(time.process_time() - began)
            sizes[kind] = target.stat().st_size
    ratios = [m / p for m, p in zip(times["marked"], times["plain"], strict=True)]
    row: dict[str, Any] = {
        "clip": clip.name, "ratio": statistics.median(ratios),
        "growth": sizes["marked"] / sizes["plain"] - 1,
        "rate": str(Fraction(facts.rate)), "size": [facts.width, facts.height],
    }  # fmt: skip
    print(clip.name, "cost", round(row["ratio"], 3), "growth", round(row["growth"], 3), flush=True)
    return [row]


def _untouched(frame: Any, seconds: float) -> None:
    del frame, seconds


def _write(asked: argparse.Namespace, figures: dict[str, list[dict[str, Any]]]) -> None:
    asked.out.mkdir(parents=True, exist_ok=True)
    plain = json.dumps(figures, indent=1)
    (asked.out / "benchmarks-video.json").write_text(plain, encoding="utf-8")
    lines = ["# Video: figures", "", *_recovery_lines(figures.get("recovery", []))]
    if stills := figures.get("stills"):
        read, all_ = (sum(row[name] for row in stills) for name in ("read", "stills"))
        lines += ["", f"Stills of the CRF 28 file read as pictures: {read} of {all_}."]
    if unmarked := figures.get("unmarked"):
        found = sum(row["found"] for row in unmarked)
        lines += ["", f"Unmarked windows: {len(unmarked)}, of which read as marked: {found}."]
    for row in figures.get("cost", []):
        size = f"{row['size'][0]} x {row['size'][1]}"
        lines.append("")
        lines.append(
            f"{row['clip']} {size}: {row['ratio']:.2f} times the CPU of the plain "
            f"transcode, file {row['growth']:+.1%} at CRF 23."
        )
    (asked.out / "benchmarks-video.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _recovery_lines(rows: list[dict[str, Any]]) -> list[str]:
    clips = list(dict.fromkeys(row["clip"] for row in rows))
    by = {(row["clip"], row["attack"]): row for row in rows}
    lines = ["| attack | " + " | ".join(clips) + " |", "|---|" + "---|" * len(clips)]
    for name in dict.fromkeys(row["attack"] for row in rows):
        cells = ("yes" if by[clip, name]["read"] else "**no**" for clip in clips)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    psnr = (f"{next(r for r in rows if r['clip'] == clip)['psnr_db']:.1f}" for clip in clips)
    lines.append("| mean PSNR-Y, dB | " + " | ".join(psnr) + " |")
    read = sum(row["read"] for row in rows)
    return [*lines, "", f"Read in all: {read} of {len(rows)}."]


if __name__ == "__main__":
    sys.exit(main())
