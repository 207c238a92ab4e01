"""Sound too long to be held as samples goes through in blocks, with the same layers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sound_files import coded, tones

from detectors import verify
from labeler.audio import codec, hollow, storage
from labeler.audio.codec import decode_sound
from labeler.errors import LabelConflict, UnknownPolicy
from labeler.labelling import label_file
from labeler.limits import LIMITS
from labeler.model import Label, Layer
from labeler.options import Options
from synthetic_sounds import speech


RATE = 24_000
LABEL = Label(producer="001191440300708461136T1XGW3", content_id="hours-1")


@pytest.fixture
def short_memory(monkeypatch):
    """Let only ten seconds of sound be held as samples."""
    small = replace(LIMITS, sound_values=10 * RATE)
    real = storage.check_length
    for module in (storage, codec, hollow):
        monkeypatch.setattr(module, "check_length", lambda n, found, _=None: real(n, found, small))


@pytest.fixture(scope="module")
def recording() -> bytes:
    samples = np.concatenate([speech(16.0, RATE, seed) for seed in (1, 2)])
    return coded((samples * 30_000).astype(np.int16)[:, None], RATE, "wav", "pcm_s16le")


@pytest.mark.usefixtures("short_memory")
@pytest.mark.parametrize("position", ["start", "end", "start,end"])
def test_a_long_recording_carries_three_layers(recording, position):
    done = label_file(recording, LABEL, Options(position=position))
    report = verify(done.data)
    found = {row.layer.value for row in report.evidence if row.found}
    assert (report.verdict.value, found) == ("confirmed", {"visible", "watermark", "metadata"})
    assert len(done.layers["visible"]["positions"]) == position.count(",") + 1
    assert done.layers["watermark"]["self_check"] > 20
    again = label_file(done.data, LABEL, Options(position=position))
    assert again.data == done.data


def test_blocks_give_the_same_samples_as_memory(recording, request):
    options = Options(layers=(Layer.WATERMARK,))
    whole = label_file(recording, LABEL, options).data
    request.getfixturevalue("short_memory")
    assert label_file(recording, LABEL, options).data == whole


def test_the_programme_stays_bit_for_bit_behind_the_label(recording, request):
    request.getfixturevalue("short_memory")
    done = label_file(recording, LABEL, Options(layers=(Layer.VISIBLE,))).data
    request.getfixturevalue("monkeypatch").undo()
    before, after = decode_sound(recording).samples, decode_sound(done).samples
    assert np.array_equal(after[-len(before) :], before)


@pytest.mark.usefixtures("short_memory")
def test_the_middle_of_a_long_recording_and_other_marks_are_refused(recording):
    with pytest.raises(UnknownPolicy, match="stands at the start or the end"):
        label_file(recording, LABEL, Options(position="middle"))
    marked = label_file(recording, LABEL, Options(layers=(Layer.WATERMARK,))).data
    other = Label(producer=LABEL.producer, content_id="hours-2")
    with pytest.raises(LabelConflict, match="another mark"):
        label_file(marked, other, Options(layers=(Layer.WATERMARK,)))


@pytest.mark.usefixtures("short_memory")
def test_a_long_recording_without_a_label_says_what_was_heard():
    plain = coded(tones(RATE, 1, 25), RATE, "wav", "pcm_s16le")
    rows = [row for row in verify(plain).evidence if row.layer.value == "visible"]
    assert not any(row.found for row in rows)
    assert "first and last 5 minutes" in rows[0].detail
