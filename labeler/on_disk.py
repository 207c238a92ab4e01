"""
Files that stay on the disk while they are labelled: films, PCM recordings of hours, long texts.

The twin of `detectors.content`. What does the work is imported when such a file comes in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from labeler.audio.hollow import is_long_recording
from labeler.text.windows import is_long_text
from labeler.video.files import is_video


if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from labeler.model import Label, Receipt
    from labeler.options import Options
    from labeler.video.streams import Progress


class DiskLabeller(Protocol):
    """Labels one kind of files from path to path."""

    def __call__(
        self,
        source: Path,
        target: Path | None,
        label: Label,
        options: Options,
        *,
        name: str = "",
        overwrite: bool = False,
        last: Callable[[Receipt, Path], None] | None = None,
        progress: Progress | None = None,
    ) -> Receipt:
        """
        Label ``source`` and put the result at ``target``, whole or not at all (R-41).

        Without a target everything is done and nothing kept. ``last`` is called with the receipt
        and the finished file before it gets its name. Raises `LabelError`.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFile:
    """
    What stays on the disk, and what labels it there.

    ``check`` raises when the names of source and target say another format than the content.
    """

    label: DiskLabeller
    check: Callable[[Path, Path | None], None]
    piped: bool
    """Whether it can be held in memory to go to standard output."""


def on_disk(path: Path) -> DiskFile | None:
    """Return how a file is labelled on the disk, None when it is read into memory."""
    return next((make() for stays, make in _KINDS if stays(path)), None)


def _film() -> DiskFile:
    from labeler.video import files

    # The name of the target says which container is made, whatever the source has.
    return DiskFile(
        label=files.label_file, check=lambda source, _target: files.check_name(source), piped=True
    )


def _recording() -> DiskFile:
    from labeler.audio import files

    return DiskFile(label=files.label_file, check=files.check_name, piped=True)


def _long_text() -> DiskFile:
    from labeler.text import long

    return DiskFile(label=long.label_long_text, check=lambda _source, _target: None, piped=False)


_KINDS: tuple[tuple[Callable[[Path], bool], Callable[[], DiskFile]], ...] = (
    (is_video, _film),
    (is_long_recording, _recording),
    (is_long_text, _long_text),
)
