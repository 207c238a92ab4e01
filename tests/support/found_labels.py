"""What has to be true of labels found in files of any modality."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.findings import was_examined
from labeler.annex_e import FIELDS
from labeler.containers.value import parse_value
from rich_pictures import OLD, VALUE


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from detectors.evidence import MetadataEvidence
    from labeler.containers.model import Carrier


def require_old_label(found: Iterable[Carrier], scheme: str) -> None:
    """Every copy is the old label, read without a fault, one of them by ``scheme``."""
    copies = list(found)
    assert scheme in {carrier.scheme for carrier in copies}
    for carrier in copies:
        assert not carrier.fault
        assert parse_value(carrier.text).fields == parse_value(OLD).fields


def require_a_row_each(
    before: Sequence[MetadataEvidence], after: Sequence[MetadataEvidence]
) -> None:
    """Every reader has a row, without the label and with it; then the first one found it."""
    assert before
    assert not any(row.found for row in before)
    assert all(was_examined(row) for row in before)
    assert {row.scheme for row in after} == {row.scheme for row in before}
    assert [row.found for row in after] == [True] + [False] * (len(before) - 1)


def require_conforming(row: MetadataEvidence) -> None:
    """The row is the new label, as annex E has it."""
    assert row.fields == parse_value(VALUE).fields
    assert list(row.fields) == list(FIELDS)
    assert row.deviations == ()
    assert "bare" in row.detail
    assert row.place
