"""
Figures of batch verification: `python -m benchmarks.batch_figures --work DIR`.

Stages: ``make`` writes the files (seeded variations of the samples, 2 % broken), ``survive`` runs
the command over them with a file that crashes its decoder and one that hangs, kills it and takes it
up again, ``speed`` compares with a plain loop and a bare process pool, ``engines`` runs Ray, Dask
and object storage. Ratios are of interleaved rounds; an idle machine makes them better.
`benchmarks.header_figures` compares ``--fast`` with ExifTool.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from io import BytesIO
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import cv2
from PIL import Image

from benchmarks.header_figures import make_pictures
from detectors.batch.listing import Item
from detectors.batch.rows import verify_item
from detectors.verbs import Inquiry
from labeler.batch.pool import sturdy_map
from labeler.metadata import write_fields
from labeler.video.files import write_video_fields


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[1]
PRODUCER = "001191440300708461136T1XGW3"
BROKEN = 50  # one file in so many
CULPRITS = """
import os, sys, time
from pathlib import Path
import detectors.batch.many as many
from detectors.batch.rows import verify_item
def verify_with_culprits(item, inquiry, records=None):
    name = Path(item.path).name
    if name.startswith("crash"):
        os.abort()
    if name.startswith("hang"):
        time.sleep(3600)
    return verify_item(item, inquiry, records)
many.verify_item = verify_with_culprits
import cli
if __name__ == "__main__":
    sys.exit(cli.aigc_label(["verify", *sys.argv[1:]]))
"""


def make_files(folder: Path, count: int) -> None:
    """Write ``count`` files of every modality, half of them with a label, seeded."""
    chance = random.Random(7)
    kinds = ["jpeg", "png", "webp", "gif", "tiff"]
    others = [*(ROOT / "samples/sounds").iterdir(), *(ROOT / "samples/texts").iterdir()]
    film = (ROOT / "samples/videos/hills.mp4").read_bytes()
    photo = Image.open(ROOT / "samples/images/astronaut.jpg").convert("RGB")
    sources = cycle(others)
    for number in range(count):
        place = folder / f"{number // 500:02}"
        place.mkdir(parents=True, exist_ok=True)
        fields = {"Label": "1", "ContentProducer": PRODUCER, "ProduceID": f"n-{number}"}
        labelled = bool(number % 2)
        if number % 100 == 99:
            data, ending = write_video_fields(film, fields), "mp4"
        elif number % 10 == 8:
            source = next(sources)
            data, ending = source.read_bytes(), source.suffix[1:]
            labelled = labelled and ending not in {"txt", "srt", "vtt"}
            data = _labelled(data, fields, source.name) if labelled else data
        else:
            ending = kinds[number % len(kinds)]
            data = _picture(photo, number, ending)
            data = _labelled(data, fields, "") if labelled else data
        if number % BROKEN == 0:
            data = _spoilt(data, chance)
        (place / f"{number:05}.{ending}").write_bytes(data)
    for name in ("crash.png", "hang.png"):
        (folder / name).write_bytes(_picture(photo, 0, "png"))


def _labelled(data: bytes, fields: dict[str, str], name: str) -> bytes:
    return write_fields(data, fields, name=name)


def _picture(photo: Image.Image, number: int, kind: str) -> bytes:
    side = 192 + 32 * (number % 5)
    left = number * 37 % (photo.width - side)
    top = number * 53 % (photo.height - side)
    buffer = BytesIO()
    photo.crop((left, top, left + side, top + side)).save(buffer, kind)
    return buffer.getvalue()


def _spoilt(data: bytes, chance: random.Random) -> bytes:
    match chance.randrange(4):
        case 0:
            return b""
        case 1:
            return data[: chance.randrange(8, 64)]
        case 2:
            return chance.randbytes(2000)
        case _:
            return data[:4] + chance.randbytes(60) + data[64 : len(data) // 2]


def survive(folder: Path, work: Path, options: list[str], kill_at: float) -> dict[str, Any]:
    """Run over the folder with culprits, whole, then killed and taken up again."""
    script = work / "culprits.py"
    script.write_text(CULPRITS)
    command = [sys.executable, str(script), str(folder), "--timeout", "30", *options]
    expected = sorted(str(path) for path in folder.rglob("*") if path.is_file())

    whole = work / "whole.jsonl"
    start = time.monotonic()
    process = _start([*command, "--format", "jsonl", "--report", str(whole)])
    memory = _watch_memory(process)
    rows = _rows(whole)
    spent = time.monotonic() - start

    results, report = work / "results.jsonl", work / "again.jsonl"
    results.unlink(missing_ok=True)
    again = [*command, "--format", "jsonl", "--resume", str(results), "--report", str(report)]
    killed = _start(again)
    while killed.poll() is None and _lines(results) < kill_at * len(expected):
        time.sleep(0.05)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    kept = _lines(results) - 1
    _start(again).wait()
    taken_up = _rows(report)
    third = max(1, len(memory) // 3)
    return {
        "files": len(expected),
        "seconds": round(spent, 1),
        "exit status": process.returncode,
        "every file once": sorted(row["path"] for row in rows) == expected,
        "verdicts": dict(Counter(row["verdict"] for row in rows)),
        "culprits": {
            Path(row["path"]).name: row["error"]
            for row in rows
            if Path(row["path"]).name.startswith(("crash", "hang"))
        },
        "memory of all processes, MB, thirds": [
            round(median(memory[at : at + third])) for at in range(0, 3 * third, third)
        ],
        "killed after": kept,
        "same set after --resume": _comparable(rows) == _comparable(taken_up),
    }


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    given = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, env=given, start_new_session=True)


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def _comparable(rows: Iterable[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def _watch_memory(process: subprocess.Popen[bytes]) -> list[int]:
    """Return the resident megabytes of a process and its children, every half second."""
    seen = []
    while process.poll() is None:
        total = 0
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                values = status.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(values[2]) == process.pid:  # the process group
                total += int(values[21]) * os.sysconf("SC_PAGE_SIZE")
        seen.append(total >> 20)
        time.sleep(0.5)
    return seen or [0]


def pool_against_loop(names: list[str], inquiry: Inquiry, rounds: int) -> dict[str, float]:
    """
    Return how much faster the pool of two is than a loop, and what it costs over a bare one.

    Of a busy machine only the processor time counts, that of all processes with their start.
    """
    work = partial(verify_item, inquiry=inquiry)
    items = [Item(path=name) for name in names]
    gains, overheads, costs = [], [], []
    for _ in range(rounds):
        loop, _ = _timed(map(work, items))
        ours, our_cpu = _timed(sturdy_map(work, items, jobs=2))
        bare, bare_cpu = _timed(_bare(work, items))
        gains.append(loop / ours)
        overheads.append(ours / bare - 1)
        costs.append(our_cpu / bare_cpu - 1)
    return {
        "pool of 2 over a loop": round(median(gains), 2),
        "overhead over a bare ProcessPoolExecutor": round(median(overheads), 3),
        "the same in processor time": round(median(costs), 3),
    }


def _bare(work: Any, items: list[Item]) -> Iterator[Any]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=_settle) as pool:
        yield from pool.map(work, items, chunksize=16)


def _settle() -> None:
    cv2.setNumThreads(1)


def _timed(results: Iterable[Any]) -> tuple[float, float]:
    """Return the seconds that it takes to get all results, and those of processor time."""
    start, before = time.monotonic(), os.times()
    for _ in results:
        pass
    spent = sum(os.times()[:4]) - sum(before[:4])
    return time.monotonic() - start, spent


def engines(folder: Path, work: Path, count: int, names: Iterable[str]) -> dict[str, bool]:
    """Say whether each engine, and object storage, gives what the pool gives."""
    chosen = sorted(str(path) for path in folder.rglob("*.*") if path.stem.isdigit())[:count]
    listing = work / "names.txt"
    listing.write_text("".join(name + "\n" for name in chosen))
    results = {}
    for name in names:
        place = work / f"{name}.jsonl"
        command = [sys.executable, "-m", "labeler", "verify", "--fast", "--format", "jsonl"]
        command += ["--report", str(place), "--jobs", "2"]
        given: dict[str, str] = {}
        if name == "s3":
            given = _serve(chosen, folder)
            command += ["s3://uploads/"]
        else:
            command += ["--files-from", str(listing), "--engine", name]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **given}
        subprocess.run(command, env=environment, check=False)
        results[name] = _without_place(_rows(place))
    first = results.get("local", [])
    return {name: rows == first and len(rows) == len(chosen) for name, rows in results.items()}


def _without_place(rows: list[dict[str, Any]]) -> list[str]:
    """Return rows that can be compared: files and objects differ in where they lie."""
    return _comparable({**row, "path": Path(row["path"]).name} for row in rows)


def _serve(chosen: list[str], folder: Path) -> dict[str, str]:
    """Serve files as objects from this process; return the environment that finds them."""
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line a request otherwise
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    given = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    os.environ.update(given)
    client = boto3.client("s3")
    client.create_bucket(Bucket="uploads")
    for name in chosen:
        key = str(Path(name).relative_to(folder))
        client.put_object(Bucket="uploads", Key=key, Body=Path(name).read_bytes())
    threading.Timer(3600, server.stop).daemon = True
    return given


def main() -> int:
    """Run the stages and print what they found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--stages", nargs="+", default=["make", "survive", "speed", "engines"])
    parser.add_argument("--engines", nargs="+", default=["local", "ray", "dask", "s3"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--full", action="store_true", help="decode in stage survive as well")
    asked = parser.parse_args()
    folder = asked.work / "files"
    if "make" in asked.stages:
        make_files(folder, asked.files)
    if "survive" in asked.stages:
        options = ["--depth", "plain"] if asked.full else ["--fast"]
        _print("survive", survive(folder, asked.work, options, 0.4))
    if "speed" in asked.stages:
        pictures = make_pictures(asked.work / "photographs", 150)
        many = list(islice(cycle(pictures), 3000))
        _print("metadata only", pool_against_loop(many, Inquiry(fast=True), asked.rounds))
        _print("full verify", pool_against_loop(pictures, Inquiry(), asked.rounds))
    if "engines" in asked.stages:
        _print("engines", engines(folder, asked.work, asked.files, asked.engines))
    return 0


def _print(stage: str, found: dict[str, Any]) -> None:
    print(f"\n{stage}")
    for name, value in found.items():
        print(f"  {name}: {value}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
