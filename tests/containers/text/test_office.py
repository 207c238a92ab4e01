"""Documents made and saved again by other programs: the label survives, the documents open."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile

import pytest

from labeler.containers.documents import document_container_of
from labeler.containers.text.typeface import label_typeface
from made_documents import CHINESE, OLD, PROSE, VALUE, parts_of, pdf


def saved(document):
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def made_docx():
    module = pytest.importorskip("docx", reason="python-docx is not installed")
    document = module.Document()
    document.add_heading("Tides", 0)
    document.add_paragraph(PROSE).add_run(" in bold").bold = True
    document.add_paragraph(CHINESE)
    table = document.add_table(1, 2)
    table.cell(0, 0).text = "cell"
    document.sections[0].header.paragraphs[0].text = "a header"
    document.sections[0].footer.paragraphs[0].text = "a footer"
    return saved(document)


def made_pptx():
    module = pytest.importorskip("pptx", reason="python-pptx is not installed")
    deck = module.Presentation()
    for title in ("Tides", "More tides", "Last"):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = PROSE
    return saved(deck)


def made_xlsx():
    module = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    book = module.Workbook()
    book.active.append(["time", "height"])
    book.active.append(["12:00", 3.5])
    book.active["B3"] = "=SUM(B2:B2)"
    book.create_sheet("empty")
    return saved(book)


MAKERS = {"a.docx": made_docx, "a.pptx": made_pptx, "a.xlsx": made_xlsx}


def resaved(name, data):
    if name.endswith("docx"):
        import docx as module

        return saved(module.Document(io.BytesIO(data)))
    if name.endswith("pptx"):
        import pptx

        return saved(pptx.Presentation(io.BytesIO(data)))
    import openpyxl

    return saved(openpyxl.load_workbook(io.BytesIO(data)))


def labels(name, data):
    return [c.text for c in document_container_of(data, name).find(data)]


def labelled(name, data):
    """The document with a label in every layer and place that it has."""
    box = document_container_of(data, name)
    for where in box.probe(data).positions:
        data = box.add_visible(data, "AI生成", where)
    return box.write(data, VALUE)


@pytest.mark.parametrize("name", MAKERS)
def test_properties_survive_saving_by_the_usual_libraries(name):
    out = labelled(name, MAKERS[name]())
    again = resaved(name, out)
    assert labels(name, again) == [VALUE]
    seen = [s.text for s in document_container_of(again, name).surfaces(again)]
    assert any("AI生成" in text for text in seen)
    assert labels(name, document_container_of(again, name).write(again, OLD)) == [OLD]


@pytest.mark.parametrize("name", MAKERS)
def test_other_custom_properties_stay(name):
    data = MAKERS[name]()
    once = document_container_of(data, name).write(data, OLD)
    part = parts_of(once)["docProps/custom.xml"].decode()
    fmtid = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
    other = (
        f'<property fmtid="{fmtid}" pid="7" name="Project"><vt:lpwstr>tides</vt:lpwstr></property>'
    )
    with_other = part.replace("</Properties>", f"{other}</Properties>")
    mixed = _with_part(once, "docProps/custom.xml", with_other)
    out = document_container_of(mixed, name).write(mixed, VALUE)
    assert other in parts_of(out)["docProps/custom.xml"].decode()
    assert labels(name, out) == [VALUE]


def _with_part(data, name, content):
    parts = parts_of(data) | {name: content.encode()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, raw in parts.items():
            archive.writestr(part, raw)
    return out.getvalue()


def test_docx_body_is_read_by_python_docx():
    module = pytest.importorskip("docx", reason="python-docx is not installed")
    data = made_docx()
    document = module.Document(io.BytesIO(labelled("a.docx", data)))
    texts = [p.text for p in document.paragraphs]
    before = [p.text for p in module.Document(io.BytesIO(data)).paragraphs]
    assert texts == ["AI生成", "AI生成", *before, "AI生成"]
    assert document.sections[0].footer.paragraphs[-1].text == "AI生成"
    assert document.sections[0].header.paragraphs[-1].text == "AI生成"


def test_sheet_keeps_its_cells_and_gets_a_row():
    module = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    book = module.load_workbook(io.BytesIO(labelled("a.xlsx", made_xlsx())))
    sheet = book["Sheet"]
    assert [c.value for c in sheet[1]][:2] == ["time", "height"]
    assert sheet["B3"].value == "=SUM(B2:B2)"
    assert sheet["A5"].value == "AI生成"
    assert book["empty"]["A1"].value == "AI生成"
    assert "AI生成" in sheet.oddFooter.center.text
    assert "AI生成" in sheet.oddHeader.center.text


def test_slides_get_a_text_box():
    module = pytest.importorskip("pptx", reason="python-pptx is not installed")
    data = made_pptx()
    out = document_container_of(data, "a.pptx").add_visible(data, "AI生成", "footer")
    for slide in module.Presentation(io.BytesIO(out)).slides:
        assert slide.shapes[-1].text_frame.text == "AI生成"
        ids = [shape.shape_id for shape in slide.shapes]
        assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_pdf_label_is_read_by_other_libraries(rotate):
    pytest.importorskip("pypdf", reason="the extra 'documents' is not installed")
    pikepdf = pytest.importorskip("pikepdf", reason="pikepdf is not installed")
    data = pdf(rotate=rotate)
    out = labelled("a.pdf", data)
    with pikepdf.open(io.BytesIO(out)) as opened:
        assert str(opened.docinfo["/AIGC"]) == VALUE
        assert str(opened.docinfo["/Title"]) == "Tides"
        again = saved(opened)
    assert labels("a.pdf", again) == [VALUE]
    for surface in document_container_of(again, "a.pdf").surfaces(again):
        assert surface.text.split("\n").count("AI生成") == 2


def test_pdf_label_is_drawn_where_it_should_be(tmp_path):
    pytest.importorskip("pypdf", reason="the extra 'documents' is not installed")
    if not shutil.which("pdftoppm"):
        pytest.skip("the oracle pdftoppm (poppler-utils) is not installed")
    import numpy as np
    from PIL import Image

    for rotate in (0, 90, 180, 270):
        data = pdf(1, rotate=rotate)
        box = document_container_of(data, "a.pdf")
        shots = {}
        for name, file in (("plain", data), ("header", box.add_visible(data, "AI生成", "header"))):
            (tmp_path / f"{name}.pdf").write_bytes(file)
            subprocess.run(
                ["pdftoppm", "-r", "72", "-png", "-singlefile", f"{name}.pdf", name],
                cwd=tmp_path, check=True, capture_output=True,
            )  # fmt: skip
            shots[name] = np.asarray(Image.open(tmp_path / f"{name}.png").convert("L"), int)
        changed = np.argwhere(abs(shots["plain"] - shots["header"]) > 60)
        assert len(changed) > 40
        assert changed[:, 0].max() < 45
        assert changed[:, 1].max() < 90


def test_typeface_numbers_are_those_of_fonttools():
    ttlib = pytest.importorskip("fontTools.ttLib", reason="fontTools is not installed")
    from importlib.resources import files

    raw = files("labeler.image.fonts").joinpath("NotoSansCJKsc-Bold-labels.otf").read_bytes()
    font = ttlib.TTFont(io.BytesIO(raw))
    face = label_typeface()
    assert set(face.cids) == {chr(code) for code in font.getBestCmap()}
    for code, glyph in font.getBestCmap().items():
        assert face.cids[chr(code)] == int(glyph.removeprefix("cid"))
        assert face.widths[chr(code)] == font["hmtx"][glyph][0]


@pytest.mark.slow
@pytest.mark.parametrize("name", [*MAKERS, "a.html", "a.pdf"])
def test_libreoffice_opens_labelled_documents(name, tmp_path):
    soffice = shutil.which("soffice")
    if not soffice:
        pytest.skip("LibreOffice is not installed")
    if name.endswith(".pdf"):
        pytest.importorskip("pypdf", reason="the extra 'documents' is not installed")
    makers = {**MAKERS, "a.pdf": pdf}
    html = f"<html><head></head><body><p>{PROSE}</p></body></html>"
    data = makers[name]() if name in makers else html.encode()
    (tmp_path / name).write_bytes(labelled(name, data))
    target = "png" if name.endswith(".pdf") else "pdf"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        [soffice, profile, "--headless", "--convert-to", target, name],
        cwd=tmp_path, check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    made = (tmp_path / name).with_suffix(f".{target}").read_bytes()
    assert len(made) > 2000
    if target == "pdf":
        pypdf = pytest.importorskip("pypdf", reason="the extra 'documents' is not installed")
        text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)
        assert "AI" in text
