"""Content that goes from path to path is recorded before its file gets its name."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from sound_files import coded

import labeler
from labeler.audio import hollow, storage
from labeler.errors import RegistryFailed
from labeler.limits import Limits
from labeler.model import Label
from labeler.registry import make_registry
from labeler.registry.sqlite import SqliteRegistry
from makers import PRODUCER


RATE = 16_000
LABEL = Label(producer=PRODUCER, content_id="hours-2")


@pytest.fixture
def recording(tmp_path, monkeypatch):
    real = storage.check_length
    small = Limits(sound_values=RATE)
    monkeypatch.setattr(hollow, "check_length", lambda n, found: real(n, found, small))
    rng = np.random.default_rng(2)
    path = tmp_path / "talk.wav"
    samples = rng.normal(0, 3000, (6 * RATE, 1)).astype(np.int16)
    path.write_bytes(coded(samples, RATE, "wav", "pcm_s16le"))
    return path


def test_a_recording_of_hours_is_recorded(recording, tmp_path):
    registry = make_registry(tmp_path / "labels.db")
    out = tmp_path / "out.wav"
    labeler.apply(recording, LABEL, output=out, layers="metadata", registry=registry)
    (match,) = registry.records()
    assert match.record.modality == "audio"
    assert match.record.sha256 == hashlib.sha256(out.read_bytes()).hexdigest()
    assert match.record.sha256_before == hashlib.sha256(recording.read_bytes()).hexdigest()


@pytest.fixture
def failing(monkeypatch):
    def fail(*_):
        raise RegistryFailed("labels.db: another program keeps it locked")

    monkeypatch.setattr(SqliteRegistry, "add", fail)


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize("name", ["talk.wav", "hills.mp4"])
def test_what_cannot_be_recorded_is_not_written(recording, samples, tmp_path, name):
    source = recording if name == "talk.wav" else samples / "videos" / name
    registry = make_registry(tmp_path / "labels.db")
    out = tmp_path / f"out-{name}"
    with pytest.raises(RegistryFailed):
        labeler.apply(source, LABEL, output=out, layers="metadata", registry=registry)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["labels.db", "talk.wav"]
