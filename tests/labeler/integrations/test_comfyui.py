"""The ComfyUI nodes against the documented types: IMAGE is (N, H, W, C) floats over 0 to 1."""

from __future__ import annotations

import json
import sys
import types

import numpy as np
import pytest

import detectors
from labeler.errors import InvalidLabel
from labeler.integrations.comfyui import NODE_CLASS_MAPPINGS
from makers import PRODUCER, photo


LabelImage, SaveLabelled = NODE_CLASS_MAPPINGS.values()


@pytest.fixture
def image():
    levels = np.stack([photo("astronaut", 320), photo("coffee", 320)]).astype(np.float32) / 255
    torch = sys.modules.get("torch") or types.SimpleNamespace(from_numpy=lambda a: a)
    return torch.from_numpy(levels)


def test_a_batch_keeps_its_kind_and_every_picture_gets_a_receipt(image):
    labelled, told = LabelImage().label(image, PRODUCER)
    assert (type(labelled), labelled.shape, labelled.dtype) == (
        type(image),
        image.shape,
        image.dtype,
    )
    receipts = json.loads(told)
    assert len({r["mark_id"] for r in receipts}) == 2
    report = detectors.verify(np.asarray(labelled[1]))
    assert {e.layer.value for e in report.evidence if e.found} == {"visible", "watermark"}


def test_the_host_finds_what_a_node_declares():
    for node in NODE_CLASS_MAPPINGS.values():
        inputs = node.INPUT_TYPES()["required"]
        assert inputs["image"] == ("IMAGE",)
        assert callable(getattr(node, node.FUNCTION))
        assert len(node.RETURN_TYPES) == len(node.RETURN_NAMES)
    assert SaveLabelled.OUTPUT_NODE


def test_saved_files_carry_all_three_layers(image, monkeypatch, tmp_path):
    host = types.ModuleType("folder_paths")
    host.get_output_directory = lambda: str(tmp_path)
    host.get_save_image_path = lambda prefix, folder: (folder, prefix, 7, "", prefix)
    monkeypatch.setitem(sys.modules, "folder_paths", host)
    answer = SaveLabelled().save(image, PRODUCER)
    names = [shown["filename"] for shown in answer["ui"]["images"]]
    assert names == ["labelled_00007_.png", "labelled_00008_.png"]
    for name in names:
        report = detectors.verify(tmp_path / name)
        assert report.verdict.value == "confirmed"
        assert sum(e.found for e in report.evidence) == 3
    assert len(json.loads(answer["result"][1])) == 2


def test_a_wrong_producer_is_one_clear_error(image):
    with pytest.raises(InvalidLabel):
        LabelImage().label(image, "")
