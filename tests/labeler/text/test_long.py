"""Texts longer than the memory may hold: labelled and verified from file to file."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest

import detectors
import labeler
from cli import aigc_label
from detectors.text.long import read_long_evidence
from labeler.errors import (
    CorruptMedia,
    LabelConflict,
    LabelError,
    MediaTooLarge,
    UnsupportedMedia,
)
from labeler.keys import DEFAULT_KEY
from labeler.model import Label
from labeler.sidecar import sidecar_path
from labeler.text import windows
from labeler.text.windows import blocks_of_lines, is_long_text, open_long_text
from made_documents import CHINESE, PROSE
from makers import OTHER_PRODUCER, PRODUCER


LINES = PROSE.replace(". ", ".\n") + "\n"
RECORD = '{"id":%d,"choices":[{"message":{"role":"assistant","content":"The sea was calm."}}]}\n'
BODIES = {
    "a.txt": LINES * 300,
    "a.md": "---\ntitle: Tides\n---\n\n# Tides\n\n" + LINES * 300,
    "a.py": "#!/usr/bin/env python\n" + "print('the sea was calm')\n" * 2000,
    "a.srt": "".join(
        f"{n}\n00:00:{n % 60:02d},000 --> 00:00:{n % 60:02d},900\nThe sea.\n\n"
        for n in range(5, 900)
    ),
    "a.vtt": "WEBVTT\n\n" + "00:00:05.000 --> 00:00:06.000\nThe sea.\n\n" * 900,
    "a.jsonl": "".join(RECORD % n for n in range(700)),
}


@pytest.fixture(autouse=True)
def low_limits(monkeypatch):
    """Take 20 kB for a long text: what is tested is where the blocks are cut, not their size."""
    monkeypatch.setattr(windows, "LONG_FROM", 20_000)
    monkeypatch.setattr(windows, "WINDOW", 4_000)
    monkeypatch.setattr(windows, "BLOCK", 7_001)


@pytest.fixture(params=BODIES)
def source(request, tmp_path):
    path = tmp_path / request.param
    path.write_text(BODIES[request.param], "utf-8")
    assert is_long_text(path)
    return path


def test_round_trip_is_confirmed_and_all_between_is_copied(source, label, tmp_path):
    target = tmp_path / f"out{source.suffix}"
    result = labeler.apply(source, label, output=target)
    assert set(result.receipt.layers) == {"visible", "metadata"}
    assert result.receipt.sha256 == hashlib.sha256(target.read_bytes()).hexdigest()
    report = detectors.verify(target)
    assert not report.error
    assert report.verdict.value == "confirmed"
    assert report.label == label.fields()
    assert report.sha256 == result.receipt.sha256
    assert any(e.layer == "visible" and e.found for e in report.evidence)
    assert sidecar_path(target).exists() == (source.suffix in {".txt", ".srt"})
    if source.suffix != ".jsonl":
        written, before = target.read_text("utf-8"), source.read_text("utf-8")
        assert written.endswith(before[-15_000:])
        assert len(before) < len(written) < len(before) + 600


def test_a_long_text_becomes_what_a_short_one_becomes(source, label, tmp_path, monkeypatch):
    target, whole = tmp_path / f"out{source.suffix}", tmp_path / f"whole{source.suffix}"
    labeler.apply(source, label, output=target)
    monkeypatch.setattr(windows, "LONG_FROM", 1 << 30)
    assert not is_long_text(source)
    labeler.apply(source, label, output=whole)
    assert target.read_bytes() == whole.read_bytes()
    assert detectors.verify(target).verdict.value == "confirmed"


def test_labelling_twice_changes_nothing(source, label):
    labeler.apply(source, label, in_place=True)
    first = source.read_bytes()
    labeler.apply(source, Label(producer=PRODUCER), in_place=True)
    assert source.read_bytes() == first
    with pytest.raises(LabelConflict, match="already labelled"):
        labeler.apply(source, Label(producer=OTHER_PRODUCER), in_place=True)
    assert source.read_bytes() == first


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.py"])
def test_the_label_goes_to_the_end_or_both_when_asked(name, label, tmp_path):
    path = tmp_path / name
    path.write_text(BODIES[name], "utf-8")
    labeler.apply(path, label, in_place=True, position="start,end")
    report = detectors.verify(path)
    places = {e.detail.split(", ")[0] for e in report.evidence if e.layer == "visible" and e.found}
    assert len(places) == 2 or name == "a.py"
    assert "AI生成" in path.read_text("utf-8").splitlines()[-1]


def test_the_end_of_subtitles_and_the_mark_are_refused(label, tmp_path):
    path = tmp_path / "a.srt"
    path.write_text(BODIES["a.srt"], "utf-8")
    before = path.read_bytes()
    with pytest.raises(UnsupportedMedia, match="use start"):
        labeler.apply(path, label, in_place=True, position="end")
    with pytest.raises(UnsupportedMedia, match="split it"):
        labeler.apply(path, label, in_place=True, layers="visible,watermark")
    assert path.read_bytes() == before


def test_the_mark_is_read_wherever_it_stands(label, tmp_path, monkeypatch):
    monkeypatch.setattr(windows, "LONG_FROM", 1 << 30)
    marked = labeler.apply(
        ("\n".join([CHINESE] * 30) + "\n").encode(),
        label,
        name="a.txt",
        layers="watermark",
        strength="robust",
    ).content
    monkeypatch.setattr(windows, "LONG_FROM", 20_000)
    path = tmp_path / "a.txt"
    path.write_bytes((LINES * 100).encode() + marked + (LINES * 100).encode())
    report = detectors.verify(path)
    row = next(e for e in report.evidence if e.scheme == "text-v1")
    assert row.found
    assert 0 < row.p_value < 1e-6
    assert report.verdict.value == "suspected"


def test_a_label_line_in_the_middle_is_none(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(LINES * 100 + "\n本文由AI生成\n" + LINES * 100, "utf-8")
    assert detectors.verify(path).verdict.value == "none"
    path.write_text(LINES * 200 + "\n本文由AI生成\n", "utf-8")
    report = detectors.verify(path)
    assert report.verdict.value == "suspected"
    (row,) = [e for e in report.evidence if e.layer == "visible"]
    assert row.detail == "at the end, zh"


def test_records_that_disagree_are_reported(tmp_path, label):
    path = tmp_path / "a.jsonl"
    path.write_text(BODIES["a.jsonl"], "utf-8")
    labeler.apply(path, label, in_place=True)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    lines[600] = lines[600].replace("demo-001", "demo-002")
    path.write_text("".join(lines), "utf-8")
    report = detectors.verify(path)
    copies = [e for e in report.evidence if e.layer == "metadata" and e.found]
    assert len(copies) == 2
    assert any("contradict" in reason for reason in report.basis)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig"])
def test_other_encodings_keep_theirs(encoding, label, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(("\n".join([CHINESE] * 200) + "\n").encode(encoding))
    labeler.apply(path, label, in_place=True)
    assert "AI生成" in path.read_bytes().decode(encoding)[:40]
    assert detectors.verify(path).verdict.value == "confirmed"


HOSTILE = {
    "binary": (b"words and more words\n" * 2000 + b"\0", UnsupportedMedia, "binary"),
    "utf-16": (("words\n" * 9000).encode("utf-16"), UnsupportedMedia, "UTF-16"),
    "latin-1": (b"caf\xe9 \xff\xff words\n" * 2000, CorruptMedia, "neither UTF-8 nor GB18030"),
    "one line": (b"words " * 9000, MediaTooLarge, "break them"),
    "cut off": (("词" * 20 + "\n").encode() * 900 + b"\xe8", CorruptMedia, "neither"),
    "ascii, then GB18030": (
        b"words\n" * 4000 + ("词\n" * 3000).encode("gb18030"),
        UnsupportedMedia,
        "save it as UTF-8",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_bad_input_gets_one_clear_line_and_stays(name, label, tmp_path):
    data, kind, said = HOSTILE[name]
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(LabelError) as caught:
        open_long_text(path)
    assert isinstance(caught.value, kind)
    assert said in str(caught.value)
    with pytest.raises(LabelError):
        labeler.apply(path, label, in_place=True)
    assert path.read_bytes() == data
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
    report = detectors.verify(path)
    assert report.verdict.value == "undetermined"
    assert report.error


def test_a_broken_record_far_inside_leaves_nothing_behind(label, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(BODIES["a.jsonl"] + "{broken\n", "utf-8")
    with pytest.raises(CorruptMedia):
        labeler.apply(path, label, output=tmp_path / "out.jsonl")
    assert [file.name for file in tmp_path.iterdir()] == ["a.jsonl"]


def test_a_label_at_the_end_of_a_long_text_is_kept(label, tmp_path):
    path = tmp_path / "a.md"
    block = "\nAIGC:\n  Label: '1'\n  ContentProducer: 'p'\n  ProduceID: 'x'\n"
    path.write_text(LINES * 300 + block, "utf-8")
    with pytest.raises(LabelConflict, match="at its end"):
        labeler.apply(path, label, in_place=True)
    assert detectors.verify(path).label["ContentProducer"] == "p"


def test_blocks_are_whole_lines_and_too_long_ones_are_refused(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(BODIES["a.jsonl"], "utf-8")
    blocks = list(blocks_of_lines(path))
    assert len(blocks) > 3
    assert all(block.endswith(b"\n") for block in blocks)
    assert b"".join(blocks) == path.read_bytes()
    path.write_bytes(b"x" * 50_000 + b"\n")
    with pytest.raises(MediaTooLarge, match="a line has more"):
        list(blocks_of_lines(path))


def test_only_texts_that_can_be_long_take_this_way(tmp_path):
    for name in ("a.html", "a.json", "a.docx", "a.wav", "a.unknown"):
        (tmp_path / name).write_text(LINES * 300, "utf-8")
        assert not is_long_text(tmp_path / name)
    assert not is_long_text(tmp_path)
    assert not is_long_text(tmp_path / "absent.txt")


def test_the_command_takes_long_texts_from_file_to_file(tmp_path, capsys):
    path = tmp_path / "a.txt"
    path.write_text(BODIES["a.txt"], "utf-8")
    command = ["apply", str(path), "--producer", PRODUCER, "--format", "json", "-o"]
    assert aigc_label([*command, "-"]) == 2
    assert "name one with -o" in capsys.readouterr().err
    assert aigc_label([*command, str(tmp_path / "out.txt"), "--dry-run"]) == 0
    assert not (tmp_path / "out.txt").exists()
    capsys.readouterr()
    assert aigc_label([*command, str(tmp_path / "out.txt")]) == 0
    (receipt,) = json.loads(capsys.readouterr().out)
    assert receipt["layers"]["metadata"]["scheme"] == "sidecar"
    assert aigc_label(["verify", str(tmp_path / "out.txt")]) == 0


def test_fast_reads_the_metadata_only(tmp_path, label):
    path = tmp_path / "a.md"
    path.write_text(BODIES["a.md"], "utf-8")
    labeler.apply(path, label, in_place=True)
    finding = read_long_evidence(path, keys=(DEFAULT_KEY,), fast=True)
    assert {e.layer.value for e in finding.evidence} == {"metadata"}


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peak memory from /proc")
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_a_gigabyte_goes_through_in_bounded_memory(name, tmp_path):
    path = tmp_path / name
    with path.open("w", encoding="utf-8") as file:
        piece = BODIES[name] if name == "a.md" else ""
        file.write(piece)
        for _ in range((1 << 30) // len(LINES * 2000) + 1):
            file.write(LINES * 2000)
    program = (
        "import sys, labeler, detectors\n"
        f"label = labeler.Label(producer={PRODUCER!r}, content_id='demo-001')\n"
        "labeler.apply(sys.argv[1], label, output=sys.argv[2])\n"
        "print(detectors.verify(sys.argv[2]).verdict.value)\n"
        "print(next(row.split()[1] for row in open('/proc/self/status') if 'VmHWM' in row))\n"
    )
    command = [sys.executable, "-c", program, str(path), str(tmp_path / f"out-{name}")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    verdict, peak = done.stdout.split()
    assert verdict == "confirmed"
    assert int(peak) * 1024 < 400 << 20
