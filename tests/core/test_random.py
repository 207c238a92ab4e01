"""The keyed random stream."""

from __future__ import annotations

import numpy as np

from labeler.core import random


SEED = bytes(range(32))


def test_a_longer_draw_begins_with_the_shorter():
    assert (random.words(SEED, "a", 9)[:5] == random.words(SEED, "a", 5)).all()


def test_purposes_and_seeds_are_independent():
    draws = [random.words(SEED, "a", 4), random.words(SEED, "b", 4), random.words(SEED[1:], "a", 4)]
    assert len({word for draw in draws for word in draw.tolist()}) == 12


def test_purpose_and_seed_do_not_run_into_each_other():
    assert (random.words(b"bc", "a", 4) != random.words(b"c", "ab", 4)).all()


def test_permutation_holds_every_index_once():
    assert sorted(random.permutation(SEED, "a", 576).tolist()) == list(range(576))


def test_signs_are_fair():
    assert abs(random.signs(SEED, "a", 10_000).mean()) < 0.05
    assert set(random.signs(SEED, "a", 100).tolist()) == {-1.0, 1.0}


def test_phases_are_unit_phasors_on_a_grid():
    steps = np.angle(random.phases(SEED, "a", 1000)) / (2 * np.pi) * 65536
    assert np.allclose(steps, np.rint(steps), atol=1e-6)
    assert abs(random.phases(SEED, "a", 1000).mean()) < 0.1
