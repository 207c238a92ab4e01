"""The command ``verify``: its options as a batch, its rows to where they were asked for."""

from __future__ import annotations

from contextlib import closing, nullcontext
from typing import TYPE_CHECKING, Any

from detectors.batch.many import Batch, verify_rows
from detectors.batch.progress import watched
from detectors.batch.tally import Tally
from detectors.calls import inquiry_of
from detectors.outputs import OUTPUTS, Manner, write_output
from labeler.terminal import quiet_libraries


if TYPE_CHECKING:
    from collections.abc import Sequence


def run_verify(sources: Sequence[str], asked: dict[str, Any], *, language: str) -> Tally:
    """
    Verify what the command line names and write the results; return what came of it.

    ``asked`` are the options by their names in Python. Raises `LabelError` for what cannot be
    done at all; what is wrong with a file is in its row.
    """
    batch = Batch(
        sources=tuple(sources),
        files_from=asked["files_from"],
        null=asked["null"],
        inquiry=inquiry_of(asked),
        jobs=asked["jobs"],
        engine=asked["engine"],
        timeout=asked["timeout"],
        resume=asked["resume"],
    )
    tally = Tally()
    manner = Manner(
        tally=tally,
        language=asked["lang"] or language,
        unlabelled_fails=asked["fail_on"] == "unlabelled" and not asked["exit_zero"],
    )
    quiet = quiet_libraries if batch.is_single else nullcontext
    with (
        quiet(),
        closing(verify_rows(batch, tally)) as rows,
        watched(rows, tally, language=manner.language, log=asked["log"]) as told,
    ):
        write_output(OUTPUTS[asked["output_format"]](told, manner), asked["report"])
    return tally
