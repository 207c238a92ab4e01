"""The mark in frames: as strong as it says, the same in every frame, following the scene."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from detectors.image.watermark import read_mark as read_picture
from labeler.core.video.moving import GOALS, aim_of, is_cut, mask_of, thumbnail
from labeler.errors import MediaTooSmall, UnknownPolicy
from labeler.payload import payload_of
from labeler.video.facts import read_facts
from labeler.video.playback import frames_of
from labeler.video.sums import sum_frames
from labeler.video.watermark import FrameMarker, FrameShape, goal_of, mode_of_frames
from moving_pictures import luma_frames, write_video


def psnr(before, after, peak=255):
    error = np.mean((before.astype(float) - after) ** 2)
    return 10 * math.log10(peak**2 / error) if error else math.inf


def marked(frames, label, *, shape=None, **options):
    frames = [frame.copy() for frame in frames]
    rows, columns = frames[0].shape
    marker = FrameMarker(
        shape or FrameShape(rows=rows, columns=columns), payload_of(label), **options
    )
    for frame in frames:
        marker.mark(frame)
    return frames, marker.receipt()


def test_the_receipt_says_the_psnr_that_the_frames_have(label):
    frames = list(luma_frames(10))
    after, receipt = marked(frames, label)
    each = [psnr(a, b) for a, b in zip(frames, after, strict=True)]
    assert receipt.psnr_db == pytest.approx(np.mean(each), abs=0.05)
    assert receipt.psnr_least_db == pytest.approx(min(each), abs=0.1)
    assert receipt.frames == 10


@pytest.mark.parametrize(
    ("strength", "low", "high"), [("subtle", 45, 46), ("default", 43, 43.6), ("robust", 42, 42.6)]
)
def test_strengths_are_levels_of_psnr(label, strength, low, high):
    _, receipt = marked(list(luma_frames(6)), label, strength=strength)
    assert low <= receipt.psnr_db <= high


def test_no_frame_falls_under_the_least_even_after_calm_ones(label):
    calm = [np.full((360, 640), 128, np.uint8)] * 12
    frames = calm + list(luma_frames(24))
    after, receipt = marked(frames, label)
    assert min(psnr(a, b) for a, b in zip(frames, after, strict=True)) >= 42
    assert receipt.psnr_db >= 43


def test_strength_nought_changes_nothing(label):
    frames = list(luma_frames(2))
    after, receipt = marked(frames, label, strength=0)
    assert all((a == b).all() for a, b in zip(frames, after, strict=True))
    assert receipt.psnr_db is None


def test_the_mask_follows_a_cut_at_once(label):
    frames = list(luma_frames(8, cut=6))
    after, _ = marked(frames, label)
    change = [b.astype(int) - a for a, b in zip(frames, after, strict=True)]
    assert (change[4] == change[5]).all()
    assert (change[6] != change[5]).any()


def test_cuts_are_told_from_motion():
    still, moved, other = (thumbnail(next(luma_frames(1, seed=seed))) for seed in (1, 1, 7))
    assert not is_cut(still, moved, 255)
    assert is_cut(still, other, 255)


def test_the_pattern_stands_still(label):
    frames = list(luma_frames(12))
    after, _ = marked(frames, label)
    first, last = (b.astype(float) - a for a, b in ((frames[0], after[0]), (frames[-1], after[-1])))
    assert np.corrcoef(first.ravel(), last.ravel())[0, 1] > 0.7


@pytest.mark.parametrize("size", [(640, 360), (1280, 720)])
def test_a_single_frame_is_read_by_the_reader_of_pictures(label, size):
    after, receipt = marked(list(luma_frames(1, *size)), label)
    evidence = read_picture(after[0])
    assert evidence.found
    assert evidence.bits == receipt.bits == 64
    assert evidence.mark_id == payload_of(label).mark_hex


def test_ten_bits_are_marked_within_their_range(label):
    frames = [frame.astype(np.uint16) * 4 for frame in luma_frames(4)]
    frames[0][:50] = 1023
    shape = FrameShape(rows=360, columns=640, peak=1023)
    after, receipt = marked(frames, label, shape=shape)
    assert max(frame.max() for frame in after) <= 1023
    assert receipt.psnr_db == pytest.approx(43.25, abs=0.3)
    assert read_picture((after[1] << 6).astype(np.uint16)).found


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_frames_that_players_turn_read_as_shown(label, turns):
    frame = next(luma_frames(1, 640, 480))
    shown = (480, 640) if turns % 2 else (640, 480)
    shape = FrameShape(rows=480, columns=640, display=shown, turns=turns)
    after, _ = marked([frame], label, shape=shape)
    assert read_picture(np.ascontiguousarray(np.rot90(after[0], turns)), depth="plain").found


def test_pixels_that_are_not_square_read_as_shown(label):
    import cv2

    frame = next(luma_frames(1, 480, 480))
    wide = round(480 * Fraction(4, 3))
    shape = FrameShape(rows=480, columns=480, display=(wide, 480))
    after, _ = marked([frame], label, shape=shape)
    assert read_picture(cv2.resize(after[0], (wide, 480)), depth="plain").found


def test_rows_further_apart_than_they_are_long_are_marked_alike(label):
    frame = next(luma_frames(1))
    after, _ = marked([frame], label)
    wide = np.zeros((360, 704), np.uint8)
    view = wide[:, :640]
    view[:] = frame
    FrameMarker(FrameShape(rows=360, columns=640), payload_of(label)).mark(view)
    assert (view == after[0]).all()
    assert not wide[:, 640:].any()


def test_small_frames_carry_the_short_mode_and_tiny_ones_none():
    assert mode_of_frames(480, 270).payload_bits == 64
    assert mode_of_frames(200, 200).payload_bits == 32
    with pytest.raises(MediaTooSmall, match="96 x 96"):
        mode_of_frames(96, 96)


@pytest.mark.parametrize("strength", ["loud", -1, 11, "12"])
def test_wrong_strengths_are_refused(strength):
    with pytest.raises(UnknownPolicy, match="strength"):
        goal_of(strength)


def test_calm_frames_before_leave_room_for_the_next():
    goal = GOALS["default"]
    assert aim_of(goal, None) == goal.mean
    assert aim_of(goal, goal.mean + 0.5) == pytest.approx(goal.mean - 0.5)
    assert aim_of(goal, 60.0) == goal.least
    assert aim_of(goal, goal.mean - 1) > goal.mean


def test_busy_places_get_less_of_the_mark_than_calm_ones():
    small = np.full((120, 120), 128, np.float32)
    small[:, 60:] += 60 * np.random.default_rng(1).choice([-1, 1], (120, 60)).astype(np.float32)
    mask = mask_of(small)
    assert mask[:, :50].min() > 0.99
    assert mask[:, 70:].max() < 0.5


def test_a_sum_for_the_whole_keeps_one_picture_however_long_the_film(tmp_path):
    path = write_video(tmp_path / "in.mp4", list(luma_frames(6, 320, 240)), rate=1)
    facts = read_facts(path)
    whole = sum_frames(frames_of(path), facts, by_parts=False)
    parts = sum_frames(frames_of(path), facts)
    assert len(whole.parts) == 1
    assert len(parts.parts) == 3
    assert np.allclose(whole.whole(), parts.whole(), atol=1e-4)
