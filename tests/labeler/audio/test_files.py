"""PCM recordings of hours go from path to path, and only their chunks are ever held in memory."""

from __future__ import annotations

import os

import numpy as np
import pytest
from sound_files import coded

import labeler
from certificates import new_chain
from cli import aigc_label
from detectors import verify
from labeler.audio import hollow, storage
from labeler.audio.hollow import fill, hollow_of, is_long_recording, sample_bytes, seconds_of
from labeler.containers.audio import riff
from labeler.errors import LabelConflict, LayerFailed
from labeler.limits import Limits
from labeler.model import Label
from labeler.signing import keys
from labeler.signing.credential import load_credential
from synthetic_sounds import speech


RATE = 16_000
PRODUCER = "001191440300708461136T1XGW3"
LABEL = Label(producer=PRODUCER, content_id="hours-2")


@pytest.fixture
def long_from_a_second(monkeypatch):
    """Take everything over a second for too long to be held."""
    real = storage.check_length
    small = Limits(sound_values=RATE)
    monkeypatch.setattr(hollow, "check_length", lambda n, found: real(n, found, small))


@pytest.fixture(params=["wav", "aiff"])
def recording(request, tmp_path):
    samples = (speech(14.0, RATE, 5) * 30_000).astype(np.int16)[:, None]
    order = "be" if request.param == "aiff" else "le"
    path = tmp_path / f"talk.{request.param}"
    path.write_bytes(coded(samples, RATE, request.param, f"pcm_s16{order}"))
    return path


def test_a_hollow_file_holds_all_but_the_samples_and_fills_again(recording, tmp_path):
    small = hollow_of(recording)
    assert len(small) < 400
    fill(small, recording, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == recording.read_bytes()
    assert seconds_of(recording) == pytest.approx(14.0, abs=0.01)
    assert sum(map(len, sample_bytes(recording))) == 2 * 14 * RATE


@pytest.mark.parametrize("recording", ["wav"], indirect=True)
def test_chunks_behind_the_samples_are_kept(recording, tmp_path):
    data = recording.read_bytes()
    tail = b"note" + (6).to_bytes(4, "little") + b"behind"
    data = data[:4] + (len(data) + len(tail) - 8).to_bytes(4, "little") + data[8:] + tail
    recording.write_bytes(data)
    fill(riff.write(hollow_of(recording), "{}"), recording, tmp_path / "labelled.wav")
    assert (tmp_path / "labelled.wav").read_bytes() == riff.write(data, "{}")


@pytest.mark.usefixtures("long_from_a_second")
def test_a_long_file_gets_the_layers_and_reads_as_a_short_one_does(recording, tmp_path):
    assert is_long_recording(recording)
    target = tmp_path / f"out{recording.suffix}"
    result = labeler.apply(recording, LABEL, output=target)
    assert set(result.receipt.layers) == {"visible", "watermark", "metadata"}
    report = verify(target)
    assert report.verdict.value == "confirmed"
    assert report.sha256 == result.receipt.sha256
    assert report.evidence[0].found
    rows = {row.layer.value for row in report.evidence if row.found}
    assert rows == {"visible", "watermark", "metadata"}
    assert verify(target.read_bytes()).label == report.label
    before = target.read_bytes()
    labeler.apply(target, LABEL, in_place=True)
    assert target.read_bytes() == before


@pytest.mark.usefixtures("long_from_a_second")
def test_metadata_alone_leaves_every_sample_and_others_labels_are_refused(recording, tmp_path):
    target = tmp_path / f"out{recording.suffix}"
    labeler.apply(recording, LABEL, output=target, layers="metadata")
    assert b"".join(sample_bytes(target)) == b"".join(sample_bytes(recording))
    other = Label(producer=PRODUCER, content_id="another")
    with pytest.raises(LabelConflict):
        labeler.apply(target, other, output=tmp_path / f"no{recording.suffix}")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([recording.name, target.name])


@pytest.mark.usefixtures("long_from_a_second")
def test_what_does_not_read_back_is_not_kept(recording, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "labeler.audio.files.fill", lambda small, _, place: place.write_bytes(small)
    )
    target = tmp_path / f"out{recording.suffix}"
    with pytest.raises(LayerFailed, match="differs"):
        labeler.apply(recording, LABEL, output=target, layers="metadata")
    assert not target.exists()


@pytest.mark.usefixtures("long_from_a_second")
def test_the_command_takes_long_files_too(recording, tmp_path, capsys):
    target = tmp_path / f"out{recording.suffix}"
    asked = ["apply", str(recording), "-o", str(target), "--producer", PRODUCER]
    assert aigc_label([*asked, "--dry-run"]) == 0
    assert not target.exists()
    assert aigc_label(asked) == 0
    assert aigc_label(["verify", str(target)]) == 0
    assert "confirmed" in capsys.readouterr().out
    assert aigc_label([*asked[:3], str(tmp_path / "wrong.mp3"), *asked[4:]]) == 2
    assert "call it wrong" in capsys.readouterr().err


def test_what_is_no_pcm_or_cannot_be_read_is_no_long_recording(tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF\0\0\0\0WAVEfmt ")
    assert not is_long_recording(broken)
    assert not is_long_recording(tmp_path / "missing.wav")
    assert not is_long_recording(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert not is_long_recording(tmp_path / "pipe")


@pytest.mark.usefixtures("long_from_a_second")
def test_a_recording_of_hours_is_signed_and_bound_like_a_short_one(recording, tmp_path):
    pytest.importorskip("cryptography", reason="the extra sign is not installed")
    key = keys.new_signing_key(tmp_path / "k.pem", "ed25519")
    target = tmp_path / f"signed{recording.suffix}"
    labeler.apply(recording, LABEL, output=target, layers="metadata", sign_key=key)
    assert is_long_recording(target)
    assert verify(target, fast=True).integrity.value == "verified-embedded-key"
    # As bytes the whole file is hashed by its container: the digest must be the same.
    assert verify(target.read_bytes(), fast=True).integrity.value == "verified-embedded-key"
    changed = bytearray(target.read_bytes())
    changed[len(changed) // 2] ^= 1
    target.write_bytes(changed)
    assert verify(target, fast=True).integrity.value == "failed"


@pytest.mark.usefixtures("long_from_a_second")
@pytest.mark.parametrize("recording", ["wav"], indirect=True)
def test_a_recording_of_hours_is_signed_with_c2pa(recording, tmp_path):
    pytest.importorskip("c2pa", reason="the extra c2pa is not installed")
    chain = new_chain(tmp_path)
    credential = load_credential(chain.certificates, chain.key)
    target = tmp_path / "signed.wav"
    result = labeler.apply(
        recording, LABEL, output=target, layers="metadata", credential=credential
    )
    assert result.receipt.layers["provenance"]["scheme"] == "c2pa"
    report = verify(target, fast=True)
    row = next(row for row in report.evidence if row.scheme == "c2pa")
    assert row.fields["validation"] == "intact"
    assert report.verdict.value == "confirmed"
