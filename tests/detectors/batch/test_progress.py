"""The line on a terminal: what it says, how often, and that it makes way for rows."""

from __future__ import annotations

import io
import json
from collections import Counter
from types import SimpleNamespace

import pytest

from detectors.batch import progress
from detectors.batch.progress import ProgressBar, watched
from detectors.batch.tally import Tally
from labeler.errors import OutputFailed


def tally(**more) -> Tally:
    counts = Counter({("image", "confirmed"): 3, ("audio", "none"): 1})
    return Tally(began=progress.monotonic() - 8, verdicts=counts, **more)


def test_the_line_counts_before_all_files_are_listed_and_has_a_bar_after():
    assert ProgressBar(terminal=io.StringIO(), tally=tally(listed=9)).line() == (
        "4  0.5/s  confirmed 3 none found 1"
    )
    line = ProgressBar(terminal=io.StringIO(), tally=tally(listed=8, complete=True)).line()
    assert line.startswith("[##########----------] 4/8  0.5/s, 0:08  ")


def test_it_speaks_chinese():
    line = ProgressBar(terminal=io.StringIO(), tally=tally(), language="zh").line()
    assert line == "4  0.5/s  属于 3 未核验到 1"


def test_what_is_done_at_once_has_no_line_and_a_line_is_not_written_for_every_file():
    terminal = io.StringIO()
    quick = ProgressBar(terminal=terminal, tally=Tally())
    quick.tell()
    quick.clear()
    assert terminal.getvalue() == ""
    bar = ProgressBar(terminal=terminal, tally=tally())
    for _ in range(50):
        bar.tell()
    assert terminal.getvalue().count("\x1b[K") == 1


def test_the_line_makes_way_for_what_is_written_to_the_same_terminal():
    terminal = io.StringIO()
    bar = ProgressBar(terminal=terminal, tally=tally())
    bar.tell()
    with bar.out_of_the_way():
        terminal.write("a row\n")
    bar.clear()
    shown = bar.line()
    parts = terminal.getvalue().split("\r\x1b[K")
    assert [part[:8] for part in parts] == ["", shown[:8], "a row\n", shown[:8], ""]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("both", [True, False])
def test_rows_and_line_share_a_terminal_only_when_both_go_there(monkeypatch, both):
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setattr("sys.stdout", screen if both else io.StringIO())
    rows = [SimpleNamespace(stamp=1, error="")] * 3
    with watched(rows, tally(), language="en", log=None) as following:
        for _ in following:
            screen.write("row\n")
    assert screen.getvalue().endswith("\r\x1b[K")
    assert ("\r\x1b[Krow\n" in screen.getvalue()) is both


def test_the_log_of_machines_tells_beginning_failures_and_end(tmp_path):
    log = tmp_path / "run.log"
    rows = [SimpleNamespace(stamp=None, error="it is empty", path="a.png")]
    with watched(rows, tally(), language="en", log=str(log)) as following:
        list(following)
    events = [json.loads(line) for line in log.read_text().splitlines()]
    assert [event["event"] for event in events] == ["begin", "failed", "end"]
    assert (events[1]["path"], events[1]["error"]) == ("a.png", "it is empty")
    assert events[0]["files"] == 4


def test_a_run_that_breaks_off_says_so_in_the_log(tmp_path):
    log = tmp_path / "run.log"
    with (
        pytest.raises(KeyboardInterrupt),
        watched([], tally(), language="en", log=str(log)),
    ):
        raise KeyboardInterrupt
    assert json.loads(log.read_text().splitlines()[-1])["error"] == "KeyboardInterrupt"


def test_a_log_that_cannot_be_written_is_one_clear_error(tmp_path):
    with (
        pytest.raises(OutputFailed, match="cannot be written"),
        watched([], tally(), language="en", log=str(tmp_path / "no" / "run.log")),
    ):
        pass
