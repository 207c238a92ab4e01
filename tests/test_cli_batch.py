"""`verify` over many files as a user meets it: culprits, interrupts, full disks, manifests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from command_line import COMMAND, run
from makers import make


ROOT = Path(__file__).parents[1]
VERIFY = (*COMMAND, "verify")
CULPRITS = """
import sys
import detectors.batch.many as many
from batch_work import verify_with_culprits
many.verify_item = verify_with_culprits
import cli
if __name__ == "__main__":
    sys.exit(cli.aigc_label(["verify", *sys.argv[1:]]))
"""


def environment() -> dict[str, str]:
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support")])
    return {**os.environ, "PYTHONPATH": path}


def verify(*args: object, command=VERIFY, **options: object) -> subprocess.CompletedProcess[bytes]:
    return run(*args, command=command, env=environment(), **options)


def begin(command, folder, options, results) -> subprocess.Popen[bytes]:
    """Start the command and wait until some results are there."""
    process = subprocess.Popen(
        [*command, str(folder), *map(str, options)], env=environment(), stderr=subprocess.PIPE
    )
    for _ in range(2400):
        if results.exists() and results.read_bytes().count(b"\n") > 4:
            break
        time.sleep(0.1)
    return process


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "in"
    place.mkdir()
    for number in range(8):
        (place / f"{number}.png").write_bytes(make("png"))
    return place


@pytest.fixture
def culprits(tmp_path):
    """The command, with files called crash.* and hang.* that do so."""
    script = tmp_path / "culprits.py"
    script.write_text(CULPRITS)
    return [sys.executable, str(script)]


def test_a_crash_and_a_hang_cost_one_file_each_and_both_are_named(folder, culprits):
    for name in ("crash.png", "hang.png", "broken.png"):
        (folder / name).write_bytes(b"x")
    done = verify(folder, "--fast", "--timeout", 5, "--format", "jsonl", command=culprits)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    errors = {Path(row["path"]).name: row["error"] for row in rows}
    assert (done.returncode, done.stderr) == (2, b"")
    assert sorted(errors) == sorted(path.name for path in folder.iterdir())
    assert len(rows) == len(errors)
    assert "crashed (SIGABRT)" in errors["crash.png"]
    assert "more than 5 s" in errors["hang.png"]
    assert all(not errors[f"{number}.png"] for number in range(8))


def test_a_killed_run_taken_up_again_has_every_file_once(folder, culprits, tmp_path):
    (folder / "hang.png").write_bytes(b"x")
    results, report = tmp_path / "results.jsonl", tmp_path / "report.jsonl"
    options = ["--fast", "--jobs", "2", "--resume", results, "--report", report, "--log", "-"]
    process = begin(culprits, folder, options, results)
    process.kill()
    process.communicate()
    assert not report.exists()
    with results.open("ab") as torn:
        torn.write(b'{"schema": 1, "path": "torn')
    (folder / "hang.png").unlink()
    done = verify(folder, *options, "--format", "jsonl")
    assert done.returncode == 1
    rows = [json.loads(line) for line in report.read_text().splitlines()]
    assert [Path(row["path"]).name for row in rows] == [f"{n}.png" for n in range(8)]
    end = json.loads(done.stderr.splitlines()[-1])
    assert end["event"] == "end"
    assert end["taken_over"] >= 3
    assert end["verdicts"] == {"none": 8}


def test_an_interrupt_leaves_results_to_take_up_and_no_report(folder, culprits, tmp_path):
    (folder / "hang.png").write_bytes(b"x")
    results, report = tmp_path / "results.jsonl", tmp_path / "report.csv"
    options = ["--fast", "--resume", results, "--report", report, "--format", "csv"]
    process = begin(culprits, folder, options, results)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=100)
    assert process.returncode == 130
    assert told.strip().endswith(b"the same command goes on from here")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["culprits.py", "in", "results.jsonl"]
    kept = [json.loads(line) for line in results.read_text().splitlines()]
    assert 4 <= len(kept[1:]) <= 8  # rows that wait behind the hanging one are done anew


def test_a_manifest_a_list_and_odd_names_are_a_row_each(folder, tmp_path):
    odd = os.fsencode(folder) + b"/\xff\nodd.png"
    Path(os.fsdecode(odd)).write_bytes(make("png"))
    manifest = tmp_path / "uploads.jsonl"
    first = str(folder / "0.png")
    names = [first, os.fsdecode(odd), str(folder / "none.png"), first]
    rows = [{"path": name, "declared": number == 0} for number, name in enumerate(names)]
    manifest.write_text("".join(json.dumps(row) + "\n" for row in rows) + "nonsense\n")
    done = verify("--files-from", manifest, "--fast", "--format", "jsonl", "--policy", "cn")
    told = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert done.returncode == 2
    assert [row["path"] for row in told] == [*names[:3], f"{manifest}:5"]
    assert [row["verdict"] for row in told] == ["possible", "none", "undetermined", "undetermined"]


def test_a_folder_that_may_not_be_read_is_a_row(folder):
    if not hasattr(os, "geteuid"):
        pytest.skip("needs POSIX permissions")
    closed = folder / "closed"
    closed.mkdir()
    closed.chmod(0)
    if os.access(closed, os.R_OK):
        pytest.skip("this user may read everything")
    done = verify(folder, "--fast", "--format", "jsonl")
    errors = [json.loads(line)["error"] for line in done.stdout.splitlines()]
    closed.chmod(0o700)
    assert any("permission denied" in error for error in errors)


def test_a_full_disk_is_one_line(folder):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs /dev/full")
    with full.open("wb") as sink:
        done = verify(folder / "0.png", stdout=sink, capture_output=False, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert b"the disk is full" in done.stderr


def test_a_disk_that_fills_leaves_no_half_report(folder, tmp_path):
    resource = pytest.importorskip("resource", reason="needs POSIX limits")

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8000, 8000))

    report = tmp_path / "report.jsonl"
    names = tmp_path / "names.txt"
    names.write_text("".join(f"{folder}/{n}.png\n" for n in range(8)))
    for place in (["--report", report], ["--resume", report]):
        done = verify("--files-from", names, "--jobs", 1, "--fast", "--format", "jsonl", *place,
                   preexec_fn=limit)  # fmt: skip
        assert done.returncode == 2
        assert done.stderr.count(b"\n") == 1
        assert b"cannot be written" in done.stderr
    assert verify("--files-from", names, "--fast", "--resume", report).returncode == 1


def test_every_format_goes_to_a_file_and_to_standard_output(folder, tmp_path):
    for form in ("human", "summary", "json", "jsonl", "csv", "junit"):
        place = tmp_path / f"report.{form}"
        assert (
            verify(folder / "0.png", "--fast", "--format", form, "--report", place).returncode == 1
        )
        out = verify(folder / "0.png", "--fast", "--format", form).stdout
        if form not in {"summary", "human"}:
            assert out == place.read_bytes()
        assert out
