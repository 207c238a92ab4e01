"""The command line as a user meets it: one process a test where exit status or pipes matter."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cli
from command_line import COMMAND, call, run
from makers import OTHER_PRODUCER, PRODUCER, ending_of, make, save


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "in.jpg"
    path.write_bytes(make("jpeg"))
    return path


def apply(source: object, *args: object, producer: str = PRODUCER) -> tuple[int, str, str]:
    return call("apply", source, "--producer", producer, *args)


def test_apply_and_verify_confirm_a_picture_with_all_three_layers(picture, tmp_path):
    out = tmp_path / "out.jpg"
    code, told, err = apply(picture, "-o", out, "--format", "jsonl")
    assert (code, err) == (0, "")
    receipt = json.loads(told)
    assert set(receipt["layers"]) == {"visible", "watermark", "metadata"}
    assert receipt["schema"] == 1
    assert receipt["output"] == str(out)

    code, told, err = call("verify", out, "--format", "jsonl")
    assert (code, err) == (0, "")
    report = json.loads(told)
    found = {row["layer"]: row for row in report["evidence"] if row["found"]}
    assert report["verdict"] == "confirmed"
    assert {"visible", "watermark", "metadata"} <= set(found)
    assert found["watermark"]["agrees_with_metadata"] is True
    assert found["watermark"]["mark_id"] == receipt["mark_id"]
    assert report["label"] == receipt["label"]
    assert report["sha256"] == receipt["sha256"]


def test_verify_exits_1_for_a_picture_without_label_and_never_calls_it_human(picture):
    code, told, _ = call("verify", picture, "--lang", "en")
    assert code == 1
    assert "does not mean that a human made it" in told


def test_verify_exits_2_when_any_input_cannot_be_judged(picture, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture at all")
    code, told, _ = call("verify", picture, broken, "--format", "json")
    reports = json.loads(told)
    assert code == 2
    assert [r["verdict"] for r in reports] == ["none", "undetermined"]
    assert reports[1]["error"]


def test_exit_zero_and_fail_on_soften_the_status(picture):
    assert call("verify", picture, "--exit-zero")[0] == 0
    assert call("verify", picture, "--fail-on", "error")[0] == 0


def test_csv_opens_in_a_spreadsheet_and_runs_no_formula(picture, tmp_path):
    out = tmp_path / "out.jpg"
    assert apply(picture, "-o", out, "--content-id", "=1+1")[0] == 0
    _, told, _ = call("verify", out, "--format", "csv")
    assert told.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(told.lstrip("\ufeff"))))
    assert rows[0]["ProduceID"] == "'=1+1"
    assert rows[0]["verdict"] == "confirmed"


def test_a_folder_is_labelled_below_the_output_folder_with_distinct_numbers(tmp_path):
    source = tmp_path / "in"
    (source / "deep").mkdir(parents=True)
    (source / "a.jpg").write_bytes(make("jpeg"))
    (source / "deep" / "b.png").write_bytes(make("png"))
    code, told, _ = apply(source, "-o", tmp_path / "out", "--format", "jsonl")
    receipts = [json.loads(line) for line in told.splitlines()]
    assert code == 0
    assert (tmp_path / "out" / "deep" / "b.png").exists()
    assert len({r["label"]["ProduceID"] for r in receipts}) == 2


def test_several_processes_give_the_same_outputs_in_order(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    for index in range(3):
        (source / f"{index}.jpg").write_bytes(make("jpeg", side=400 + 16 * index))
    code, told, err = apply(source, "-o", tmp_path / "out", "--jobs", 2, "--format", "jsonl")
    assert (code, err) == (0, "")
    names = [Path(json.loads(line)["output"]).name for line in told.splitlines()]
    assert names == ["0.jpg", "1.jpg", "2.jpg"]
    code, told, _ = call("verify", tmp_path / "out", "--jobs", 2, "--format", "json")
    assert code == 0
    assert len(json.loads(told)) == 3


def test_in_place_replaces_the_file_and_a_second_run_changes_nothing(picture):
    assert apply(picture, "--in-place")[0] == 0
    once = picture.read_bytes()
    code, told, _ = apply(picture, "--in-place", "--format", "jsonl")
    assert code == 0
    assert picture.read_bytes() == once
    assert json.loads(told)["layers"]["watermark"]["already"] is True


def test_dry_run_writes_nothing(picture, tmp_path):
    code, told, _ = apply(picture, "-o", tmp_path / "new" / "out.jpg", "--dry-run")
    assert code == 0
    assert not (tmp_path / "new").exists()
    assert "would be labelled" in told or "将标识" in told


def test_standard_input_and_output_carry_the_picture(picture):
    done = run("apply", "-", "-o", "-", "--producer", PRODUCER, input=picture.read_bytes())
    assert done.returncode == 0, done.stderr
    read = run("verify", "-", "--format", "jsonl", input=done.stdout)
    assert read.returncode == 0
    assert json.loads(read.stdout)["path"] == "-"


def test_a_key_file_marks_and_reads_and_the_default_key_does_not_find_it(picture, tmp_path):
    key = tmp_path / "my.key"
    assert call("keys", "new", key)[0] == 0
    assert key.stat().st_mode & 0o077 == 0
    out = tmp_path / "out.jpg"
    assert apply(picture, "-o", out, "--key-file", key)[0] == 0
    marks = []
    for extra in ([], ["--key-file", key]):
        _, told, _ = call("verify", out, "--format", "jsonl", *extra)
        rows = json.loads(told)["evidence"]
        marks.append(next(row for row in rows if row["layer"] == "watermark"))
    assert [m["found"] for m in marks] == [False, True]
    assert marks[1]["key"] == "my.key"


def test_no_visible_needs_its_art_9_record_and_keeps_it(picture, tmp_path):
    out, log = tmp_path / "out.jpg", tmp_path / "art9.jsonl"
    code, _, err = apply(picture, "-o", out, "--no-visible")
    assert code == 2
    assert "art. 9" in err
    assert not out.exists()
    code, told, _ = apply(
        picture, "-o", out, "--no-visible", "--recipient", "user-7", "--agreement", "TOS-3",
        "--exemption-log", log, "--format", "jsonl",
    )  # fmt: skip
    receipt = json.loads(told)
    record = json.loads(log.read_text())
    assert code == 0
    assert {s["layer"] for s in receipt["skipped"]} == {"visible"}
    assert record["recipient"] == "user-7"
    assert record["sha256"] == receipt["sha256"]


def test_propagate_writes_only_the_platforms_own_fields(picture, tmp_path):
    out, kept = tmp_path / "out.jpg", tmp_path / "kept.jpg"
    assert apply(picture, "-o", out)[0] == 0
    before = json.loads(call("verify", out, "--format", "jsonl")[1])["label"]
    code, _, err = call(
        "propagate", out, "-o", kept, "--propagator", OTHER_PRODUCER, "--propagate-id", "post-1"
    )
    assert (code, err) == (0, "")
    after = json.loads(call("verify", kept, "--format", "jsonl")[1])["label"]
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"ContentPropagator", "PropagateID"}


def test_propagate_labels_a_declared_picture_as_possible(picture, tmp_path):
    kept = tmp_path / "kept.jpg"
    code, _, err = call(
        "propagate", picture, "-o", kept, "--propagator", OTHER_PRODUCER, "--propagate-id", "p-2",
        "--declared", "yes",
    )  # fmt: skip
    assert (code, err) == (0, "")
    report = json.loads(call("verify", kept, "--format", "jsonl")[1])
    assert report["verdict"] == "possible"
    assert report["label"]["Label"] == "2"


def test_inspect_shows_findings_without_a_verdict(picture, tmp_path):
    out = tmp_path / "out.jpg"
    apply(picture, "-o", out, "--content-id", "shown-1")
    code, told, _ = call("inspect", out)
    assert code == 0
    assert "shown-1" in told
    found = json.loads(call("inspect", out, "--format", "json")[1])
    assert "verdict" not in found


def test_doctor_labels_and_reads_a_picture():
    code, told, _ = call("doctor")
    assert code == 0, told
    assert "works" in told


@pytest.mark.parametrize("name", ["cn", "eu", "us-ca", "kr", "in"])
def test_policy_show_prints_every_policy(name):
    code, told, _ = call("policy", "show", "--policy", name, "--lang", "en")
    assert code == 0
    assert told.startswith(name)


def bad_inputs(folder: Path) -> dict[str, tuple[Path, bytes, list[str], str]]:
    """Name: the file, its bytes, further arguments, a word the error line must have."""
    jpeg = make("jpeg")
    huge = bytearray(make("png"))
    huge[16:24] = (50_000).to_bytes(4, "big") * 2
    tiny = save(Image.new("RGB", (1, 1)), "PNG")
    wrong = PRODUCER[:20] + "7" + PRODUCER[21:]
    return {
        "not an image": (folder / "a.png", b"hello" * 100, [], "a.png"),
        "truncated": (folder / "a.jpg", jpeg[: len(jpeg) // 2], [], "a.jpg"),
        "zero bytes": (folder / "a.png", b"", [], "empty"),
        "wrong extension": (folder / "a.png", jpeg, [], "a.jpg"),
        "one pixel": (folder / "a.png", tiny, [], "1x1"),
        "over the pixel limit": (folder / "a.png", bytes(huge), [], "limit"),
        "wrong check digit": (folder / "a.jpg", jpeg, ["--producer", wrong], "check digit"),
        "forbidden characters": (folder / "a.jpg", jpeg, ["--content-id", "a b"], "annex E"),
        "a Chinese name": (folder / "a.jpg", jpeg, ["--producer", "公司"], "--allow-name"),
        "bad text": (folder / "a.jpg", jpeg, ["--text", "AI"], "生成"),
        "bad layer": (folder / "a.jpg", jpeg, ["--layers", "smell"], "smell"),
    }


@pytest.mark.parametrize("case", list(bad_inputs(Path())))
def test_bad_input_gets_one_line_no_output_and_leaves_the_original(case, tmp_path):
    source, data, extra, word = bad_inputs(tmp_path)[case]
    source.write_bytes(data)
    out = tmp_path / "out" / source.name
    out.parent.mkdir()
    code, told, err = call("apply", source, "-o", out, "--producer", PRODUCER, *extra)
    assert code == 2
    assert told == ""
    assert len(err.strip().splitlines()) == 1, err
    assert word in err
    assert not out.exists()
    assert list(out.parent.iterdir()) == []
    assert source.read_bytes() == data


@pytest.mark.parametrize("maker", ["tiff", "tiff-16", "png-16", "webp", "gif", "avif"])
def test_libraries_print_no_lines_of_their_own(maker, tmp_path):
    data = make(maker)
    source = tmp_path / f"a{ending_of(maker)}"
    source.write_bytes(data[: len(data) // 2])
    done = run("apply", source, "-o", tmp_path / f"b{ending_of(maker)}", "--producer", PRODUCER)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
    read = run("verify", source, "--format", "jsonl")
    assert read.returncode == 2
    assert read.stderr == b""


def test_an_unreadable_or_missing_file_is_named(tmp_path):
    code, _, err = apply(tmp_path / "gone.jpg", "-o", tmp_path / "out.jpg")
    assert code == 2
    assert "gone.jpg" in err
    assert "no such file" in err


def test_an_existing_output_is_kept_without_force(picture, tmp_path):
    out = tmp_path / "out.jpg"
    out.write_bytes(b"mine")
    code, _, err = apply(picture, "-o", out)
    assert code == 2
    assert "--force" in err
    assert out.read_bytes() == b"mine"
    assert apply(picture, "-o", out, "--force")[0] == 0


def test_an_interrupted_run_goes_on_where_outputs_are_missing(picture, tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    for name in ("a.jpg", "b.jpg"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(picture.read_bytes())
    out.mkdir()
    (out / "a.jpg").write_bytes(b"mine")
    code, _, err = apply(folder, "-o", out, "--skip-existing")
    assert code == 0
    assert "passed over, since their output exists: 1\n" in err
    assert (out / "a.jpg").read_bytes() == b"mine"
    assert (out / "b.jpg").stat().st_size > 100
    assert apply(folder, "-o", out, "--skip-existing")[:2] == (0, "")


@pytest.mark.parametrize("replacing", [("-o", "out", "--force"), ("--in-place",)])
def test_what_is_passed_over_is_not_replaced_as_well(picture, replacing):
    code, _, err = apply(picture, *replacing, "--skip-existing")
    assert code == 2
    assert "--skip-existing keeps what is there" in err


def test_a_label_of_another_producer_is_never_changed(picture, tmp_path):
    out = tmp_path / "out.jpg"
    apply(picture, "-o", out)
    before = out.read_bytes()
    code, _, err = apply(out, "--in-place", producer=OTHER_PRODUCER)
    assert code == 2
    assert PRODUCER in err
    assert out.read_bytes() == before


def test_a_full_disk_leaves_no_output(picture):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs /dev/full")
    done = run("verify", picture, "--format", "jsonl", stdout=None)
    assert done.returncode == 1
    with full.open("wb") as sink:
        broken = subprocess.run(
            [*COMMAND, "verify", str(picture)], stdout=sink, stderr=subprocess.PIPE, check=False
        )
    assert broken.returncode == 2


def test_a_file_size_limit_is_a_clear_error_without_output(picture, tmp_path):
    resource = pytest.importorskip("resource", reason="needs POSIX limits")
    out = tmp_path / "out.jpg"

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    done = run("apply", picture, "-o", out, "--producer", PRODUCER, preexec_fn=limit)
    assert done.returncode == 2
    assert b"cannot be written" in done.stderr
    assert not out.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["in.jpg"]


def test_a_closed_pipe_ends_quietly_with_141(picture):
    many = ["verify", *([str(picture)] * 40), "--format", "json"]
    reader, writer = os.pipe()
    process = subprocess.Popen([*COMMAND, *many], stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    os.close(reader)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 141
    assert err == b""


def test_ctrl_c_exits_with_130(tmp_path):
    for index in range(40):
        (tmp_path / f"{index}.png").write_bytes(make("png", side=700))
    process = subprocess.Popen(
        [*COMMAND, "verify", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130


def test_an_interrupt_that_python_drops_still_counts(monkeypatch, picture):
    class Dropping:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    def interrupted(*_: object, **__: object) -> int:
        Dropping()
        return 0

    dropped = []
    monkeypatch.setattr(sys, "unraisablehook", dropped.append)
    monkeypatch.setattr(cli.commands, "main", interrupted)
    assert cli.aigc_label(["verify", str(picture)]) == 130
    assert len(dropped) == 1


def test_an_internal_error_is_never_0_or_1(monkeypatch, picture):
    def explode(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("detectors.batch.rows.verify", explode)
    code, told, _ = call("verify", picture)
    assert code == 2
    assert "internal error: RuntimeError: boom" in told


def test_usage_errors_exit_with_2():
    assert call("verify")[0] == 2
    assert call("apply", "x.png")[0] == 2
    assert call("nonsense")[0] == 2


def test_help_loads_neither_numpy_nor_opencv():
    code = "import sys, cli; cli.aigc_label(['--help']); print('LOADED', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split("LOADED")[1].split()
    assert not {"numpy", "cv2", "PIL"} & set(loaded)


def test_names_with_control_characters_do_not_reach_the_terminal(tmp_path):
    path = tmp_path / "a\x1b[31mred.png"
    path.write_bytes(make("png"))
    _, told, _ = call("verify", path)
    assert "\x1b" not in told


def test_chinese_output_is_chinese(picture, monkeypatch):
    monkeypatch.setenv("AIGC_LABEL_LANG", "zh_CN.UTF-8")
    _, told, _ = call("verify", picture)
    assert "未核验到" in told
    assert "未发现这些密钥的数字水印；这不代表内容由人创作" in told
    assert "human" not in told


@pytest.mark.parametrize("moment", np.linspace(0.0, 0.9, 3))
def test_a_killed_process_leaves_the_original_or_the_complete_file(moment, picture):
    before = picture.read_bytes()
    process = subprocess.Popen(
        [*COMMAND, "apply", str(picture), "--in-place", "--producer", PRODUCER],
        stdout=subprocess.DEVNULL,
    )
    time.sleep(float(moment))
    process.kill()
    process.wait()
    after = picture.read_bytes()
    if after != before:
        assert call("verify", picture)[0] == 0
