"""The texts that are measured, what is done to them, and the page that is written."""

from __future__ import annotations

import gzip
import random

import pytest

from benchmarks import run_texts, text_recovery, text_report, text_speed, texts
from labeler.text.watermark import embed_mark


SENTENCE = {
    "en": "The sea was calm that morning and nobody in the boat spoke a word about it. ",
    "zh": "清晨的海面十分平静，船上没有人说话，我们继续向岸边划去。",
}


@pytest.fixture
def root(tmp_path):
    """A folder that looks like unpacked packages."""
    page = tmp_path / "usr/share/debian-reference/ch01.en.html"
    page.parent.mkdir(parents=True)
    body = "".join(
        f"<p>{n} {SENTENCE['en'] * 6}</p>\n\n<pre>x = 1</pre>\n\n" for n in "abcdefghij" * 2
    )
    page.write_text(f"<html><head><title>t</title></head><body>{body}</body></html>")
    page.with_name("ch01.zh-cn.html").write_text(
        f"<html>{'<p>' + SENTENCE['zh'] * 9 + '</p>'}</html>"
    )
    manual = tmp_path / "usr/share/man/zh_CN/man1/a.1.gz"
    manual.parent.mkdir(parents=True)
    lines = "\n\n".join(f".PP\n\\fB{n}\\fR{SENTENCE['zh'] * 5}" for n in range(9))
    manual.write_bytes(gzip.compress(lines.encode()))
    return tmp_path


def test_prose_is_running_text_without_code_and_markup(root):
    english, chinese = texts.prose("en", root), texts.prose("zh", root)
    assert len(english) == 10
    assert len(chinese) == 10
    assert not any("x = 1" in p or "<" in p or "\\f" in p for p in (*english, *chinese))
    assert texts.documents("en", root, 3) == texts.documents("en", root, 3)
    assert min(map(len, texts.documents("zh", root, 3))) >= texts.DOCUMENT


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_changes_do_what_they_say(language):
    text = SENTENCE[language] * 20
    marked = embed_mark(text, text_recovery.PAYLOAD, profile="excerpt")[0]
    rng = random.Random(1)
    fewer = text_recovery.CHANGES["a tenth of the words deleted"](marked, rng)
    assert 0.8 < len(fewer) / len(marked) < 0.96
    mixed = text_recovery.CHANGES["sentences shuffled"](marked, rng)
    assert sorted(mixed) == sorted(marked)
    pieces = text_recovery._excerpts(marked, rng, 5)
    visible = [len(text_recovery.re.sub(text_recovery._HIDDEN, "", piece)) for piece in pieces]
    assert visible == [text_recovery.EXCERPT] * 5


def test_recovery_false_readings_and_speed_are_measured(root):
    found = text_recovery.recover(root, count=4, documents=2)
    assert found["en, excerpt first"]["none"] == {"read": 4, "of": 4}
    assert found["zh, change first"]["NFKC"] == {"read": 4, "of": 4}
    unmarked = text_recovery.read_unmarked(root, 1)
    assert (unmarked["files"], unmarked["found"]) == (3, [])
    (english, _) = text_speed.time_marks(root, characters=2000, rounds=1)
    assert english["rates"]["ours embed"] > 0
    assert english["growth"]["excerpt"] > english["growth"]["light"] > 1


def test_a_page_without_results_says_what_was_not_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(run_texts, "STAGES", ())
    assert run_texts.main(["--stages", "--out", str(tmp_path), "--work", str(tmp_path)]) == 0
    page = (tmp_path / "benchmarks-text.md").read_text("utf-8")
    assert "not measured" in page
    assert "| -" in page
    assert all(goal.met is None for goal in text_report.goals({}))
