"""The command ``verify``: its options as a batch, its rows to where they were asked for."""

from __future__ import annotations

import sys
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING, Any

from detectors.batch.many import Batch, verify_rows
from detectors.batch.progress import watched
from detectors.batch.tally import Tally
from detectors.calls import inquiry_of
from detectors.outputs import OUTPUTS, Manner, check_report, write_output
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
    if asked["report"]:
        check_report(asked["report"], sources)
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
        try:
            write_output(OUTPUTS[asked["output_format"]](told, manner), asked["report"])
        except KeyboardInterrupt:
            _tell_interrupted(tally, asked["resume"], manner.language)
            raise
    return tally


def _tell_interrupted(tally: Tally, resume: str | None, language: str) -> None:
    """Say on standard error how far a run came, and whether it can go on."""
    chinese = language.lower().startswith("zh")
    if resume:
        kept = "同一命令可从此处继续" if chinese else "the same command goes on from here"
    else:
        kept = (
            "结果未保存；加 --resume FILE 可保留"
            if chinese
            else "--resume FILE would have kept them"
        )
    done = "已中断，已核验 {:,} 个文件；{}\n" if chinese else "interrupted after {:,} files; {}\n"
    sys.stderr.write(done.format(tally.files, kept))
