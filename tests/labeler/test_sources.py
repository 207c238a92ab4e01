"""Which files are meant, and where their results go."""

from __future__ import annotations

from pathlib import Path

import pytest

from labeler.errors import OutputFailed, UnsupportedMedia
from labeler.save import TEMPORARY_SUFFIX
from labeler.sources import plan_outputs, walk_sources


@pytest.fixture
def tree(tmp_path):
    for name in ("b.png", "a.png", "deep/c.png", ".hidden.png", f".x{TEMPORARY_SUFFIX}"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path / "in"


def test_folders_are_walked_in_order_without_hidden_files_and_links(tree):
    (tree / "link.png").symlink_to(tree / "a.png")
    names = [str(below) for _, below in walk_sources([str(tree)])]
    assert names == ["a.png", "b.png", str(Path("deep/c.png"))]


def test_one_file_goes_to_the_output_itself(tree, tmp_path):
    out = tmp_path / "out.png"
    assert plan_outputs([str(tree / "a.png")], str(out), in_place=False)[0][1] == out


def test_one_file_goes_into_a_folder_that_exists(tree, tmp_path):
    planned = plan_outputs([str(tree / "a.png")], str(tmp_path), in_place=False)
    assert planned[0][1] == tmp_path / "a.png"


def test_a_folder_keeps_its_tree_below_the_output(tree, tmp_path):
    planned = plan_outputs([str(tree)], str(tmp_path / "out"), in_place=False)
    assert [p for _, p in planned] == [
        tmp_path / "out" / n for n in ("a.png", "b.png", "deep/c.png")
    ]
    assert (tmp_path / "out" / "deep").is_dir()


def test_two_results_of_one_name_are_refused(tree, tmp_path):
    with pytest.raises(OutputFailed, match="both"):
        plan_outputs(
            [str(tree / "a.png"), str(tree / "." / "a.png")], str(tmp_path / "o"), in_place=False
        )


@pytest.mark.parametrize(
    ("sources", "output", "in_place", "match"),
    [
        (["-"], None, True, "in place"),
        (["a.png"], None, False, "--in-place"),
        (["a.png", "b.png"], "-", False, "one file"),
        (["-"], "folder/", False, "no name"),
    ],
)
def test_impossible_outputs_say_what_to_do(sources, output, in_place, match):
    with pytest.raises(OutputFailed, match=match):
        plan_outputs(sources, output, in_place=in_place)


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(UnsupportedMedia, match="no files"):
        plan_outputs([str(tmp_path)], None, in_place=True)
