"""What every document container promises: one label, everything else as it was."""

from __future__ import annotations

from contextlib import suppress

import pytest

from labeler.containers.documents import document_container_of, sniff_document
from labeler.containers.text.model import NOWHERE
from labeler.errors import LabelError, UnknownPolicy, UnsupportedMedia
from made_documents import OLD, TEXTS, VALUE, docx, epub, parts_of, pdf


FILES = {
    **{name: text.encode() for name, text in TEXTS.items()},
    "tides.docx": docx(),
    "tides.epub": epub(),
    "tides.pdf": pdf(),
}
PLACED = [name for name in FILES if name not in {"tides.txt", "tides.srt"}]
FORMATS = {
    "tides.txt": "text", "tides.md": "markdown", "tides.html": "html", "chat.json": "json",
    "chats.jsonl": "jsonl", "tides.srt": "srt", "tides.vtt": "vtt", "tides.py": "source",
    "tides.docx": "docx", "tides.epub": "epub", "tides.pdf": "pdf",
}  # fmt: skip
WORDS = "AI生成 (a)"
WRAPPED = '{"AIGC":' + VALUE + "}"
TRICKY = (
    '{"Label":"1","ContentProducer":"<&>\'\\"某公司-->*/","ProduceID":"]]>","ReservedCode1":"&amp;",'
    '"ContentPropagator":"# x: y","PropagateID":"*a &b","ReservedCode2":"--"}'
)


def container(name):
    if name.endswith(".pdf"):
        pytest.importorskip("pypdf", reason="the extra 'documents' is not installed")
    return document_container_of(FILES[name], name)


def labels(name, data):
    return [carrier.text for carrier in container(name).find(data)]


@pytest.mark.parametrize("name", FILES)
def test_format_is_told_by_content_and_name(name):
    assert sniff_document(FILES[name], name) == FORMATS[name]


@pytest.mark.parametrize("name", [n for n in FILES if not n.endswith((".md", ".py"))])
def test_format_is_told_without_a_name(name):
    assert sniff_document(FILES[name]) == FORMATS[name]


@pytest.mark.parametrize("name", PLACED)
@pytest.mark.parametrize("value", [VALUE, WRAPPED, TRICKY], ids=["plain", "wrapped", "tricky"])
def test_label_is_written_and_read_back_once(name, value):
    data = FILES[name]
    out = container(name).write(data, value)
    assert labels(name, data) == []
    assert labels(name, out) == [value]
    assert container(name).write(out, value) == out
    assert container(name).probe(out) == container(name).probe(data)


@pytest.mark.parametrize("name", PLACED)
def test_second_value_takes_the_place_of_the_first(name):
    once = container(name).write(FILES[name], OLD)
    twice = container(name).write(once, VALUE)
    assert labels(name, twice) == [VALUE]
    if name.endswith(".pdf"):
        assert twice.startswith(once)
    else:
        assert twice == container(name).write(FILES[name], VALUE)


@pytest.mark.parametrize("name", PLACED)
def test_payload_is_what_it_was(name):
    box = container(name)
    out = box.write(FILES[name], VALUE)
    assert [bytes(p) for p in box.payload_bytes(out)] == [
        bytes(p) for p in box.payload_bytes(FILES[name])
    ]


@pytest.mark.parametrize("name", [n for n in PLACED if n in TEXTS and n != "chats.jsonl"])
def test_text_files_only_gain_lines(name):
    before, after = TEXTS[name], container(name).write(FILES[name], VALUE).decode()
    at = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before)
    )
    gained = len(after) - len(before)
    assert gained > 0
    # The same text with one stretch put in somewhere before or at the first difference.
    assert any(
        after[:i] + after[i + gained :] == before for i in range(max(0, at - gained), at + 1)
    )


@pytest.mark.parametrize("name", ["tides.docx", "tides.epub"])
def test_other_parts_of_a_package_keep_their_bytes(name):
    before, after = parts_of(FILES[name]), parts_of(container(name).write(FILES[name], VALUE))
    changed = {part for part in before if before[part] != after[part]}
    assert changed <= {"[Content_Types].xml", "_rels/.rels", "OEBPS/book.opf"}
    assert set(after) - set(before) <= {"docProps/custom.xml"}
    assert next(iter(after)) == next(iter(before))


def test_pdf_is_only_appended_to():
    assert container("tides.pdf").write(FILES["tides.pdf"], VALUE).startswith(FILES["tides.pdf"])


@pytest.mark.parametrize("name", FILES)
def test_visible_label_stands_at_every_position(name):
    box = container(name)
    for where in box.probe(FILES[name]).positions:
        if where == "header" and name.endswith(".docx"):
            continue
        out = box.add_visible(FILES[name], WORDS, where)
        assert out != FILES[name]
        shown = [line.lstrip("> ") for s in box.surfaces(out) for line in s.text.splitlines()]
        assert WORDS in [line.strip() for line in shown]
        assert labels(name, out) == []
    with pytest.raises(UnknownPolicy, match="position"):
        box.add_visible(FILES[name], "AI生成", "left")


@pytest.mark.parametrize("name", [n for n in FILES if not n.endswith((".pdf", ".py"))])
def test_text_is_mapped_and_nothing_else(name):
    box = container(name)
    seen = []

    def look(blocks):
        seen.extend(blocks)
        return blocks

    assert box.map_text(FILES[name], look) == FILES[name]
    assert seen

    new = "TIDE & moon" if name.endswith(".srt") else "TIDE & <moon>"

    def shout(blocks):
        return [[run.replace("tide", new) for run in block] for block in blocks]

    out = box.map_text(FILES[name], shout)
    again = []
    box.map_text(out, lambda blocks: again.extend(blocks) or blocks)
    assert again == [tuple(block) for block in shout(seen)]


@pytest.mark.parametrize("name", ["tides.txt", "tides.srt"])
def test_formats_without_a_place_say_so(name):
    box = container(name)
    assert box.probe(FILES[name]).placement == NOWHERE
    with pytest.raises(UnsupportedMedia, match="no standard place"):
        box.write(FILES[name], VALUE)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encoding_and_line_ends_stay(encoding, newline):
    text = TEXTS["tides.md"].replace("\n", newline)
    data = text.encode(encoding)
    box = document_container_of(data, "tides.md")
    out = box.add_visible(box.write(data, VALUE), "AI生成", "end")
    assert [c.text for c in box.find(out)] == [VALUE]
    decoded = out.decode(encoding)
    assert out.startswith(data[:2])
    assert decoded.count("\n") == decoded.count(newline)
    assert "AI生成" in decoded


@pytest.mark.parametrize("name", FILES)
def test_cut_files_raise_label_errors_only(name):
    data = container(name).write(FILES[name], VALUE) if name in PLACED else FILES[name]
    step = max(1, len(data) // 40)
    for end in range(0, len(data), step):
        cut = data[:end]
        with suppress(LabelError):
            box = document_container_of(cut, name)
            box.probe(cut)
            box.find(cut)
            box.surfaces(cut)
            box.write(cut, VALUE)
