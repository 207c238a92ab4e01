"""The record of article 9: complete, durable, kept long enough, never rewritten."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

import labeler
from labeler.errors import CorruptMedia, InvalidLabel, OutputFailed
from labeler.exemption import read_exemptions, record_exemption, retention_date
from labeler.model import Label


LABEL = Label(producer="001191440300708461136T1XGW3", content_id="demo-001")
NOW = datetime(2026, 11, 22, 3, 4, 5, 678, tzinfo=UTC)
DIGEST = "0123456789abcdef" * 4


def record(log, **changes):
    values = {
        "recipient": "某某公司 (A. Buyer)",
        "agreement": "contract 7, clause 3",
        "label": LABEL,
        "sha256": DIGEST,
        "file_name": "out.jpg",
        "now": NOW,
    }
    return record_exemption(log, **{**values, **changes})


@pytest.mark.parametrize(
    ("start", "until"),
    [
        (date(2025, 1, 1), date(2025, 7, 4)),
        (date(2025, 6, 15), date(2025, 12, 18)),
        (date(2025, 7, 1), date(2026, 1, 4)),
        (date(2025, 8, 28), date(2026, 3, 3)),
        (date(2025, 8, 31), date(2026, 3, 3)),
        (date(2023, 8, 31), date(2024, 3, 3)),
        (date(2023, 8, 29), date(2024, 3, 3)),
        (date(2025, 8, 29), date(2026, 3, 3)),
        (date(2024, 2, 29), date(2024, 9, 1)),
        (date(2025, 12, 31), date(2026, 7, 3)),
        (date(2025, 10, 31), date(2026, 5, 3)),
    ],
)
def test_retention_is_six_calendar_months_and_three_days(start, until):
    assert retention_date(start) == until


def test_retention_is_never_under_183_days():
    days = (date(2023, 1, 1) + timedelta(days=n) for n in range(4 * 366))
    lengths = [(retention_date(day) - day).days for day in days]
    assert min(lengths) >= 183
    assert max(lengths) <= 188


def test_retention_never_goes_back():
    days = [date(2023, 1, 1) + timedelta(days=n) for n in range(4 * 366)]
    dates = [retention_date(day) for day in days]
    assert dates == sorted(dates)


def test_a_record_is_one_line_that_reads_back(tmp_path):
    log = tmp_path / "art9.jsonl"
    written = record(log)
    assert read_exemptions(log) == (written,)
    assert log.read_bytes().count(b"\n") == 1
    assert json.loads(log.read_text("utf-8")) == {
        "time": "2026-11-22T03:04:05+00:00",
        "recipient": "某某公司 (A. Buyer)",
        "agreement": "contract 7, clause 3",
        "producer": LABEL.producer,
        "content_id": "demo-001",
        "file_name": "out.jpg",
        "sha256": DIGEST,
        "tool": f"aigc-label {labeler.__version__}",
        "retain_until": "2027-05-25",
        "schema": 1,
    }


def test_records_are_appended_and_old_bytes_never_change(tmp_path):
    log = tmp_path / "art9.jsonl"
    record(log)
    before = log.read_bytes()
    record(log, recipient="another")
    assert log.read_bytes().startswith(before)
    assert [r.recipient for r in read_exemptions(log)] == ["某某公司 (A. Buyer)", "another"]


def test_the_time_is_kept_in_utc(tmp_path):
    china = timezone(timedelta(hours=8))
    early = datetime(2026, 11, 22, 1, 0, tzinfo=china)
    assert record(tmp_path / "log", now=early).time == "2026-11-21T17:00:00+00:00"


def test_without_a_time_the_record_is_of_now(tmp_path):
    before = datetime.now(UTC).replace(microsecond=0)
    time = datetime.fromisoformat(record(tmp_path / "log", now=None).time)
    assert before <= time <= datetime.now(UTC)


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": ""},
        {"recipient": "  "},
        {"agreement": ""},
        {"recipient": "a\nb"},
        {"agreement": "x" * 501},
        {"file_name": "a\x1b[31m"},
        {"sha256": ""},
        {"sha256": DIGEST[:-1]},
        {"sha256": "g" * 64},
    ],
)
def test_an_incomplete_record_is_refused_and_nothing_written(tmp_path, changes):
    log = tmp_path / "art9.jsonl"
    with pytest.raises(InvalidLabel):
        record(log, **changes)
    assert not log.exists()


def test_a_torn_last_line_is_left_out_and_the_next_record_stands_alone(tmp_path, caplog):
    log = tmp_path / "art9.jsonl"
    first = record(log)
    whole = log.read_bytes()
    for cut in (1, len(whole) // 2, len(whole) - 2):
        log.write_bytes(whole + whole[:cut])
        with caplog.at_level(logging.WARNING):
            assert read_exemptions(log) == (first,)
        assert "line 2 is torn" in caplog.text
        second = record(log, recipient="next")
        assert read_exemptions(log) == (first, second)


def test_a_line_torn_before_its_line_break_only_is_whole(tmp_path):
    log = tmp_path / "art9.jsonl"
    first = record(log)
    log.write_bytes(log.read_bytes().rstrip(b"\n"))
    assert read_exemptions(log) == (first,)
    second = record(log, recipient="next")
    assert read_exemptions(log) == (first, second)


@pytest.mark.parametrize("line", ['{"time":"now"}', "[]", "7", "null"])
def test_a_whole_line_that_is_no_record_is_an_error(tmp_path, line):
    log = tmp_path / "art9.jsonl"
    log.write_text(line + "\n")
    with pytest.raises(CorruptMedia, match="line 1"):
        read_exemptions(log)


def test_no_log_is_no_record(tmp_path):
    assert read_exemptions(tmp_path / "none") == ()


def test_a_log_that_cannot_be_written_or_read_is_a_label_error(tmp_path):
    with pytest.raises(OutputFailed, match="keep the visible label"):
        record(tmp_path / "no folder" / "log")
    with pytest.raises(OutputFailed):
        record(tmp_path)
    with pytest.raises(CorruptMedia):
        read_exemptions(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_the_log_names_people_and_is_private(tmp_path):
    log = tmp_path / "art9.jsonl"
    record(log)
    assert log.stat().st_mode & 0o777 == 0o600


def _write_many(log, number):
    for n in range(20):
        record(log, recipient=f"{number}-{n}" + "x" * 400)


def test_writers_side_by_side_lose_nothing(tmp_path):
    log = tmp_path / "art9.jsonl"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(log, n)) for n in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    names = [r.recipient.rstrip("x") for r in read_exemptions(log)]
    assert sorted(names) == sorted(f"{w}-{n}" for w in range(2) for n in range(20))
