"""Every sample, and five photographs in every format: labelled, confirmed, read by ExifTool."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import command_line
from makers import MAKERS, PRODUCER, ending_of, make


FOLDER = Path(__file__).parents[1] / "samples"
SAMPLES = sorted([*(FOLDER / "images").iterdir(), *(FOLDER / "sounds").iterdir()])
TEXTS = sorted((FOLDER / "texts").iterdir())
PHOTOS = ("astronaut", "coffee", "chelsea", "rocket", "cat")
EXIFTOOL = shutil.which("exiftool")


def run(*args: object) -> subprocess.CompletedProcess[str]:
    return command_line.run(*args, text=True)


def exiftool_labels(folder: Path) -> dict[str, object]:
    """The label of every file as ExifTool has it: an object, or text that holds its JSON."""
    tags = ["-XMP-TC260:all", "-AIGC", "-UserDefinedText"]
    done = subprocess.run(["exiftool", "-json", *tags, folder], capture_output=True, check=False)
    return {
        Path(row.pop("SourceFile")).name: next(iter(row.values()), None)
        for row in json.loads(done.stdout)
    }


def require_confirmed(folder: Path) -> None:
    """Verify a folder by the command: confirmed, three layers, agreement, exit 0."""
    done = run("verify", folder, "--format", "jsonl")
    assert done.returncode == 0, done.stdout + done.stderr
    theirs = exiftool_labels(folder) if EXIFTOOL else {}
    for line in done.stdout.splitlines():
        report = json.loads(line)
        found = {row["layer"]: row for row in report["evidence"] if row["found"]}
        assert report["verdict"] == "confirmed"
        assert {"visible", "watermark", "metadata"} <= set(found), report["path"]
        assert found["watermark"]["agrees_with_metadata"] is True
        assert theirs.get(Path(report["path"]).name, "ExifTool is not installed")


def test_every_sample_is_confirmed_by_the_command(tmp_path):
    for sample in SAMPLES:
        done = run("apply", sample, "-o", tmp_path / sample.name, "--producer", PRODUCER)
        assert done.returncode == 0, done.stderr
    require_confirmed(tmp_path)


@pytest.mark.parametrize("sample", TEXTS, ids=lambda path: path.name)
def test_every_document_is_labelled_and_read_by_the_command(sample, tmp_path):
    if sample.suffix == ".pdf":
        pytest.importorskip("pypdf", reason="the extra 'documents' is not installed")
    target = tmp_path / sample.name
    done = run("apply", sample, "-o", target, "--producer", PRODUCER)
    assert done.returncode == 0, done.stderr
    done = run("verify", target, "--format", "json")
    (report,) = json.loads(done.stdout)
    assert report["verdict"] == "confirmed"
    assert done.returncode == 0
    if EXIFTOOL and sample.suffix in {".docx", ".pptx", ".xlsx", ".pdf", ".html"}:
        assert exiftool_labels(tmp_path)[sample.name]


def test_every_sample_has_its_source_and_licence():
    manifest = (SAMPLES[0].parents[1] / "MANIFEST.md").read_text("utf-8")
    for sample in SAMPLES:
        row = next(
            line
            for line in manifest.splitlines()
            if f"| {sample.parent.name}/{sample.name} |" in line
        )
        assert len([cell for cell in row.split("|") if cell.strip()]) == 4


@pytest.mark.parametrize("maker", list(MAKERS))
def test_photographs_in_every_format_are_confirmed(maker, tmp_path):
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for photo in PHOTOS if maker in {"jpeg", "png", "webp"} else PHOTOS[:2]:
        (source / f"{photo}{ending_of(maker)}").write_bytes(make(maker, photo))
    done = run("apply", source, "-o", target, "--producer", PRODUCER)
    assert done.returncode == 0, done.stderr
    require_confirmed(target)


@pytest.mark.skipif(not EXIFTOOL, reason="ExifTool is not installed")
def test_exiftool_reads_the_same_seven_fields(tmp_path):
    for sample in SAMPLES:
        run("apply", sample, "-o", tmp_path / sample.name, "--producer", PRODUCER)
    ours = {}
    for line in run("verify", tmp_path, "--format", "jsonl").stdout.splitlines():
        report = json.loads(line)
        ours[Path(report["path"]).name] = report["label"]
    theirs = exiftool_labels(tmp_path)
    for name, label in ours.items():
        value = theirs[name]
        if isinstance(value, str):
            value = json.loads(value[value.index("{") :])
        assert value == label
