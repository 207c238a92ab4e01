from __future__ import annotations

import pytest

from detectors.foreign import iptc
from detectors.foreign.source_types import declares_ai
from labeler.containers.sniffing import sniff
from rich_pictures import FORMATS, packet, rich


PREFIX = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def stated(kind: str, word: str):
    bound = f'xmlns:e="{iptc.NAMESPACE}" e:DigitalSourceType="{PREFIX}{word}"'
    data = rich(kind, xmp=packet("", bound))
    return iptc.read(data, sniff(data))


TYPES = {
    "trainedAlgorithmicMedia": True,
    "compositeWithTrainedAlgorithmicMedia": True,
    "compositeSynthetic": True,
    "digitalCapture": False,
    "minorHumanEdits": False,
    "algorithmicMedia": None,
    "algorithmicallyEnhanced": None,
}


@pytest.mark.parametrize("word", TYPES)
def test_source_type_declares_what_it_says(word):
    row = stated("jpeg", word)
    assert row.found
    assert row.declares_ai is TYPES[word]
    assert row.fields == {"DigitalSourceType": word}


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "gif"])
def test_every_format_is_read(kind):
    assert stated(kind, "trainedAlgorithmicMedia").declares_ai is True


@pytest.mark.parametrize("kind", FORMATS)
def test_pictures_without_source_type_have_an_empty_row(kind):
    data = rich(kind)
    row = iptc.read(data, sniff(data))
    assert not row.found
    assert row.declares_ai is None


def test_one_generated_part_is_enough():
    assert declares_ai(["digitalCapture", "trainedalgorithmicmedia"]) is True
    assert declares_ai(["digitalCapture", "somethingNew"]) is None


def test_genuine_midjourney_file(wild):
    row = iptc.read((wild / "media" / "midjourney_iptc_dst.png").read_bytes(), "png")
    assert row.found
    assert row.declares_ai is True
    assert row.fields == {"DigitalSourceType": "trainedAlgorithmicMedia"}
