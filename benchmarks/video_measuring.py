"""What is measured of the mark and the label of videos, one function a stage."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from benchmarks.ffmpeg import ffmpeg
from benchmarks.tracing import digest


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.videos import Clip

    Row = dict[str, Any]


STILLS = 10
WINDOWS = 20
"""Windows a clip that are read unmarked: every attack once, and the first ones later again."""

MEMORY_SECONDS = (10, 60, 600)

_CODE = (
    "labeler/core/*.py",
    "labeler/core/image/*.py",
    "labeler/core/video/*.py",
    "labeler/video/watermark.py",
    "labeler/video/sums.py",
    "labeler/video/planes.py",
    "detectors/image/watermark.py",
    "detectors/video/watermark.py",
    "benchmarks/video_attacks.py",
)
_WINDOW = 2.0
_PAIRS = 5
_RATE = 25


def fingerprint() -> str:
    """Return eight digits that change with the code of the mark or with the attacks."""
    return digest(_CODE)


def recovery(clip: Clip, file: Path, work: Path, *, strength: str, quick: bool) -> list[Row]:
    """Read a marked clip after every attack; the quick ones are four."""
    from benchmarks.video_attacks import ATTACKS, QUICK, attack
    from detectors.video.watermark import read_mark

    marked, receipt = _marked(clip, file, work, strength)
    rows = []
    for name in QUICK if quick else ATTACKS:
        target = work / "attacked.mkv"
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


def stills(clip: Clip, file: Path, work: Path, *, strength: str, quick: bool) -> list[Row]:
    """Read stills of the CRF 28 file at random times with the reader of pictures."""
    import numpy as np

    from benchmarks.video_attacks import attack
    from detectors.image.watermark import read_mark
    from labeler.video.facts import read_facts
    from labeler.video.planes import display_picture
    from labeler.video.playback import frames_of

    del quick
    marked, receipt = _marked(clip, file, work, strength)
    target = work / "attacked.mkv"
    attack("H.264 CRF 28", marked, target)
    facts = read_facts(target)
    shown = [display_picture(shown.frame, facts) for shown in frames_of(target)]
    places = np.random.default_rng(7).choice(len(shown), min(STILLS, len(shown)), replace=False)
    read = [_is_ours(read_mark(shown[at], depth="standard"), receipt["bits"]) for at in places]
    print(clip.name, "stills", sum(read), "of", len(read), flush=True)
    return [{"clip": clip.name, "stills": len(read), "read": sum(read)}]


def unmarked(clip: Clip, file: Path, work: Path, *, strength: str, quick: bool) -> list[Row]:
    """Read pieces of a clip that was never marked, in all kinds of shapes."""
    from detectors.video.watermark import read_mark

    del strength
    rows: list[Row] = []
    for piece in _windows(file, work, 3 if quick else WINDOWS):
        evidence = read_mark(piece)
        rows.append({"clip": clip.name, "found": evidence.found, "p_value": evidence.p_value})
    print(clip.name, "unmarked", len(rows), "found", sum(r["found"] for r in rows), flush=True)
    return rows


def cost(clip: Clip, file: Path, work: Path, *, strength: str, quick: bool) -> list[Row]:
    """Time transcodes with and without mark and label, in turns; at 4K too if it is large."""
    from labeler.video.facts import read_facts

    facts = read_facts(file)
    if min(facts.display_size) < 1080 and not quick:
        return []
    rows = [_cost(clip.name, file, work, strength=strength, pairs=1 if quick else _PAIRS)]
    if not quick:
        large = work / f"{clip.name}-4k.mkv"
        if not large.exists():
            ffmpeg("-i", file, "-t", "1.5", "-vf", "scale=3840:2160", "-c:v", "ffv1", large)
        rows.append(_cost(clip.name, large, work, strength=strength, pairs=_PAIRS))
    return rows


def memory(clip: Clip, file: Path, work: Path, *, strength: str, quick: bool) -> list[Row]:
    """Label the clip over and over, at several lengths; the most memory of each process."""
    rows: list[Row] = []
    for seconds in MEMORY_SECONDS[:2] if quick else MEMORY_SECONDS:
        long = work / f"{clip.name}-{seconds}s.mp4"
        if not long.exists():
            ffmpeg(
                "-stream_loop", "-1", "-i", file, "-f", "lavfi", "-i", "sine=440:48000", "-t",
                seconds, "-r", _RATE, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "28",
                "-c:a", "aac", long,
            )  # fmt: skip
        files = str(long), str(long.with_suffix(".out.mp4"))
        command = [sys.executable, "-c", _LABEL, *files, strength]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        peak = int(printed) / 1024
        rows.append({"clip": clip.name, "seconds": seconds, "peak_mb": peak})
        print(clip.name, "memory", seconds, "s:", round(peak), "MB", flush=True)
    return rows


_LABEL = """
import sys
from pathlib import Path
import cv2
cv2.setNumThreads(1)
from labeler.model import Label
from labeler.options import Options
from labeler.video.files import label_file
label = Label(producer="001191440300708461136T1XGW3", content_id="demo-001")
options = Options(strength=sys.argv[3], vcodec="h264", preset="veryfast")
label_file(Path(sys.argv[1]), Path(sys.argv[2]), label, options, overwrite=True)
status = Path("/proc/self/status").read_text()  # getrusage counts the parent's memory too
print(status.split("VmHWM:")[1].split()[0])
"""


def _label() -> Any:
    from labeler.model import Label

    return Label(producer="001191440300708461136T1XGW3", content_id="demo-001")


def _marked(clip: Clip, file: Path, work: Path, strength: str) -> tuple[Path, Row]:
    """Return the clip marked at CRF 18, and its receipt; made once for each state of the code."""
    import json

    from labeler.model import Layer
    from labeler.options import Options
    from labeler.video.label import label_content

    target = work / f"{clip.name}-marked-{strength}-{fingerprint()}.mkv"
    notes = target.with_suffix(".json")
    if not notes.exists():
        options = Options(
            layers=(Layer.WATERMARK,), strength=strength, crf=18, vcodec="h264", preset="veryfast"
        )
        content = label_content(file, target, _label(), options, known=False)
        notes.write_text(json.dumps(content.layers["watermark"]), encoding="utf-8")
    return target, json.loads(notes.read_text(encoding="utf-8"))


def _is_ours(evidence: Any, bits: int) -> bool:
    from labeler.payload import payload_of

    mine = payload_of(_label()).mark_hex
    return bool(evidence.found and evidence.bits == bits and evidence.mark_id == mine)


def _windows(file: Path, work: Path, count: int) -> Iterator[Path]:
    from benchmarks.video_attacks import ATTACKS

    names = list(ATTACKS)
    target = work / "window.mkv"
    for index in range(count):
        name = names[index % len(names)]
        arguments = ATTACKS["15 fps" if name == "3 s clip" else name]
        ffmpeg("-ss", 0.1 * index, "-i", file, "-t", _WINDOW, "-an", *arguments, target)
        yield target


def _cost(name: str, file: Path, work: Path, *, strength: str, pairs: int) -> Row:
    from labeler.options import Options
    from labeler.video.encoders import Encoding
    from labeler.video.facts import read_facts
    from labeler.video.label import frame_work
    from labeler.video.streams import rewrite

    facts = read_facts(file)
    target = work / "cost.mkv"
    times: dict[str, list[float]] = {"plain": [], "marked": []}
    sizes: dict[str, int] = {}
    for _ in range(pairs):
        for kind, kept in times.items():
            edit = frame_work(facts, _label(), Options(strength=strength)).edit
            began = _cpu()
            rewrite(
                file, target, facts, edit if kind == "marked" else _untouched,
                container="matroska", encoding=Encoding(vcodec="h264", crf=23, preset="veryfast"),
            )  # fmt: skip
            kept.append(_cpu() - began)
            sizes[kind] = target.stat().st_size
    ratios = [m / p for m, p in zip(times["marked"], times["plain"], strict=True)]
    row: Row = {
        "clip": name, "size": [facts.width, facts.height], "ratio": statistics.median(ratios),
        "least": min(ratios), "most": max(ratios), "growth": sizes["marked"] / sizes["plain"] - 1,
    }  # fmt: skip
    print(name, row["size"], "cost", round(row["ratio"], 3), "growth", round(row["growth"], 3))
    return row


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _untouched(frame: Any, seconds: float) -> None:
    del frame, seconds
