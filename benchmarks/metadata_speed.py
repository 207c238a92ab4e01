"""
Time the metadata write of a 2.7 MB JPEG against ExifTool: `python benchmarks/metadata_speed.py`.

ExifTool stays open; the calls are interleaved. Rows: the write itself (label
written and read back, in memory), file to file, and file to file flushed to the disk, compared
and read back, none of which ExifTool does.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import cv2
import numpy as np

from labeler import Label
from labeler.metadata import write_label
from labeler.verbs import save_labelled


if TYPE_CHECKING:
    from collections.abc import Callable

BYTES = 2_600_000
CONFIG = """%Image::ExifTool::UserDefined = ('Image::ExifTool::XMP::Main' => { TC260 => {
  SubDirectory => { TagTable => 'Image::ExifTool::UserDefined::TC260' } } });
%Image::ExifTool::UserDefined::TC260 = ( GROUPS => { 0 => 'XMP', 1 => 'XMP-TC260', 2 => 'Other' },
  NAMESPACE => { 'TC260' => 'http://www.tc260.org.cn/ns/AIGC/1.0/' }, WRITABLE => 'string',
  AIGC => {} );
1;
"""
LABEL = Label(producer="001191440300708461136T1XGW3", content_id="speed")


def picture() -> bytes:
    """Return a JPEG of about 2.7 MB, seeded."""
    small = np.random.default_rng(0).integers(0, 256, (700, 900, 3)).astype(np.uint8)
    large = cv2.resize(small, (2400, 1800), interpolation=cv2.INTER_CUBIC)
    for quality in range(80, 100):
        data = cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        if len(data) > BYTES:
            break
    return data


class ExifTool:
    """One ExifTool process that stays open."""

    def __init__(self, folder: Path) -> None:
        """Start it with a configuration that knows the TC260 namespace."""
        config = folder / "config"
        config.write_text(CONFIG)
        command = ["exiftool", "-config", str(config), "-stay_open", "True", "-@", "-"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def write(self, source: Path, target: Path) -> None:
        """Write the label into a copy of ``source``."""
        assert self.process.stdin is not None  # noqa: S101  opened above
        assert self.process.stdout is not None  # noqa: S101  same
        lines = [f"-XMP-TC260:AIGC={LABEL.to_json()}", "-o", target, source, "-execute"]
        self.process.stdin.write("\n".join(map(str, lines)) + "\n")
        self.process.stdin.flush()
        while "{ready" not in self.process.stdout.readline():
            pass


def measure(call: Callable[[], None]) -> float:
    """Return the milliseconds of one call."""
    start = time.perf_counter()
    call()
    return 1e3 * (time.perf_counter() - start)


def main() -> int:
    """Print medians and ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=60)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, target = folder / "in.jpg", folder / "out.jpg"
        source.write_bytes(picture())
        tool = ExifTool(folder)

        def theirs() -> None:
            tool.write(source, target)

        data = source.read_bytes()

        def memory() -> None:
            write_label(data, LABEL)

        def plain() -> None:
            target.write_bytes(write_label(source.read_bytes(), LABEL))

        def durable() -> None:
            written = write_label(source.read_bytes(), LABEL)
            layers: dict[str, dict[str, str]] = {"metadata": {}}
            save_labelled(target, written, LABEL.fields(), layers, overwrite=True)

        calls = {
            "exiftool -stay_open": theirs,
            "ours, bytes to bytes": memory,
            "ours, file to file": plain,
            "ours, flushed and read back": durable,
        }
        times: dict[str, list[float]] = {row: [] for row in calls}
        for _ in range(rounds):
            for row, call in calls.items():
                target.unlink(missing_ok=True)
                times[row].append(measure(call))
        tool.process.kill()
    base = median(times["exiftool -stay_open"])
    print(f"{rounds} rounds, {len(picture()):,} bytes")
    for row, values in times.items():
        print(f"{row:30} {median(values):6.2f} ms   {median(values) / base:5.2f} of ExifTool")
    return 0


if __name__ == "__main__":
    sys.exit(main())
