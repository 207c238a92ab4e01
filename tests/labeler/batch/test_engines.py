"""Ray and Dask give what the pool gives, culprits named (skipped where they are not installed)."""

from __future__ import annotations

import importlib.util

import pytest

from batch_work import CRASH, HANG, double
from labeler.batch.chunks import Failure
from labeler.batch.engines import engine_named
from labeler.errors import MissingBackend, UnknownPolicy


NEEDS = {"ray": "ray", "dask": "distributed"}


def test_an_unknown_engine_is_named():
    with pytest.raises(UnknownPolicy, match="local, ray, dask"):
        engine_named("spark")


@pytest.mark.parametrize("name", NEEDS)
def test_a_missing_engine_names_its_extra(name, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, NEEDS[name], None)
    with pytest.raises(MissingBackend, match=rf"aigc-label\[{name}\]"):
        next(engine_named(name)(double, [1]))


@pytest.mark.parametrize("name", NEEDS)
@pytest.mark.filterwarnings("ignore")  # of the engines' own: open sockets, deprecated calls
def test_culprits_are_named_and_everything_else_is_done(name):
    if importlib.util.find_spec(NEEDS[name]) is None:
        pytest.skip(f"needs {NEEDS[name]}")
    items = [*range(40), CRASH, *range(40, 60), HANG]
    done = dict(engine_named(name)(double, items, jobs=2, timeout=4))
    assert len(done) == len(items)
    failures = {x.item: x.reason for x in done.values() if isinstance(x, Failure)}
    assert failures == {CRASH: "crashed", HANG: "timed out"}
    assert all(done[n] == 2 * item for n, item in enumerate(items) if item >= 0)
