"""Which files a batch means, row by row, whatever a list holds."""

from __future__ import annotations

import json
import os
from itertools import islice

import pytest

from detectors.batch.listing import Item, list_items
from labeler.errors import UnsupportedMedia
from labeler.sources import walk_sources


def paths(*args, **options) -> list[str]:
    return [item.path for item in list_items(*args, **options)]


def test_a_plain_list_has_a_name_a_line(tmp_path):
    names = tmp_path / "names.txt"
    names.write_bytes("\ufeffa.png\r\n\r\nä b.png\n".encode() + b"\xff.png\nlast.png")
    assert paths([], files_from=str(names)) == ["a.png", "ä b.png", "\udcff.png", "last.png"]


def test_names_that_end_with_nul_may_hold_line_feeds(tmp_path):
    names = tmp_path / "names"
    names.write_bytes(b"a\nb.png\0c.png\0")
    assert paths([], files_from=str(names), null=True) == ["a\nb.png", "c.png"]


def test_a_csv_manifest_says_what_was_declared(tmp_path):
    manifest = tmp_path / "uploads.csv"
    manifest.write_text('user,path,declared\n1,a.png,yes\n2,"b\n,.png",no\n3,c.png,\n', "utf-8-sig")
    items = list(list_items([], files_from=str(manifest), declared=None))
    assert [(i.path, i.declared) for i in items] == [
        ("a.png", True),
        ("b\n,.png", False),
        ("c.png", None),
    ]
    assert [i.declared for i in list_items([], files_from=str(manifest), declared=True)] == [
        True,
        False,
        True,
    ]


def test_a_jsonl_manifest_says_what_was_declared(tmp_path):
    manifest = tmp_path / "uploads.jsonl"
    rows = [{"path": "a.png", "declared": True}, {"path": "b", "declared": "no"}, {"file": "c"}]
    manifest.write_text("\n\n".join(map(json.dumps, rows)))
    items = list(list_items([], files_from=str(manifest)))
    assert [(i.path, i.declared) for i in items] == [("a.png", True), ("b", False), ("c", None)]


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("m.csv", "path,declared\na.png,perhaps\n", "write yes, no or nothing"),
        ("m.csv", "declared,path\nyes\n", "names no path"),
        ("m.csv", f"path\n{'x' * 200_000}\n", "is no CSV"),
        ("m.jsonl", "{nonsense\n", "is no JSON object"),
        ("m.jsonl", "[" * 100_000 + "\n", "is no JSON object"),
        ("m.jsonl", '{"path": 7}\n', "names no path"),
        ("m.jsonl", '{"declared": "yes"}\n', "names no path"),
    ],
)
def test_a_row_that_cannot_be_understood_is_a_row(name, text, fault, tmp_path):
    manifest = tmp_path / name
    good = "no,ok.png\n" if text.startswith("declared") else "ok.png\n"
    manifest.write_text(text + (good if name.endswith("csv") else '{"path": "ok.png"}\n'))
    items = list(list_items([], files_from=str(manifest)))
    faulty = [item for item in items if item.fault]
    assert len(faulty) == 1
    assert fault in faulty[0].fault
    assert f"{manifest}:" in faulty[0].path


def test_a_manifest_without_paths_and_a_missing_list_are_one_clear_line(tmp_path):
    manifest = tmp_path / "m.csv"
    manifest.write_text("a,b\n1,2\n")
    with pytest.raises(UnsupportedMedia, match="write: path,declared"):
        paths([], files_from=str(manifest))
    with pytest.raises(UnsupportedMedia, match="cannot be read: no such file"):
        paths([], files_from=str(tmp_path / "none.txt"))


def test_a_nul_byte_in_a_name_is_a_row(tmp_path):
    manifest = tmp_path / "m.jsonl"
    manifest.write_text(json.dumps({"path": "a\0b"}))
    (item,) = list_items([], files_from=str(manifest))
    assert "NUL" in item.fault


def test_a_list_is_read_as_it_is_needed(tmp_path):
    pipe = tmp_path / "endless.txt"
    pipe.write_text("x\n" * 3_000_000)
    assert list(islice(list_items([], files_from=str(pipe)), 2)) == [Item(path="x")] * 2


def test_symbolic_links_that_lead_in_circles_end(tmp_path):
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "a.png").touch()
    (inside / "again").symlink_to(inside)
    (inside / "self").symlink_to(inside / "self")
    assert paths([str(inside)]) == [str(inside / "a.png")]
    assert paths([str(inside / "self")]) == [str(inside / "self")]


def test_a_folder_that_cannot_be_listed_is_a_row(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    (tmp_path / "open.png").touch()
    real = os.scandir

    def scandir(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr("labeler.sources.os.scandir", scandir)
    found = [source for source, _ in walk_sources([str(tmp_path)])]
    assert found == [str(tmp_path / "closed"), str(tmp_path / "open.png")]


def test_a_large_folder_is_sorted_in_portions(tmp_path, monkeypatch):
    monkeypatch.setattr("labeler.sources.SORTED_ENTRIES", 3)
    for number in range(10):
        (tmp_path / f"{number}.png").touch()
    assert sorted(paths([str(tmp_path)])) == [str(tmp_path / f"{n}.png") for n in range(10)]
