"""Layers by name."""

from __future__ import annotations

import pytest

from labeler.errors import UnknownPolicy
from labeler.model import Layer
from labeler.options import Options, parse_layers


def test_layers_come_in_the_order_of_work():
    assert parse_layers("metadata,visible") == (Layer.VISIBLE, Layer.METADATA)
    assert parse_layers([Layer.WATERMARK]) == (Layer.WATERMARK,)


@pytest.mark.parametrize("names", ["", "smell", "visible,smell", []])
def test_unknown_layers_are_refused(names):
    with pytest.raises(UnknownPolicy, match="visible, watermark and metadata"):
        parse_layers(names)


def test_all_layers_are_wanted_by_default():
    assert all(Options().wants(layer) for layer in parse_layers("visible,watermark,metadata"))
    assert not Options(layers=(Layer.METADATA,)).wants(Layer.VISIBLE)
