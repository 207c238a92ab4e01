"""
Measure the mark of videos: ``python benchmarks/run_videos.py --clips FOLDER [--quick]``.

Stages: recovery after every attack, stills read by the reader of pictures, unmarked windows, cost
on top of a transcode, memory. Writes benchmarks-video.md and .json into docs (``--quick``: into the
work folder). Finished work is kept under ``--work`` as long as the measured code stays, so a run
can be stopped, started, and done in parts (``--stages``, ``--only``).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.videos import Clip

ROOT = Path(__file__).parents[1]
STAGES = ("stills", "recovery", "unmarked", "cost", "memory")
_QUICK_CLIPS = ("animation720", "bikes272")
_MEMORY_CLIP = "bikes272"


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
    for stage in asked.stages:
        for clip, file in clips:
            if stage != "memory" or clip.name == _MEMORY_CLIP:
                _measure(asked, stage, clip, file)
    _write(asked, [clip for clip, _ in clips])
    return 0


def _asked(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, required=True, help="where wheels are unpacked")
    parser.add_argument("--quick", action="store_true", help="two clips, few attacks")
    parser.add_argument("--only", nargs="+", help="names of clips")
    parser.add_argument("--stages", nargs="*", choices=STAGES, default=STAGES)
    parser.add_argument("--strength", default="default")
    parser.add_argument("--work", type=Path, help="default: build/video, or build/video-quick")
    parser.add_argument("--out", type=Path, help="where the report goes")
    asked = parser.parse_args(argv)
    asked.work = asked.work or ROOT / "build" / ("video-quick" if asked.quick else "video")
    asked.out = asked.out or (asked.work if asked.quick else ROOT / "docs")
    return asked


def _name(asked: argparse.Namespace, stage: str, clip: Clip) -> str:
    return f"{stage}-{clip.name}-{asked.strength}"


def _measure(asked: argparse.Namespace, stage: str, clip: Clip, file: Path) -> None:
    """Measure one stage of one clip, unless that is kept from this state of the code."""
    from benchmarks import stages, video_measuring

    code = video_measuring.fingerprint()
    if _kept(asked, stage, clip) is None:
        measure: Callable[..., list[dict[str, Any]]] = getattr(video_measuring, stage)
        found = measure(clip, file, asked.work, strength=asked.strength, quick=asked.quick)
        stages.keep(asked.work, _name(asked, stage, clip), found, code)


def _kept(asked: argparse.Namespace, stage: str, clip: Clip) -> Any:
    from benchmarks import stages, video_measuring

    return stages.kept(asked.work, _name(asked, stage, clip), video_measuring.fingerprint())


def _write(asked: argparse.Namespace, clips: list[Clip]) -> None:
    """Write the report of what is kept of all stages, whichever ran now."""
    from benchmarks import summary, video_measuring, video_report

    figures = {
        stage: [row for clip in clips for row in _kept(asked, stage, clip) or []]
        for stage in STAGES
    }
    result = {
        "schema": summary.SCHEMA,
        "quick": asked.quick,
        "strength": asked.strength,
        "code": video_measuring.fingerprint(),
        "machine": summary.machine(),
        "clips": {clip.name: clip.source for clip in clips},
        **figures,
    }
    asked.out.mkdir(parents=True, exist_ok=True)
    plain = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    (asked.out / "benchmarks-video.json").write_text(plain, encoding="utf-8")
    (asked.out / "benchmarks-video.md").write_text(video_report.page(result), encoding="utf-8")
    for goal in video_report.goals(result):
        met = {True: "met", False: "NOT MET", None: "not measured"}[goal.met]
        print(f"{met:12} {goal.what}: {goal.figure} ({goal.bound})")


if __name__ == "__main__":
    sys.exit(main())
