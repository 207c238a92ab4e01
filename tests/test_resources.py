"""Too little memory, a full disk, several processes at once: an error or a whole file."""

from __future__ import annotations

import json
import signal
import subprocess

import numpy as np
import pytest
from PIL import Image

from command_line import COMMAND, run
from makers import PRODUCER, make
from rich_sounds import rich_sound
from rich_videos import rich_video


resource = pytest.importorskip("resource", reason="needs POSIX limits")
MEMORY = 700 << 20
"""Enough to start with NumPy, OpenCV and FFmpeg, and too little for the picture of this test."""


def labels(source, out, *more):
    return ("apply", source, "-o", out, "--producer", PRODUCER, *more)


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def limit_files():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))


@pytest.fixture
def large(tmp_path):
    """A picture that is small as a file and large in memory."""
    path = tmp_path / "large.png"
    tile = np.random.default_rng(3).integers(100, 160, (64, 64, 3), np.uint8)
    Image.fromarray(np.tile(tile, (130, 130, 1))).save(path, compress_level=1)
    return path


def test_little_memory_is_enough_for_a_small_picture(tmp_path):
    source, out = tmp_path / "a.jpg", tmp_path / "b.jpg"
    source.write_bytes(make("jpeg"))
    done = run(*labels(source, out), preexec_fn=limit_memory)
    assert done.returncode == 0, done.stderr
    assert run("verify", out, preexec_fn=limit_memory).returncode == 0


def test_too_little_memory_ends_with_2_and_leaves_nothing(large, tmp_path):
    done = run(*labels(large, tmp_path / "out.png"), preexec_fn=limit_memory)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["large.png"]


def test_too_little_memory_to_read_ends_with_2(large):
    done = run("verify", large, preexec_fn=limit_memory)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr + done.stdout


MADE = {
    "a.jpg": lambda: make("jpeg"),
    "a.wav": lambda: rich_sound("wav"),
    "a.mp4": lambda: rich_video("mp4"),
    "a.md": lambda: b"# Tides\n\n" + b"The tide rises. " * 100,
}


@pytest.mark.parametrize("name", MADE)
def test_a_full_disk_leaves_no_part_of_an_output(name, tmp_path):
    source, out = tmp_path / name, tmp_path / f"out-{name}"
    source.write_bytes(MADE[name]())
    words = labels(source, out, "--layers", "metadata")
    done = run(*words, preexec_fn=limit_files)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert b"internal error" not in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert run(*words).returncode == 0


def test_a_full_disk_keeps_the_old_file_in_place_and_the_old_report(tmp_path):
    source, report = tmp_path / "a.jpg", tmp_path / "report.json"
    source.write_bytes(make("jpeg"))
    report.write_bytes(b"old")
    words = ("apply", source, "--in-place", "--producer", PRODUCER, "--layers", "metadata")
    assert run(*words, preexec_fn=limit_files).returncode == 2
    asked = ("verify", source, "--format", "json", "--report", report)
    assert run(*asked, preexec_fn=limit_files).returncode == 2
    assert source.read_bytes() == make("jpeg")
    assert report.read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.jpg", "report.json"]


def together(*commands):
    """Start several commands at once; give their exit status and errors."""
    running = [
        subprocess.Popen(
            [*COMMAND, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for words in commands
    ]
    ended = [process.communicate(timeout=200) for process in running]
    return [process.returncode for process in running], [err for _, err in ended]


def test_several_runs_in_place_leave_one_whole_label(tmp_path):
    source = tmp_path / "a.jpg"
    source.write_bytes(make("jpeg"))
    words = ("apply", source, "--in-place", "--producer", PRODUCER, "--layers", "metadata")
    codes, errors = together(*[words] * 3)
    assert set(codes) <= {0, 2}
    assert 0 in codes, errors
    report = json.loads(run("verify", source, "--fast", "--format", "json").stdout)[0]
    assert report["verdict"] == "confirmed"
    assert sum(row["found"] for row in report["evidence"]) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["a.jpg"]


def test_several_runs_onto_one_name_write_it_once(tmp_path):
    source, out = tmp_path / "a.jpg", tmp_path / "b.jpg"
    source.write_bytes(make("jpeg"))
    words = labels(source, out, "--layers", "metadata")
    codes, errors = together(*[words] * 3)
    assert sorted(codes) == [0, 2, 2], errors
    assert run("verify", out, "--fast").returncode == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.jpg", "b.jpg"]


def test_reading_while_it_is_replaced_sees_one_or_the_other(tmp_path):
    source = tmp_path / "a.jpg"
    source.write_bytes(make("jpeg"))
    words = ("apply", source, "--in-place", "--producer", PRODUCER, "--layers", "metadata")
    codes, errors = together(words, *[("verify", source, "--fast")] * 2)
    assert codes[0] == 0, errors
    assert set(codes[1:]) <= {0, 1}, errors
