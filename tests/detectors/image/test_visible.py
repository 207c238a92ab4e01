"""Reading our labels back: every language and style, after damage, and nothing where nothing is."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from detectors.evidence import VisibleEvidence
from detectors.image import visible
from detectors.image.visible import find_labels, read_visible, score_p_value, with_foreign
from labeler.image.visible import POSITIONS, STYLES, draw_label, plan_label
from labeler.image.visible_words import SEARCHED, wordings_of
from labeler.model import Status
from labeler.texts import WORDINGS, known_texts
from makers import noise, photo


PICTURES = ("astronaut", "coffee", "chelsea", "rocket")


def coded(picture, format_name, quality):
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format_name, quality=quality)
    return np.asarray(Image.open(buffer).convert("RGB"))


def halved(picture):
    return cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


DAMAGE = {
    "as written": lambda a: a,
    "JPEG 50": lambda a: coded(a, "JPEG", 50),
    "half size": halved,
    "half size, JPEG 50": lambda a: coded(halved(a), "JPEG", 50),
    "WebP 60": lambda a: coded(a, "WEBP", 60),
}


def written_on(picture):
    height, width = picture.shape[:2]
    out = Image.fromarray(picture)
    text = np.asarray(out).copy()
    for i, line in enumerate(("QUARTERLY REPORT", "MADE BY HAND", "GENERAL INDEX", "ALL RIGHTS")):
        at = (width // 12, height // 10 + i * height // 4)
        cv2.putText(text, line, at, cv2.FONT_HERSHEY_DUPLEX, width / 520, (240, 240, 240), 2)
    return text


def unlabelled():
    for name in PICTURES:
        yield photo(name, 480)
        yield photo(name, 480)[100:340, 60:420]
        yield written_on(photo(name, 480))
    yield from (np.full((300, 400, 3), level, np.uint8) for level in (0, 128, 255))
    yield np.broadcast_to(np.linspace(0, 255, 400).astype(np.uint8)[None, :, None], (300, 400, 3))
    yield noise(300, 400, 4)
    yield np.random.default_rng(5).integers(0, 256, (300, 400, 3), np.uint8)
    checker = np.indices((320, 480)).sum(0) // 9 % 2 * 255
    yield np.repeat(checker[..., None], 3, -1).astype(np.uint8)


@pytest.mark.parametrize("lang", WORDINGS)
def test_labels_of_every_language_and_style_are_read_after_damage(lang):
    cases = zip(STYLES, PICTURES, POSITIONS, ("1", "1", "2", "3"), strict=False)
    damages = list(DAMAGE.values())
    for i, (style, name, position, status) in enumerate(cases):
        plan = plan_label(640, 640, lang=lang, status=status, style=style, position=position)
        labelled, _ = draw_label(photo(name, 640), plan)
        evidence = read_visible(damages[(i + len(lang)) % 5](labelled))
        assert evidence.found, (style, position)
        assert evidence.text == plan.text
        assert evidence.score > 0.55
        assert evidence.p_value < 1e-6


@pytest.mark.parametrize("damage", DAMAGE)
def test_the_default_label_is_read_in_every_style_after(damage):
    for style in STYLES:
        for name in PICTURES:
            plan = plan_label(600, 600, style=style)
            evidence = read_visible(
                DAMAGE[damage](draw_label(photo(name, 600), plan)[0]), langs=["zh"]
            )
            assert evidence.found, (style, name)
            assert evidence.text == "AI生成"


def test_nothing_is_found_where_nothing_is():
    for i, picture in enumerate(unlabelled()):
        evidence = read_visible(picture)
        assert not evidence.found, (i, evidence)
        assert "not examined" in evidence.detail
        assert evidence.text == ""


@pytest.mark.parametrize(
    "size", [(64, 64), (72, 110), (100, 100), (150, 128), (199, 260), (220, 201)]
)
def test_small_pictures_are_read(size):
    width, height = size
    for name in PICTURES:
        picture = cv2.resize(photo(name), size, interpolation=cv2.INTER_AREA)
        evidence = read_visible(draw_label(picture, plan_label(width, height))[0])
        assert evidence.found, name
        assert evidence.text == "AI生成"
        assert evidence.height_ratio >= 0.05


@pytest.mark.parametrize("lang", ["en", "fr", "es", "de"])
def test_broken_lines_of_small_pictures_are_read(lang):
    picture = cv2.resize(photo("coffee"), (64, 64), interpolation=cv2.INTER_AREA)
    plan = plan_label(64, 64, lang=lang)
    assert "\n" in plan.lines
    assert read_visible(draw_label(picture, plan)[0]).text == plan.text


@pytest.mark.parametrize("size", [(1600, 150), (64, 700), (900, 64)])
def test_thin_pictures_are_read(size):
    picture = cv2.resize(photo("chelsea"), size, interpolation=cv2.INTER_AREA)
    for position in POSITIONS:
        plan = plan_label(*size, position=position)
        read = read_visible(draw_label(picture, plan)[0], langs=["zh"])
        assert read.text == "AI生成", position


@pytest.mark.parametrize("style", STYLES)
def test_what_is_read_is_measured_as_it_was_drawn(style):
    for name, side in (("astronaut", 300), ("rocket", 640), ("coffee", 1200)):
        picture = photo(name, side)
        plan = plan_label(side, side, style=style, position="top-left")
        labelled, receipt = draw_label(picture, plan)
        evidence = read_visible(labelled)
        assert evidence.height_ratio == pytest.approx(receipt.height_ratio, rel=0.03)
        assert evidence.height_ratio >= 0.05
        assert evidence.contrast >= 4.5
        assert evidence.at_edge
        x, y, w, h = evidence.box
        for gx, gy, gw, gh in receipt.glyph_boxes:
            assert x <= gx
            assert gx + gw <= x + w
            assert y <= gy
            assert gy + gh <= y + h


@pytest.mark.parametrize("mode", ["line", "em"])
def test_labels_of_the_other_height_modes_are_read_and_measured(mode):
    for side in (240, 400, 1000):
        plan = plan_label(side, side, height_mode=mode)
        labelled, receipt = draw_label(photo("rocket", side), plan)
        evidence = read_visible(labelled)
        assert evidence.text == "AI生成"
        assert evidence.height_ratio == pytest.approx(receipt.height_ratio, rel=0.05)


def test_a_status_is_never_read_as_another():
    for lang in WORDINGS:
        for status in (Status.MAY_BE, Status.SUSPECTED):
            plan = plan_label(800, 500, lang=lang, status=status)
            ground = np.ascontiguousarray(cv2.resize(photo("astronaut"), (800, 500)))
            assert read_visible(draw_label(ground, plan)[0], langs=[lang]).text == plan.text


@pytest.mark.parametrize("text", known_texts("zh"))
def test_wordings_in_common_use_are_read(text):
    plan = plan_label(600, 450, text=text, style="pill")
    ground = cv2.resize(photo("coffee"), (600, 450))
    assert read_visible(draw_label(ground, plan)[0], langs=["zh"]).text == text


def test_a_wording_of_the_callers_own_is_read_when_named():
    plan = plan_label(600, 600, text="VERY MUCH SYNTHETIC", lang="en")
    labelled, _ = draw_label(photo("rocket", 600), plan)
    assert not read_visible(labelled).found
    assert read_visible(labelled, texts=["VERY MUCH SYNTHETIC"]).text == "VERY MUCH SYNTHETIC"


@pytest.mark.parametrize(
    ("words", "lang"),
    [
        ("REGENERATED", "en"),
        ("MADE BY HAND", "en"),
        ("GENERADO POR MI", "es"),
        ("GENERIERT", "de"),
        ("CREADO POR ANA", "es"),
        ("생성 이미지", "ko"),
    ],
)
def test_other_words_in_our_typeface_are_no_label(words, lang):
    for style, name in zip(STYLES, PICTURES, strict=True):
        plan = plan_label(700, 560, text=words, lang=lang, style=style)
        picture = cv2.resize(photo(name), (700, 560))
        assert not read_visible(draw_label(picture, plan)[0]).found, style


def test_two_labels_are_both_found_and_can_be_avoided():
    picture = photo("chelsea", 640)
    first = plan_label(640, 640)
    picture, _ = draw_label(picture, first)
    found = find_labels(picture)
    assert [e.text for e in found] == ["AI生成"]
    second = plan_label(640, 640, lang="en", avoid=[e.box for e in found])
    assert second.position == "bottom-left"
    picture, _ = draw_label(picture, second)
    assert {e.text for e in find_labels(picture)} == {"AI生成", "AI GENERATED"}


def test_a_cropped_or_enlarged_picture_needs_the_thorough_look():
    labelled, _ = draw_label(photo("astronaut", 700), plan_label(700, 700))
    crop = labelled[330:, 330:]
    assert read_visible(crop, thorough=True).text == "AI生成"


def test_grey_pictures_are_read():
    labelled, _ = draw_label(photo("coffee", 500)[..., 0], plan_label(500, 500))
    assert read_visible(labelled).found


def test_only_the_languages_asked_for_are_looked_for():
    labelled, _ = draw_label(photo("coffee", 500), plan_label(500, 500, lang="fr"))
    assert read_visible(labelled, langs=["fr"]).found
    assert not read_visible(labelled, langs=["zh"]).found


def test_a_label_away_from_the_edges_is_not_called_one_at_the_edge():
    labelled, receipt = draw_label(photo("rocket", 500), plan_label(500, 500))
    x, y, w, h = receipt.box
    moved = photo("coffee", 500).copy()
    moved[y - 25 : y + h - 25, 200 : 200 + w] = labelled[y : y + h, x : x + w]
    evidence = read_visible(moved)
    assert evidence.found
    assert evidence.at_edge is False


def test_tiny_and_hostile_pictures_are_no_trouble():
    for shape in ((1, 1, 3), (31, 900, 3), (33, 5000, 3), (5000, 33, 3), (40, 40)):
        assert not read_visible(np.zeros(shape, np.uint8)).found


def test_a_higher_score_is_less_likely_by_chance():
    bounds = [score_p_value(s) for s in (0.0, 0.3, 0.45, 0.6, 0.9)]
    assert bounds[0] == 1.0
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[-1] < 1e-9


def test_every_wording_can_be_reached_by_a_text_that_is_searched():
    for lang in WORDINGS:
        for lines in wordings_of((lang,), ()):
            pairs = {lines[i : i + 2] for i in range(len(lines) - 1)}
            assert any(
                stem[i : i + 2] in pairs for stem in SEARCHED[lang] for i in range(len(stem) - 1)
            ), lines


def test_a_found_own_label_needs_no_second_row():
    own = VisibleEvidence(scheme="text", found=True, text="AI生成")
    assert with_foreign(own, pytest.fail, wanted=True) == (own,)


@pytest.mark.parametrize(("wanted", "why"), [(True, "install aigc-label[ocr]"), (False, "request")])
def test_labels_of_others_that_cannot_be_read_are_said_to_be_unexamined(wanted, why):
    own = read_visible(noise(64, 64, seed=1))
    (row,) = with_foreign(own, pytest.fail, wanted=wanted)
    assert row.detail.startswith("own label style not found; foreign visible labels not examined (")
    assert why in row.detail


def test_labels_of_others_have_a_row_of_their_own(monkeypatch):
    monkeypatch.setattr(visible, "can_read", lambda: True)
    other = VisibleEvidence(scheme="text-ocr", found=True, text="AI生成")
    own, read = with_foreign(read_visible(noise(64, 64, seed=1)), lambda: other, wanted=True)
    assert own.detail == "own label style not found"
    assert read == other
