"""The picture list: deterministic, split by name, the right sizes, whatever is installed."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import pictures
from benchmarks.synthesis import SMOOTH


def test_computed_pictures_are_always_there():
    names = {source.name for source in pictures.sources(kinds=["smooth"])}
    assert names == {f"smooth/{name}" for name in SMOOTH}


def test_what_scikit_image_ships_is_in_the_list():
    names = {source.name for source in pictures.sources(kinds=["small"])}
    assert {"skimage/astronaut.png", "skimage/coffee.png"} <= names


def test_names_are_unique_and_sorted():
    names = [source.name for source in pictures.sources()]
    assert names == sorted(set(names))


def test_each_picture_is_in_one_split():
    test = {s.name for s in pictures.sources(split="test")}
    tuning = {s.name for s in pictures.sources(split="tuning")}
    assert not test & tuning
    assert test | tuning == {s.name for s in pictures.sources()}


def test_the_split_depends_on_the_name_alone():
    one = pictures.Source(name="smooth/mist", kind="smooth")
    other = pictures.Source(name="smooth/mist", kind="flat", side=256)
    assert one.split == other.split


def test_missing_pictures_are_named():
    everything = len(pictures.sources()) + len(pictures.missing())
    assert everything >= 110


def test_loading_is_deterministic_and_within_the_size():
    source = pictures.Source(name="smooth/waves", kind="smooth")
    first, second = pictures.load(source), pictures.load(source)
    assert np.array_equal(first, second)
    assert first.dtype == np.uint8
    assert 0.9e6 < first.shape[0] * first.shape[1] < 2.02e6


def test_smooth_pictures_are_smooth():
    rough = np.abs(np.diff(SMOOTH["gradient"]().astype(int), axis=1)).mean()
    assert rough < 2


def test_squares_have_the_side_that_was_asked_for():
    square = pictures.Source(name="square256/waves", kind="square256", side=256)
    with pytest.raises(KeyError):
        pictures.load(square)
    named = pictures.Source(name="smooth/waves", kind="square256", side=256)
    assert pictures.load(named).shape == (256, 256, 3)


def test_description_holds_size_and_digest():
    source = pictures.Source(name="smooth/poster", kind="smooth")
    pixels = pictures.load(source)
    facts = pictures.describe(source, pixels)
    assert (facts["height"], facts["width"]) == pixels.shape[:2]
    assert len(facts["sha256"]) == 64
    assert facts["split"] in {"test", "tuning"}
