"""The nouns: layers, modalities, the label and the receipt. Standard library only; no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from uuid import uuid4

from labeler.annex_e import FIELDS, check_field, dump_fields
from labeler.errors import InvalidLabel


class Layer(StrEnum):
    """Where a label is put; ``provenance`` is where marks of others are found."""

    VISIBLE = "visible"
    WATERMARK = "watermark"
    METADATA = "metadata"
    PROVENANCE = "provenance"


class Modality(StrEnum):
    """What kind of content it is."""

    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """The value of ``Label``: is, may be, is suspected to be generated (annex E c)."""

    IS = "1"
    MAY_BE = "2"
    SUSPECTED = "3"


def _status(value: str) -> Status:
    try:
        return Status(value)
    except ValueError as error:
        raise InvalidLabel(f'Label is "1", "2" or "3", not {value!r} (annex E c)') from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """
    The facts of one label: the seven fields of GB 45438-2025 annex E.

    ``content_id`` defaults to a fresh UUIDv4 (R-28); ``fresh_id`` then says so. A propagator
    pair left at ``None`` is filled with the producer pair, as the standard has it for the first
    write (R-29); pass ``""`` to leave it empty. Values are checked at once (R-24..R-27) and raise
    `InvalidLabel`.

    >>> Label(producer="001191440300708461136T1XGW3", content_id="demo-001").fields()["Label"]
    '1'
    """

    producer: str
    content_id: str = ""
    status: Status = Status.IS
    reserved_1: str = ""
    propagator: str | None = None
    propagate_id: str | None = None
    reserved_2: str = ""
    allow_name: bool = field(default=False, compare=False, repr=False)
    fresh_id: bool = field(default=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Fill the propagator pair and check every value."""
        fill = object.__setattr__
        fill(self, "status", _status(self.status))
        if not self.content_id:
            for name, value in (("content_id", str(uuid4())), ("fresh_id", True)):
                fill(self, name, value)
        if self.propagator is None:
            fill(self, "propagator", self.producer)
        if self.propagate_id is None:
            fill(self, "propagate_id", self.content_id if self.propagator else "")
        for name, value in self.fields().items():
            check_field(name, value, status=self.status.value, allow_name=self.allow_name)

    def numbered(self, index: int) -> Label:
        """Return the label of item ``index`` of a batch: every item has its own number (R-28)."""
        own = self.propagate_id == self.content_id
        if self.fresh_id:
            return replace(self, content_id="", propagate_id=None if own else self.propagate_id)
        content_id = f"{self.content_id}-{index}"
        propagate_id = content_id if own else self.propagate_id
        return replace(self, content_id=content_id, propagate_id=propagate_id)

    def fields(self) -> dict[str, str]:
        """Return the seven fields in the order of annex E."""
        values = (
            self.status.value,
            self.producer,
            self.content_id,
            self.reserved_1,
            self.propagator or "",
            self.propagate_id or "",
            self.reserved_2,
        )
        return dict(zip(FIELDS, values, strict=True))

    def to_json(self) -> str:
        """Return the compact JSON of the seven fields (R-24)."""
        return dump_fields(self.fields())


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A layer that was not applied, and why."""

    layer: Layer
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A labelled file: its bytes, what was done per layer, and the label it carries."""

    data: bytes
    label: Label
    layers: dict[str, dict[str, Any]]
    skipped: tuple[Skipped, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """
    What was done to one item: every layer applied, every layer not applied, and the label.

    ``interface_notice``, of videos, is the text for the surroundings of their player (R-23).
    """

    path: str
    output: str
    layers: dict[str, dict[str, Any]]
    skipped: tuple[Skipped, ...]
    label: dict[str, str]
    mark_id: str
    sha256: str
    warnings: tuple[str, ...] = ()
    interface_notice: str = ""
    schema: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Return the receipt as the machine output of ``apply`` has it."""
        notice = {"interface_notice": self.interface_notice} if self.interface_notice else {}
        return {
            "schema": self.schema,
            "path": self.path,
            "output": self.output,
            "layers": self.layers,
            "skipped": [{"layer": s.layer.value, "why": s.why} for s in self.skipped],
            "label": self.label,
            "mark_id": self.mark_id,
            "sha256": self.sha256,
            "warnings": list(self.warnings),
            **notice,
        }
