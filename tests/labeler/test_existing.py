"""Labels that are there already: kept, or refused; never altered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labeler.containers.model import Carrier
from labeler.errors import LabelConflict
from labeler.existing import settle_label


def carrier(label):
    return Carrier(scheme="tc260-xmp", place="XMP", text=label.to_json())


def test_copies_that_differ_are_refused_even_when_one_is_ours(label):
    other = replace(label, content_id="other", propagate_id="other")
    with pytest.raises(LabelConflict, match="2 labels that differ"):
        settle_label(label, [carrier(label), carrier(other)])


def test_equal_copies_are_kept_as_one_label(label):
    assert settle_label(label, [carrier(label)] * 2).fields() == label.fields()


def test_without_an_upstream_label_the_callers_is_taken(label):
    assert settle_label(label, []) is label
