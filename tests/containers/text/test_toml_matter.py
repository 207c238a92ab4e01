"""TOML front matter: merged into, never broken by a second block."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import detectors
import labeler
from labeler.containers.text.markdown import MARKDOWN
from labeler.containers.text.toml_matter import TOML_SCHEME, toml_labels, toml_matter
from labeler.errors import LabelError, UnsupportedMedia
from made_documents import VALUE


POST = '+++\ntitle = "Tides"\ndate = 2026-11-22\n\n[params]\ntoc = true\n+++\n\nThe sea was calm.\n'
FIELDS = json.loads(VALUE)


def settings(data):
    text = data.decode()
    return tomllib.loads(text[4 : text.index("\n+++", 4)])


def test_a_label_is_merged_and_every_other_setting_stays():
    written = MARKDOWN.write(POST.encode(), VALUE)
    assert not written.startswith(b"---")
    told = settings(written)
    assert told.pop("AIGC") == FIELDS
    assert told == settings(POST.encode())
    (carrier,) = MARKDOWN.find(written)
    assert (carrier.scheme, json.loads(carrier.text)) == (TOML_SCHEME, FIELDS)
    assert written.decode().endswith(POST[POST.index("+++\n\nThe") :])


def test_writing_again_replaces_the_one_copy():
    once = MARKDOWN.write(POST.encode(), VALUE)
    assert MARKDOWN.write(once, VALUE) == once
    other = json.dumps({**FIELDS, "PropagateID": 'a "quoted" \\ id'})
    twice = MARKDOWN.write(once, other)
    assert settings(twice)["AIGC"]["PropagateID"] == 'a "quoted" \\ id'
    assert len(MARKDOWN.find(twice)) == 1


def test_the_wrapped_form_is_written_and_read(label):
    result = labeler.apply(POST.encode(), label, name="a.md", value_form="wrapped")
    assert settings(result.content)["AIGC"] == {"AIGC": label.fields()}
    assert detectors.verify(result.content, name="a.md").verdict.value == "confirmed"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_round_trip_is_confirmed_and_the_line_stands_behind_the_settings(label, newline):
    data = POST.replace("\n", newline).encode()
    result = labeler.apply(data, label, name="post.md")
    report = detectors.verify(result.content, name="post.md")
    assert report.verdict.value == "confirmed"
    text = result.content.decode()
    assert text.index("> AI生成") > text.index("+++", 4)
    assert ("\r\n" in text) == (newline == "\r\n")
    r38 = next(row for row in report.conformity if row.requirement == "R-38")
    assert r38.status.value == "warn"


@pytest.mark.parametrize(
    "source",
    [
        f"AIGC = '{VALUE}'",
        'AIGC = { Label = "1", ContentProducer = "p", ProduceID = "7" }',
        '[aigc]\nLabel = 1\nContentProducer = "p"\nProduceID = "7"',
        '["AIGC"]\n"Label" = "1"\nContentProducer = "p"\nProduceID = "7"\n\n[other]\na = 1',
    ],
)
def test_other_spellings_are_read(source):
    report = detectors.verify(f"+++\n{source}\n+++\ntext\n".encode(), name="a.md")
    assert report.label is not None
    assert report.label["Label"] == "1"


def test_tables_behind_the_label_stay():
    data = b'+++\n[AIGC]\nLabel = "2"\n\n[other]\na = 1\n+++\n'
    told = settings(MARKDOWN.write(data, VALUE))
    assert told == {"AIGC": FIELDS, "other": {"a": 1}}


@pytest.mark.parametrize(
    "text",
    ["+++\nplain words\n+++\n", "+++ no fence\na = 1\n+++\n", "+++\na = 1\n", "+++", "+ ++\n"],
)
def test_plus_signs_that_are_no_front_matter_are_left_alone(text):
    assert toml_matter(text) is None
    assert text in MARKDOWN.write(text.encode(), VALUE).decode()


def test_broken_settings_are_refused_and_not_hidden_behind_a_second_block():
    with pytest.raises(UnsupportedMedia, match="no valid TOML"):
        MARKDOWN.write(b"+++\na = = 1\n+++\n", VALUE)
    with pytest.raises(UnsupportedMedia, match="no valid TOML"):
        MARKDOWN.write(b"+++\nAIGC.x = 1\n+++\n", VALUE)
    (found,) = toml_labels('+++\n[AIGC]\nLabel = "1\n+++\n')
    assert "no TOML" in found[0].fault


@given(st.text(alphabet="+=[]{}\"'\\AIGC1 \n\r#.", max_size=120))
def test_any_front_matter_is_read_or_refused(text):
    data = f"+++\n{text}\n+++\n".encode()
    MARKDOWN.find(data)
    try:
        written = MARKDOWN.write(data, VALUE)
    except LabelError:
        return
    else:
        assert any(json.loads(c.text) == FIELDS for c in MARKDOWN.find(written) if not c.fault)


def test_deep_nesting_ends_in_an_error_and_no_crash():
    with pytest.raises(LabelError):
        MARKDOWN.write(b"+++\na = " + b"[" * 50_000 + b"\n+++\n", VALUE)
