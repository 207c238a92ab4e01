"""
One file, any modality: the readers that look at it are decided by what it is (R-51).

The mirror of `labeler.labelling`: modules of a modality are imported when a file of theirs comes.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from labeler.labelling import modality_of
from labeler.model import Modality


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from detectors.findings import Finding
    from detectors.image.watermark import Depth
    from detectors.text.tokens import Tokenizer
    from labeler.keys import Key


class FileReader(Protocol):
    """What a modality brings to read its files."""

    def __call__(
        self, data: bytes, *, keys: Sequence[Key], depth: Depth, thorough: bool, fast: bool
    ) -> Finding:
        """Run every reader over the bytes of one file, or raise."""


_READERS: Mapping[Modality, tuple[str, str]] = MappingProxyType(
    {
        Modality.IMAGE: ("detectors.image.reading", "read_picture_evidence"),
        Modality.AUDIO: ("detectors.audio.reading", "read_sound_evidence"),
    }
)


def read_file_evidence(
    data: bytes,
    *,
    keys: Sequence[Key],
    depth: Depth = "standard",
    thorough: bool = False,
    fast: bool = False,
    name: str = "",
    tokenizer: Tokenizer | str | Path | None = None,
    sidecar: bytes | None = None,
) -> Finding:
    """
    Return what every reader says of a file; ``fast`` leaves the decoded content out.

    ``name`` is the file name, which tells text formats apart; with a ``tokenizer`` the text of a
    document is also scored for the generation-time mark. ``sidecar`` is the file beside it.

    Raises `LabelError` when the file is of no known format, broken, or over a limit (R-50, R-51).
    """
    modality = modality_of(data, name)
    if modality is Modality.TEXT:
        from detectors.text.reading import read_document_evidence

        return read_document_evidence(
            data, keys=keys, depth=depth, thorough=thorough, fast=fast, name=name,
            tokenizer=tokenizer, sidecar=sidecar,
        )  # fmt: skip
    module, function = _READERS[modality]
    reader: FileReader = getattr(import_module(module), function)
    return reader(data, keys=keys, depth=depth, thorough=thorough, fast=fast)
