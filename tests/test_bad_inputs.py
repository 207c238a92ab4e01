"""Every command against every bad input: status 2, one line that names the file, nothing left."""

from __future__ import annotations

import json
import os
import struct
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from command_line import call
from made_documents import docx, pdf
from makers import PRODUCER, make, save
from rich_sounds import rich_sound
from rich_videos import rich_video


if TYPE_CHECKING:
    from pathlib import Path

PLATFORM = "001191110102MACQD9K64020001"
WRITERS = {
    "apply": ("apply", "--producer", PRODUCER),
    "apply metadata": ("apply", "--producer", PRODUCER, "--layers", "metadata"),
    "propagate": ("propagate", "--propagator", PLATFORM, "--propagate-id", "post-1"),
}


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def sized_png() -> bytes:
    data = bytearray(make("png"))
    data[16:24] = (50_000).to_bytes(4, "big") * 2
    return bytes(data)


def sized_webp() -> bytes:
    data = bytearray(make("webp-lossless"))
    at = data.index(b"VP8L") + 9
    data[at : at + 4] = struct.pack("<I", 0x0FFFFFFF)
    return bytes(data)


def sized_jpeg() -> bytes:
    data = bytearray(make("jpeg"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = b"\xff\xff\xff\xff"
    return bytes(data)


def sized_wav() -> bytes:
    data = bytearray(rich_sound("wav"))
    at = data.index(b"data") + 4
    data[at : at + 4] = b"\xf0\xff\xff\x7f"
    return bytes(data)


def sized_box() -> bytes:
    data = bytearray(rich_video("mp4"))
    at = data.index(b"moov") - 4
    data[at : at + 4] = b"\x7f\xff\xff\xff"
    return bytes(data)


BAD = {
    "empty picture": ("a.png", lambda: b""),
    "empty sound": ("a.wav", lambda: b""),
    "empty video": ("a.mp4", lambda: b""),
    "empty document": ("a.docx", lambda: b""),
    "words called a picture": ("a.jpg", lambda: b"hello\n" * 40),
    "words called sound": ("a.mp3", lambda: b"hello\n" * 40),
    "words called a video": ("a.mkv", lambda: b"hello\n" * 40),
    "words called a package": ("a.pptx", lambda: b"hello\n" * 40),
    "noise": ("a.png", lambda: np.random.default_rng(5).bytes(4_000)),
    "noise without a name": ("a", lambda: np.random.default_rng(6).bytes(4_000)),
    "zeros": ("a.gif", lambda: bytes(4_000)),
    "a program": ("a.exe", lambda: b"MZ" + bytes(4_000)),
    "a vector picture": ("a.svg", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    "a bitmap": ("a.bmp", lambda: save(Image.new("RGB", (64, 64)), "BMP")),
    "raw AAC": ("a.aac", lambda: b"\xff\xf1\x50\x80\x02\x1f\xfc\x21" * 300),
    "truncated jpeg": ("a.jpg", lambda: half(make("jpeg"))),
    "truncated png": ("a.png", lambda: half(make("png"))),
    "truncated webp": ("a.webp", lambda: half(make("webp"))),
    "truncated gif": ("a.gif", lambda: half(make("gif"))),
    "truncated tiff": ("a.tiff", lambda: half(make("tiff"))),
    "truncated avif": ("a.avif", lambda: half(make("avif"))),
    "truncated wav": ("a.wav", lambda: half(rich_sound("wav"))),
    "truncated m4a": ("a.m4a", lambda: half(rich_sound("m4a"))),
    "truncated ogg": ("a.opus", lambda: half(rich_sound("opus"))),
    "truncated aiff": ("a.aiff", lambda: half(rich_sound("aiff"))),
    "truncated mp4": ("a.mp4", lambda: half(rich_video("mp4"))),
    "truncated mov": ("a.mov", lambda: half(rich_video("mov-front"))),
    "truncated docx": ("a.docx", lambda: half(docx())),
    "truncated pdf": ("a.pdf", lambda: half(pdf())),
    "a head alone": ("a.png", lambda: make("png")[:20]),
    "huge size in png": ("a.png", sized_png),
    "huge size in jpeg": ("a.jpg", sized_jpeg),
    "huge size in webp": ("a.webp", sized_webp),
    "huge size in wav": ("a.wav", sized_wav),
    "huge size in mp4": ("a.mp4", sized_box),
}
"""What a file is called, and its bytes."""

UNSEEN = {"truncated jpeg", "truncated avif"}
"""Cut among the pixels: told by decoding, which writing metadata alone never does (R-40)."""

TEXT_AFTER_ALL = {"words called a package"}
"""Read as what it is, text without a label; not written under that name."""

READABLE = [case for case in BAD if case not in TEXT_AFTER_ALL]

WRONG_NAMES = {
    "a jpeg called png": ("a.png", lambda: make("jpeg")),
    "a png called tiff": ("a.tiff", lambda: make("png")),
    "a wav called mp3": ("a.mp3", lambda: rich_sound("wav")),
    "an mp4 called mkv": ("a.mkv", lambda: rich_video("mp4")),
}
"""Readable by content (R-51), and not written under a name that says otherwise."""


@cache
def bytes_of(case: str) -> bytes:
    return (BAD | WRONG_NAMES)[case][1]()


def assert_one_line(err: str, name: str) -> None:
    assert len(err.strip().splitlines()) == 1, err
    assert name in err
    assert "Traceback" not in err
    assert "internal error" not in err


@pytest.fixture
def place(tmp_path):
    """Write the file of a case; give its path."""
    if "pdf" in str(tmp_path):
        pytest.importorskip("pypdf", reason="PDF needs the extra documents")

    def put(case: str) -> Path:
        folder = tmp_path / "in"
        folder.mkdir()
        path = folder / (BAD | WRONG_NAMES)[case][0]
        path.write_bytes(bytes_of(case))
        return path

    return put


@pytest.mark.parametrize("command", WRITERS)
@pytest.mark.parametrize("case", [*BAD, *WRONG_NAMES])
def test_what_cannot_be_labelled_is_refused_and_nothing_is_written(case, command, place, tmp_path):
    if command == "propagate" and case in WRONG_NAMES:
        pytest.skip("nothing to write into an unlabelled file (row 4)")
    if command != "apply" and case in UNSEEN:
        pytest.skip("metadata is written without decoding: the cut is not seen")
    source = place(case)
    out = tmp_path / "out"
    out.mkdir()
    verb, *options = WRITERS[command]
    code, told, err = call(verb, source, "-o", out / source.name, *options)
    assert (code, told) == (2, "")
    assert_one_line(err, source.name)
    assert list(out.iterdir()) == []
    assert [p.name for p in source.parent.iterdir()] == [source.name]
    assert source.read_bytes() == bytes_of(case)


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_labelled_is_left_as_it_is_in_place(case, place):
    source = place(case)
    code, told, err = call("apply", source, "--in-place", "--producer", PRODUCER)
    assert (code, told) == (2, "")
    assert_one_line(err, source.name)
    assert [p.name for p in source.parent.iterdir()] == [source.name]
    assert source.read_bytes() == bytes_of(case)


@pytest.mark.parametrize("case", READABLE)
def test_what_cannot_be_read_is_undetermined_and_says_why(case, place):
    source = place(case)
    code, told, err = call("verify", source, "--format", "jsonl")
    (report,) = map(json.loads, told.splitlines())
    assert code == 2
    assert report["verdict"] == "undetermined"
    assert report["path"] == str(source)
    assert report["error"]
    assert "\n" not in report["error"]
    assert "Traceback" not in told + err
    assert err == ""


@pytest.mark.parametrize("case", READABLE)
def test_what_cannot_be_read_cannot_be_inspected(case, place):
    source = place(case)
    code, told, err = call("inspect", source)
    assert (code, told) == (2, "")
    assert_one_line(err, source.name)


@pytest.mark.parametrize("case", WRONG_NAMES)
def test_a_wrong_name_does_not_matter_to_reading(case, place):
    code, _, err = call("verify", place(case), "--format", "jsonl", "--fast")
    assert (code, err) == (1, "")


def absent(folder: Path) -> Path:
    return folder / "gone.png"


def pipe(folder: Path) -> Path:
    path = folder / "pipe.png"
    os.mkfifo(path)
    return path


def locked(folder: Path) -> Path:
    if os.geteuid() == 0:
        pytest.skip("the superuser reads everything")
    path = folder / "locked.png"
    path.write_bytes(make("png"))
    path.chmod(0)
    return path


def loop(folder: Path) -> Path:
    path = folder / "loop.png"
    path.symlink_to(path)
    return path


def long_name(folder: Path) -> Path:
    return folder / ("a" * 300 + ".png")


PLACES = {"absent": absent, "pipe": pipe, "locked": locked, "loop": loop, "long name": long_name}
COMMANDS = {
    **{name: lambda s, o, w=words: (w[0], s, "-o", o, *w[1:]) for name, words in WRITERS.items()},
    "inspect": lambda s, _: ("inspect", s),
    "verify": lambda s, _: ("verify", s),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", PLACES)
def test_what_is_no_readable_file_is_named(kind, command, tmp_path):
    source, out = PLACES[kind](tmp_path), tmp_path / "out.png"
    before = sorted(tmp_path.iterdir())
    code, told, err = call(*COMMANDS[command](source, out))
    assert code == 2
    assert source.name[:40] in told + err
    assert "Traceback" not in told + err
    assert "internal error" not in err
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("command", COMMANDS)
def test_an_empty_folder_is_no_success(command, tmp_path):
    folder = tmp_path / "nothing"
    folder.mkdir()
    code, told, err = call(*COMMANDS[command](folder, tmp_path / "out"))
    assert code == 2
    assert "nothing" in told + err
    assert "Traceback" not in told + err


KEYS = {
    "no key": b"short",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(40),
    "empty": b"",
    "too long": b"a" * 5_000,
    "too many digits": b"ab" * 33,
}


@pytest.mark.parametrize("command", ["apply", "verify", "inspect", "propagate"])
@pytest.mark.parametrize("kind", [*KEYS, "missing", "folder", "open to all"])
def test_a_bad_key_file_is_named_and_never_shown(kind, command, tmp_path):
    key, source, out = tmp_path / "my.key", tmp_path / "a.png", tmp_path / "out.png"
    source.write_bytes(make("png"))
    if kind == "folder":
        key.mkdir()
    elif kind != "missing":
        key.write_bytes(KEYS.get(kind, b"ab" * 32))
        key.chmod(0o644 if kind == "open to all" else 0o600)
    words = COMMANDS[command](source, out)
    code, told, err = call(*words, "--key-file", key)
    assert (code, told) == (2, "")
    assert_one_line(err, "my.key")
    assert "abab" not in err
    assert not out.exists()


OPTIONS = {
    "keys new over a file": lambda d: ("keys", "new", d / "a.png"),
    "keys new in no folder": lambda d: ("keys", "new", d / "no" / "my.key"),
    "keys new onto a folder": lambda d: ("keys", "new", d),
    "report in no folder": lambda d: ("verify", d / "a.png", "--report", d / "no" / "r.json"),
    "report onto a folder": lambda d: ("verify", d / "a.png", "--report", d),
    "names from nowhere": lambda d: ("verify", "--files-from", d / "no.txt"),
    "nothing to verify": lambda _: ("verify",),
    "unknown policy": lambda _: ("policy", "show", "--policy", "uk"),
    "unknown language": lambda d: ("verify", d / "a.png", "--lang", "xx"),
    "unknown format": lambda d: ("verify", d / "a.png", "--format", "xls"),
    "font that is none": lambda d: apply_with(d, "--font", d / "a.png"),
    "prompt that is none": lambda d: apply_with(d, "--audible", "voice", "--prompt-file", d / "no"),
    "log in no folder": lambda d: apply_with(
        d, "--no-visible", "--recipient", "A", "--agreement", "1", "--exemption-log", d / "no" / "l"
    ),
    "output in no folder": lambda d: apply_with(d, "-o", d / "no" / "b.png"),
    "output of a long name": lambda d: apply_with(d, "-o", d / ("b" * 300 + ".png")),
    "output onto itself": lambda d: apply_with(d, "-o", d / "a.png"),
    "no output": lambda d: ("apply", d / "a.png", "--producer", PRODUCER),
    "unknown command": lambda _: ("remove",),
    "jobs that are none": lambda d: ("verify", d / "a.png", "--jobs", "0"),
}


def apply_with(folder: Path, *options: object) -> tuple[object, ...]:
    given = () if "-o" in options else ("-o", folder / "b.png")
    return ("apply", folder / "a.png", "--producer", PRODUCER, *given, *options)


@pytest.mark.parametrize("case", OPTIONS)
def test_wrong_options_end_with_2_and_leave_nothing(case, tmp_path):
    source = tmp_path / "a.png"
    source.write_bytes(make("png"))
    code, told, err = call(*OPTIONS[case](tmp_path))
    assert code == 2
    assert (told + err).strip()
    assert "Traceback" not in told + err
    assert "internal error" not in err
    assert list(tmp_path.iterdir()) == [source]
    assert source.read_bytes() == make("png")
