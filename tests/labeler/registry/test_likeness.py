"""Fingerprints survive what they are said to survive, and tell different content apart."""

from __future__ import annotations

import io
from itertools import combinations

import cv2
import numpy as np
import pytest
from PIL import Image

from labeler.core.likeness import PRINT_BYTES, picture_print, sound_prints
from labeler.model import Label
from labeler.registry import LabelRecord, make_registry
from labeler.registry.finding import find_records
from labeler.registry.likeness import (
    MOST_PRINTS,
    likeness_of,
    pixel_likeness,
    sample_likeness,
)
from labeler.registry.nearness import LIMITS
from labeler.verbs import apply
from makers import PRODUCER, make, photo


PHOTOS = (
    "astronaut",
    "coffee",
    "chelsea",
    "rocket",
    "camera",
    "coins",
    "moon",
    "hubble_deep_field",
)
RATE = 16_000


def distance(first, second):
    pairs = [np.bitwise_count(a ^ b).sum() for a in first.prints for b in second.prints]
    return int(min(pairs))


def recompressed(picture, quality):
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def scaled(picture, factor):
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def brighter(picture, _):
    return (255 * (picture / 255) ** 0.7).astype(np.uint8)


@pytest.mark.parametrize(
    ("damage", "how"), [(recompressed, 20), (scaled, 0.5), (scaled, 0.25), (brighter, None)]
)
@pytest.mark.parametrize("name", PHOTOS[:5])
def test_a_picture_is_known_after_compression_scaling_and_brightening(name, damage, how):
    picture = photo(name)
    changed = np.ascontiguousarray(damage(picture, how))
    assert distance(pixel_likeness(picture), pixel_likeness(changed)) <= LIMITS["picture"]


def test_different_pictures_are_far_apart():
    prints = [pixel_likeness(photo(name)) for name in PHOTOS]
    assert min(distance(a, b) for a, b in combinations(prints, 2)) > LIMITS["picture"] + 30


@pytest.mark.parametrize("ground", [0, 128, 255])
def test_a_flat_picture_has_no_print(ground):
    assert len(picture_print(np.full((80, 120), ground, np.uint8))) == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (3, 5), (63, 65), (700, 40)])
def test_a_picture_of_any_shape_is_taken(shape):
    noise = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    assert picture_print(noise).shape in {(0, PRINT_BYTES), (1, PRINT_BYTES)}


def melody(seed, seconds=14.0):
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    out = np.zeros(len(time))
    for start in np.arange(0, seconds, 0.3):
        tone = 200 * 2 ** (rng.integers(0, 36) / 12)
        inside = (time >= start) & (time < start + 0.3)
        out[inside] += np.sin(2 * np.pi * tone * time[inside])
    return (0.3 * out + rng.normal(0, 0.01, len(time))).astype(np.float32)


def test_a_sound_is_known_when_its_start_is_trimmed_or_noise_is_added():
    kept = sample_likeness(melody(1), RATE)
    trimmed = melody(1)[int(1.37 * RATE) :]
    noisy = melody(1) + np.random.default_rng(2).normal(0, 0.03, len(melody(1))).astype(np.float32)
    for changed in (trimmed, noisy):
        assert distance(kept, sample_likeness(changed, RATE, sought=True)) <= LIMITS["sound"]


def test_different_sounds_are_far_apart():
    prints = [sample_likeness(melody(seed), RATE) for seed in range(4)]
    assert min(distance(a, b) for a, b in combinations(prints, 2)) > LIMITS["sound"]


@pytest.mark.parametrize("samples", [np.zeros(5 * RATE), np.zeros(10), np.zeros(0)])
def test_silence_has_no_print(samples):
    assert len(sound_prints(samples.astype(np.float32), RATE, step=4, most=8)) == 0


def test_a_long_sound_keeps_a_bounded_number_of_prints():
    long = np.tile(melody(5), 12)
    assert len(sample_likeness(long, RATE).prints) == MOST_PRINTS


@pytest.mark.parametrize("modality", ["image", "audio", "video", "text", "unknown"])
def test_what_cannot_be_decoded_has_no_likeness_and_fails_nothing(modality, tmp_path):
    path = tmp_path / "broken"
    path.write_bytes(b"nothing of the kind")
    assert likeness_of(path, modality) is None
    assert likeness_of(tmp_path / "missing", modality) is None


def test_a_picture_is_found_again_among_many(tmp_path):
    registry = make_registry(tmp_path / "labels.db")
    rng = np.random.default_rng(4)
    for number in range(60):
        noise = cv2.resize(rng.integers(0, 256, (12, 12)).astype(np.uint8), (200, 200))
        told = LabelRecord(label={"ProduceID": str(number)}, sha256=f"{number:064x}")
        registry.add(told, pixel_likeness(noise))
    done = apply(make("png"), Label(producer=PRODUCER, content_id="photo"), registry=registry)
    upload = tmp_path / "upload.jpg"
    Image.open(io.BytesIO(done.content)).convert("RGB").resize((250, 250)).save(upload, quality=60)
    (match, *_) = find_records(registry, like=upload)
    assert match.record.label["ProduceID"] == "photo"
    assert 0 <= match.distance <= LIMITS["picture"]


def test_a_purged_item_is_not_alike_any_more(tmp_path):
    from datetime import date

    registry = make_registry(tmp_path / "labels.db")
    seen = pixel_likeness(photo())
    told = LabelRecord(label={}, sha256="a" * 64, time="2024-01-01")
    registry.add(told, seen)
    assert registry.alike(seen)
    registry.purge(before=date(2024, 6, 1))
    assert registry.alike(seen) == ()
