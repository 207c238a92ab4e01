"""
Figures of the registry: a million records, two writers and a kill, labels that come back, likeness.

``python -m benchmarks.registry_figures [--records 1000000] [--stages records writers restore alike]
[--out docs/benchmarks-registry.json]``. Times are processor time of one thread.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image

import detectors
import labeler
from benchmarks.ffmpeg import ffmpeg
from benchmarks.resaving import RESAVINGS
from labeler.payload import mark_id
from labeler.registry import LabelRecord, Likeness, make_registry, nearness, open_registry
from labeler.registry.database import writing
from labeler.registry.likeness import likeness_of, pixel_likeness, sample_likeness


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from labeler.registry import Registry

    Picture = NDArray[np.uint8]
    Samples = NDArray[np.float32]

ROOT = Path(__file__).parents[1]
PRODUCER = "001191440300708461136T1XGW3"
LOOK_UPS, SINGLES, PRINTS = 2_000, 200, 100_000


def main() -> int:
    """Run the stages that are asked for and print what they found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--stages", nargs="*", default=list(STAGES), choices=list(STAGES))
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    found: dict[str, Any] = {}
    if asked.out and asked.out.is_file():
        found = json.loads(asked.out.read_text("utf-8"))
    for stage in asked.stages:
        with tempfile.TemporaryDirectory(prefix="registry-figures-") as folder:
            found[stage] = STAGES[stage](Path(folder), asked.records)
        print(stage, json.dumps(found[stage], indent=1, ensure_ascii=False), flush=True)
        if asked.out:
            asked.out.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


def _records(count: int) -> Iterator[LabelRecord]:
    for number in range(count):
        name = f"item-{number}"
        yield LabelRecord(
            label={"Label": "1", "ContentProducer": PRODUCER, "ProduceID": name,
                   "ContentPropagator": PRODUCER, "PropagateID": name},
            sha256=f"{hash_of(number):064x}",
            sha256_before=f"{hash_of(~number):064x}",
            file_name=f"out/{name}.png",
            modality="image",
            layers={"visible": {"text": "AI生成", "style": "plate"},
                    "watermark": {"scheme": "image-v1", "bits": 64}, "metadata": {}},
            key="default",
        )  # fmt: skip


def hash_of(number: int) -> int:
    """Return a stand-in for the hash of a file, the same for the same number."""
    return int.from_bytes(hashlib.sha256(str(number).encode()).digest(), "big")


def _spent(work: Callable[[], Any], times: int = 1) -> float:
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times


def measure_records(folder: Path, count: int) -> dict[str, Any]:
    """Insert many records; look up by mark, by head, by hash; append single ones; check."""
    registry = make_registry(folder / "labels.db")
    insert = _spent(lambda: registry.add_all(_records(count)))
    rng = random.Random(1)

    def by_mark() -> None:
        number = rng.randrange(count)
        (match,) = registry.with_mark(mark_id(PRODUCER, f"item-{number}"))
        assert match.number == number + 1  # noqa: S101  a benchmark checks what it times

    def by_head() -> None:
        number = rng.randrange(count)
        found = registry.with_mark(mark_id(PRODUCER, f"item-{number}") >> 16 << 16, 42)
        assert number + 1 in {m.number for m in found}  # noqa: S101  same

    def by_hash() -> None:
        number = rng.randrange(count)
        (match,) = registry.with_digest(f"{hash_of(number):064x}")
        assert match.number == number + 1  # noqa: S101  same

    singles = list(_records(SINGLES))
    figures = {
        "records": count,
        "insert_us_each": 1e6 * insert / count,
        "bytes_each": (folder / "labels.db").stat().st_size / count,
        "by_mark_us": 1e6 * _spent(by_mark, LOOK_UPS),
        "by_head_of_48_bits_us": 1e6 * _spent(by_head, LOOK_UPS),
        "by_hash_us": 1e6 * _spent(by_hash, LOOK_UPS),
        "unknown_mark_us": 1e6 * _spent(lambda: registry.with_mark(rng.getrandbits(58)), LOOK_UPS),
        "single_append_on_disk_us": 1e6 * _spent(lambda: registry.add(singles.pop()), SINGLES),
    }
    checked: list[Any] = []
    figures["check_us_each"] = 1e6 * _spent(lambda: checked.append(registry.check())) / count
    return {**figures, "fault": checked[0].fault, "entries": checked[0].entries,
            "likeness": _likeness_speed(registry)}  # fmt: skip


def _likeness_speed(registry: Registry) -> dict[str, float]:
    """Look up by fingerprint among many, one picture each; near ones differ in 20 bits."""
    rng = np.random.default_rng(2)
    count = min(PRINTS, len(registry))
    prints = rng.integers(0, 256, (count, 32), dtype=np.uint8)

    def keep() -> None:
        with writing(Path(registry.place)) as connection:
            for number, own in enumerate(prints, 1):
                nearness.keep(connection, number, Likeness(family="picture", prints=own[None]))

    kept = _spent(keep) / count
    found = 0

    def seek() -> None:
        nonlocal found
        number = int(rng.integers(count))
        bits = np.unpackbits(prints[number])
        bits[rng.choice(256, 20, replace=False)] ^= 1
        near = registry.alike(Likeness(family="picture", prints=np.packbits(bits)[None]), most=1)
        found += bool(near) and near[0].number == number + 1

    return {"prints": count, "keep_us": 1e6 * kept, "seek_us": 1e6 * _spent(seek, 500),
            "found_of_500": found}  # fmt: skip


_WRITER = """
import sys
from labeler.registry import LabelRecord, open_registry
registry, who = open_registry(sys.argv[1]), sys.argv[2]
for number in range(int(sys.argv[3])):
    label = {"ContentProducer": who, "ProduceID": str(number)}
    registry.add(LabelRecord(label=label, sha256=f"{number:064x}"))
    print(who, number, flush=True)
"""


def _writer(place: Path, who: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WRITER, str(place), who, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def measure_writers(folder: Path, _: int) -> dict[str, Any]:
    """Let two processes write; kill one again and again while it does; look what is lost."""
    place = folder / "labels.db"
    registry = make_registry(place)
    reported: list[str] = []
    kills = 8
    with _writer(place, "steady", 400) as steady:
        for turn in range(kills):
            with _writer(place, f"doomed-{turn}", 100_000) as doomed:
                out = doomed.stdout
                assert out is not None  # noqa: S101  asked for a pipe
                reported += [out.readline() for _ in range(20 + 7 * turn)]
                doomed.send_signal(signal.SIGKILL)
                reported += [line for line in out if line.endswith("\n")]
        out = steady.stdout
        assert out is not None  # noqa: S101  same
        reported += out.readlines()
    kept = {" ".join(_pair(m.record)) for m in registry.records()}
    lost = [line for line in reported if line.strip() not in kept]
    verification = open_registry(place).check()
    return {"kills": kills, "reported": len(reported), "kept": len(kept), "lost": len(lost),
            "fault": verification.fault}  # fmt: skip


def _pair(record: LabelRecord) -> tuple[str, str]:
    return record.label["ContentProducer"], record.label["ProduceID"]


def measure_restoring(folder: Path, _: int) -> dict[str, Any]:
    """Save each kind of content again as plain software does, and verify it with the registry."""
    registry = make_registry(folder / "labels.db")
    figures: dict[str, Any] = {}
    samples = ROOT / "samples"
    for modality, (name, save_again, layers) in RESAVINGS.items():
        path = samples / name
        label = labeler.Label(producer=PRODUCER, content_id=f"{modality}-001")
        done = labeler.apply(
            path.read_bytes(), label, name=path.name, registry=registry, layers=layers
        )
        data, new_name = save_again(done.content, folder)
        before = detectors.verify(data, name=new_name)
        after = detectors.verify(data, name=new_name, registry=registry)
        row = next(e for e in after.evidence if e.scheme == "registry")
        figures[modality] = {
            "file": name,
            "label without registry": before.label,
            "verdict without registry": before.verdict.value,
            "verdict": after.verdict.value,
            "label restored": after.label == label.fields(),
            "by": row.detail,
        }
    return figures


def measure_likeness(folder: Path, _: int) -> dict[str, Any]:
    """Count which damages a fingerprint survives, and how near unrelated content comes."""
    return {
        "pictures": _alike_pictures(),
        "sounds": _alike_sounds(),
        "video": _alike_video(folder),
    }


def _jpeg(picture: Picture, quality: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _recompressed(picture: Picture, quality: int) -> Picture:
    return np.asarray(Image.open(io.BytesIO(_jpeg(picture, quality))))


def _cropped(picture: Picture, share: float) -> Picture:
    rows, columns = (round(side * share) for side in picture.shape[:2])
    return picture[rows : picture.shape[0] - rows, columns : picture.shape[1] - columns]


def _scaled(picture: Picture, factor: float) -> Picture:
    size = [max(1, round(side * factor)) for side in picture.shape[1::-1]]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _turned(picture: Picture, degrees: float) -> Picture:
    rows, columns = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1)
    out = cv2.warpAffine(picture, turn, (columns, rows), borderMode=cv2.BORDER_REFLECT)
    return np.asarray(out, np.uint8)


_DAMAGES: dict[str, Callable[[Picture], Picture]] = {
    "JPEG 30": lambda p: _recompressed(p, 30),
    "JPEG 10": lambda p: _recompressed(p, 10),
    "half size": lambda p: _scaled(p, 0.5),
    "quarter size": lambda p: _scaled(p, 0.25),
    "blur, sigma 3": lambda p: np.asarray(cv2.GaussianBlur(p, (0, 0), 3), np.uint8),
    "gamma 0.7": lambda p: (255 * (p / 255.0) ** 0.7).astype(np.uint8),
    "turned 1 degree": lambda p: _turned(p, 1),
    "border of 1 % cut": lambda p: _cropped(p, 0.01),
    "border of 2 % cut": lambda p: _cropped(p, 0.02),
    "border of 5 % cut": lambda p: _cropped(p, 0.05),
    "mirrored": lambda p: p[:, ::-1],
}


def _least(first: Likeness, second: Likeness) -> int:
    pairs = first.prints[:, None] ^ second.prints[None]
    return int(np.bitwise_count(pairs).sum(-1).min()) if pairs.size else 256


def _alike_pictures() -> dict[str, Any]:
    from benchmarks import pictures

    originals = [_scaled_down(pictures.load(source)) for source in pictures.sources()]
    kept = [(picture, pixel_likeness(picture)) for picture in originals]
    usable = [(picture, own) for picture, own in kept if len(own.prints)]
    limit = nearness.LIMITS["picture"]
    survived = {
        name: sum(
            _least(own, pixel_likeness(np.ascontiguousarray(damage(picture)))) <= limit
            for picture, own in usable
        )
        for name, damage in _DAMAGES.items()
    }
    apart = sorted(_least(a, b) for (_, a), (_, b) in combinations(usable, 2))
    return {"pictures": len(kept), "with a print": len(usable), "limit": limit,
            "survived": survived, "pairs": len(apart), "nearest pairs": apart[:12],
            "pairs within the limit": sum(d <= limit for d in apart)}  # fmt: skip


def _scaled_down(picture: Picture) -> Picture:
    colours = picture if picture.ndim == 3 else np.dstack([picture] * 3)
    factor = min(1.0, 1024 / max(colours.shape))
    return np.ascontiguousarray(_scaled(colours[..., :3], factor))


def _alike_sounds() -> dict[str, Any]:
    from benchmarks import sounds

    loaded = [sounds.load(source) for source in sounds.sources()]
    kept = [(samples, rate, sample_likeness(samples, rate)) for samples, rate in loaded]
    usable = [item for item in kept if len(item[2].prints)]
    limit = nearness.LIMITS["sound"]
    rng = np.random.default_rng(5)

    def noisy(samples: Samples, _: int) -> Samples:
        level = 0.1 * float(samples.std())
        return (samples + rng.normal(0, level, samples.shape)).astype(np.float32)

    def coarse(samples: Samples, rate: int) -> Samples:
        return samples[: len(samples) // 2 * 2 : 2] if rate > 16_000 else samples

    damages: dict[str, Callable[[Samples, int], tuple[Samples, int]]] = {
        "trimmed by 1.37 s": lambda s, r: (s[int(1.37 * r) :], r),
        "noise 20 dB below": lambda s, r: (noisy(s, r), r),
        "half the sampling rate": lambda s, r: (coarse(s, r), r // 2 if r > 16_000 else r),
        "level -12 dB": lambda s, r: ((0.25 * s).astype(np.float32), r),
        "2 % faster": lambda s, r: (s, round(r * 1.02)),
    }
    survived = {
        name: sum(
            _least(own, sample_likeness(*damage(samples, rate), sought=True)) <= limit
            for samples, rate, own in usable
        )
        for name, damage in damages.items()
    }
    sought = [sample_likeness(samples, rate, sought=True) for samples, rate, _ in usable]
    apart = sorted(
        _least(own, other)
        for i, (_, _, own) in enumerate(usable)
        for j, other in enumerate(sought)
        if i != j
    )
    return {"recordings": len(kept), "with a print": len(usable), "limit": limit,
            "survived": survived, "pairs": len(apart), "nearest pairs": apart[:12],
            "pairs within the limit": sum(d <= limit for d in apart)}  # fmt: skip


def _alike_video(folder: Path) -> dict[str, Any]:
    clip = ROOT / "samples" / "videos" / "hills.mp4"
    own = likeness_of(clip, "video")
    figures: dict[str, Any] = {"clip": clip.name, "limit": nearness.LIMITS["picture"]}
    for name, options in {
        "H.264 CRF 35": ("-c:v", "libx264", "-crf", "35"),
        "half size, 15 fps": ("-vf", "scale=iw/2:-2,fps=15", "-c:v", "libx264"),
        "first second cut": ("-ss", "1", "-c:v", "libx264"),
    }.items():
        target = folder / "again.mp4"
        ffmpeg("-i", clip, *options, target)
        other = likeness_of(target, "video")
        figures[name] = _least(own, other) if own and other else None
    return figures


STAGES: dict[str, Callable[[Path, int], dict[str, Any]]] = {
    "records": measure_records,
    "writers": measure_writers,
    "restore": measure_restoring,
    "alike": measure_likeness,
}


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
