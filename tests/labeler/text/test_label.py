"""Labelling documents end to end: every format, twice, by name, and what is refused."""

from __future__ import annotations

import json

import pytest

import detectors
import labeler
from labeler.errors import (
    InvalidLabel,
    LabelConflict,
    LabelError,
    MediaTooSmall,
    MissingBackend,
    UnknownPolicy,
    UnsupportedMedia,
)
from labeler.model import Label
from made_documents import CHINESE, PROSE, TEXTS, docx, epub, pdf
from makers import OTHER_PRODUCER, PRODUCER


FILES = {
    **{name: text.encode() for name, text in TEXTS.items()},
    "tides.docx": docx(),
    "tides.epub": epub(),
    "tides.pdf": pdf(),
}
PLACELESS = {"tides.txt", "tides.srt"}
MARKED = [name for name in FILES if not name.endswith((".py", ".pdf"))]
ALL = "visible,watermark,metadata"


def file(name):
    if name.endswith(".pdf"):
        pytest.importorskip("pypdf", reason="the extra 'documents' is not installed")
    return FILES[name]


def apply(name, label, **options):
    return labeler.apply(file(name), label, name=name, **options)


@pytest.mark.parametrize("name", FILES)
def test_round_trip_is_confirmed_where_the_format_has_a_place(name, label):
    result = apply(name, label)
    report = detectors.verify(result.content, name=name)
    assert report.verdict.value == ("suspected" if name in PLACELESS else "confirmed")
    assert not report.error
    assert report.modality.value == "text"
    visible = [e for e in report.evidence if e.layer == "visible" and e.found]
    assert visible
    assert all("AI生成" in e.text for e in visible)
    skipped = {s.layer.value for s in result.receipt.skipped}
    assert skipped == ({"watermark", "metadata"} if name in PLACELESS else {"watermark"})
    bad = [c for c in report.conformity if c.status.value == "fail"]
    assert [c.requirement for c in bad] == (["R-24"] if name in PLACELESS else [])


@pytest.mark.parametrize("name", FILES)
def test_labelling_twice_changes_nothing(name, label):
    once = apply(name, label).content
    again = labeler.apply(once, label, name=name)
    assert again.content == once
    assert again.receipt.layers["visible"]["already"]
    fresh = labeler.apply(once, Label(producer=PRODUCER), name=name)
    if name not in PLACELESS:
        assert fresh.content == once


@pytest.mark.parametrize("name", MARKED)
def test_mark_is_put_in_when_named_and_reads_back(name, label):
    layers = "visible,watermark" if name in PLACELESS else ALL
    result = apply(name, label, layers=layers)
    report = detectors.verify(result.content, name=name)
    (mark,) = [e for e in report.evidence if e.layer == "watermark"]
    assert mark.found
    assert mark.mark_id == result.receipt.mark_id
    assert mark.agrees_with_metadata is (None if name in PLACELESS else True)
    assert labeler.apply(result.content, label, name=name, layers=layers).content == result.content
    assert not [e for e in report.evidence if e.scheme == "hidden-characters" and e.found]


@pytest.mark.parametrize("name", MARKED)
def test_mark_leaves_all_but_the_text_as_it_is(name, label):
    hidden = dict.fromkeys([*range(0xFE03, 0xFE0B), 0x200B, 0x200C, 0x200D, 0x2060])
    out = apply(name, label, layers="watermark").content
    assert out != FILES[name]
    if name in TEXTS:
        assert out.decode().translate(hidden) == TEXTS[name]


@pytest.mark.parametrize("name", PLACELESS)
def test_metadata_asked_for_by_name_is_refused_without_a_place(name, label):
    with pytest.raises(UnsupportedMedia, match="no standard place"):
        apply(name, label, layers="visible,metadata")


@pytest.mark.parametrize("name", ["tides.py", "tides.pdf"])
def test_mark_asked_for_by_name_is_refused_where_it_would_do_harm(name, label):
    with pytest.raises(UnsupportedMedia, match="watermark"):
        apply(name, label, layers=ALL)


def test_gbk_takes_the_visible_label_and_refuses_the_mark(label):
    data = f"{CHINESE}\n".encode("gbk")
    result = labeler.apply(data, label, name="a.txt")
    assert result.content.decode("gbk") == f"AI生成\n\n{CHINESE}\n"
    with pytest.raises(UnsupportedMedia, match="GBK"):
        labeler.apply(data, label, name="a.txt", layers="visible,watermark")
    wide = f"{CHINESE}\U00020bb7\n".encode("gb18030")
    marked = labeler.apply(wide, label, name="a.txt", layers="visible,watermark")
    assert detectors.verify(marked.content, name="a.txt").evidence[3].found


@pytest.mark.parametrize("name", ["tides.md", "tides.docx", "chat.json"])
def test_positions_are_chosen(name, label):
    result = apply(name, label, position="end")
    assert result.receipt.layers["visible"]["places"] == ["end"]
    report = detectors.verify(result.content, name=name)
    assert any("at the " in e.detail for e in report.evidence if e.layer == "visible")
    with pytest.raises(UnknownPolicy, match="position"):
        apply(name, label, position="top-left")


def test_words_are_checked(label):
    with pytest.raises(InvalidLabel):
        apply("tides.md", label, text="AI")
    told = apply("tides.md", label, text="本文由AI生成").content.decode()
    assert "> 本文由AI生成" in told
    english = apply("tides.md", label, language="en").content
    assert detectors.verify(english, name="a.md").verdict.value == "confirmed"


@pytest.mark.parametrize("name", [n for n in FILES if n not in PLACELESS])
def test_labels_of_others_are_never_changed(name, label):
    theirs = apply(name, Label(producer=OTHER_PRODUCER, content_id="theirs")).content
    with pytest.raises(LabelConflict, match="producer"):
        labeler.apply(theirs, label, name=name)


def test_mark_of_others_is_never_written_over(label):
    theirs = apply("tides.md", Label(producer=OTHER_PRODUCER), layers="watermark").content
    with pytest.raises(LabelConflict, match="another mark"):
        labeler.apply(theirs, label, name="tides.md", layers="watermark")


def test_data_without_an_answer_takes_metadata_alone(label):
    data = json.dumps({"rows": [[1, 2], [3, 4]]}).encode()
    result = labeler.apply(data, label, name="a.json")
    assert list(result.receipt.layers) == ["metadata"]
    assert json.loads(result.content)["rows"] == [[1, 2], [3, 4]]
    with pytest.raises(UnsupportedMedia, match="visible"):
        labeler.apply(data, label, name="a.json", layers="visible")
    with pytest.raises(UnsupportedMedia, match="can carry no label"):
        labeler.apply(b"a,b\n1,2\n", label, name="a.csv")


def test_too_short_a_text_says_so_when_the_mark_is_named(label):
    with pytest.raises(MediaTooSmall):
        labeler.apply(b"123\n", label, name="a.txt", layers="watermark")


def test_tool_calls_and_questions_stay_as_they_are(label):
    out = json.loads(apply("chat.json", label, layers=ALL).content)
    call = out["choices"][0]["message"]["tool_calls"][0]["function"]
    assert call == {"name": "f", "arguments": '{"text": "x"}'}
    lines = apply("chats.jsonl", label, layers=ALL).content.decode().splitlines()
    for i, line in enumerate(lines):
        record = json.loads(line)
        assert record["messages"][0] == {"role": "user", "content": f"q{i}"}
        assert record["AIGC"] == label.fields()


@pytest.mark.parametrize("name", ["tides.md", "tides.docx", "tides.html", "tides.vtt"])
def test_propagation_writes_only_the_platforms_fields(name, label):
    content = apply(name, label).content
    out, receipt = detectors.propagate(
        content, propagator=OTHER_PRODUCER, propagate_id="p-1", name=name
    )
    fields = detectors.verify(out, name=name).label
    assert fields == receipt.label
    assert fields["ContentProducer"] == PRODUCER
    assert fields["ContentPropagator"] == OTHER_PRODUCER


def test_paths_are_labelled_and_verified_by_their_names(label, tmp_path):
    for name, data in FILES.items():
        if name.endswith(".pdf"):
            continue
        source, target = tmp_path / name, tmp_path / f"out-{name}"
        source.write_bytes(data)
        labeler.apply(source, label, output=target)
        assert detectors.verify(target).verdict.value == "confirmed"
        assert target.with_name(f"{target.name}.aigc.json").exists() == (name in PLACELESS)
        assert source.read_bytes() == data


@pytest.mark.parametrize("data", [b"", b"PK\3\4broken", b"%PDF-1.7 broken", b"\0\1\2" * 99])
def test_broken_files_give_one_clear_line(data, label, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(LabelError) as caught:
        labeler.apply(path, label, in_place=True)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == data
    assert detectors.verify(path).verdict.value == "undetermined"


def test_pdf_without_its_library_names_the_extra(label, monkeypatch):
    from labeler.containers.text import pdf as module

    monkeypatch.setitem(__import__("sys").modules, "pypdf", None)
    module._pypdf.cache_clear()
    with pytest.raises(MissingBackend, match="documents"):
        labeler.apply(FILES["tides.pdf"], label, name="a.pdf")
    module._pypdf.cache_clear()


def test_excerpt_profile_goes_with_the_robust_strength(label):
    long = f"{PROSE}\n\n" * 20
    light = labeler.apply(long.encode(), label, name="a.txt", layers="watermark")
    dense = labeler.apply(long.encode(), label, name="a.txt", layers="watermark", strength="robust")
    assert light.receipt.layers["watermark"]["profile"] == "light"
    assert dense.receipt.layers["watermark"]["profile"] == "excerpt"
    assert len(dense.content) > len(light.content)


def test_text_files_of_unknown_endings_are_read_and_not_written(label):
    data = f"{CHINESE}\n".encode()
    with pytest.raises(UnsupportedMedia, match=r"\.cfg"):
        labeler.apply(data, label, name="etc/app.cfg")
    assert detectors.verify(data, name="etc/app.cfg").verdict.value == "none"
