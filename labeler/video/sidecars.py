"""The subtitle files beside a video (SRT, WebVTT): their visible label, when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labeler.errors import LayerFailed
from labeler.limits import LIMITS
from labeler.model import Layer
from labeler.options import DEFAULT_POSITION
from labeler.save import check_target, read_file, write_atomically
from labeler.text.label import label_document


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from labeler.model import Label
    from labeler.options import Options


ENDINGS = (".srt", ".vtt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """A labelled subtitle file: where it goes, and its bytes."""

    target: Path
    data: bytes


def sidecars_of(source: Path) -> Iterator[Path]:
    """Yield the subtitle files of a video: ``film.srt``, ``film.en.vtt`` beside ``film.mp4``."""
    for path in sorted(source.parent.iterdir()):
        name, ending = path.name.lower(), path.suffix.lower()
        if ending in ENDINGS and name.startswith(f"{source.stem.lower()}.") and path.is_file():
            yield path


def label_sidecars(
    source: Path, target: Path, label: Label, options: Options, *, overwrite: bool
) -> tuple[Sidecar, ...]:
    """
    Return the subtitle files of ``source`` with the visible label, named after ``target``.

    Raises
    ------
    LayerFailed
        There is none.
    OutputFailed
        One of them would be overwritten.
    LabelError
        One cannot be labelled, as `labeler.text.label.label_document`.
    """
    asked = replace(options, layers=(Layer.VISIBLE,), position=DEFAULT_POSITION, font=None)
    done = []
    for path in sidecars_of(source):
        place = target.with_name(target.stem + path.name[len(source.stem) :])
        check_target(place, overwrite=overwrite)
        labelled = label_document(
            read_file(path, limit=LIMITS.file_bytes), label, asked, name=path.name
        )
        done.append(Sidecar(target=place, data=labelled.data))
    if not done:
        raise LayerFailed(
            f"no subtitles stand beside it ({source.stem}.srt or .vtt); leave subtitles out of "
            "--layers"
        )
    return tuple(done)


def write_sidecars(sidecars: tuple[Sidecar, ...], *, overwrite: bool) -> None:
    """Write the labelled subtitle files, each whole or not at all."""
    for sidecar in sidecars:
        write_atomically(sidecar.target, sidecar.data, overwrite=overwrite)
