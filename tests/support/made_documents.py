"""Documents made for tests: small ones of every format, office files by hand from parts."""

from __future__ import annotations

import io
import json
import zipfile


VALUE = (
    '{"Label":"1","ContentProducer":"001191440300708461136T1XGW3","ProduceID":"demo-001",'
    '"ReservedCode1":"","ContentPropagator":"001191440300708461136T1XGW3",'
    '"PropagateID":"demo-001","ReservedCode2":""}'
)
OLD = VALUE.replace("demo-001", "old-000")
PROSE = (
    "The tide gauge at the harbour mouth has been read twice a day for ninety years. "
    "Most of the readings are dull, and that is what makes them useful."
)
CHINESE = "港口的潮位站每天记录两次，已经有九十年了。大多数读数平淡无奇，而这正是它们的价值。"

MARKDOWN = f"---\ntitle: Tides\ntags:\n- sea\n---\n\n# Tides\n\n{PROSE}\n\n{CHINESE}\n"
HTML = (
    '<!DOCTYPE html>\n<html>\n<head>\n  <meta charset="utf-8">\n  <title>Tides</title>\n'
    "  <script>var a = '<p>';</script>\n</head>\n<body>\n<h1>Tides &amp; time</h1>\n"
    f"<p>{PROSE}</p>\n<pre>code  here</pre>\n<p>{CHINESE}</p>\n</body>\n</html>\n"
)
CHAT = json.dumps(
    {
        "id": "chat-1",
        "choices": [
            {
                "message": {
                    "role": "assistant",
                    "content": PROSE,
                    "tool_calls": [{"function": {"name": "f", "arguments": '{"text": "x"}'}}],
                }
            }
        ],
        "usage": {"total": 3},
    },
    indent=2,
)
CHATS = "".join(
    json.dumps({"messages": [{"role": "user", "content": f"q{i}"},
                             {"role": "assistant", "content": f"{PROSE} {i}"}]}) + "\n"
    for i in range(3)
)  # fmt: skip
SRT = (
    "1\n00:00:05,000 --> 00:00:07,500\n<i>The tide</i> comes in.\n\n"
    "2\n00:00:08,000 --> 00:00:10,000\nThe tide goes out.\n"
)
VTT = (
    "WEBVTT\nKind: captions\n\nSTYLE\n::cue { color: red }\n\n"
    "00:05.000 --> 00:07.500 align:start\nThe tide comes in.\n\n"
    "00:08.000 --> 00:10.000\nThe tide goes out.\n"
)
PYTHON = '#!/usr/bin/env python3\n# coding: utf-8\n"""Tides."""\n\nprint("AIGC: {}")\n'

TEXTS = {
    "tides.txt": f"{PROSE}\n\n{CHINESE}\n",
    "tides.md": MARKDOWN,
    "tides.html": HTML,
    "chat.json": CHAT,
    "chats.jsonl": CHATS,
    "tides.srt": SRT,
    "tides.vtt": VTT,
    "tides.py": PYTHON,
}

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType='
    '"application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>{}</Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    "{}</Relationships>"
)
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def package(parts: dict[str, str | bytes], *, stored: tuple[str, ...] = ()) -> bytes:
    """A ZIP package of these parts, in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            method = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, method)
    return out.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    """The parts of a package, by the standard library's reader."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def docx(**more: str | bytes) -> bytes:
    """A Word document of three paragraphs, one in two runs, with a header and a footer."""
    override = (
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.wordprocessingml.document.main+xml"/>'
        '<Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.wordprocessingml.footer+xml"/>'
    )
    first, second = PROSE[:30], PROSE[30:]
    body = (
        f'<w:p><w:r><w:t xml:space="preserve">{first}</w:t></w:r><w:r><w:t>{second}</w:t></w:r>'
        f"</w:p><w:p><w:r><w:t>{CHINESE}</w:t></w:r></w:p>"
        "<w:p><w:r><w:t>A &amp; B &lt; C</w:t></w:r></w:p>"
    )
    section = '<w:sectPr><w:footerReference w:type="default" r:id="rId1"/></w:sectPr>'
    document = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:document xmlns:w="{_W}" '
        f'xmlns:r="{_OFFICE}"><w:body>{body}{section}</w:body></w:document>'
    )
    footer = f'<w:ftr xmlns:w="{_W}"><w:p><w:r><w:t>page</w:t></w:r></w:p></w:ftr>'
    main = f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    foot = f'<Relationship Id="rId1" Type="{_OFFICE}/footer" Target="footer1.xml"/>'
    return package(
        {
            "[Content_Types].xml": _TYPES.format(override),
            "_rels/.rels": _RELS.format(main),
            "word/document.xml": document,
            "word/footer1.xml": footer,
            "word/_rels/document.xml.rels": _RELS.format(foot),
            **more,
        }
    )


def epub() -> bytes:
    """A book of two chapters."""
    page = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml">'
        "<head><title>{0}</title></head><body><h1>{0}</h1><p>{1}</p></body></html>"
    )
    opf = (
        '<?xml version="1.0"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        'unique-identifier="id">\n  <metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        '    <dc:identifier id="id">urn:x:1</dc:identifier>\n    <dc:title>Tides</dc:title>\n'
        "    <dc:language>en</dc:language>\n  </metadata>\n  <manifest>\n"
        '    <item id="a" href="a%20b.xhtml" media-type="application/xhtml+xml"/>\n'
        '    <item id="b" href="b.xhtml" media-type="application/xhtml+xml"/>\n  </manifest>\n'
        '  <spine><itemref idref="a"/><itemref idref="b"/></spine>\n</package>\n'
    )
    index = (
        '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="OEBPS/book.opf" '
        'media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    return package(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": index,
            "OEBPS/book.opf": opf,
            "OEBPS/a b.xhtml": page.format("One", PROSE),
            "OEBPS/b.xhtml": page.format("Two", CHINESE),
        },
        stored=("mimetype",),
    )


def pdf(pages: int = 2, *, rotate: int = 0) -> bytes:
    """A PDF of a few lines a page, written by hand."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] /MediaBox [0 0 400 300] /Resources "
        b"<< /Font << /F1 3 0 R >> >> >>"
        % (pages, b" ".join(b"%d 0 R" % (5 + 2 * i) for i in range(pages))),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Title (Tides) /Author (Nobody) >>",
    ]
    for i in range(pages):
        lines = b" ".join(b"(page %d line %d) Tj 0 -20 Td" % (i, line) for line in range(10))
        content = b"BT /F1 12 Tf 60 250 Td %s ET" % lines
        objects += [
            b"<< /Type /Page /Parent 2 0 R /Rotate %d /Contents %d 0 R >>" % (rotate, 6 + 2 * i),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        ]
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\n" % (len(objects) + 1)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)
