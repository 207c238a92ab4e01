"""Signed labels in every family of formats: they outlive added metadata, and content binds them."""

from __future__ import annotations

from pathlib import Path

import pytest

import detectors
import labeler
from detectors.evidence import ProvenanceEvidence
from labeler.containers.registry import FAMILIES, format_of
from labeler.containers.videos import VIDEOS
from labeler.errors import MissingBackend
from labeler.signing import keys
from labeler.signing.trust import Trust
from made_documents import TEXTS, docx, epub, pdf
from makers import OTHER_PRODUCER, PRODUCER
from rich_pictures import rich
from rich_sounds import rich_sound
from rich_videos import rich_video


PLACELESS = {"text", "srt", "source", "data"}
NAMES = {"markdown": "x.md", "html": "x.html", "json": "x.json", "jsonl": "x.jsonl", "vtt": "x.vtt"}
SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    pytest.importorskip("cryptography", reason="the extra sign is not installed")
    return keys.new_signing_key(tmp_path_factory.mktemp("key") / "k.pem", "ed25519")


def document(kind):
    packages = {"docx": docx, "epub": epub, "pdf": pdf}
    if kind in packages:
        return packages[kind](), f"x.{kind}"
    if kind in {"xlsx", "pptx"}:
        return (SAMPLES / "texts" / f"tides.{kind}").read_bytes(), f"x.{kind}"
    text = next(v for k, v in TEXTS.items() if k.endswith(NAMES[kind][1:]))
    return text.encode(), NAMES[kind]


def made(kind):
    if kind in FAMILIES["image"]:
        return rich("tiff" if kind == "tiff" else kind), ""
    if kind in FAMILIES["audio"]:
        return rich_sound(kind), ""
    if kind in VIDEOS:
        return rich_video(kind), ""
    return document(kind)


KINDS = [
    *FAMILIES["image"],
    *FAMILIES["audio"],
    *VIDEOS,
    *(kind for kind in FAMILIES["text"] if kind not in PLACELESS),
]


def signed(kind, label, key):
    data, name = made(kind)
    result = labeler.apply(data, label, layers="metadata", sign_key=key, name=name)
    return result, name


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_label_outlives_the_platforms_fields(kind, label, key):
    result, name = signed(kind, label, key)
    told = result.receipt.layers["metadata"]["signature"]
    assert told["content_bound"] is (kind != "pdf")
    report = detectors.verify(result.content, name=name, fast=True)
    assert report.integrity.value == "verified-embedded-key"
    again = labeler.apply(result.content, label, layers="metadata", sign_key=key, name=name)
    assert again.content == result.content
    passed_on, _ = detectors.propagate(
        result.content, propagator=OTHER_PRODUCER, propagate_id="7", name=name
    )
    trust = Trust(pinned={PRODUCER: frozenset({key.public})})
    report = detectors.verify(passed_on, name=name, fast=True, trust=trust)
    assert report.integrity.value == "verified-pinned"
    assert report.label["ContentPropagator"] == OTHER_PRODUCER
    row = next(r for r in report.evidence if r.scheme == "security-data")
    assert row.fields["binding"] == ("none" if kind == "pdf" else "intact")


@pytest.mark.parametrize("kind", ["jpeg", "png", "wav", "flac", "markdown"])
def test_changed_content_fails(kind, label, key):
    result, name = signed(kind, label, key)
    changed = bytearray(result.content)
    at = {"jpeg": -40, "png": result.content.find(b"IDAT") + 8, "wav": -41, "flac": -60}
    if kind == "markdown":
        changed = bytearray(result.content.replace(b"Tides", b"Rides"))
    else:
        changed[at[kind]] ^= 1
    report = detectors.verify(bytes(changed), name=name, fast=True)
    assert report.integrity.value == "failed"
    assert any("may be forged" in line for line in report.basis)
    assert report.verdict.value == "confirmed"


def test_a_label_moved_to_another_picture_fails(label, key):
    result, _ = signed("jpeg", label, key)
    stolen = detectors.verify(result.content, fast=True).label
    other = labeler.metadata.write_fields(rich("png"), stolen)
    assert detectors.verify(other, fast=True).integrity.value == "failed"


def test_a_label_signed_by_nobody_is_absent(label):
    data = labeler.apply(rich("png"), label, layers="metadata").content
    report = detectors.verify(data, fast=True)
    assert report.integrity.value == "absent"
    assert not any(row.scheme == "security-data" for row in report.evidence)


def test_new_layers_are_signed_again_with_the_same_key_only(label, key, tmp_path):
    from makers import make

    first = labeler.apply(make("png"), label, layers="metadata", sign_key=key).content
    both = labeler.apply(first, label, sign_key=key)
    assert detectors.verify(both.content, fast=True).integrity.value == "verified-embedded-key"
    without = labeler.apply(first, label)
    assert any("verify will report it" in warning for warning in without.receipt.warnings)
    assert detectors.verify(without.content, fast=True).integrity.value == "failed"
    stranger = keys.new_signing_key(tmp_path / "s.pem", "ed25519")
    other = labeler.apply(first, label, sign_key=stranger)
    assert detectors.verify(other.content, fast=True).integrity.value == "failed"


def test_what_stands_in_the_reserved_field_is_never_replaced(key):
    label = labeler.Label(producer=PRODUCER, content_id="x", reserved_1="e862483430d978cb")
    result = labeler.apply(rich("png"), label, layers="metadata", sign_key=key)
    assert any("not signed" in warning for warning in result.receipt.warnings)
    assert detectors.verify(result.content, fast=True).label["ReservedCode1"] == "e862483430d978cb"


def test_a_platform_signs_its_pair(label, key):
    data, _ = detectors.propagate(
        labeler.apply(rich("png"), label, layers="metadata").content,
        propagator=OTHER_PRODUCER,
        propagate_id="7",
        sign_key=key,
    )
    trust = Trust(pinned={OTHER_PRODUCER: frozenset({key.public})})
    report = detectors.verify(data, fast=True, trust=trust)
    assert report.integrity.value == "verified-pinned"


def test_rows_of_foreign_marks_come_with_every_modality():
    for kind in ("jpeg", "mp3", "mp4"):
        data, name = made(kind)
        report = detectors.verify(data, name=name, fast=True)
        rows = [r.scheme for r in report.evidence if isinstance(r, ProvenanceEvidence)]
        assert rows == ["iptc", "c2pa", "generator"]


def test_signing_without_the_extra_says_which_one(label, monkeypatch, tmp_path):
    import sys

    key = keys.new_signing_key(tmp_path / "k.pem", "sm2")
    monkeypatch.setitem(sys.modules, "gmalg", None)
    with pytest.raises(MissingBackend, match=r"aigc-label\[sm\]"):
        labeler.apply(rich("png"), label, layers="metadata", sign_key=key)


def test_every_format_with_a_place_is_tested():
    known = {format_of(*made(kind)) for kind in KINDS}
    assert (
        known == {kind for formats in (*FAMILIES.values(), VIDEOS) for kind in formats} - PLACELESS
    )
