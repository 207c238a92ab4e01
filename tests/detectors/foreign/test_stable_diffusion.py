from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image
from skimage import data

import cli
import detectors
from detectors.evidence import Verdict
from detectors.foreign import stable_diffusion
from detectors.foreign.stable_diffusion import MESSAGES, P_MAX
from labeler.core.image.soft_blocks import message_sums, soft_readings
from labeler.core.significance import log_p_of_message
from labeler.image.imwatermark import as_bits, embed


BITS = {known.name: known.bits for known in MESSAGES}


def written(pixels: np.ndarray, name: str, writer: str) -> np.ndarray:
    """A picture as a writer leaves it that hands the package floats or bytes, in some order."""
    kind, order = writer.split()
    turned = pixels if order == "BGR" else pixels[..., ::-1]
    bits = [int(bit) for bit in BITS[name]]
    marked, _ = embed(np.ascontiguousarray(turned.astype(kind)), bits, exact=True)
    stored = np.clip(np.rint(marked), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(stored if order == "BGR" else stored[..., ::-1])


def jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality, subsampling=0)
    return np.asarray(Image.open(buffer))


WRITERS = ("float32 BGR", "float32 RGB", "uint8 BGR", "uint8 RGB")


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", BITS)
def test_every_mark_is_found_however_it_was_written(name, writer):
    row = stable_diffusion.read(written(data.astronaut(), name, writer))
    assert row.found
    assert row.declares_ai is True
    assert row.fields["model"] == name
    assert row.p_value <= P_MAX


@pytest.mark.parametrize("writer", ["float32 BGR", "float32 RGB"])
def test_the_writer_is_named(writer):
    row = stable_diffusion.read(written(data.coffee(), "Stable Diffusion XL", writer))
    assert row.fields["written_as"] == writer
    assert row.fields["bits"] == "48/48"


@pytest.mark.parametrize("name", BITS)
def test_marks_survive_jpeg_of_full_chroma(name):
    marked = written(data.astronaut(), name, "float32 BGR")
    assert stable_diffusion.read(jpeg(marked, 80)).found


@pytest.mark.parametrize("shade", [0, 255, (30, 90, 200)], ids=["black", "white", "blue"])
def test_large_flat_parts_do_not_drown_the_mark(shade):
    marked = written(data.astronaut(), "FLUX", "float32 BGR")
    marked[128:] = shade
    assert stable_diffusion.read(marked).found


def test_flux_has_46_bits_as_its_program_drops_two_zeros():
    assert len(BITS["FLUX"]) == 46
    assert int(BITS["FLUX"], 2) == 0b001010101111111010000111100111001111010100101110


@pytest.mark.parametrize(
    "pixels",
    [
        data.astronaut(),
        data.chelsea(),
        data.coffee(),
        data.rocket(),
        np.zeros((512, 512, 3), np.uint8),
        np.full((512, 512, 3), 255, np.uint8),
        np.full((512, 512, 3), (12, 200, 77), np.uint8),
        np.indices((512, 512)).sum(0)[..., None].repeat(3, 2).astype(np.uint8),
        np.random.default_rng(0).integers(0, 256, (512, 512, 3)).astype(np.uint8),
    ],
    ids=["astronaut", "chelsea", "coffee", "rocket", "black", "white", "flat", "ramp", "noise"],
)
def test_unmarked_pictures_are_not_found(pixels):
    row = stable_diffusion.read(pixels)
    assert not row.found
    assert row.declares_ai is None
    assert row.p_value > P_MAX


def test_a_mark_of_another_message_is_not_taken_for_a_known_one():
    marked, _ = embed(data.astronaut(), as_bits(b"unknown!"), exact=True)
    assert not stable_diffusion.read(marked).found


@pytest.mark.parametrize("length", [32, 46, 48])
def test_the_bound_holds_over_random_messages(length):
    """Whatever the picture: of random messages at most a share p reaches a bound of p."""
    rng = np.random.default_rng(length)
    messages = rng.integers(0, 2, (500, length)).astype(bool)
    stripes = (np.indices((256, 256))[1] // 9 % 2 * 60 + 90)[..., None].repeat(3, 2)
    stripes[..., 2] //= 2
    for pixels in (data.chelsea(), stripes.astype(np.uint8)):
        for _, votes in soft_readings(np.ascontiguousarray(pixels), 36.0):
            sums = message_sums(votes, length)
            bounds = np.exp([log_p_of_message(sums, message) for message in messages])
            for p in (0.3, 0.1, 0.03):
                assert (bounds <= p).mean() <= p + 3 * np.sqrt(p / len(messages))


def test_the_bound_is_near_the_exact_chance_for_bits_of_equal_weight():
    sums = np.ones(48)
    message = np.arange(48) >= 6
    exact = 5.0e-8  # the chance of 42 or more of 48 fair coins
    assert exact <= np.exp(log_p_of_message(sums, message)) <= 10 * exact


def test_small_and_grey_pictures_say_why():
    assert "256" in stable_diffusion.read(np.zeros((100, 100, 3), np.uint8)).detail
    assert "256" in stable_diffusion.read(np.zeros((7, 20000, 3), np.uint8)).detail
    assert "colour" in stable_diffusion.read(np.zeros((512, 512), np.uint8)).detail


def test_of_a_huge_picture_the_top_is_enough():
    marked = written(data.astronaut(), "Stable Diffusion XL", "float32 BGR")
    tall = np.concatenate([marked, np.zeros((8192, 512, 3), np.uint8)])
    assert stable_diffusion.read(tall).found


def test_verify_suspects_a_marked_file_and_says_how_sure_that_is(tmp_path, capsys):
    marked = written(data.astronaut(), "Stable Diffusion XL", "float32 RGB")
    path = tmp_path / "sdxl.png"
    Image.fromarray(marked).save(path)
    report = detectors.verify(path)
    assert report.verdict is Verdict.SUSPECTED
    assert any("invisible-watermark found, by chance at most" in line for line in report.basis)
    assert cli.aigc_label(["verify", str(path), "--format", "json"]) == 1
    (told,) = json.loads(capsys.readouterr().out)
    (row,) = [row for row in told["evidence"] if row["scheme"] == "invisible-watermark"]
    assert row["layer"] == "provenance"
    assert row["fields"]["model"] == "Stable Diffusion XL"
    assert row["p_value"] <= P_MAX


def test_pictures_in_memory_are_examined_too():
    marked = written(data.astronaut(), "Stable Diffusion 2.x", "uint8 BGR")
    report = detectors.verify(marked)
    assert report.verdict is Verdict.SUSPECTED
    assert "invisible-watermark" in [row.scheme for row in report.evidence if row.found]
