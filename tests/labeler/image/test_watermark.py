"""Putting the mark into pixels of every kind."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.metrics import structural_similarity

from detectors.image.watermark import read_mark
from labeler.core.image.embedding import PRESETS
from labeler.core.image.self_check import check_mark
from labeler.errors import LayerFailed, MediaTooSmall, UnknownPolicy, UnsupportedMedia
from labeler.image import watermark
from labeler.image.watermark import embed_batch, embed_mark, mode_for, weakest
from labeler.keys import Key
from labeler.payload import Payload
from makers import PRODUCER, noise, photo


PAYLOAD = Payload(mark_id=0x2F3ABCAA7ED0A5D, status=2)
SECRET = Key("ours", bytes(range(32)))


def form_of(rgb: np.ndarray, form: str) -> np.ndarray:
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    alpha = np.full_like(grey, 200)
    alpha[:40] = 0
    shapes = {
        "grey": grey,
        "one": grey[..., None],
        "la": np.dstack([grey, alpha]),
        "rgb": rgb,
        "rgba": np.dstack([rgb, alpha]),
    }
    return np.ascontiguousarray(shapes[form])


def deep(pixels: np.ndarray, dtype: str) -> np.ndarray:
    if dtype == "uint16":
        return pixels.astype(np.uint16) * 257
    return pixels if dtype == "uint8" else (pixels / np.float32(255)).astype(np.float32)


@pytest.mark.parametrize("form", ["grey", "one", "la", "rgb", "rgba"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_every_kind_of_pixels_takes_the_mark(form, dtype):
    pixels = deep(form_of(photo("coffee", 400), form), dtype)
    before = pixels.copy()
    marked, receipt = embed_mark(pixels, PAYLOAD)
    assert np.array_equal(pixels, before)
    assert (marked.shape, marked.dtype) == (pixels.shape, pixels.dtype)
    assert receipt.psnr_db > 41
    evidence = read_mark(marked)
    assert (evidence.found, evidence.mark_id, evidence.status) == (True, PAYLOAD.mark_hex, 2)
    if form in {"la", "rgba"}:
        assert np.array_equal(marked[..., -1], pixels[..., -1])
        assert np.array_equal(marked[:40], pixels[:40])


def test_strength_zero_is_lossless():
    marked, receipt = embed_mark(photo(), PAYLOAD, strength=0)
    assert np.array_equal(marked, photo())
    assert receipt.psnr_db is None
    assert (receipt.ssim, receipt.survival, receipt.self_check) == (None, None, None)


def test_the_same_call_gives_the_same_pixels():
    assert np.array_equal(embed_mark(photo(), PAYLOAD)[0], embed_mark(photo(), PAYLOAD)[0])


@pytest.fixture(scope="module")
def batch():
    """Pictures of one size, as different as they come, and a payload each."""
    flat = np.full((400, 400, 3), (200, 30, 90), np.uint8)
    pictures = [photo("astronaut"), photo("coffee"), noise(400, 400), flat, photo("rocket", 400)]
    return np.stack(pictures), [Payload(mark_id=7 * k + 1) for k in range(5)]


@pytest.mark.parametrize("threads", [None, 1, 3])
@pytest.mark.parametrize("strength", ["subtle", "default"])
def test_a_batch_is_marked_like_its_pictures_bit_by_bit(batch, threads, strength):
    pixels, payloads = batch
    marked, receipts = embed_batch(pixels, payloads, strength=strength, threads=threads)
    assert (marked.shape, marked.dtype) == (pixels.shape, pixels.dtype)
    for index, payload in enumerate(payloads):
        alone, receipt = embed_mark(pixels[index], payload, strength=strength)
        assert np.array_equal(marked[index], alone)
        assert receipts[index] == receipt


@pytest.mark.parametrize(("form", "dtype"), [("one", "uint8"), ("rgba", "uint16"), ("rgb", "f")])
def test_batches_of_every_kind_are_marked_like_their_pictures(batch, form, dtype):
    dtype = "float32" if dtype == "f" else dtype
    pixels = np.stack([deep(form_of(each, form), dtype) for each in batch[0][:2]])
    marked, receipts = embed_batch(pixels, PAYLOAD)
    for index in range(2):
        alone, receipt = embed_mark(pixels[index], PAYLOAD)
        assert np.array_equal(marked[index], alone)
        assert receipts[index] == receipt


def test_one_payload_does_for_a_whole_batch(batch):
    marked, _ = embed_batch(batch[0][:2], PAYLOAD)
    assert {read_mark(pixels).mark_id for pixels in marked} == {PAYLOAD.mark_hex}


def test_a_batch_is_left_as_it_was(batch):
    before = batch[0].copy()
    embed_batch(batch[0], PAYLOAD)
    assert np.array_equal(batch[0], before)


def test_a_batch_that_holds_a_bad_picture_is_refused_by_its_number():
    grain = np.random.default_rng(1).integers(0, 256, (3, 34, 9_000, 1)).astype(np.uint8)
    with pytest.raises(LayerFailed, match="picture 0 of the batch: the invisible mark does not"):
        embed_batch(grain, PAYLOAD, threads=2)


def test_floats_out_of_range_anywhere_in_a_batch_are_refused():
    pixels = np.stack([deep(photo(), "float32")] * 2)
    pixels[1, 5, 5, 0] = 1.5
    with pytest.raises(UnsupportedMedia, match="must lie"):
        embed_batch(pixels, PAYLOAD)


def test_a_batch_without_pictures_stays_one():
    marked, receipts = embed_batch(np.empty((0, 400, 400, 3), np.uint8), PAYLOAD)
    assert marked.shape == (0, 400, 400, 3)
    assert receipts == ()


def test_a_batch_needs_four_axes_and_a_payload_each():
    with pytest.raises(UnsupportedMedia, match="four axes"):
        embed_batch(photo(), PAYLOAD)
    with pytest.raises(UnsupportedMedia, match="2 payloads"):
        embed_batch(np.stack([photo()] * 2), [PAYLOAD])


def test_the_receipt_says_what_the_mark_costs_and_how_likely_it_survives():
    pixels = photo("coffee", 700)
    marked, receipt = embed_mark(pixels, PAYLOAD)
    grey = [cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (pixels, marked)]
    error = np.mean((marked.astype(float) - pixels) ** 2)
    assert receipt.psnr_db == pytest.approx(10 * np.log10(255**2 / error), abs=0.01)
    assert receipt.ssim == pytest.approx(structural_similarity(*grey, data_range=255), abs=2e-3)
    assert receipt.survival > 0.9
    row = receipt.to_dict()
    assert row["ssim"] == round(receipt.ssim, 4)
    assert row["survival"] == round(receipt.survival, 2)


def test_a_mark_that_can_hardly_survive_says_so():
    _, receipt = embed_mark(photo("coffee", 700), PAYLOAD, strength=0.5)
    assert receipt.survival < 0.2
    assert "weak" in receipt.note


def checks_made(monkeypatch, pixels, **options):
    made = []

    def counted(*args, **kwargs):
        made.append(1)
        return check_mark(*args, **kwargs)

    monkeypatch.setattr(watermark, "check_mark", counted)
    marked, receipt = embed_mark(pixels, PAYLOAD, **options)
    return len(made), marked, receipt


def test_a_caller_that_reads_back_itself_saves_the_check(monkeypatch):
    made, marked, receipt = checks_made(monkeypatch, photo("coffee", 700), self_check=False)
    assert (made, receipt.self_check, receipt.note) == (0, None, "")
    made, same, checked = checks_made(monkeypatch, photo("coffee", 700))
    assert made == 1
    assert np.array_equal(marked, same)
    assert checked.self_check > 13.6
    assert checked.survival == receipt.survival


@pytest.mark.parametrize(
    ("pixels", "strength"),
    [
        (photo("coffee", 300), "default"),
        (photo("coffee", 580), 3.0),
        (np.full((700, 700), 60, np.uint8), "default"),
    ],
    ids=["small", "small and sure", "doubtful"],
)
def test_small_and_doubtful_pictures_are_checked_whatever_the_caller_does(
    monkeypatch, pixels, strength
):
    made, _, receipt = checks_made(monkeypatch, pixels, strength=strength, self_check=False)
    assert made == 1
    assert receipt.self_check is not None


def test_no_refusal_is_lost_without_the_check():
    grain = np.random.default_rng(1).integers(0, 256, (34, 9_000)).astype(np.uint8)
    with pytest.raises(LayerFailed, match="rely on the visible label"):
        embed_mark(grain, PAYLOAD, self_check=False)
    weak = np.random.default_rng(2).integers(0, 256, (200, 200)).astype(np.uint8)
    with pytest.raises(MediaTooSmall, match="through a recompression"):
        embed_mark(weak, PAYLOAD, strength=0.05, self_check=False)


def test_one_receipt_for_many_frames_holds_the_worst_of_each_figure():
    _, good = embed_mark(photo("coffee", 700), PAYLOAD)
    poor = replace(good, psnr_db=99.0, ssim=0.5, survival=0.1, self_check=None, note="weak")
    worst = weakest([good, poor])
    assert (worst.psnr_db, worst.ssim, worst.survival) == (good.psnr_db, 0.5, 0.1)
    assert (worst.self_check, worst.note) == (good.self_check, "weak")


def test_red_green_and_blue_get_the_same_residual():
    calm = np.clip(photo(), 30, 220)
    marked, _ = embed_mark(calm, PAYLOAD)
    added = marked.astype(int) - calm
    assert (added == added[..., :1]).all()


@pytest.mark.parametrize("seed", [0, 1])
def test_presets_are_ordered(seed):
    pixels = noise(420, 500, seed)
    receipts = {name: embed_mark(pixels, PAYLOAD, strength=name)[1] for name in PRESETS}
    levels = [receipts[name].psnr_db for name in ("subtle", "default", "robust")]
    assert levels == sorted(levels, reverse=True)
    checks = [receipts[name].self_check for name in ("subtle", "default", "robust")]
    assert checks == sorted(checks)


def test_flat_art_gets_a_stronger_mark_than_a_photograph():
    flat = np.broadcast_to(np.linspace(60, 200, 600, dtype=np.float32), (600, 600)).astype(np.uint8)
    _, art = embed_mark(flat, PAYLOAD)
    _, photograph = embed_mark(photo("coffee", 600), PAYLOAD)
    assert art.alpha > photograph.alpha


def promised(strength):
    """The floors that docs/watermark.md promises: PSNR in dB and SSIM."""
    page = (Path(__file__).parents[3] / "docs" / "watermark.md").read_text("utf-8")
    psnr, ssim = re.search(rf"\| {strength} \| (\d+) dB \| (0\.\d+) \|", page).groups()
    return float(psnr), float(ssim)


@pytest.mark.parametrize("strength", list(PRESETS))
@pytest.mark.parametrize(
    "name", ["astronaut", "coffee", "chelsea", "rocket", "camera", "brick", "coins", "moon"]
)
def test_no_strength_costs_more_than_its_documentation_promises(strength, name):
    least_psnr, least_ssim = promised(strength)
    pixels = photo(name, 640)
    marked, receipt = embed_mark(pixels, PAYLOAD, strength=strength)
    grey = [x if x.ndim == 2 else cv2.cvtColor(x, cv2.COLOR_RGB2GRAY) for x in (pixels, marked)]
    assert cv2.PSNR(pixels, marked) >= least_psnr
    assert receipt.psnr_db >= least_psnr
    assert structural_similarity(*grey, data_range=255) >= least_ssim


def test_the_psnr_has_a_floor():
    rough = np.random.default_rng(1).integers(0, 256, (500, 500, 3)).astype(np.uint8)
    assert embed_mark(rough, PAYLOAD)[1].psnr_db > 42


@pytest.mark.parametrize(
    ("size", "bits"), [((600, 600), 64), ((384, 384), 64), ((383, 383), 32), ((256, 300), 32)]
)
def test_small_pictures_carry_the_head_of_the_payload(size, bits):
    pixels = photo("coffee", 600)[: size[0], : size[1]]
    marked, receipt = embed_mark(pixels, PAYLOAD)
    assert receipt.bits == bits
    evidence = read_mark(marked)
    assert evidence.bits == bits
    assert evidence.mark_id == PAYLOAD.head(bits).mark_hex
    assert evidence.status == 2


def test_very_small_pictures_say_that_their_mark_is_weak():
    _, receipt = embed_mark(photo("coffee", 220), PAYLOAD)
    assert "best effort" in receipt.note
    assert receipt.bits == 32


@pytest.mark.parametrize(
    "size", [(100, 100), (159, 160), (1, 1), (1, 30_000), (17, 30_000), (400_000, 16)]
)
def test_too_small_pictures_are_refused(size):
    with pytest.raises(MediaTooSmall, match="rely on the visible label"):
        mode_for(*size)
    with pytest.raises(MediaTooSmall):
        embed_mark(np.zeros(size, np.uint8), PAYLOAD)


def test_the_command_refuses_pictures_below_160_pixels_and_says_what_to_do(tmp_path):
    side = 159
    source, target = tmp_path / "small.png", tmp_path / "out.png"
    cv2.imwrite(str(source), photo("coffee", side))
    words = ["apply", str(source), "-o", str(target), "--producer", PRODUCER]
    done = subprocess.run(
        [sys.executable, "-m", "labeler", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert f"{side} x {side} pixels are too few for the invisible mark" in done.stderr
    assert "at least 160 x 160" in done.stderr
    assert "rely on the visible label and the metadata" in done.stderr
    assert "Traceback" not in done.stderr
    assert not target.exists()
    done = subprocess.run(
        [sys.executable, "-m", "labeler", *words, "--layers", "visible,metadata"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert target.exists()


def test_a_picture_that_cannot_hold_a_mark_is_refused():
    grain = np.random.default_rng(1).integers(0, 256, (34, 9_000)).astype(np.uint8)
    with pytest.raises(LayerFailed, match="rely on the visible label"):
        embed_mark(grain, PAYLOAD)


@pytest.mark.parametrize("value", [0, 3, 128, 252, 255])
def test_flat_pictures_hold_a_mark_even_at_the_ends_of_the_scale(value):
    marked, receipt = embed_mark(np.full((640, 640, 3), value, np.uint8), PAYLOAD)
    assert read_mark(marked).mark_id == PAYLOAD.mark_hex
    assert "weak" in receipt.note


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 0, 255), (255, 255, 0)])
def test_pure_colours_hold_a_mark(colour):
    marked, _ = embed_mark(np.full((600, 600, 3), colour, np.uint8), PAYLOAD)
    assert read_mark(marked).found


def test_a_secret_key_marks_and_the_default_key_does_not_see_it():
    marked, receipt = embed_mark(photo(), PAYLOAD, key=SECRET)
    assert receipt.key == "ours"
    assert not read_mark(marked).found
    assert read_mark(marked, keys=[SECRET]).key == "ours"


def test_large_pictures_are_marked_at_the_scale_of_the_whole():
    pixels = cv2.resize(photo("coffee", 400), (2100, 2100), interpolation=cv2.INTER_CUBIC)
    marked, receipt = embed_mark(pixels, PAYLOAD)
    assert receipt.alpha <= 1.25
    small = cv2.resize(marked, (1050, 1050), interpolation=cv2.INTER_AREA)
    assert read_mark(small).mark_id == PAYLOAD.mark_hex


def test_receipts_are_json():
    _, receipt = embed_mark(photo(), PAYLOAD)
    row = json.loads(json.dumps(receipt.to_dict()))
    assert row["scheme"] == "image-v1"
    assert (row["mode"], row["bits"], row["strength"]) == ("long", 64, "default")


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((400, 400), np.int32),
        np.zeros((400, 400), bool),
        np.zeros((400, 400, 5), np.uint8),
        np.zeros((2, 400, 400, 3), np.uint8),
        np.zeros(400, np.uint8),
        np.full((400, 400), 1.5, np.float32),
        np.full((400, 400), np.nan, np.float32),
    ],
)
def test_other_arrays_are_refused(pixels):
    with pytest.raises(UnsupportedMedia, match=r"use|must lie"):
        embed_mark(pixels, PAYLOAD)


@pytest.mark.parametrize("strength", ["strong", -1, 5.0, float("nan")])
def test_unknown_strengths_are_refused(strength):
    with pytest.raises(UnknownPolicy, match="strength"):
        embed_mark(photo(), PAYLOAD, strength=strength)


def test_views_and_odd_strides_are_marked_like_copies():
    wide = np.random.default_rng(1).integers(0, 256, (450, 900, 3)).astype(np.uint8)
    view = wide[:, ::2][..., ::-1]
    assert np.array_equal(embed_mark(view, PAYLOAD)[0], embed_mark(view.copy(), PAYLOAD)[0])
