"""
Metadata only, beside ExifTool: `python -m benchmarks.header_figures --work DIR [--real DIR]`.

Processor time a file, of both processes, in interleaved rounds, on photographs of 0.1 to 3 MB as
phones, editors and generators write them, half of them labelled. ExifTool stays open and is asked
for the label alone, as cheaply as it can be had (``-fast``, four tags); the second column is its
plain ``-j``. Ours is the whole report: the library call, and what a worker of the batch does.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

from detectors.batch.listing import Item
from detectors.batch.rows import verify_item
from detectors.verbs import Inquiry, verify
from labeler.metadata import write_fields


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
SOURCES = ("astronaut.jpg", "coffee.png", "rocket.webp")
PRODUCER = "001191440300708461136T1XGW3"
KINDS = ("jpeg", "png", "webp")
TAGS = ("-XMP:AIGC", "-EXIF:UserComment", "-EXIF:ImageDescription", "-PNG:AIGC")
LABEL_ONLY = ("-fast", "-j", *TAGS)
EVERYTHING = ("-j",)
EDITED = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmp:CreatorTool="Adobe Photoshop Lightroom Classic 13.0" xmp:Rating="3" {settings}>
   <dc:subject><rdf:Bag><rdf:li>city</rdf:li><rdf:li>people</rdf:li></rdf:Bag></dc:subject>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>""".format(settings=" ".join(f'crs:Setting{n}="{n}"' for n in range(80)))


class ExifTool:
    """One ExifTool process that stays open."""

    def __init__(self) -> None:
        """Start it."""
        command = ["exiftool", "-stay_open", "True", "-@", "-"]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
        )

    def read(self, path: str, arguments: Iterable[str] = EVERYTHING) -> str:
        """Return the metadata of one file as JSON."""
        assert self.process.stdin is not None  # noqa: S101  opened above
        assert self.process.stdout is not None  # noqa: S101  same
        self.process.stdin.write("\n".join([*arguments, path, "-execute"]) + "\n")
        self.process.stdin.flush()
        said = ""
        while "{ready" not in (line := self.process.stdout.readline()):
            said += line
        return said

    def cpu(self) -> float:
        """Return the seconds of processor time it took so far."""
        values = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")


def make_pictures(folder: Path, count: int) -> list[str]:
    """Write ``count`` pictures of three formats and three origins, every other one labelled."""
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for number in range(count):
        kind = KINDS[number % 3]
        path = folder / f"{number:04}.{kind}"
        if not path.exists():
            data = _saved(_photograph(number), kind, origin=number // 3 % 3, number=number)
            fields = {"Label": "1", "ContentProducer": PRODUCER, "ProduceID": f"p-{number}"}
            path.write_bytes(write_fields(data, fields) if number % 2 else data)
        names.append(str(path))
    return names


def _photograph(number: int) -> NDArray[np.uint8]:
    """Return a part of a sample, enlarged, with the grain of a sensor; (H, W, 3) RGB, seeded."""
    chance = np.random.default_rng(number)
    source = ROOT / "samples/images" / SOURCES[number % len(SOURCES)]
    picture = np.asarray(Image.open(source).convert("RGB"))
    side = min(picture.shape[:2]) - int(chance.integers(0, 100))
    part = picture[-side:, :side] if number % 2 else picture[:side, -side:]
    size = int(chance.integers(600, 1300))
    large = cv2.resize(part, (size, size * 3 // 4), interpolation=cv2.INTER_CUBIC)
    grain = chance.normal(0, 3, large.shape[:2])[..., None]
    return np.asarray(np.clip(large + grain, 0, 255).astype(np.uint8), np.uint8)


def _saved(pixels: NDArray[np.uint8], kind: str, *, origin: int, number: int) -> bytes:
    """Return a file as a plain program (0), a phone or generator (1), or an editor (2) writes."""
    if kind == "png" and origin == 0:  # libpng writes parts of 8 KB
        return cv2.imencode(".png", pixels[..., ::-1])[1].tobytes()
    options: dict[str, Any] = {"jpeg": {"quality": 93}, "webp": {"quality": 92}}.get(kind, {})
    if kind == "png" and origin == 1:
        text = PngImagePlugin.PngInfo()
        text.add_text("Software", f"Camera {number}")
        options["pnginfo"] = text
    elif origin:
        options["exif"] = _exif(pixels)
    if origin == 2:
        options["icc_profile"] = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        if kind != "png":
            options["xmp"] = EDITED.encode()
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def _exif(pixels: NDArray[np.uint8]) -> bytes:
    """Return the tags of a phone."""
    day = "2026:01:02 03:04:05"
    exif = Image.Exif()
    exif.update({0x010F: "ACME", 0x0110: "Phone 12", 0x0112: 1, 0x011A: 72.0, 0x011B: 72.0})
    exif.update({0x0128: 2, 0x0131: "OS 17.1", 0x0132: day, 0x0213: 1})
    inner = exif.get_ifd(0x8769)
    inner |= {0x829A: 0.01, 0x829D: 1.8, 0x8822: 2, 0x8827: 64, 0x9000: b"0232", 0x9003: day}
    inner |= {0x9004: day, 0x9207: 5, 0x9209: 16, 0x920A: 5.1, 0x927C: bytes(range(256)) * 4}
    inner |= {0xA001: 1, 0xA002: pixels.shape[1], 0xA003: pixels.shape[0], 0xA402: 0, 0xA403: 0}
    inner |= {0xA405: 26, 0xA433: "ACME", 0xA434: "Phone 12 back camera 5.1 mm f/1.8"}
    exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 13.0, 49.0), 3: "E", 4: (121.0, 28.0, 10.0)})
    return exif.tobytes()


def measure(names: list[str], rounds: int) -> dict[str, dict[str, float]]:
    """
    Return for every kind of file, by its ending, milliseconds of processor time a file.

    ``ratio`` is the median over rounds of ExifTool's label alone over the library call.
    """
    tool, inquiry = ExifTool(), Inquiry(fast=True)
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(Path(name).suffix[1:].replace("jpg", "jpeg"), []).append(name)
    calls: dict[str, tuple[Callable[[str], Any], Callable[[], float]]] = {
        "library": (lambda name: verify(name, inquiry), time.process_time),
        "worker": (lambda name: verify_item(Item(path=name), inquiry), time.process_time),
        "exiftool, label": (lambda name: tool.read(name, LABEL_ONLY), tool.cpu),
        "exiftool -j": (tool.read, tool.cpu),
    }
    spent: dict[str, dict[str, list[float]]] = {
        kind: {call: [] for call in calls} for kind in (*groups, "all")
    }
    for number in range(rounds + 1):
        total = dict.fromkeys(calls, 0.0)
        for kind, group in groups.items():
            for call, (run, clock) in calls.items():
                start = clock()
                for name in group:
                    run(name)
                seconds = clock() - start
                total[call] += seconds
                if number:  # the first round warms up
                    spent[kind][call].append(1e3 * seconds / len(group))
        if number:
            for call, seconds in total.items():
                spent["all"][call].append(1e3 * seconds / len(names))
    tool.process.kill()
    return {kind: _summary(times) for kind, times in spent.items()}


def _summary(times: dict[str, list[float]]) -> dict[str, float]:
    found = {call: round(median(values), 3) for call, values in times.items()}
    for ours in ("library", "worker"):
        pairs = zip(times["exiftool, label"], times[ours], strict=True)
        found[f"ratio, {ours}"] = round(median(theirs / own for theirs, own in pairs), 2)
    return found


def labels_agree(names: Iterable[str]) -> bool:
    """Say whether ExifTool and we find a label in the same files."""
    tool = ExifTool()
    ours = [verify(name, fast=True).label is not None for name in names]
    theirs = ["aigc" in tool.read(name, LABEL_ONLY).lower() for name in names]
    tool.process.kill()
    return ours == theirs


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--real", type=Path, help="folder with further pictures")
    parser.add_argument("--pictures", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    names = make_pictures(asked.work / "photographs", asked.pictures)
    sizes = [os.stat(name).st_size / 1e6 for name in names]  # noqa: PTH116  as above
    print(f"{len(names)} pictures of {min(sizes):.2f} to {max(sizes):.2f} MB")
    print("the same labels found:", labels_agree(names))
    _show(measure(names, asked.rounds))
    if asked.real:
        found = sorted(p for p in asked.real.rglob("*") if p.suffix in {".jpg", ".png", ".webp"})
        print(f"\n{len(found)} pictures of {asked.real.name}, 10 times a round")
        _show(measure([str(path) for path in found] * 10, asked.rounds))
    return 0


def _show(table: dict[str, dict[str, float]]) -> None:
    for kind, found in table.items():
        told = ", ".join(f"{name} {value:g}" for name, value in found.items())
        print(f"  {kind:5} {told}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
