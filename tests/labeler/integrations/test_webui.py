"""The script for A1111 and Forge, against the documented calls of the host."""

from __future__ import annotations

import sys
import types
from types import SimpleNamespace

import pytest
from PIL import Image

import detectors
from labeler.integrations.webui import make_script
from makers import photo


@pytest.fixture
def host(monkeypatch):
    """As much of ``modules`` as a script uses."""
    saved = []
    scripts, callbacks = types.ModuleType("modules.scripts"), types.ModuleType("callbacks")
    scripts.Script, scripts.AlwaysVisible = type("Script", (), {}), object()
    callbacks.on_image_saved = saved.append
    monkeypatch.setitem(sys.modules, "modules", types.ModuleType("modules"))
    monkeypatch.setitem(sys.modules, "modules.scripts", scripts)
    monkeypatch.setitem(sys.modules, "modules.script_callbacks", callbacks)
    return SimpleNamespace(scripts=scripts, saved=saved)


def test_pictures_are_labelled_before_they_are_shown_and_files_after_they_are_saved(
    host, label, tmp_path
):
    script = make_script(label)()
    assert isinstance(script, host.scripts.Script)
    assert script.show(False) is host.scripts.AlwaysVisible  # noqa: FBT003  the host's call
    held = SimpleNamespace(image=Image.fromarray(photo("astronaut", 320)))
    script.postprocess_image(None, held)
    script.postprocess_image(None, SimpleNamespace(image=Image.fromarray(photo("coffee", 320))))
    file = tmp_path / "00001.png"
    held.image.save(file)
    (callback,) = host.saved
    callback(SimpleNamespace(image=held.image, filename=str(file)))
    report = detectors.verify(file)
    assert report.verdict.value == "confirmed"
    assert report.label["ProduceID"] == "demo-001"
    (mark,) = [e for e in report.evidence if e.layer.value == "watermark"]
    assert mark.agrees_with_metadata


def test_a_grid_that_the_script_never_saw_gets_a_number_of_its_own(host, label, tmp_path):
    make_script(label)
    grid = Image.fromarray(photo("astronaut", 320))
    file = tmp_path / "grid.png"
    grid.save(file)
    host.saved[0](SimpleNamespace(image=grid, filename=str(file)))
    assert detectors.verify(file).verdict.value == "confirmed"
