"""
Take the pictures of the HTML report in docs/img: `python -m docs.make_report`, needs Chromium.

Twenty real files, labelled, re-saved, broken or left alone, are verified; for the page of 10,000
rows their reports are repeated under other names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

import detectors
import labeler
from detectors.html_report import to_html
from detectors.html_report.thumbnails import thumbnail_of
from labeler.registry import make_registry


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from detectors import Report
    from labeler.registry import Registry

ROOT = Path(__file__).parents[1]
PRODUCER = "001191440300708461136T1XGW3"
MANY = 10_000


def main() -> int:
    """Make the files, the pages and the pictures."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        raise SystemExit("Chromium is needed: apt install chromium")
    with tempfile.TemporaryDirectory(prefix="report-") as name:
        folder = Path(name)
        reports = _verified(folder / "uploads", folder / "labels.db")
        rows = [{**r.to_dict(), "path": str(folder / r.path)} for r in reports]
        pictures = {r.path: thumbnail_of(row) for r, row in zip(reports, rows, strict=True)}
        few, many = folder / "few.html", folder / "many.html"
        _write(few, reports, lambda row: pictures[row["path"]])
        _write(many, _repeated(reports), lambda row: pictures.get(row["basis"][-1], ""))
        opened = next(i for i, report in enumerate(reports) if "re-saved" in report.path)
        _shoot(browser, few, "report-20.png")
        _shoot(browser, few, "report-20-open.png", f"lang=zh&theme=dark&open={opened}&q=re-saved")
        _shoot(browser, many, "report-10000.png", "sort=fails&page=120")
    return 0


def _verified(folder: Path, place: Path) -> list[Report]:
    registry = make_registry(place)
    folder.mkdir()
    for index, source in enumerate(sorted((ROOT / "samples" / "images").iterdir())):
        label = labeler.Label(producer=PRODUCER, content_id=f"demo-{index:03}")
        shutil.copy(source, folder / f"plain-{source.name}")
        done = labeler.apply(source.read_bytes(), label, name=source.name, registry=registry)
        (folder / f"labelled-{source.name}").write_bytes(done.content)
    Image.open(folder / "labelled-coffee.png").save(folder / "re-saved-coffee.jpg", quality=85)
    Image.open(folder / "labelled-rocket.webp").save(folder / "re-saved-rocket.png")
    (folder / "cut off.jpg").write_bytes((folder / "plain-astronaut.jpg").read_bytes()[:9000])
    shutil.copy(ROOT / "samples" / "sounds" / "spoken.flac", folder)
    others = [*(ROOT / "samples" / "texts").glob("tides.[dhm]*"),
              ROOT / "samples" / "videos" / "hills.mp4"]  # fmt: skip
    for index, source in enumerate(sorted(others)):
        label = labeler.Label(producer=PRODUCER, content_id=f"text-{index:03}")
        labeler.apply(source, label, output=folder / source.name, layers="metadata")
    names = sorted(folder.iterdir())[:20]
    return [_judged(name, registry) for name in names]


def _judged(name: Path, registry: Registry) -> Report:
    """Verify one upload; of the plain ones some are declared, none is looked up."""
    plain = name.name.startswith("plain-")
    declared = True if name.name.startswith(("plain-c", "spoken")) else None
    asked = None if plain or (name.suffix == ".png" and "re-saved" in name.name) else registry
    report = detectors.verify(name, registry=asked, declared=declared)
    return replace(report, path=f"uploads/{name.name}")


def _repeated(reports: list[Report]) -> Iterator[dict[str, Any]]:
    """Yield the reports under other names; the last line of the basis says whose picture it is."""
    for number in range(MANY):
        report = reports[number * 7 % len(reports)]
        row = report.to_dict()
        name = Path(report.path)
        row["path"] = f"uploads/2026-11-{number % 28 + 1:02}/{number:05}-{name.name}"
        row["basis"] = [*row["basis"], report.path]
        yield row


def _write(
    page: Path,
    rows: Iterable[Report | Mapping[str, Any]],
    pictures: Callable[[Mapping[str, Any]], str],
) -> None:
    with page.open("w", encoding="ascii") as file:
        file.writelines(to_html(rows, "en", thumbnail=pictures))
    sys.stderr.write(f"{page.name}: {page.stat().st_size:,} bytes\n")


def _shoot(browser: str, page: Path, name: str, state: str = "") -> None:
    target = page.with_name(name)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    options = ["--headless", *sandbox, "--disable-gpu", "--hide-scrollbars",
               "--window-size=1200,980", "--virtual-time-budget=8000",
               f"--user-data-dir={page.parent / 'profile'}", f"--screenshot={target}"]  # fmt: skip
    command = [browser, *options, f"{page.as_uri()}#{state}"]
    subprocess.run(command, check=True, timeout=240)  # noqa: S603  our own page
    small = Image.open(target).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    small.save(ROOT / "docs" / "img" / name, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
