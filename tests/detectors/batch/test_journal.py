"""Results that can be taken up again: torn lines, changed files, other questions."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.batch.journal import Journal, read_record, record_places
from detectors.batch.listing import Item
from detectors.batch.many import verify_many
from detectors.batch.records import report_of
from detectors.batch.rows import row_of, verify_item
from detectors.batch.seen import SeenPaths
from detectors.evidence import Report, Verdict
from detectors.verbs import Inquiry, verify
from labeler.errors import OutputFailed
from labeler.model import Modality
from makers import make


FAST = Inquiry(fast=True)


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "in"
    place.mkdir()
    for number, kind in enumerate(["jpeg", "png", "webp"]):
        (place / f"{number}.{kind}").write_bytes(make(kind))
    return place


def run(folder, results, **options):
    """Verify in this process: a pool starts slowly, and is tested elsewhere."""
    names = sorted(map(str, folder.iterdir()))
    out = []
    for name in names:
        out += verify_many([name], resume=str(results), fast=True, **options)
    return out


def lines(results) -> list[dict]:
    return [json.loads(line) for line in results.read_text().splitlines()]


def test_a_report_survives_its_machine_form(folder):
    for path in folder.iterdir():
        report = verify(path)
        assert report_of(json.loads(json.dumps(report.to_dict()))) == report


@given(st.text(st.characters(exclude_categories=()), min_size=1))
def test_any_path_is_found_again(tmp_path_factory, name):
    report = Report(
        path=name,
        modality=Modality.UNKNOWN,
        format="",
        sha256="",
        verdict=Verdict.UNDETERMINED,
        error='x", "modality": "',
    )
    results = tmp_path_factory.mktemp("j") / "results.jsonl"
    journal = Journal.open(str(results), FAST)
    journal.add(row_of(report, Item(path=name, declared=True), stamp=(3, "5")))
    journal.close()
    ((path, place),) = record_places(str(results))
    line, kept = read_record(str(results), place)
    assert (path, kept.path, kept.declared, kept.stamp) == (name, name, True, (3, "5"))
    assert report_of(json.loads(line)) == report


def test_what_was_done_is_not_done_again(folder, tmp_path, monkeypatch):
    results = tmp_path / "results.jsonl"
    first = run(folder, results)
    monkeypatch.setattr("detectors.batch.rows.verify", None)
    assert run(folder, results) == first
    assert len(lines(results)) == 1 + len(first)


def test_a_file_that_changed_is_done_again_and_its_last_record_counts(folder, tmp_path):
    results = tmp_path / "results.jsonl"
    run(folder, results)
    changed = folder / "1.png"
    changed.write_bytes(b"no picture")
    again = {r.path: r for r in run(folder, results)}
    assert again[str(changed)].verdict is Verdict.UNDETERMINED
    assert len(lines(results)) == 1 + 3 + 1
    assert {r.path: r for r in run(folder, results)} == again
    assert len(lines(results)) == 1 + 3 + 1


def test_a_touched_file_and_another_declaration_are_done_again(folder, tmp_path):
    results = tmp_path / "results.jsonl"
    run(folder, results)
    os.utime(folder / "1.png", ns=(1, 1))
    run(folder, results)
    assert len(lines(results)) == 5
    assert {r.verdict for r in run(folder, results, declared=True)} == {Verdict.POSSIBLE}
    assert len(lines(results)) == 8


def test_a_torn_last_line_is_dropped_wherever_it_was_torn(folder, tmp_path):
    results = tmp_path / "results.jsonl"
    first = run(folder, results)
    complete = results.read_bytes()
    for cut in (1, 2, 40, 1000, len(complete.splitlines()[-1])):
        results.write_bytes(complete[:-cut])
        assert run(folder, results) == first
        assert results.read_bytes() == complete


def test_damaged_records_are_done_again(folder, tmp_path):
    results = tmp_path / "results.jsonl"
    first = run(folder, results)
    spoilt = (
        results.read_text()
        .replace('"stamp": [', '"stamp": {', 1)
        .replace('"path": "', '"path": ', 1)
    )
    results.write_text(spoilt)
    assert run(folder, results) == first


def test_a_file_that_is_gone_is_kept_as_such_and_done_when_it_comes(folder, tmp_path):
    results = tmp_path / "results.jsonl"
    gone = folder / "gone.png"
    (row,) = verify_many([gone], resume=str(results), fast=True)
    assert "no such file" in row.error
    list(verify_many([gone], resume=str(results), fast=True))
    assert len(lines(results)) == 2
    gone.write_bytes(make("png"))
    (row,) = verify_many([gone], resume=str(results), fast=True)
    assert row.verdict is Verdict.NONE


def test_other_questions_and_other_files_are_refused(folder, tmp_path):
    results = tmp_path / "results.jsonl"
    run(folder, results)
    with pytest.raises(OutputFailed, match="was begun with policy cn"):
        run(folder, results, policy="eu")
    foreign = tmp_path / "foreign.txt"
    foreign.write_text("hello\n")
    with pytest.raises(OutputFailed, match="no file that --resume began"):
        run(folder, foreign)
    assert foreign.read_text() == "hello\n"
    with pytest.raises(OutputFailed, match="cannot be written"):
        run(folder, tmp_path / "none" / "results.jsonl")


def test_two_runs_never_write_to_one_file(folder, tmp_path):
    pytest.importorskip("fcntl", reason="needs file locks")
    results = tmp_path / "results.jsonl"
    journal = Journal.open(str(results), FAST)
    with pytest.raises(OutputFailed, match="another run"):
        run(folder, results)
    journal.close()


def test_a_full_disk_is_one_clear_line():
    row = row_of(verify("none.png"), Item(path="none.png"))
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs /dev/full")
    with full.open("wb", buffering=0) as file, pytest.raises(OutputFailed, match="disk is full"):
        Journal(path="results", file=file).add(row)


def test_a_file_that_changes_while_it_is_read_says_so(folder, monkeypatch):
    path = folder / "1.png"
    beat = iter(range(9))

    def changing(*args, **options):
        os.utime(path, ns=(next(beat), next(beat)))
        return verify(*args, **options)

    monkeypatch.setattr("detectors.batch.rows.verify", changing)
    row = verify_item(Item(path=str(path)), FAST)
    assert row.verdict == "undetermined"
    assert "changed while it was read" in row.error
    assert row.stamp is None


def test_a_path_is_seen_once_however_it_is_spelled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seen = SeenPaths.open([("a.png", 7), ("a.png", 9)])
    assert seen.note("a.png") == (True, 9)
    assert seen.note("./a.png") == (False, 9)
    assert seen.note(str(tmp_path / "b" / ".." / "a.png")) == (False, 9)
    assert seen.note("\udcff.png") == (True, -1)
    assert seen.note("s3://b/a.png") == (True, -1)
