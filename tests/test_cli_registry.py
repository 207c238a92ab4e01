"""Registry, HTML report and policy drafts as a user meets them on the command line."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from command_line import call
from labeler.registry import LabelRecord, open_registry
from makers import PRODUCER, make


if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "in.png"
    path.write_bytes(make("png"))
    return path


@pytest.fixture
def place(tmp_path):
    return tmp_path / "labels.db"


def apply(picture: Path, out: Path, place: Path, *more: object) -> tuple[int, str, str]:
    named = ("--producer", PRODUCER, "--registry", place)
    return call("apply", picture, "-o", out, *named, "--force", *more)


def test_a_stripped_label_comes_back_on_the_command_line(picture, place, tmp_path):
    code, _, err = apply(picture, tmp_path / "out.png", place, "--content-id", "demo-001")
    assert (code, err) == (0, "")
    Image.open(tmp_path / "out.png").convert("RGB").save(tmp_path / "upload.jpg", quality=80)
    code, told, _ = call("verify", tmp_path / "upload.jpg", "--registry", place, "--format", "json")
    (report,) = json.loads(told)
    assert (code, report["verdict"], report["label"]["ProduceID"]) == (0, "confirmed", "demo-001")
    (row,) = [e for e in report["evidence"] if e["scheme"] == "registry"]
    assert row["found"]
    assert "entry 1: the mark of image-v1" in row["detail"]
    code, told, _ = call("verify", tmp_path / "upload.jpg", "--registry", place, "--lang", "en")
    assert "registry       entry 1" in told
    assert call("verify", tmp_path / "upload.jpg")[0] == 1


def test_the_record_is_there_before_the_file_has_its_name(picture, place, tmp_path, monkeypatch):
    from labeler import save

    seen = []
    publish = save._publish
    monkeypatch.setattr(
        save,
        "_publish",
        lambda *a, **k: seen.append(len(open_registry(place))) or publish(*a, **k),
    )
    assert apply(picture, tmp_path / "out.png", place)[0] == 0
    assert seen == [1]


def test_no_file_is_given_out_that_could_not_be_recorded(picture, place, tmp_path, monkeypatch):
    from labeler.registry import database

    call("registry", "init", place)
    monkeypatch.setattr(database, "PATIENCE", 0.02)
    with sqlite3.connect(place, isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        code, _, err = apply(picture, tmp_path / "out.png", place)
    holder.close()
    assert code == 2
    assert "keeps it locked" in err
    assert err.count("\n") == 1
    assert sorted(p.name for p in tmp_path.iterdir() if "labels.db" not in p.name) == ["in.png"]


def test_a_dry_run_records_nothing(picture, place, tmp_path):
    assert apply(picture, tmp_path / "out.png", place, "--dry-run")[0] == 0
    assert len(open_registry(place)) == 0


def test_several_processes_record_every_file(place, tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    for index in range(3):
        (source / f"{index}.jpg").write_bytes(make("jpeg", side=400 + 16 * index))
    named = ("--producer", PRODUCER, "--registry", place)
    code, _, err = call("apply", source, "-o", tmp_path / "out", *named, "--jobs", 2)
    assert (code, err) == (0, "")
    found = open_registry(place).check()
    assert (found.entries, found.fault) == (3, "")


def test_article_9_is_recorded_in_the_registry_alone_or_in_the_log_too(picture, place, tmp_path):
    whom = ("--no-visible", "--recipient", "某某公司", "--agreement", "A-17")
    assert apply(picture, tmp_path / "out.png", place, *whom)[0] == 0
    log = tmp_path / "art9.jsonl"
    assert apply(picture, tmp_path / "o2.png", place, *whom, "--exemption-log", log)[0] == 0
    _, told, _ = call("registry", "export", place, "--art9")
    records = [json.loads(line) for line in told.splitlines()]
    assert [r["recipient"] for r in records] == ["某某公司"] * 2
    assert log.read_bytes().count(b"\n") == 1
    least = datetime.now(UTC).date() + timedelta(days=183)
    assert all(r["retain_until"] >= least.isoformat() for r in records)


def test_no_visible_needs_a_log_or_a_registry(picture, tmp_path):
    code, _, err = call(
        "apply", picture, "-o", tmp_path / "o.png", "--producer", PRODUCER,
        "--no-visible", "--recipient", "B", "--agreement", "A",
    )  # fmt: skip
    assert code == 2
    assert "--exemption-log (or --registry)" in err


@pytest.mark.parametrize("content", [None, b"", b"x" * 5000])
def test_verify_says_in_one_line_that_there_is_no_registry(picture, place, content):
    if content is not None:
        place.write_bytes(content)
    code, told, err = call("verify", picture, "--registry", place)
    assert (code, told) == (2, "")
    assert err.startswith(f"Error: {place}: ")
    assert err.count("\n") == 1


def test_init_find_check_export_and_purge(picture, place, tmp_path):
    assert call("registry", "init", place)[0] == 0
    code, _, err = call("registry", "init", place)
    assert (code, "exists" in err) == (2, True)
    apply(picture, tmp_path / "out.png", place, "--content-id", "demo-001")
    asked = ("registry", "find", place, "--producer", PRODUCER, "--content-id")
    code, told, _ = call(*asked, "demo-001", "--format", "jsonl")
    record = json.loads(told)
    assert (code, record["number"], record["layers"]["visible"]["text"]) == (0, 1, "AI生成")
    assert call(*asked, "other")[:2] == (1, "")
    assert call("registry", "find", place, "--mark-id", record["mark_id"][:8])[0] == 0
    assert call("registry", "find", place, "--like", picture)[0] == 0
    assert call("registry", "find", place)[0] == 2
    code, told, _ = call("registry", "check", place)
    head = told.split()[-1]
    assert (code, told.startswith("1 entries, 0 of them purged; head ")) == (0, True)
    assert call("registry", "check", place, "--head", head)[0] == 0
    assert call("registry", "check", place, "--head", "0" * 64)[0] == 2
    out = tmp_path / "labels.csv"
    assert call("registry", "export", place, "--format", "csv", "-o", out)[0] == 0
    assert out.read_text("utf-8").count("demo-001") == 1
    assert call("registry", "export", place, "-o", out)[0] == 2
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    code, _, err = call("registry", "purge", place, "--before", tomorrow)
    assert (code, "six months" in err) == (2, True)
    assert call("registry", "purge", place, "--before", "2020-01-01")[0] == 0


def test_check_exits_2_for_a_registry_that_was_altered(place):
    call("registry", "init", place)
    open_registry(place).add(LabelRecord(label={"ProduceID": "a"}, sha256="a" * 64))
    with sqlite3.connect(place) as connection:
        connection.execute("DROP TRIGGER entries_keep")
        connection.execute("UPDATE entries SET body = replace(body, '\"a\"', '\"b\"')")
    connection.close()
    code, _, err = call("registry", "check", place)
    assert code == 2
    assert "the record of entry 1 was altered" in err


def test_an_old_art_9_log_is_imported(place, tmp_path, label):
    from labeler.exemption import record_exemption

    log = tmp_path / "art9.jsonl"
    record_exemption(log, recipient="B", agreement="A", label=label, sha256="c" * 64)
    call("registry", "init", place)
    assert "1 records taken over" in call("registry", "import", place, log)[2]
    assert "-> B (A)" in call("registry", "find", place, "--sha256", "c" * 64)[1]


def test_the_html_report_is_written_whole(picture, tmp_path):
    out = tmp_path / "report.html"
    arguments = ("--format", "html", "--report", out, "--lang", "zh")
    assert call("verify", picture, *arguments)[0] == 1
    page = out.read_text("ascii")
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</html>\n")
    assert '"lang":"zh"' in page
    assert "data:image/jpeg;base64" in page


def test_the_app_store_material_quotes_the_label_of_a_sample(picture, place, tmp_path):
    apply(picture, tmp_path / "out.png", place, "--content-id", "demo-001")
    asked = ("policy", "report", "--app-store", "--app", "画坊", "--producer", PRODUCER)
    code, told, _ = call(*asked, tmp_path / "out.png")
    assert code == 0
    for part in ("画坊", PRODUCER, '"ProduceID":"demo-001"', "第七条", "不是法律意见"):
        assert part in told
    code, told, err = call(*asked, picture)
    assert (code, told) == (2, "")
    assert "carries no metadata label" in err


def test_policy_report_wants_one_of_its_two_drafts():
    assert call("policy", "report")[0] == 2
    assert call("policy", "report", "--app-store", "--agreement")[0] == 2
    assert call("policy", "report", "--app-store", "--policy", "eu")[0] == 2


def test_the_agreement_is_printed_alone():
    code, told, _ = call("policy", "report", "--agreement", "--lang", "en", "--policy", "eu")
    assert code == 0
    assert told.startswith("Under article 50")


def test_standard_output_can_be_labelled_and_recorded(picture, place):
    code, _, err = call("apply", picture, "-o", "-", "--producer", PRODUCER, "--registry", place)
    assert code == 0, err
    (match,) = open_registry(place).records()
    assert match.record.file_name == "-"
