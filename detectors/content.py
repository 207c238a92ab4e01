"""
What a caller hands in, and which readers look at it: bytes, pixels, samples, or a file on the disk.

Readers of a modality are imported when content of theirs comes in.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from detectors.headers import Beginning, begin, read_header_evidence
from detectors.image.reading import read_pixel_evidence
from detectors.reading import read_file_evidence
from detectors.signatures import with_signatures
from labeler.adapt import Taken, is_path, take
from labeler.audio.hollow import is_long_recording
from labeler.image.views import as_view
from labeler.limits import LIMITS
from labeler.save import opened, read_file
from labeler.text.windows import is_long_text
from labeler.video.files import as_file, digest_of, is_video


if TYPE_CHECKING:
    from collections.abc import Callable

    from detectors.findings import Finding
    from detectors.verbs import Inquiry
    from labeler.audio.adapt import HeldSound
    from labeler.model import Modality
    from labeler.registry.records import Likeness


class Content(Protocol):
    """Content of one kind, ready to be read."""

    def digest(self) -> str:
        """Return the SHA-256 of a file; what is held in memory as numbers has none."""

    def find(self, inquiry: Inquiry, name: str) -> Finding:
        """Run the readers over it; ``name`` is the file name. Raises `LabelError`."""

    def likeness(self, modality: Modality) -> Likeness | None:
        """Return its fingerprint for looking it up, None where there is none."""


def take_content(content: Any, memory: dict[str, Any], *, headers: bool = False) -> Content:
    """
    Return content as what it is; files too long for the memory stay on the disk.

    ``memory`` are the options of arrays and tensors: see `labeler.adapt.take`, and ``rate``, which
    says that they are sound. With ``headers`` a path, or a file that is open, is only read as far
    as its metadata reach. Raises `LabelError` when it cannot be read or is of no known kind.
    """
    rate = memory.pop("rate", None)
    if headers and hasattr(content, "seek"):
        return _Header(file=content)
    if is_path(content):
        path = Path(content)
        if headers:
            return _Header(file=path)
        for stays, find in _ON_DISK:
            if stays(path):
                return _OnDisk(path=path, finder=find, hashed=not headers)
        content = read_file(path, limit=LIMITS.file_bytes)
    elif rate is not None:
        from labeler.audio.adapt import take_sound

        return _Samples(held=take_sound(content, layout=memory.get("layout")), rate=rate)
    return _InMemory(taken=take(content, **memory))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Samples:
    """Sound held in memory, at ``rate`` samples a second."""

    held: HeldSound
    rate: int

    def digest(self) -> str:
        return ""

    def find(self, inquiry: Inquiry, name: str) -> Finding:
        from detectors.audio.reading import read_sample_evidence

        del name
        samples, keys = self.held.samples, inquiry.all_keys
        return read_sample_evidence(samples, self.rate, keys=keys, depth=inquiry.depth)

    def likeness(self, modality: Modality) -> Likeness | None:
        from labeler.registry.likeness import sample_likeness

        del modality
        return sample_likeness(self.held.samples, self.rate, sought=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _InMemory:
    """Pixels, or the bytes of a file."""

    taken: Taken

    def digest(self) -> str:
        return "" if self.taken.data is None else hashlib.sha256(self.taken.data).hexdigest()

    def find(self, inquiry: Inquiry, name: str) -> Finding:
        data, pixels = self.taken.data, self.taken.pixels
        keys, depth, thorough = inquiry.all_keys, inquiry.depth, inquiry.thorough
        if pixels is not None:
            return read_pixel_evidence(
                pixels, keys=keys, depth=depth, thorough=thorough, ocr=inquiry.ocr
            )
        if is_video(data or b""):
            with as_file(data or b"") as path:
                return find_in_film(path, inquiry)
        finding = read_file_evidence(
            data or b"",
            keys=keys,
            depth=depth,
            thorough=thorough,
            fast=inquiry.fast,
            name=name,
            tokenizer=inquiry.tokenizer,
            sidecar=inquiry.sidecar,
            ocr=inquiry.ocr,
        )
        return _signed(finding, data or b"", inquiry, name)

    def likeness(self, modality: Modality) -> Likeness | None:
        from labeler.registry.likeness import likeness_of, pixel_likeness

        if self.taken.pixels is not None:
            return pixel_likeness(as_view(self.taken.pixels))
        return likeness_of(self.taken.data or b"", modality, sought=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _OnDisk:
    """A file that stays on the disk, and what reads it there."""

    path: Path
    finder: Callable[[Path, Inquiry], Finding]
    hashed: bool = True

    def digest(self) -> str:
        return digest_of(self.path) if self.hashed else ""

    def find(self, inquiry: Inquiry, name: str) -> Finding:
        del name
        return self.finder(self.path, inquiry)

    def likeness(self, modality: Modality) -> Likeness | None:
        from labeler.registry.likeness import likeness_of

        return likeness_of(self.path, modality, sought=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """A file, or an object in storage, of which only the header is read."""

    file: Path | BinaryIO

    def digest(self) -> str:
        return ""

    def find(self, inquiry: Inquiry, name: str) -> Finding:
        if not isinstance(self.file, Path):
            return self._of(begin(self.file), inquiry, name)
        with opened(self.file) as part:
            beginning = begin(part)
            if not beginning.is_picture:
                for stays, find in _LONG:
                    if stays(self.file):
                        return find(self.file, inquiry)
            return self._of(beginning, inquiry, name)

    def _of(self, beginning: Beginning, inquiry: Inquiry, name: str) -> Finding:
        finding = read_header_evidence(beginning, name, sidecar=inquiry.sidecar)
        return _signed(finding, None, inquiry, name)

    def likeness(self, modality: Modality) -> Likeness | None:
        del modality
        return None


def _signed(finding: Finding, source: Path | bytes | None, inquiry: Inquiry, name: str) -> Finding:
    """Return a finding with its signatures checked; None is a file of which only the header is."""
    return with_signatures(finding, source, name=name, trust=inquiry.trust, online=inquiry.online)


def find_in_film(path: Path, inquiry: Inquiry) -> Finding:
    """Run the readers over a video file. Raises `LabelError`."""
    from detectors.video.reading import read_video_evidence

    finding = read_video_evidence(
        path,
        keys=inquiry.all_keys,
        depth=inquiry.depth,
        thorough=inquiry.thorough,
        fast=inquiry.fast,
        ocr=inquiry.ocr,
    )
    return _signed(finding, path, inquiry, path.name)


def _find_in_recording(path: Path, inquiry: Inquiry) -> Finding:
    from detectors.audio.reading import read_recording_evidence

    finding = read_recording_evidence(path, keys=inquiry.all_keys, fast=inquiry.fast)
    return _signed(finding, path, inquiry, path.name)


def _find_in_long_text(path: Path, inquiry: Inquiry) -> Finding:
    from detectors.text.long import read_long_evidence

    finding = read_long_evidence(
        path,
        keys=inquiry.all_keys,
        fast=inquiry.fast,
        tokenizer=inquiry.tokenizer,
        sidecar=inquiry.sidecar,
    )
    return _signed(finding, None, inquiry, path.name)


_LONG: tuple[tuple[Callable[[Path], bool], Callable[[Path, Inquiry], Finding]], ...] = (
    (is_long_recording, _find_in_recording),
    (is_long_text, _find_in_long_text),
)
_ON_DISK = ((is_video, find_in_film), *_LONG)
"""What says that a file stays on the disk, and what reads it there."""
