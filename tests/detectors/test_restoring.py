"""A label that was lost comes back from the registry, and only where that is sure enough."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

import detectors
from benchmarks.resaving import RESAVINGS, picture_again
from detectors.evidence import MetadataEvidence, WatermarkEvidence
from detectors.restoring import LIKENESS_SCHEME, SCHEME, look_up
from labeler.errors import RegistryFailed
from labeler.model import Label
from labeler.payload import mark_id
from labeler.registry import LabelRecord, Likeness, make_registry
from labeler.verbs import apply
from makers import PRODUCER, make, photo


NO_METADATA = MetadataEvidence(scheme="tc260-xmp", found=False)


def mark(content_id="item-1", *, bits=64):
    unread = 64 - bits
    number = mark_id(PRODUCER, content_id) >> unread << unread
    return WatermarkEvidence(
        scheme="image-v1", found=True, p_value=1e-20, bits=bits, mark_id=f"{number:015x}", status=1
    )


def record(content_id="item-1", **changes):
    label = {"Label": "1", "ContentProducer": PRODUCER, "ProduceID": content_id}
    return LabelRecord(**{"label": label, "sha256": "a" * 64, **changes})


@pytest.fixture
def registry(tmp_path):
    made = make_registry(tmp_path / "labels.db")
    made.add(record())
    return made


def row(known, scheme=SCHEME):
    return next(row for row in known.rows if row.scheme == scheme)


@pytest.mark.parametrize("bits", [64, 48, 32, 16])
def test_a_whole_mark_and_its_heads_find_the_label(registry, bits):
    known = look_up(registry, (NO_METADATA, mark(bits=bits)))
    assert known.label["ProduceID"] == "item-1"
    assert row(known).found
    assert f"{bits - 6} of 58 bits" in row(known).detail
    assert not known.exact


def test_a_head_that_fits_two_labels_is_not_taken(registry):
    head = mark_id(PRODUCER, "item-1") >> 48
    names = (f"x-{n}" for n in range(10**5))
    other = next(name for name in names if mark_id(PRODUCER, name) >> 48 == head)
    registry.add(record(other))
    known = look_up(registry, (mark(bits=16),))
    assert (known.label, row(known).found) == ({}, False)
    assert "2 labels fit the 10 bits" in row(known).detail
    assert look_up(registry, (mark(bits=64),)).label["ProduceID"] == "item-1"


def test_a_head_that_a_foreign_mark_fits_by_chance_is_not_taken(registry):
    head = mark_id(PRODUCER, "item-1") >> 48
    names = [f"far-{n}" for n in range(200)]
    registry.add_all(record(name) for name in names if mark_id(PRODUCER, name) >> 48 != head)
    known = look_up(registry, (mark(bits=16),))
    assert (known.label, row(known).found) == ({}, False)
    assert "by chance with 0.2: not taken" in row(known).detail


def test_several_outputs_of_one_item_are_one_label(registry):
    registry.add(record(sha256="b" * 64))
    assert look_up(registry, (mark(bits=48),)).label["ProduceID"] == "item-1"


def test_a_mark_that_nobody_registered_says_so(registry):
    known = look_up(registry, (mark("stranger"),))
    assert known.label == {}
    assert row(known).detail == "no entry has the mark of image-v1"


def test_the_longest_reading_speaks(registry):
    known = look_up(registry, (mark("stranger", bits=16), mark(bits=64)))
    assert known.label["ProduceID"] == "item-1"


def test_the_bytes_of_a_registered_file_need_no_mark(registry):
    known = look_up(registry, (NO_METADATA,), digest="a" * 64)
    assert known.exact
    assert "these very bytes, after labelling" in row(known).detail


def test_bytes_labelled_under_several_numbers_give_no_label_back(registry):
    registry.add(record("one", sha256="1" * 64, sha256_before="c" * 64))
    registry.add(record("two", sha256="2" * 64, sha256_before="c" * 64))
    known = look_up(registry, (), digest="c" * 64)
    assert (known.label, row(known).found, row(known).declares_ai) == ({}, True, True)
    assert "2 content numbers" in row(known).detail


def test_a_registry_that_fails_is_a_row_and_the_item_is_judged_without_it():
    class Failing:
        def with_digest(self, _):
            raise RegistryFailed("labels.db: another program keeps it locked; try again")

    known = look_up(Failing(), (mark(),), digest="a" * 64)
    assert row(known).detail.startswith("not examined: labels.db: another program")


def test_what_only_looks_alike_is_a_hint_and_changes_no_verdict(registry):
    registry.add(
        record("item-2"), Likeness(family="picture", prints=np.full((1, 32), 85, np.uint8))
    )
    near = np.full((1, 32), 85, np.uint8)
    near[0, -4:] ^= 255
    seen = Likeness(family="picture", prints=near)
    known = look_up(registry, (NO_METADATA,), likeness=lambda: seen)
    hint = row(known, LIKENESS_SCHEME)
    assert (known.label, hint.found, hint.declares_ai) == ({}, True, None)
    assert "entry 2 (32 of 256 bits differ); a hint, not a proof" in hint.detail


def test_nobody_looks_for_likeness_where_the_metadata_speak(registry):
    there = MetadataEvidence(scheme="tc260-xmp", found=True, fields={"Label": "1"})
    look_up(registry, (there,), likeness=lambda: pytest.fail("it was asked"))


@pytest.mark.parametrize("modality", RESAVINGS)
def test_a_plain_re_save_loses_the_label_and_the_registry_gives_it_back(
    modality, samples, tmp_path
):
    if modality == "video" and shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed")
    name, save_again, layers = RESAVINGS[modality]
    registry = make_registry(tmp_path / "labels.db")
    path = samples / name
    label = Label(producer=PRODUCER, content_id="demo-001")
    done = apply(path.read_bytes(), label, name=path.name, registry=registry, layers=layers)
    data, new_name = save_again(done.content, tmp_path)

    without = detectors.verify(data, name=new_name)
    assert (without.label, without.verdict.value) == (None, "suspected")
    found = detectors.verify(data, name=new_name, registry=registry)
    assert found.modality.value == modality
    assert found.label == label.fields()
    assert found.verdict.value == "confirmed"
    assert found.patch["ProduceID"] == "demo-001"
    assert found.patch["ContentPropagator"] == ""
    assert any("registry knows the mark" in line for line in found.basis)
    assert found.conformity == without.conformity


def test_a_head_of_32_bits_gives_the_label_back_and_leaves_the_verdict(registry, monkeypatch):
    from detectors import content
    from detectors.findings import Finding
    from labeler.model import Modality

    finding = Finding(modality=Modality.IMAGE, format="png", evidence=(NO_METADATA, mark(bits=32)))
    monkeypatch.setattr(content._InMemory, "find", lambda *_: finding)
    report = detectors.verify(make("png"), registry=registry)
    assert report.label["ProduceID"] == "item-1"
    assert report.verdict.value == "suspected"
    assert report.patch["Label"] == "3"


def test_the_file_before_labelling_is_known_by_its_bytes(tmp_path, label):
    registry = make_registry(tmp_path / "labels.db")
    source = make("png")
    apply(source, label, layers="metadata", registry=registry)
    report = detectors.verify(source, registry=registry)
    assert (report.verdict.value, report.label) == ("confirmed", label.fields())
    assert detectors.verify(source).verdict.value == "none"


def test_a_platform_writes_the_restored_producer_with_its_own_pair(tmp_path, label):
    registry = make_registry(tmp_path / "labels.db")
    data, _ = picture_again(apply(make("jpeg"), label, registry=registry).content)
    inquiry = detectors.Inquiry(registry=registry)
    _, receipt = detectors.propagate(
        data, propagator=PRODUCER, propagate_id="post-1", inquiry=inquiry
    )
    assert receipt.label["ProduceID"] == "demo-001"
    assert receipt.label["Label"] == "1"
    assert receipt.label["PropagateID"] == "post-1"


def test_labelling_again_records_nothing_twice(tmp_path, label):
    registry = make_registry(tmp_path / "labels.db")
    done = apply(make("png"), label, registry=registry).content
    assert apply(done, label, registry=registry).content == done
    assert len(registry) == 1


def test_every_picture_of_a_batch_and_every_sound_is_recorded(tmp_path, label):
    registry = make_registry(tmp_path / "labels.db")
    apply(np.stack([photo(), photo("coffee")]), label, layers="visible", registry=registry)
    rng = np.random.default_rng(3)
    sound = rng.normal(0, 0.1, 32_000).astype(np.float32)
    apply(
        sound, replace(label, content_id="tone"), rate=16_000, layers="visible", registry=registry
    )
    kept = [m.record for m in registry.records()]
    assert [r.modality for r in kept] == ["image", "image", "audio"]
    assert len({r.label["ProduceID"] for r in kept}) == 3
