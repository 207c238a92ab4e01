"""Reading sound of odd rates, and what is kept of recordings of hours."""

from __future__ import annotations

import numpy as np

from detectors.audio.reading import _both, _Ends, _read_samples
from detectors.audio.watermark import _excerpt
from detectors.findings import NOT_EXAMINED
from labeler.keys import DEFAULT_KEY


def test_encrypted_sound_and_what_is_no_sound_are_told_as_not_examined():
    for data, protected in ((b"", True), (b"\x1a\x45\xdf\xa3" + bytes(99), False)):
        rows = _read_samples(data, keys=[DEFAULT_KEY], depth="plain", protected=protected)
        assert [row.found for row in rows] == [False, False]
        assert all(row.detail.startswith(NOT_EXAMINED) for row in rows)


def test_a_rate_without_marks_is_told():
    mark, heard = _both(np.zeros((4_000, 1), np.float32), 4_000, keys=[DEFAULT_KEY], depth="plain")
    assert mark.detail.startswith(NOT_EXAMINED)
    assert not heard.found


def test_of_a_long_recording_both_ends_are_kept_and_all_of_it_goes_by():
    blocks = [np.full(10, number, np.float32) for number in range(50)]
    ends = _Ends(room=25)
    assert [int(block[0]) for block in ends.watch(blocks)] == list(range(50))
    assert [int(block[0]) for block in ends.first] == [0, 1, 2]
    assert [int(block[0]) for block in ends.last] == [47, 48, 49]


def test_the_loudest_part_of_a_long_sound_is_searched():
    rate = 1_000
    sound = np.full(60 * rate, 0.01, np.float32)
    sound[30 * rate : 46 * rate] = 0.5
    part = _excerpt(sound, rate)
    assert len(part) == 16 * rate
    assert part.min() == np.float32(0.5)
    assert _excerpt(part, rate) is part
