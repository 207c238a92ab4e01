"""The nouns of the registry and the seam behind which its database lies. No I/O."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import labeler
from labeler.annex_e import FIELDS
from labeler.errors import InvalidLabel, RegistryFailed
from labeler.exemption import retention_date
from labeler.payload import mark_id


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    Prints = NDArray[np.uint8]

LABEL, EXPORT, PURGE = "label", "export", "purge"
"""Kinds of entries: an item labelled, one given out under art. 9, and a purge."""

MAX_TEXT = 500
"""Longest recipient, agreement or file name recorded, in characters."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


def utc_now() -> str:
    """Return the time of now as records hold it: UTC, ISO 8601, whole seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRecord:
    """
    What the registry keeps of one labelled item (R-57).

    ``label`` are the seven fields; ``sha256`` is of the labelled file (of the pixels or samples for
    content in memory), ``sha256_before`` of the file that came in, empty where there was none.
    ``layers`` says what was applied and in which style, ``key`` the name of the watermark key,
    never the key. ``recipient`` and ``agreement`` are those of Measures art. 9 (R-04) and go
    together. ``time`` is UTC; before ``retain_until`` the record cannot be purged.

    Raises `InvalidLabel` when a value is not what it should be.

    >>> LabelRecord(label={"ContentProducer": "P", "ProduceID": "1"}, sha256="0" * 64).kind
    'label'
    """

    label: dict[str, str]
    sha256: str
    sha256_before: str = ""
    file_name: str = ""
    modality: str = ""
    layers: dict[str, dict[str, Any]] = field(default_factory=dict)
    policy: str = "cn"
    key: str = ""
    recipient: str = ""
    agreement: str = ""
    tool: str = f"aigc-label {labeler.__version__}"
    time: str = field(default_factory=utc_now)
    retain_until: str = ""

    def __post_init__(self) -> None:
        """Complete the label to seven fields and check every value."""
        fill = object.__setattr__
        fill(self, "label", {name: str(self.label.get(name, "")) for name in FIELDS})
        moment = _moment(self.time)
        fill(self, "time", moment.isoformat(timespec="seconds"))
        least = _least_kept(moment.date())
        kept = _day(self.retain_until) if self.retain_until else least
        fill(self, "retain_until", max(kept, least).isoformat())
        for name in ("sha256", "sha256_before"):
            value = getattr(self, name)
            if not _DIGEST.fullmatch(value) and not (name == "sha256_before" and not value):
                raise InvalidLabel(f"{name} must be 64 lower-case hexadecimal digits")
        for name in ("file_name", "recipient", "agreement"):
            _check_line(name, getattr(self, name))
        if bool(self.recipient.strip()) is not bool(self.agreement.strip()):
            raise InvalidLabel("recipient and agreement go together (Measures art. 9)")

    @property
    def kind(self) -> str:
        """``export`` for an item given out without a visible label (art. 9), else ``label``."""
        return EXPORT if self.recipient else LABEL

    @property
    def mark(self) -> int:
        """The 58 bits of the mark id, as `labeler.payload.mark_id` derives them."""
        return mark_id(self.label["ContentProducer"], self.label["ProduceID"])

    def to_dict(self) -> dict[str, Any]:
        """Return the record as exports have it."""
        return {**self._values(), "kind": self.kind, "mark_id": f"{self.mark:015x}"}

    def to_body(self) -> str:
        """Return the text that the chain protects: canonical JSON, ASCII only."""
        return json.dumps(self._values(), sort_keys=True, separators=(",", ":"))

    def _values(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_body(cls, body: str) -> LabelRecord:
        """
        Return the record of a stored text.

        Raises `RegistryFailed` when it is none: the registry was altered.
        """
        try:
            found: Any = json.loads(body)
            return cls(**{f.name: found[f.name] for f in fields(cls)})
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise RegistryFailed(
                "an entry is no label record; run: aigc-label registry check"
            ) from error


@lru_cache(maxsize=64)
def _least_kept(day: date) -> date:
    return retention_date(day)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except (ValueError, TypeError) as error:
        raise InvalidLabel(f"{str(text)[:40]!r} is no time in ISO 8601") from error
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except (ValueError, TypeError) as error:
        raise InvalidLabel(f"{str(text)[:40]!r} is no date in ISO 8601") from error


def _check_line(name: str, value: str) -> None:
    if len(value) > MAX_TEXT:
        raise InvalidLabel(f"the {name} has {len(value)} characters; at most {MAX_TEXT}")
    if name != "file_name" and value and not (value.strip() and value.isprintable()):
        raise InvalidLabel(f"the {name} has control characters or is blank; use one line of text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One record that was looked up: its number in the chain, and its fingerprint's distance."""

    number: int
    record: LabelRecord
    distance: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Likeness:
    """
    The perceptual fingerprint of one item: ``prints`` (n, 32) uint8, 256 bits each.

    ``family`` is ``picture`` (pictures and frames of video) or ``sound``; see
    `labeler.registry.likeness`.
    """

    family: str
    prints: Prints


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """
    What `Registry.check` found.

    ``entries`` is how many there are, ``purged`` how many of them are emptied by a recorded purge;
    ``head`` is the hash of the whole chain; ``fault`` says what is wrong first, empty when nothing
    is.
    """

    entries: int
    purged: int
    head: str
    fault: str = ""


class Registry(Protocol):
    """
    A registry, wherever its database is. Safe to use from threads and to send to processes.

    Every method raises `RegistryFailed` when the database is locked, damaged or full.
    """

    @property
    def place(self) -> str:
        """Where it is, for messages."""

    def add(self, record: LabelRecord, likeness: Likeness | None = None) -> int:
        """Append one record; return its number once it is on the disk."""

    def add_all(self, records: Iterable[LabelRecord]) -> int:
        """Append many records, some thousands a transaction; return how many."""

    def with_mark(self, mark: int, bits: int = 58) -> tuple[Match, ...]:
        """Return records whose mark id begins with the first ``bits`` of ``mark``, newest first."""

    def with_digest(self, sha256: str) -> tuple[Match, ...]:
        """Return records of the file with this hash, before or after labelling, newest first."""

    def alike(self, likeness: Likeness, *, most: int = 5) -> tuple[Match, ...]:
        """Return records whose fingerprint is near, the nearest first: hints, no proof."""

    def records(self, *, kind: str = "") -> Iterator[Match]:
        """Yield every record that is not purged, oldest first."""

    def purge(self, *, before: date) -> int:
        """Empty records older than ``before``; refused while any of them must be kept."""

    def check(self, head: str = "") -> Verification:
        """Recompute the chain; ``head`` is a hash noted earlier that must still be in it."""

    def __len__(self) -> int:
        """Return how many entries there are, purged ones among them."""
