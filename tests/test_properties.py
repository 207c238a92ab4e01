"""Properties over many inputs: idempotence, and damage that is either read or refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from detectors import verify
from labeler import Label, apply
from labeler.errors import LabelError
from makers import MAKERS, PRODUCER, make, noise, save


def refusal_of(data: bytes, label: Label, **options: str) -> str | None:
    """Why content cannot be labelled, or None."""
    try:
        apply(data, label, **options)
    except LabelError as error:
        return str(error)
    return None


QUIET = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
CODES = st.sampled_from([PRODUCER, "001191110102MACQD9K64010000", "example.org"])
IDS = st.text(st.characters(min_codepoint=0x23, max_codepoint=0x5B), min_size=1, max_size=40)


@QUIET
@given(
    producer=CODES,
    content_id=IDS,
    status=st.sampled_from(["1", "2", "3"]),
    maker=st.sampled_from(["jpeg", "png", "webp", "gif", "avif"]),
    position=st.sampled_from(["bottom-right", "top-left", "bottom-center"]),
    style=st.sampled_from(["plate", "pill", "outline", "bar"]),
)
def test_labelling_a_labelled_picture_changes_nothing(  # noqa: PLR0917
    producer, content_id, status, maker, position, style
):
    label = Label(producer=producer, content_id=content_id, status=status)
    once = apply(make(maker), label, position=position, style=style).content
    assert apply(once, label, position=position, style=style).content == once


@QUIET
@given(
    height=st.integers(170, 700),
    width=st.integers(170, 700),
    seed=st.integers(0, 99),
    channels=st.sampled_from([1, 3]),
)
def test_labels_of_any_size_are_found_again(height, width, seed, channels):
    pixels = noise(height, width, seed) // 2 + 64
    data = save(Image.fromarray(pixels if channels == 3 else pixels[..., 0]), "PNG")
    label = Label(producer=PRODUCER, content_id=f"{seed}")
    if (refusal := refusal_of(data, label)) is not None:
        assert "invisible mark" in refusal
        assert height * width < 384**2
        return
    done = apply(data, label)
    report = verify(done.content)
    found = {row.layer.value for row in report.evidence if row.found}
    assert {"visible", "watermark", "metadata"} <= found


DAMAGED = [m for m in MAKERS if m != "heic"]


@pytest.mark.parametrize("maker", DAMAGED)
@settings(max_examples=10, deadline=None, derandomize=True)
@given(where=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255), cut=st.booleans())
def test_damaged_files_are_read_or_refused_and_never_crash(maker, where, bits, cut):
    data = bytearray(make(maker, side=192))
    at = int(where * len(data))
    if cut:
        data = data[:at]
    else:
        data[at] ^= bits
    report = verify(bytes(data))
    assert report.error or report.evidence
    refusal = refusal_of(bytes(data), Label(producer=PRODUCER), layers="metadata")
    assert refusal is None or refusal


def test_pictures_of_one_row_or_column_are_refused_aloud():
    for size in ((1, 1), (1, 500), (500, 1)):
        data = save(Image.fromarray(np.zeros((*size, 3), np.uint8)), "PNG")
        with pytest.raises(LabelError):
            apply(data, Label(producer=PRODUCER))
