"""Fixtures that more than one test file uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from labeler.model import Label
from makers import PRODUCER


@pytest.fixture(autouse=True)
def _without_ocr(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests neither wait for OCR nor depend on its extra, unless they are about it."""
    if request.node.get_closest_marker("ocr") is None:
        monkeypatch.setattr("detectors.image.visible.can_read", lambda: False)


@pytest.fixture
def label() -> Label:
    return Label(producer=PRODUCER, content_id="demo-001")


@pytest.fixture(scope="session")
def wild() -> Path:
    folder = Path(__file__).parents[2] / "shared" / "wild"
    if not folder.is_dir():
        pytest.skip("the collection of genuine labelled files is not here")
    return folder


@pytest.fixture
def samples() -> Path:
    return Path(__file__).parents[1] / "samples"
