"""What newcomers stumbled over (docs/walk.md): short helps, receipts, reports, interrupts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

import cli
from detectors.batch import command
from detectors.batch.summary import to_summary
from detectors.batch.tally import Tally
from makers import PRODUCER, make


if TYPE_CHECKING:
    from pathlib import Path


PLATFORM = "001191110102MACQD9K64020001"


def call(*args: object) -> tuple[int, str, str]:
    """Run a command in this process; return its exit status, output and errors."""
    with CliRunner().isolation() as (out, err, _):
        code = cli.aigc_label([str(a) for a in args])
        return code, out.getvalue().decode(), err.getvalue().decode()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "in.png"
    path.write_bytes(make("png"))
    return path


def groups(group: click.Group) -> list[click.Group]:
    inner = [x for c in group.commands.values() if isinstance(c, click.Group) for x in groups(c)]
    return [group, *inner]


@pytest.mark.parametrize("group", groups(cli.commands), ids=lambda group: group.name)
def test_no_list_of_commands_breaks_off_in_the_middle_of_a_sentence(group):
    told = CliRunner().invoke(group, ["--help"], terminal_width=80).output
    listed = told[told.index("Commands:") :]
    assert "..." not in listed
    assert "art.\n" not in listed


def options(group: click.Group) -> list[click.Option]:
    found = [c for c in group.commands.values() if not isinstance(c, click.Group)]
    mine = [p for c in found for p in c.params if isinstance(p, click.Option)]
    return mine + [o for g in groups(group)[1:] for o in options(g)]


def test_every_option_says_what_it_is_for():
    assert not [o.opts for o in options(cli.commands) if not o.help]


def test_help_names_every_kind_of_content():
    told = " ".join((cli.commands.help or "").split())
    assert "pictures, sound, video and documents" in told


def test_a_name_in_place_of_a_code_is_said_to_be_one(picture, tmp_path):
    code, told, _ = call(
        *("apply", picture, "-o", tmp_path / "a.png", "--producer", "acme", "--layers", "metadata")
    )
    assert code == 0
    assert "'acme' is no provider code" in told
    _, told, _ = call(
        *(
            "apply",
            picture,
            "-o",
            tmp_path / "b.png",
            "--producer",
            PRODUCER,
            "--layers",
            "metadata",
        )
    )
    assert "no provider code" not in told


def test_a_platform_sees_what_it_wrote_and_that_it_wrote_nothing(picture, tmp_path):
    duty = ("--propagator", PLATFORM, "--propagate-id", "post-1")
    code, told, _ = call("propagate", picture, "-o", tmp_path / "none.png", *duty)
    assert code == 0
    assert "nothing written into it" in told
    assert ": labelled" not in told
    _, told, _ = call("propagate", picture, "-o", tmp_path / "b.png", *duty, "--declared", "yes")
    assert f"Label 2, producer unknown, passed on by {PLATFORM}, post-1" in told


def test_receipts_are_chinese_where_people_read_chinese(picture, tmp_path, monkeypatch):
    monkeypatch.setenv("AIGC_LABEL_LANG", "zh")
    code, told, _ = call("apply", picture, "-o", tmp_path / "a.png", "--producer", PRODUCER)
    assert code == 0
    for words in ("已标识", "显式标识", "数字水印", "64 位", "元数据"):
        assert words in told
    assert "bits" not in told


def test_a_report_never_takes_the_place_of_a_picture(picture, tmp_path):
    other = tmp_path / "other.png"
    other.write_bytes(picture.read_bytes())
    for name in (picture, other):
        code, told, err = call("verify", picture, "--fast", "--report", name)
        assert (code, told) == (2, "")
        assert "another" in err
        assert name.read_bytes() == make("png")


@pytest.mark.parametrize("form", ["html", "json", "jsonl", "csv", "junit", "human"])
def test_an_older_report_is_replaced(form, picture, tmp_path):
    report = tmp_path / "report"
    for _ in range(2):
        asked = ("--fast", "--exit-zero", "--format", form, "--report", report)
        assert call("verify", picture, *asked)[0] == 0


@pytest.mark.parametrize(
    ("resume", "lang", "words"),
    [
        (True, "en", "the same command goes on from here"),
        (False, "en", "--resume FILE would have kept them"),
        (True, "zh", "同一命令可从此处继续"),
        (False, "zh", "结果未保存"),
    ],
)
def test_an_interrupt_says_how_to_go_on(resume, lang, words, *, monkeypatch, picture):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "write_output", interrupted)
    kept = ("--resume", picture.with_name("done.jsonl")) if resume else ()
    code, _, err = call("verify", picture, "--fast", "--lang", lang, *kept)
    assert code == 130
    assert words in err


def test_one_file_is_not_called_files():
    tally = Tally()
    tally.verdicts["image", "none"] = 1
    assert "1 file in" in "".join(to_summary(tally, "en"))
    tally.verdicts["image", "none"] = 2
    assert "2 files in" in "".join(to_summary(tally, "en"))


@pytest.mark.parametrize(
    "begun",
    [
        ["verify"],
        ["apply"],
        ["inspect"],
        ["propagate"],
        ["verify", "--report"],
        ["registry", "check"],
        ["registry", "import", "r.db"],
        ["registry", "find", "r.db", "--like"],
        ["registry", "export", "r.db", "--output"],
        ["policy", "report"],
    ],
)
def test_completion_offers_names_of_files(begun):
    shell = BashComplete(cli.commands, {}, "aigc-label", "_AIGC_LABEL_COMPLETE")
    offered = shell.get_completions(begun, "sam")
    assert [(item.type, item.value) for item in offered] == [("file", "sam")]


def test_writing_the_completion_is_no_failure(monkeypatch):
    monkeypatch.setenv("_AIGC_LABEL_COMPLETE", "zsh_source")
    assert call()[0] == 0
