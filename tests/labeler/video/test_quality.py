"""The quality that a video is written again with is near that of its source, within bounds."""

from __future__ import annotations

from dataclasses import replace

import pytest

import labeler
from labeler.video.encoders import ENCODERS, Encoding, options_for
from labeler.video.facts import read_facts
from labeler.video.quality import BEST, WORST, near_quality
from moving_pictures import luma_frames, write_video


def film(path, crf, codec="libx264"):
    options = {"preset": "veryfast", "crf": str(crf)}
    return write_video(path, list(luma_frames(12, 320, 240)), codec=codec, options=options)


def test_the_worse_a_source_is_coded_the_worse_it_is_written_within_bounds(tmp_path):
    found = []
    for crf in (5, 20, 40):
        path = film(tmp_path / f"{crf}.mp4", crf)
        found.append(near_quality(path, read_facts(path)))
    assert found == sorted(found)
    assert found[0] == BEST
    assert BEST < found[1] < WORST
    assert found[2] == WORST


@pytest.mark.parametrize(("bits", "wanted"), [(0, BEST), (0.2, BEST), (0.05, 21), (0.001, WORST)])
def test_without_quantisers_the_bits_per_pixel_are_taken(tmp_path, bits, wanted):
    path = film(tmp_path / "in.mp4", 20)
    facts = read_facts(path)
    rate = round(bits * facts.width * facts.height * float(facts.rate))
    told = replace(facts, codec="mpeg4", bit_rate=rate)
    assert near_quality(path, told) == wanted
    if bits == 0.05:  # the same bits of a newer codec say a better picture
        assert near_quality(path, replace(told, codec="hevc")) < wanted


@pytest.mark.parametrize(
    ("name", "crf"), [("libx264", "21"), ("libx265", "23"), ("libvpx-vp9", "29"), ("mpeg4", "236")]
)
def test_every_encoder_takes_it_on_its_own_scale(tmp_path, name, crf):
    facts = read_facts(film(tmp_path / "in.mp4", 20))
    encoder = ENCODERS[name]
    assert options_for(encoder, facts, Encoding(near=21.0))[encoder.crf_key] == crf


def test_a_film_of_low_quality_does_not_become_many_times_as_large(tmp_path, label):
    source = film(tmp_path / "in.mp4", 30)
    sizes = []
    for chosen in ({}, {"crf": 18}):
        target = tmp_path / f"out{len(sizes)}.mp4"
        receipt = labeler.apply(source, label, output=target, layers="visible", **chosen).receipt
        sizes.append(target.stat().st_size)
        crf = receipt.layers["visible"]["encoding"]["crf"]
        assert crf == ("18" if chosen else "24")
    assert sizes[0] < 0.75 * sizes[1]
