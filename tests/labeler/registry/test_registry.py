"""The registry keeps what it was told, finds it again, and shows when somebody changed it."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.errors import InvalidLabel, MissingBackend, RegistryFailed
from labeler.payload import mark_id
from labeler.registry import LabelRecord, database, make_registry, open_registry
from labeler.registry.export import take_exemptions, to_csv, to_json_lines
from labeler.registry.finding import find_records
from labeler.registry.sqlite import _spans, _without
from makers import PRODUCER


ROOT = Path(__file__).parents[3]
LONG_AGO = "2024-03-01T08:00:00+00:00"


def record(number: int = 1, **changes: object) -> LabelRecord:
    values = {
        "label": {"Label": "1", "ContentProducer": PRODUCER, "ProduceID": f"item-{number}"},
        "sha256": f"{number:064x}",
        "sha256_before": f"{number + 10**6:064x}",
        "file_name": f"{number}.png",
        "modality": "image",
    }
    return LabelRecord(**{**values, **changes})


@pytest.fixture
def place(tmp_path):
    return tmp_path / "labels.db"


@pytest.fixture
def registry(place):
    return make_registry(place)


def altered(place, *statements):
    """What somebody with an SQLite shell does, who also knows about the triggers."""
    with sqlite3.connect(place) as connection:
        connection.execute("DROP TRIGGER IF EXISTS entries_stay")
        connection.execute("DROP TRIGGER IF EXISTS entries_keep")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_a_record_comes_back_as_it_was(registry):
    told = record(layers={"visible": {"text": "AI生成"}}, key="default", policy="eu")
    assert registry.add(told) == 1
    (match,) = registry.with_mark(mark_id(PRODUCER, "item-1"))
    assert (match.number, match.record) == (1, told)
    assert registry.with_digest(told.sha256) == registry.with_digest(told.sha256_before) == (match,)
    assert len(registry) == 1


def test_what_is_not_there_is_not_found(registry):
    registry.add(record())
    assert registry.with_mark(0) == ()
    assert registry.with_digest("f" * 64) == ()


@pytest.fixture(scope="module")
def twelve(tmp_path_factory):
    made = make_registry(tmp_path_factory.mktemp("heads") / "labels.db")
    made.add_all(record(n) for n in range(12))
    return made


@given(bits=st.integers(1, 58), other=st.integers(0, 2**58 - 1))
@settings(max_examples=40, deadline=None)
def test_a_head_of_a_mark_finds_exactly_the_records_that_begin_so(twelve, bits, other):
    marks = {f"item-{n}": mark_id(PRODUCER, f"item-{n}") >> 58 - bits for n in range(12)}
    for mark in (marks["item-5"] << 58 - bits, other):
        fits = {name for name, own in marks.items() if own == mark >> 58 - bits}
        assert {m.record.label["ProduceID"] for m in twelve.with_mark(mark, bits)} == fits


def test_the_newest_record_of_a_mark_comes_first(registry):
    registry.add(record(sha256="a" * 64))
    registry.add(record(sha256="b" * 64))
    assert [m.record.sha256[0] for m in registry.with_mark(record().mark)] == ["b", "a"]


def test_a_mark_has_1_to_58_bits(registry):
    with pytest.raises(ValueError, match="1 to 58 bits"):
        registry.with_mark(1, 0)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"sha256": "abc"}, "sha256"),
        ({"sha256": ""}, "sha256"),
        ({"sha256_before": "xyz"}, "sha256_before"),
        ({"recipient": "somebody"}, "go together"),
        ({"agreement": "A-1"}, "go together"),
        ({"recipient": "a\nb", "agreement": "A-1"}, "one line"),
        ({"recipient": "x" * 501, "agreement": "A-1"}, "at most 500"),
        ({"time": "yesterday"}, "ISO 8601"),
        ({"retain_until": "soon"}, "ISO 8601"),
    ],
)
def test_a_record_of_nonsense_is_refused(changes, wrong):
    with pytest.raises(InvalidLabel, match=wrong):
        record(**changes)


def test_a_record_is_kept_six_months_whatever_it_asks_for():
    day = date.fromisoformat(record(retain_until="2020-01-01").retain_until)
    assert day >= datetime.now(UTC).date() + timedelta(days=183)


def test_a_name_that_is_no_utf_8_is_kept(registry):
    registry.add(record(file_name="caf\udce9\n<b>.png"))
    (match,) = registry.records()
    assert match.record.file_name == "caf\udce9\n<b>.png"
    assert "".join(to_json_lines([match])).isascii()
    assert "caf\\udce9" in "".join(to_csv([match]))


def test_the_chain_verifies_and_its_head_is_found_again(registry):
    registry.add(record(1))
    noted = registry.check().head
    registry.add_all([record(2), record(3)])
    found = registry.check(noted)
    assert (found.entries, found.purged, found.fault) == (3, 0, "")
    assert registry.check("0" * 64).fault.startswith("the head noted earlier is not in it")


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "UPDATE entries SET body = replace(body, '2.png', '9.png') WHERE number = 2",
            "the record of entry 2 was altered",
        ),
        ("UPDATE entries SET time = '2020-01-01' WHERE number = 2", "does not follow"),
        ("UPDATE entries SET mark = 7 WHERE number = 2", "look-up columns of entry 2"),
        ("UPDATE entries SET file_after = NULL WHERE number = 2", "look-up columns of entry 2"),
        ("DELETE FROM entries WHERE number = 2", "entry 2 is missing"),
        ("DELETE FROM entries WHERE number = 1", "entry 1 is missing"),
        ("UPDATE entries SET body = NULL, salt = NULL, mark = NULL WHERE number = 2", "no purge"),
        ("UPDATE entries SET retain_until = '2020-01-01' WHERE number = 3", "entry 3 does not"),
        ("UPDATE facts SET value = 'other'", "entry 1 does not follow"),
    ],
)
def test_every_change_behind_the_registrys_back_shows(registry, place, statement, fault):
    registry.add_all(record(n) for n in (1, 2, 3))
    altered(place, statement)
    assert fault in open_registry(place).check().fault


def test_entries_cut_off_at_the_end_show_against_a_head_noted_earlier(registry, place):
    registry.add_all(record(n) for n in (1, 2, 3))
    noted = registry.check().head
    altered(place, "DELETE FROM entries WHERE number = 3")
    assert registry.check().fault == ""
    assert "head noted earlier" in registry.check(noted).fault


def test_the_database_itself_refuses_to_change_or_delete_entries(registry, place):
    registry.add(record())
    with sqlite3.connect(place) as connection:
        for statement in ("DELETE FROM entries", "UPDATE entries SET body = 'x'",
                          "UPDATE entries SET body = NULL, salt = NULL"):  # fmt: skip
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)
    connection.close()


def test_a_purge_empties_old_records_and_the_chain_still_verifies(registry, place):
    registry.add_all(record(n, time=LONG_AGO) for n in (1, 2))
    registry.add(record(3))
    noted = registry.check().head
    assert registry.purge(before=date(2024, 12, 31)) == 2
    assert [m.record.label["ProduceID"] for m in registry.records()] == ["item-3"]
    assert registry.with_mark(record(1).mark) == ()
    assert registry.with_digest(record(1).sha256) == ()
    found = registry.check(noted)
    assert (found.entries, found.purged, found.fault) == (4, 2, "")
    assert registry.purge(before=date(2024, 12, 31)) == 0
    assert b"item-1" not in place.read_bytes()


def test_nothing_is_purged_when_one_record_must_be_kept(registry):
    registry.add_all([record(1, time=LONG_AGO), record(2, recipient="B", agreement="A-1")])
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    with pytest.raises(RegistryFailed, match=r"entry 2 is to be kept until .* six months"):
        registry.purge(before=tomorrow)
    assert len(list(registry.records())) == 2


def test_a_record_goes_into_a_purge_once_and_records_after_it_go_into_the_next(registry):
    registry.add_all(record(n, time=LONG_AGO) for n in (1, 2, 3))
    assert registry.purge(before=date(2024, 12, 31)) == 3
    registry.add_all(record(n, time=LONG_AGO) for n in (5, 6))
    assert registry.purge(before=date(2024, 12, 31)) == 2
    assert (registry.check().purged, registry.check().fault) == (5, "")


@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)))
@settings(max_examples=60, deadline=None)
def test_spans_are_sets_of_numbers(first, second):
    left = _without(
        [tuple(s) for s in _spans(sorted(first))], [tuple(s) for s in _spans(sorted(second))]
    )
    assert {n for low, high in left for n in range(low, high + 1)} == first - second


def test_a_registry_is_made_once_and_readable_by_its_owner_only(registry, place):
    with pytest.raises(RegistryFailed, match="exists"):
        make_registry(place)
    assert make_registry(place, known=True) == registry
    assert place.stat().st_mode & 0o077 == 0
    assert [p.name for p in place.parent.iterdir()] == ["labels.db"]


def test_a_registry_crosses_to_other_processes(registry):
    registry.add(record())
    assert len(pickle.loads(pickle.dumps(registry))) == 1  # noqa: S301  our own bytes


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (None, "there is no registry"),
        (b"", "is no registry"),
        (b"not a database, but long enough to be looked at " * 40, "no registry, or damaged"),
    ],
)
def test_what_is_no_registry_is_one_line(place, content, wrong):
    if content is not None:
        place.write_bytes(content)
    with pytest.raises(RegistryFailed, match=wrong) as caught:
        open_registry(place)
    assert "\n" not in str(caught.value)
    assert str(place) in str(caught.value)


def test_another_sqlite_file_is_no_registry(place):
    with sqlite3.connect(place) as connection:
        connection.execute("CREATE TABLE entries (number)")
    connection.close()
    with pytest.raises(RegistryFailed, match="is no registry; name another file"):
        open_registry(place)


def test_a_registry_of_a_later_version_is_not_touched(registry, place):
    with sqlite3.connect(place) as connection:
        connection.execute("PRAGMA user_version=2")
    connection.close()
    with pytest.raises(RegistryFailed, match="of version 2"):
        registry.add(record())


def test_a_database_server_is_not_built_in():
    with pytest.raises(MissingBackend, match="postgres://"):
        open_registry("postgres://host/labels")


@pytest.mark.parametrize("where", [0.3, 0.6, 0.9])
def test_a_damaged_file_is_one_line_or_a_fault_never_a_traceback(registry, place, where):
    registry.add_all(record(n) for n in range(400))
    data = bytearray(place.read_bytes())
    at = int(len(data) * where)
    data[at : at + 30_000] = os.urandom(min(30_000, len(data) - at))
    place.write_bytes(data)
    try:
        assert registry.check().fault
    except RegistryFailed as error:
        assert "damaged" in str(error)  # noqa: PT017  either is right


def test_a_file_cut_short_is_one_line(registry, place):
    registry.add_all(record(n) for n in range(400))
    place.write_bytes(place.read_bytes()[:50_000])
    with pytest.raises(RegistryFailed, match="damaged"):
        registry.check()


def test_a_locked_registry_is_one_line_after_bounded_waiting(registry, place, monkeypatch):
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    with sqlite3.connect(place, isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(RegistryFailed, match="keeps it locked; try again"):
            registry.add(record())
        assert len(registry) == 0
        holder.execute("ROLLBACK")
    holder.close()
    assert registry.add(record()) == 1


def test_a_writer_waits_for_another(registry, place):
    holder = sqlite3.connect(place, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.4, lambda: (holder.execute("ROLLBACK"), holder.close()))
    release.start()
    assert registry.add(record()) == 1
    release.join()


def test_a_full_disk_is_one_line_and_keeps_what_was_there(registry, monkeypatch):
    registry.add(record())

    def full(path):
        connection = opened(path)
        connection.execute("PRAGMA max_page_count=1")
        return connection

    opened = database._opened
    monkeypatch.setattr(database, "_opened", full)
    with pytest.raises(RegistryFailed, match="the disk is full"):
        registry.add_all(record(n, file_name="x" * 500) for n in range(200))
    monkeypatch.undo()
    assert (len(registry), registry.check().fault) == (1, "")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_registry_that_cannot_be_written_can_be_read(registry, place):
    registry.add(record())
    place.chmod(0o400)
    place.parent.chmod(0o500)
    try:
        assert len(open_registry(place)) == 1
        with pytest.raises(RegistryFailed, match="permissions"):
            registry.add(record(2))
    finally:
        place.parent.chmod(0o700)


WRITER = """
import sys
from labeler.registry import LabelRecord, open_registry
registry, who = open_registry(sys.argv[1]), sys.argv[2]
for number in range(int(sys.argv[3])):
    label = {"ContentProducer": who, "ProduceID": str(number)}
    told = registry.add(LabelRecord(label=label, sha256=f"{number:064x}"))
    print(told, who, number, flush=True)
"""


def writer(place, who, count):
    code = [sys.executable, "-c", textwrap.dedent(WRITER), str(place), who, str(count)]
    return subprocess.Popen(code, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_two_writers_and_a_kill_lose_nothing_that_was_reported(registry, place):
    with writer(place, "steady", 60) as steady, writer(place, "doomed", 100_000) as doomed:
        told = [doomed.stdout.readline() for _ in range(25)]
        doomed.send_signal(signal.SIGKILL)
        told += [line for line in doomed.stdout if line.endswith("\n")]
        told += steady.stdout.readlines()
    kept = {f"{m.number} {m.record.label['ContentProducer']} {m.record.label['ProduceID']}"
            for m in registry.records()}  # fmt: skip
    assert (steady.returncode, doomed.returncode) == (0, -signal.SIGKILL)
    assert len(told) >= 85
    assert {line.strip() for line in told} <= kept
    assert registry.check().fault == ""


def test_threads_append_without_gaps(registry):
    threads = [threading.Thread(target=registry.add, args=(record(n),)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(m.number for m in registry.records()) == list(range(1, 17))
    assert registry.check().fault == ""


def test_readers_are_not_stopped_by_a_writer(registry, place):
    registry.add(record())
    holder = sqlite3.connect(place, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    began = time.process_time()
    assert len(registry.with_mark(record().mark)) == 1
    assert time.process_time() - began < 5
    holder.execute("ROLLBACK")
    holder.close()


def test_a_copy_of_the_file_is_a_registry(registry, place, tmp_path):
    registry.add(record())
    shutil.copy(place, tmp_path / "copy.db")
    assert open_registry(tmp_path / "copy.db").check().fault == ""


def test_csv_and_json_lines_hold_every_record_and_no_formula(registry):
    registry.add_all([record(1, file_name="=1+1"), record(2, recipient="@sum", agreement="A-1")])
    rows = "".join(to_csv(registry.records())).lstrip("\ufeff").splitlines()
    assert len(rows) == 3
    assert "'=1+1" in rows[1]
    assert "'@sum" in rows[2]
    (line,) = to_json_lines(registry.records(kind="export"))
    told = json.loads(line)
    assert (told["kind"], told["recipient"], told["schema"]) == ("export", "@sum", 1)


def test_an_art_9_log_is_taken_over_once(registry, tmp_path, label):
    from labeler.exemption import record_exemption

    log = tmp_path / "log.jsonl"
    for who in ("B. Uyer", "C. Ustomer"):
        record_exemption(log, recipient=who, agreement="A-1", label=label, sha256="c" * 64)
    assert (take_exemptions(registry, log), take_exemptions(registry, log)) == (2, 0)
    kept = [m.record for m in registry.records(kind="export")]
    assert [r.recipient for r in kept] == ["B. Uyer", "C. Ustomer"]
    assert kept[0].mark == mark_id(label.producer, label.content_id)


def test_records_are_found_by_what_a_person_knows(registry):
    registry.add(record(sha256="ab" * 32))
    digits = f"{record().mark:015x}"
    for question in (
        {"mark_id": digits}, {"mark_id": digits[:6].upper()}, {"sha256": "AB" * 32},
        {"producer": PRODUCER, "content_id": "item-1"},
    ):  # fmt: skip
        assert [m.number for m in find_records(registry, **question)] == [1], question


@pytest.mark.parametrize("question", [{"mark_id": "xyz"}, {"mark_id": "f" * 15}, {"sha256": "12"}])
def test_a_question_that_is_no_number_is_refused(registry, question):
    with pytest.raises(InvalidLabel, match="hexadecimal"):
        find_records(registry, **question)
