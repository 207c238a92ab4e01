"""The pool: every item exactly once, whatever one of them does to its process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from itertools import count, islice
from pathlib import Path

import pytest

from batch_work import CRASH, HANG, RAISE, crash_once, double
from labeler.batch import Failure, map_calls
from labeler.batch.chunks import run_chunk
from labeler.batch.pool import sturdy_map


ROOT = Path(__file__).parents[3]


def test_every_item_comes_back_exactly_once():
    done = list(sturdy_map(double, range(500), jobs=2))
    assert sorted(done) == [(n, 2 * n) for n in range(500)]


def test_a_crash_a_hang_and_an_exception_cost_one_item_each():
    items = [*range(40), CRASH, *range(40, 80), HANG, *range(80, 120), RAISE, CRASH]
    done = dict(sturdy_map(double, items, jobs=2, timeout=3))
    assert len(done) == len(items)
    for number, item in enumerate(items):
        if item >= 0:
            assert done[number] == 2 * item
    failures = {n: x for n, x in done.items() if isinstance(x, Failure)}
    assert {x.item: x.reason for x in failures.values()} == {
        CRASH: "crashed",
        HANG: "timed out",
        RAISE: "raised",
    }
    assert len(failures) == 4
    assert "SIGABRT" in next(x.error for x in failures.values() if x.item == CRASH)


def test_an_item_is_blamed_for_a_crash_only_when_it_crashes_alone_as_well(tmp_path):
    place = str(tmp_path / "there")
    assert list(sturdy_map(crash_once, [place], jobs=1)) == [(0, "survived")]


def test_without_second_chance_nothing_is_run_twice(tmp_path):
    (outcome,) = map_calls(crash_once, [str(tmp_path / "there")], jobs=2)
    assert outcome.reason == "crashed"


def test_items_are_taken_as_they_are_needed():
    taken = count()
    done = sturdy_map(double, taken, jobs=2)
    assert len(list(islice(done, 50))) == 50
    done.close()
    assert next(taken) < 5_000


def test_calls_come_back_in_order():
    assert list(map_calls(double, range(30), jobs=2)) == [2 * n for n in range(30)]


def test_large_items_never_block():
    items = [b"x" * 3_000_000] * 6
    assert [x for _, x in sturdy_map(len, items, jobs=2)] == [3_000_000] * 6


def test_a_chunk_of_a_foreign_engine_ends_its_process_when_an_item_hangs():
    code = "from batch_work import *; from labeler.batch.chunks import run_chunk"
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support")])
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; run_chunk(double, [(0, 1), (1, HANG)], 1.0)"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 1
    assert run_chunk(double, [(7, 1), (8, RAISE)], 60.0)[0] == (7, 2)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")
def test_workers_end_when_their_parent_is_killed(tmp_path):
    script = tmp_path / "run.py"
    script.write_text(
        textwrap.dedent(
            """
            import os, time
            def work(item):
                with open(f"{item}.pid", "w") as file: file.write(str(os.getpid()))
                time.sleep(600)
            if __name__ == "__main__":
                from labeler.batch.pool import sturdy_map
                list(sturdy_map(work, range(2), jobs=2))
            """
        )
    )
    process = subprocess.Popen(
        [sys.executable, str(script)], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    places = [tmp_path / "0.pid", tmp_path / "1.pid"]
    _wait(lambda: all(place.exists() and place.read_text() for place in places))
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    _wait(lambda: not any(_lives(int(place.read_text())) for place in places))


def _lives(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def _wait(condition) -> None:
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen")
