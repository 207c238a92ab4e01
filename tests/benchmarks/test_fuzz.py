"""The fuzzer itself: it counts what it should, starts where it stopped, and finds nothing new."""

from __future__ import annotations

import random

import pytest

from benchmarks import fuzz
from benchmarks.fuzz_targets import TARGETS, Target
from labeler.errors import CorruptMedia


SEEDS = (bytes(range(256)), b"AIGC" * 30)


def target(call):
    return Target(name="made up", calls=(call,), seeds=lambda: SEEDS)


@pytest.mark.parametrize("name", TARGETS)
def test_no_parser_breaks_on_its_first_inputs(name):
    tally = fuzz.Tally()
    fuzz.fuzz(TARGETS[name], tally, 10)
    assert tally.done == 10
    assert not tally.crashes, tally.crashes
    assert not tally.slow


def test_crashes_are_counted_by_where_they_happen():
    def breaks(data):
        return data.index(b"\x07") if data != SEEDS[0] and data != SEEDS[1] else 0

    tally = fuzz.Tally()
    fuzz.fuzz(target(breaks), tally, 40)
    ((where, numbers),) = tally.crashes.items()
    assert where.startswith("ValueError in test_fuzz.py")
    assert numbers
    assert not tally.is_clean


def test_refusing_is_no_crash():
    def refuses(_):
        raise CorruptMedia("no")

    tally = fuzz.Tally()
    fuzz.fuzz(target(refuses), tally, 20)
    assert tally.refused == 20
    assert not tally.crashes


def test_what_takes_long_is_noticed(monkeypatch):
    monkeypatch.setattr(fuzz, "SECONDS", -1.0)
    tally = fuzz.Tally()
    fuzz.fuzz(target(len), tally, 3)
    assert tally.slow == [0, 1, 2]


def test_a_run_goes_on_where_it_stopped_with_the_same_inputs():
    seen = []
    once, twice = fuzz.Tally(), fuzz.Tally()
    fuzz.fuzz(target(seen.append), once, 30)
    whole, seen[:] = seen[len(SEEDS) :], []
    fuzz.fuzz(target(seen.append), twice, 11)
    first, seen[:] = seen[len(SEEDS) :], []
    fuzz.fuzz(target(seen.append), twice, 30)
    assert first + seen[len(SEEDS) :] == whole
    assert twice.done == 30


@pytest.mark.parametrize("way", fuzz.WAYS)
def test_every_way_to_damage_takes_anything(way):
    rng = random.Random(3)
    for data in (b"", b"a", *SEEDS):
        for _ in range(20):
            assert isinstance(way(data, SEEDS, rng), bytes)


def test_inputs_differ_from_the_files_they_are_made_of():
    inputs = {fuzz.made(target(len), SEEDS, 1, number) for number in range(100)}
    assert len(inputs - set(SEEDS)) > 80


def test_the_table_has_a_row_a_parser():
    table = fuzz.table({"png": fuzz.Tally(done=1_000, crashes={"x": [4, 5]})})
    assert "| png | 1,000 | 0 | 2 | 0 | 0 |" in table
    assert "1 parsers, 1,000 inputs" in table
