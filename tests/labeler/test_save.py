"""Atomic output: nobody ever sees half a file."""

from __future__ import annotations

import os
import stat

import pytest

from labeler.errors import CorruptMedia, LayerFailed, MediaTooLarge, OutputFailed, UnsupportedMedia
from labeler.save import TEMPORARY_SUFFIX, check_target, read_file, write_atomically


def test_bytes_are_written_and_nothing_else_is_left(tmp_path):
    target = tmp_path / "a.bin"
    write_atomically(target, b"data")
    assert target.read_bytes() == b"data"
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]


def test_an_existing_file_is_kept_unless_overwriting_is_asked_for(tmp_path):
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    with pytest.raises(OutputFailed, match="--force"):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    write_atomically(target, b"new", overwrite=True)
    assert target.read_bytes() == b"new"


def test_a_failed_check_leaves_the_old_file_and_no_temporary_one(tmp_path):
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")

    def refuse(data: bytes) -> None:
        raise LayerFailed(f"{len(data)} bytes without a label")

    with pytest.raises(LayerFailed):
        write_atomically(target, b"new", overwrite=True, check=refuse)
    assert target.read_bytes() == b"old"
    assert not list(tmp_path.glob(f"*{TEMPORARY_SUFFIX}"))


def test_a_name_taken_meanwhile_is_not_overwritten(tmp_path):
    target = tmp_path / "a.bin"

    def take_it(_: bytes) -> None:
        target.write_bytes(b"somebody else's")

    with pytest.raises(OutputFailed, match="exists"):
        write_atomically(target, b"ours", check=take_it)
    assert target.read_bytes() == b"somebody else's"


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")
def test_permissions_of_a_replaced_file_are_kept(tmp_path):
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    target.chmod(0o640)
    write_atomically(target, b"new", overwrite=True)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_a_symbolic_link_keeps_pointing_to_the_replaced_file(tmp_path):
    target, link = tmp_path / "a.bin", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_atomically(link, b"new", overwrite=True)
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(OutputFailed, match="nowhere"):
        write_atomically(tmp_path / "nowhere" / "a.bin", b"x")


def test_a_folder_is_no_output_file(tmp_path):
    with pytest.raises(OutputFailed, match="folder"):
        write_atomically(tmp_path, b"x", overwrite=True)


def test_reading_names_what_is_wrong(tmp_path):
    empty = tmp_path / "empty"
    empty.touch()
    with pytest.raises(CorruptMedia, match="zero bytes"):
        read_file(empty, limit=10)
    with pytest.raises(UnsupportedMedia, match="folder"):
        read_file(tmp_path, limit=10)
    with pytest.raises(UnsupportedMedia, match="no such file"):
        read_file(tmp_path / "gone", limit=10)
    empty.write_bytes(bytes(11))
    with pytest.raises(MediaTooLarge, match="limit"):
        read_file(empty, limit=10)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_no_regular_file(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UnsupportedMedia, match="regular"):
        read_file(pipe, limit=10)


def test_bytes_that_read_back_differently_are_never_published(tmp_path, monkeypatch):
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    monkeypatch.setattr("labeler.save._write_through", lambda path, _: path.write_bytes(b"bad"))
    with pytest.raises(LayerFailed, match="differs"):
        write_atomically(target, b"new", overwrite=True)
    assert target.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]


def test_a_taken_name_is_refused_before_any_work(tmp_path):
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    with pytest.raises(OutputFailed, match="--force"):
        check_target(target, overwrite=False)
    check_target(target, overwrite=True)
