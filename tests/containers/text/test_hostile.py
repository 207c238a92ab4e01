"""Hostile documents: one clear error, never a crash, a hang or a full memory."""

from __future__ import annotations

import struct
import zipfile
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.containers.documents import DOCUMENTS, document_container_of, sniff_document
from labeler.containers.text.archive import open_archive
from labeler.containers.text.encodings import read_text
from labeler.containers.text.front_matter import front_matters
from labeler.containers.text.json_scan import scan_json
from labeler.containers.text.label_block import scalar
from labeler.errors import (
    CorruptMedia,
    LabelError,
    MediaTooLarge,
    UnsupportedMedia,
)
from labeler.limits import Limits
from made_documents import CHINESE, MARKDOWN, TEXTS, VALUE, docx, epub, package, pdf


def touch(data, name):
    """Everything that reads or writes a document, one after the other."""
    box = document_container_of(data, name)
    for work in (box.probe, box.find, box.surfaces):
        with suppress(LabelError):
            work(data)
    with suppress(LabelError):
        box.map_text(data, lambda blocks: blocks)
    with suppress(LabelError):
        out = box.write(data, VALUE)
        assert VALUE in [c.text for c in box.find(out)]
    for where in ("start", "end", "header", "footer"):
        with suppress(LabelError):
            box.add_visible(data, "AI生成", where)


@pytest.mark.parametrize("name", [*TEXTS, "a.docx", "a.epub"])
@settings(max_examples=25, deadline=None)
@given(where=st.floats(0, 1), junk=st.binary(min_size=1, max_size=8), size=st.integers(0, 8))
def test_damaged_files_raise_label_errors_only(name, where, junk, size):
    data = {"a.docx": docx(), "a.epub": epub()}.get(name) or TEXTS[name].encode()
    at = int(where * len(data))
    with suppress(LabelError):
        touch(data[:at] + junk + data[at + size :], name)


@pytest.mark.parametrize("name", [n for n in TEXTS if not n.endswith(".json")])
@settings(max_examples=25, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_can_be_given_under_any_name(name, text):
    with suppress(LabelError):
        touch(text.encode("utf-8", "surrogatepass"), name)


@settings(max_examples=10, deadline=None)
@given(where=st.floats(0, 1), junk=st.binary(min_size=1, max_size=6))
def test_damaged_pdf_raises_label_errors_only(where, junk):
    pytest.importorskip("pypdf", reason="the extra 'documents' is not installed")
    data = pdf()
    at = int(where * len(data))
    with suppress(LabelError):
        touch(data[:at] + junk + data[at + len(junk) :], "a.pdf")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (bytes(range(256)) * 9, UnsupportedMedia),
        (b"text \0 with a hole", UnsupportedMedia),
        (b"caf\xe9 cr\xe8me", CorruptMedia),
        (b"\xef\xbb\xbf\xff\xfe", CorruptMedia),
        ("\ud800".encode("utf-8", "surrogatepass"), CorruptMedia),
        (b"\xff\xfe\x00\xd8", CorruptMedia),
    ],
    ids=["binary", "hole", "latin-1", "bad utf-8", "lone surrogate", "lone surrogate in utf-16"],
)
def test_what_is_no_text_is_said_to_be_none(data, error):
    with pytest.raises(error) as caught:
        document_container_of(data, "a.txt")
    assert "\n" not in str(caught.value)
    assert "UTF-8" in str(caught.value)


def test_text_over_the_limit_is_refused_before_it_is_decoded():
    with pytest.raises(MediaTooLarge, match="limit"):
        read_text(b"a" * 100, Limits(document_bytes=99))


def test_gbk_is_told_from_gb18030():
    assert read_text(CHINESE.encode("gbk")).encoding == "gbk"
    assert not read_text(CHINESE.encode("gbk")).carries_unicode
    assert read_text((CHINESE + "€한𠮷").encode("gb18030")).encoding == "gb18030"
    assert read_text((CHINESE + "€한𠮷").encode("gb18030")).carries_unicode


@pytest.mark.parametrize(
    "text",
    [
        "---\nThis is prose under a rule.\n---\nmore",
        "---\n\n# Slide one\n\n---\n\n# Slide two\n",
        "---\nkey: value without an end",
        "----\na: 1\n----\n",
        "text first\n---\na: 1\n---\n",
        "---\n- a\n- b\n---\n",
        "---\n| a | b |\n---\n",
    ],
)
def test_a_rule_is_no_front_matter(text):
    assert front_matters(text) == ()
    out = DOCUMENTS["markdown"].write(text.encode(), VALUE).decode()
    assert out.endswith(text)
    assert len(front_matters(out)) == 1


@pytest.mark.parametrize(
    "value", ["no", "0x1f", "1_000", "2026-01-01", "~", "1e3", "*x", "&x y", "!!int 3"]
)
def test_yaml_values_stay_the_strings_they_are(value):
    assert scalar(value) == value
    text = MARKDOWN.replace("title: Tides", f"title: Tides\nAIGC:\n  Label: {value}")
    (carrier,) = DOCUMENTS["markdown"].find(text.encode())
    assert carrier.text == f'{{"Label":"{value}"}}'


def test_yaml_aliases_do_not_expand():
    bomb = "---\na: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
    )
    text = bomb + "AIGC:\n  Label: *j\n---\n"
    (carrier,) = DOCUMENTS["markdown"].find(text.encode())
    assert carrier.text == '{"Label":"*j"}'


def test_deep_json_is_refused():
    for text in ("[" * 100_000 + "]" * 100_000, '{"a":' * 5000 + "1" + "}" * 5000):
        with pytest.raises((MediaTooLarge, CorruptMedia)):
            scan_json(text)


RUNS = {
    "a.md": "---\n" + "a" * 50_000 + "\nAIGC {" * 2000,
    "b.md": "<!--" * 20_000 + "AIGC",
    "c.md": "AIGC: x\n" * 5000,
    "d.md": "```\nAIGC:\n  Label: 1\n" * 2000,
    "a.html": "<" * 20_000 + "AIGC" + "<a " * 2000 + "'" * 2000,
    "b.html": "<!--" * 20_000 + "AIGC" + "<![CDATA[" * 5000,
    "c.html": "<pre>" * 5000 + "</code>" * 5000 + "AIGC",
    "a.srt": "1\n00:00:01,000 --> 00:00:02,000\n" + "-->" * 50_000 + "AIGC",
    "a.vtt": "WEBVTT\n\n" + "NOTE AIGC {\n" * 3000,
    "a.py": "# AIGC: {" * 5000,
    "a.txt": "AIGC {" * 20_000,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", RUNS)
def test_runs_of_openings_take_time_in_proportion(name):
    """Quadratic readers take minutes for these; linear ones a fraction of a second."""
    touch(RUNS[name].encode(), name)


def bomb(count=1, size=200 << 20):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", "<Relationships/>")
        for i in range(count):
            with archive.open(f"word/document{i}.xml", "w") as part:
                for _ in range(size >> 20):
                    part.write(bytes(1 << 20))
    return out.getvalue()


def test_zip_bombs_are_refused_before_anything_is_unpacked():
    data = bomb()
    assert sniff_document(data) == "docx"
    with pytest.raises(MediaTooLarge, match="bomb"):
        document_container_of(data, "a.docx").probe(data)


def test_a_part_that_lies_about_its_size_unpacks_no_further():
    data = bytearray(bomb(size=8 << 20))
    at = data.rindex(b"PK\1\2")
    data[at + 24 : at + 28] = struct.pack("<I", 100)
    archive = open_archive(bytes(data))
    with pytest.raises(CorruptMedia, match="damaged"):
        archive.read("word/document0.xml")


def test_parts_that_overlap_or_occur_twice_are_refused():
    data = bytearray(docx())
    first, second = data.index(b"PK\1\2"), data.index(b"PK\1\2", data.index(b"PK\1\2") + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    with pytest.raises(CorruptMedia):
        open_archive(bytes(data))


def test_encrypted_packages_are_named():
    data = bytearray(docx())
    at = data.index(b"PK\1\2")
    data[at + 8] |= 1
    with pytest.raises(UnsupportedMedia, match="encrypted"):
        open_archive(bytes(data))
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    with pytest.raises(UnsupportedMedia, match="password"):
        document_container_of(old, "a.docx")


def test_xml_with_a_dtd_is_refused():
    entity = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><Types>&x;</Types>'
    data = docx(**{"[Content_Types].xml": entity})
    with pytest.raises(CorruptMedia, match="DTD"):
        document_container_of(data, "a.docx").write(data, VALUE)


def test_a_package_whose_directory_lists_nothing_is_no_document():
    data = b"PK\3\4word/document.xml" + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0, 0, 0, 21, 0)
    assert open_archive(data).names == ()
    with pytest.raises(UnsupportedMedia):
        document_container_of(data, "a.docx")


def test_other_packages_are_no_documents():
    with pytest.raises(UnsupportedMedia, match="no document"):
        document_container_of(package({"a.txt": "hello"}), "a.zip")


def test_encrypted_pdf_is_refused_and_its_row_says_so():
    pypdf = pytest.importorskip("pypdf", reason="the extra 'documents' is not installed")
    writer = pypdf.PdfWriter(clone_from=BytesIO(pdf()))
    try:
        writer.encrypt("secret", algorithm="RC4-128")
    except pypdf.errors.DependencyError:
        pytest.skip("pypdf has no cryptography here")
    out = BytesIO()
    writer.write(out)
    box = document_container_of(out.getvalue(), "a.pdf")
    assert box.probe(out.getvalue()).protected
    assert "encrypted" in box.find(out.getvalue())[0].fault
    for work in (
        lambda: box.write(out.getvalue(), VALUE),
        lambda: box.add_visible(out.getvalue(), "AI生成", "header"),
    ):
        with pytest.raises(UnsupportedMedia, match="encrypted"):
            work()


def test_text_under_the_name_of_a_picture_is_no_document():
    assert sniff_document(b"no picture at all", "a.png") is None
    with pytest.raises(UnsupportedMedia, match="wrong name"):
        document_container_of(b"no picture at all", "a.png")
