"""The HTML report: safe whatever the names are, complete, bounded, working in a real browser."""

from __future__ import annotations

import json
import re
import tracemalloc

import pytest

import detectors
from browser import dom_of, texts
from detectors import html_report
from detectors.html_report import BLOCK, to_html
from detectors.html_report.thumbnails import MOST_BYTES, thumbnail_of
from detectors.html_report.words import page_words
from makers import make


HOSTILE = (
    "</script><script>document.title='PWNED'</script>.png",
    "<img src=x onerror=\"document.title='PWNED'\">.jpg",
    "a\r\nb\u2028c\u202egnp.exe",
    "caf\udce9 \ud800.png",
    '"&quot;&lt;b&gt;',
)
VERDICTS = ("confirmed", "possible", "suspected", "none", "undetermined")


def row(number=0, **changes):
    label = {"Label": "1", "ContentProducer": f"producer-{number % 7}", "ProduceID": f"id-{number}"}
    values = {
        "schema": 1,
        "path": f"uploads/{number % 40}/picture-{number:05}.png",
        "modality": ("image", "audio", "video", "text")[number % 4],
        "format": "png",
        "sha256": f"{number:064x}",
        "verdict": VERDICTS[number % 5],
        "notice": "人工智能生成合成内容",
        "label": label,
        "integrity": "absent",
        "evidence": [
            {"layer": "metadata", "scheme": "tc260-xmp", "found": True, "fields": label,
             "place": "", "deviations": [], "detail": ""},
            {"layer": "watermark", "scheme": "image-v1", "found": number % 2 == 0,
             "p_value": 1e-12, "bits": 64, "mark_id": "0123456789abcde", "status": 1,
             "key": "default", "agrees_with_metadata": True, "detail": "z 20"},
        ],
        "conformity": [
            {"requirement": f"R-{n}", "clause": "GB 45438-2025 6.1", "detail": "a sentence " * 5,
             "status": "fail" if n == 30 and number % 3 == 0 else "pass"}
            for n in range(26, 32)
        ],
        "patch": {"ContentPropagator": "", "PropagateID": "", "ReservedCode2": ""},
        "basis": ["metadata: the label states that the content is generated"],
        "error": "",
    }  # fmt: skip
    return {**values, **changes}


def written(folder, rows, language="en", **options):
    path = folder / "report.html"
    with path.open("w", encoding="ascii") as file:
        file.writelines(to_html(rows, language, **options))
    return path


def names_shown(dom):
    return texts(dom, r'<span class="name"[^>]*><b>(.*?)</b>')


def blocks(page):
    found = re.findall(r'<script type="application/json" class="rows">(.*?)</script>', page)
    return [json.loads(text) for text in found]


def test_both_languages_have_the_same_words():
    words = page_words()
    assert set(words["en"]) == set(words["zh"])
    assert all(text.strip() for values in words.values() for text in values.values())


def test_the_script_uses_only_words_that_there_are():
    script = html_report._asset("page.js")
    used = set(re.findall(r'say\("([^"]+)"\)', script))
    assert used
    assert used <= set(page_words()["en"])


def test_the_page_is_ascii_and_fetches_nothing():
    page = "".join(to_html([row(n, path=name) for n, name in enumerate(HOSTILE)]))
    assert page.isascii()
    assert not re.search(r"https?:|src=[\"'](?!data:)|url\(|@import|<link|<iframe", page)
    assert "default-src 'none'" in page


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_inside_its_block(name):
    page = "".join(to_html([row(path=name, error=name, notice=name, basis=[name])]))
    assert page.count("<script") == page.count("</script>") == 4
    assert "PWNED'</" not in page
    assert "<img" not in page


def test_bytes_that_are_no_utf_8_and_controls_are_shown_as_such():
    (block,) = blocks("".join(to_html([row(path="caf\udce9\n.png")])))
    assert block["r"][0][0] == "caf\\xe9�.png"


def test_long_foreign_text_is_cut():
    (block,) = blocks("".join(to_html([row(path="x" * 10**6)])))
    assert len(block["r"][0][0]) <= html_report.MOST_TEXT


def test_reports_and_their_dictionaries_give_the_same_rows():
    report = detectors.verify(make("png"))
    first, second = (blocks("".join(to_html([r]))) for r in (report, report.to_dict()))
    assert first == second


def test_rows_are_written_as_they_come_in_flat_memory():
    drawn: list[int] = []
    pieces = to_html((drawn.append(n) or row(n) for n in range(2 * BLOCK)), thumbnail=None)
    next(pieces)
    assert len(drawn) == 0
    next(pieces)
    assert len(drawn) == BLOCK
    peaks = []
    for count in (BLOCK, 2 * BLOCK, 8 * BLOCK):
        tracemalloc.start()
        assert sum(len(piece) for piece in to_html(map(row, range(count)), thumbnail=None))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.3 * peaks[1]


def test_thumbnails_are_small_and_stop_at_a_total(tmp_path, monkeypatch):
    path = tmp_path / "a.jpg"
    path.write_bytes(make("jpeg", side=1600))
    picture = thumbnail_of(row(path=str(path)))
    assert picture.startswith("data:image/jpeg;base64,")
    assert len(picture) < MOST_BYTES * 1.4
    monkeypatch.setattr(html_report, "THUMBNAIL_BYTES", 2 * len(picture))
    (block,) = blocks("".join(to_html([row(path=str(path))] * 5)))
    assert [bool(r[4]) for r in block["r"]] == [True, True, False, False, False]


@pytest.mark.parametrize(
    "changes",
    [{"error": "a worker died"}, {"path": "gone.png"}, {"modality": "audio"}, {"path": "s3://a/b"}],
)
def test_what_has_no_thumbnail_is_no_error(changes, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(make("png"))
    assert thumbnail_of(row(**{"path": str(path), **changes})) == ""


def test_a_broken_picture_has_no_thumbnail(tmp_path):
    path = tmp_path / "a.jpg"
    for data in (b"", b"nothing", make("jpeg")[:300]):
        path.write_bytes(data)
        assert thumbnail_of(row(path=str(path))) == ""


def test_a_video_shows_its_first_frame(samples):
    shown = thumbnail_of(row(path=str(samples / "videos" / "hills.mp4"), modality="video"))
    assert shown.startswith("data:image/jpeg")


def test_the_browser_shows_hostile_names_as_text_and_runs_nothing(tmp_path):
    dom = dom_of(written(tmp_path, [row(n, path=name) for n, name in enumerate(HOSTILE)]))
    assert "<title>Labels of AI-generated content: report</title>" in dom
    assert 'data-ready="5"' in dom
    titles = texts(dom, r'<span class="name" title="([^"]*)"')
    assert titles[0] == HOSTILE[0]
    assert titles[3] == "caf\\xe9 �.png"


def test_the_policy_lets_no_foreign_script_run(tmp_path):
    path = written(tmp_path, [row()])
    inserted = "<script>document.title='PWNED'</script></body>"
    path.write_text(path.read_text("ascii").replace("</body>", inserted), "ascii")
    assert "<title>PWNED</title>" not in dom_of(path)


def test_filters_search_and_order_work_in_the_browser(tmp_path):
    path = written(tmp_path, [row(n) for n in range(120)])
    dom = dom_of(path, "verdict=suspected&modality=video&sort=name")
    kept = [n for n in range(120) if n % 5 == 2 and n % 4 == 2]
    paths = sorted(row(n)["path"] for n in kept)
    assert names_shown(dom) == [path.rsplit("/", 1)[1] for path in paths]
    assert texts(dom, r'id="count">(.*?)<') == [f"{len(kept)} / 120"]
    assert names_shown(dom_of(path, "q=ID-77")) == ["picture-00077.png"]
    failing = names_shown(dom_of(path, "sort=fails"))
    assert failing[0] == "picture-00000.png"
    assert failing[39] == "picture-00117.png"


def test_an_open_row_shows_label_evidence_and_clauses_in_chinese(tmp_path):
    path = written(tmp_path, [row(n) for n in range(70)], "zh")
    dom = dom_of(path, "open=60&theme=dark")
    assert 'lang="zh-CN"' in dom
    assert 'data-theme="dark"' in dom
    told = " ".join(texts(dom, r'<div class="more">(.*?)</li>'))
    for part in ("id-60", "producer-4", "image-v1", "与元数据一致", "R-30", "不符合", "第六条"):
        assert part in told, part
    assert 'value="2"' in dom  # the page on which the row stands


def test_ten_thousand_rows_are_paged(tmp_path):
    path = written(tmp_path, (row(n) for n in range(10_000)), thumbnail=None)
    assert path.stat().st_size < 25_000_000
    dom = dom_of(path, "page=200")
    assert 'data-ready="10000"' in dom
    assert names_shown(dom) == [f"picture-{n:05}.png" for n in range(9950, 10_000)]
    assert texts(dom, r'id="count">(.*?)<') == ["10,000 / 10,000"]


ACTS = """
<script>
const out = [];
const shown = () => document.querySelectorAll("#list .row").length;
const click = (at) => document.querySelector(at).click();
const note = (what) => out.push(what + "=" + shown());
note("start");
click('.card[data-verdict="none"]'); note("none");
click('.card[data-verdict="none"]'); note("all");
const kind = document.getElementById("modality");
kind.value = "text"; kind.dispatchEvent(new Event("change")); note("text");
click("#lang"); out.push(document.documentElement.lang);
click("#theme"); out.push(document.documentElement.dataset.theme);
click("#list summary");
setTimeout(() => {
  out.push(document.querySelectorAll(".more").length + " open");
  const q = document.getElementById("q");
  q.value = "id-3"; q.dispatchEvent(new Event("input"));
  setTimeout(() => { note("found"); document.title = out.join(";"); }, 400);
}, 200);
</script></body>
"""


def test_clicks_filter_switch_language_and_theme_and_open_rows(tmp_path):
    path = written(tmp_path, [row(n) for n in range(40)])
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", path.read_text("ascii"))
    path.write_text(page.replace("</body>", ACTS), "ascii")
    (title,) = texts(dom_of(path), r"<title>(.*?)</title>")
    assert title == "start=40;none=8;all=40;text=10;zh-CN;dark;1 open;found=4"


def test_errors_are_told_in_the_language_of_the_page(tmp_path):
    path = written(tmp_path, [row(error="it is empty (zero bytes)"), row(path="b.png")])
    for language, told in (("en", "it is empty (zero bytes)"), ("zh", "文件为空（0 字节）")):
        dom = dom_of(path, f"lang={language}&open=0")
        assert texts(dom, r'<p class="error">(.*?)</p>') == [told]
