"""Drawing: height and contrast as written, in place, on any ground, never over another label."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import as_file, files

import numpy as np
import pytest

from labeler.errors import InvalidLabel, LabelConflict, MediaTooSmall, UnknownPolicy
from labeler.image.visible import POSITIONS, STYLES, draw_label, plan_label
from labeler.image.visible_type import FONT_FILE, break_lines, missing_characters
from labeler.texts import WORDINGS
from makers import photo


SIZES = [
    (64, 64),
    (96, 160),
    (130, 128),
    (199, 300),
    (200, 200),
    (333, 250),
    (512, 512),
    (640, 360),
    (720, 1280),
    (1500, 1001),
    (64, 2048),
    (3000, 96),
]
LANGS = ["zh", "en", "ko", "ja", "de", "fr", "es"]


def ruler(labelled, receipt, ground):
    """Ink rows of every letter of a written grey picture, by this test's own reckoning."""
    x, y, w, h = receipt.box
    written = labelled.astype(float)
    pen = receipt.pen[0]
    changed = np.abs(written - ground) > 0
    plate = np.median(written[y : y + h, x : x + w])
    rows = []
    for gx, gy, gw, gh in receipt.glyph_boxes:
        spare = max(1, gh // 8)
        column = written[max(0, gy - spare) : gy + gh + spare, gx : gx + gw]
        toward = (column - plate) / (pen - plate)
        rows.append(int((toward.max(1) >= 0.5).sum()))
    assert not changed[:y].any()
    assert not changed[y + h :].any()
    return rows


def wcag(level):
    v = level / 255
    light = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    return light + 0.05


@pytest.mark.parametrize("lang", LANGS)
def test_every_letter_has_the_height_of_the_standard(lang):
    for width, height in SIZES:
        ground = np.full((height, width), 118, np.uint8)
        labelled, receipt = draw_label(ground, plan_label(width, height, lang=lang))
        least = max(-(-min(width, height) * 5 // 100), 9)
        rows = ruler(labelled, receipt, 118)
        assert min(rows) >= least, (width, height)
        assert min(rows) == pytest.approx(receipt.ink_height, abs=1)
        assert min(rows) < 1.35 * least + 3, "larger than it has to be"
        assert receipt.height_ratio >= 0.05


@pytest.mark.parametrize("style", STYLES)
def test_the_contrast_holds_on_every_level_of_grey(style):
    plan = plan_label(640, 480, style=style)
    for level in range(0, 256, 3):
        ground = np.full((480, 640), level, np.uint8)
        labelled, receipt = draw_label(ground, plan)
        gx, gy, gw, gh = receipt.glyph_boxes[1]
        pen = labelled[gy : gy + gh, gx : gx + gw]
        pen = pen.max() if receipt.pen[0] == 255 else pen.min()
        beside = labelled[gy + gh // 2, gx - 2] if style == "outline" else labelled[gy - 3, gx]
        one, other = wcag(float(pen)), wcag(float(beside))
        assert max(one, other) / min(one, other) >= 4.5, level
        assert receipt.contrast >= 4.5


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", [(64, 64), (200, 300), (480, 640)])
def test_the_contrast_holds_on_rough_ground(style, size):
    rng = np.random.default_rng(3)
    stripes = np.zeros((*size, 3), np.uint8)
    stripes[:, ::4] = stripes[:, 1::4] = 255
    for ground in (rng.integers(0, 256, (*size, 3), np.uint8), stripes):
        _, receipt = draw_label(ground, plan_label(size[1], size[0], style=style))
        assert receipt.contrast >= 4.5


def test_only_the_box_changes_and_the_input_not_at_all():
    picture = photo()
    before = picture.copy()
    labelled, receipt = draw_label(picture, plan_label(400, 400))
    x, y, w, h = receipt.box
    outside = np.ones((400, 400), bool)
    outside[y : y + h, x : x + w] = False
    assert np.array_equal(labelled[outside], picture[outside])
    assert np.array_equal(picture, before)
    assert (labelled[~outside] != picture[~outside]).any(-1).mean() > 0.6
    assert np.array_equal(labelled[y, x], picture[y, x]), "round corners keep the picture"


@pytest.mark.parametrize("position", POSITIONS)
def test_the_label_stands_at_its_edge_within_five_percent(position):
    plan = plan_label(800, 600, position=position)
    x, y, w, h = plan.box
    near = {"top": y, "bottom": 600 - y - h, "left": x, "right": 800 - x - w}
    vertical, horizontal = position.split("-")
    assert 0 <= near[vertical] <= 0.05 * 600
    if horizontal == "center":
        assert abs(x + w / 2 - 400) <= 1
    else:
        assert 0 <= near[horizontal] <= 0.05 * 800


def test_height_modes_reach_what_they_are_named_after():
    plans = {m: plan_label(1000, 1000, height_mode=m) for m in ("strict", "line", "em")}
    assert plans["em"].px == 51
    tops = [g.box[1] for g in plans["line"].glyphs]
    bottoms = [g.box[3] for g in plans["line"].glyphs]
    assert 51 <= max(bottoms) - min(tops) <= 53
    assert plans["em"].px < plans["line"].px < plans["strict"].px
    assert 51 <= plans["strict"].ink_height <= 52


@pytest.mark.parametrize("shape", [(), (1,), (2,), (3,), (4,)])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_every_array_layout_is_labelled(shape, kind):
    top = np.iinfo(kind).max
    picture = np.full((300, 400, *shape), top // 3, kind)
    if shape in {(2,), (4,)}:
        picture[..., -1] = top
    labelled, receipt = draw_label(picture, plan_label(400, 300))
    assert labelled.shape == picture.shape
    assert labelled.dtype == kind
    assert labelled.max() == top
    assert receipt.contrast > 4.5


def test_sixteen_bits_look_like_eight():
    picture = photo()
    plan = plan_label(400, 400)
    eight, one = draw_label(picture, plan)
    sixteen, other = draw_label(picture.astype(np.uint16) * 257, plan)
    assert np.abs(sixteen / 257 - eight).max() < 0.51
    assert one.contrast == pytest.approx(other.contrast, rel=0.02)


def test_grey_looks_like_rgb():
    grey = photo()[..., 1]
    plan = plan_label(400, 400)
    rgb, _ = draw_label(np.repeat(grey[..., None], 3, -1), plan)
    assert np.array_equal(draw_label(grey, plan)[0], rgb[..., 0])


def test_opaque_alpha_looks_like_no_alpha():
    picture = photo("chelsea")
    rgba = np.dstack([picture, np.full((400, 400), 255, np.uint8)])
    plan = plan_label(400, 400)
    with_alpha, without = draw_label(rgba, plan)[0], draw_label(picture, plan)[0]
    assert np.abs(with_alpha[..., :3].astype(int) - without).max() <= 1
    assert (with_alpha[..., 3] == 255).all()


def test_a_transparent_picture_shows_the_label_on_black_and_on_white():
    labelled, receipt = draw_label(np.zeros((300, 400, 4), np.uint8), plan_label(400, 300))
    gx, gy, gw, gh = receipt.glyph_boxes[2]
    letter = labelled[gy : gy + gh, gx : gx + gw].reshape(-1, 4)
    assert (letter.min(1) == 255).sum() > gh, "ink is opaque and white"
    plate = labelled[gy - 3, gx].astype(float)
    for backdrop in (0.0, 255.0):
        shown = plate[:3] * plate[3] / 255 + backdrop * (1 - plate[3] / 255)
        assert wcag(255.0) / wcag(shown).max() >= 4.5
    assert receipt.contrast >= 4.5


def test_a_batch_gets_one_tone_and_matches_its_parts():
    frames = np.stack([np.full((200, 300, 3), level, np.uint8) for level in (20, 240, 130)])
    labelled, receipt = draw_label(frames, plan_label(300, 200))
    assert receipt.pen == (255, 255, 255)
    for frame, done in zip(frames, labelled, strict=True):
        alone, single = draw_label(frame, plan_label(300, 200), tone="dark")
        if single.opacity == receipt.opacity:
            assert np.array_equal(alone, done)
    deep, _ = draw_label(frames[None], plan_label(300, 200))
    assert np.array_equal(deep[0], labelled)


def test_tone_follows_the_picture_and_can_be_asked_for():
    white = np.full((200, 300, 3), 255, np.uint8)
    plan = plan_label(300, 200)
    assert draw_label(white, plan)[1].pen == (17, 17, 17)
    assert draw_label(np.zeros_like(white), plan)[1].pen == (255, 255, 255)
    assert draw_label(white, plan, tone="dark")[1].pen == (255, 255, 255)
    with pytest.raises(UnknownPolicy, match="pink"):
        draw_label(white, plan, tone="pink")


def test_labels_that_are_there_are_never_covered():
    size, taken = (640, 480), []
    for expected in POSITIONS[:4]:
        plan = plan_label(*size, avoid=taken)
        assert plan.position == expected
        taken.append(plan.box)
    with pytest.raises(LabelConflict, match=r"art\. 10"):
        plan_label(*size, avoid=[(0, 0, 640, 480)])
    assert plan_label(*size, style="bar", avoid=[(10, 460, 5, 5)]).position.startswith("top")
    assert plan_label(*size, avoid=[(0, 0, 640, 200)]).position == "bottom-right"


@pytest.mark.parametrize("lang", LANGS)
def test_the_smallest_pictures_are_labelled_in_every_language(lang):
    for width, height in ((64, 64), (64, 2048)):
        plan = plan_label(width, height, lang=lang)
        assert plan.box[0] >= 0
        assert plan.box[0] + plan.box[2] <= width
        assert plan.ink_height >= 9
        assert plan.lines.replace("\n", "").replace(" ", "") == plan.text.replace(" ", "")


def test_a_picture_without_room_is_refused():
    with pytest.raises(MediaTooSmall, match="30x20"):
        plan_label(30, 20)
    with pytest.raises(MediaTooSmall):
        plan_label(64, 64, text="该内容疑似为人工智能生成合成内容")


def test_a_text_that_does_not_fit_is_broken_before_it_is_refused():
    plan = plan_label(300, 300, text="本视频由AI生成", position="top-left")
    assert plan.lines == plan.text
    assert plan_label(64, 64, text="疑似AI生成").lines == "疑似\nAI生成"
    assert break_lines("GENERADO POR IA", 2) == "GENERADO\nPOR IA"
    assert break_lines("AI生成", 2) is None


def test_characters_without_a_glyph_are_refused_never_drawn_as_boxes():
    with pytest.raises(InvalidLabel, match="鑫"):
        plan_label(400, 400, text="鑫AI生成")
    with pytest.raises(InvalidLabel, match="no letters"):
        plan_label(400, 400, lang="en", text="—!—")
    assert missing_characters("AI生成") == ""


def test_the_characters_listed_beside_the_font_are_those_it_has():
    folder = files("labeler.image.fonts")
    characters = folder.joinpath("characters.txt").read_text("utf-8").rstrip("\n")
    with as_file(folder.joinpath(FONT_FILE)) as path:
        assert missing_characters(characters, str(path)) == ""
        assert missing_characters("鑫犇AI", str(path)) == "鑫犇"
    assert "SIL OPEN FONT LICENSE" in folder.joinpath("LICENSE-OFL.txt").read_text("utf-8")


def test_a_font_of_the_users_own_is_measured_like_ours(tmp_path):
    with as_file(files("labeler.image.fonts").joinpath(FONT_FILE)) as path:
        own = plan_label(500, 500, font=str(path))
    assert own.box == plan_label(500, 500).box
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    for path in (broken, tmp_path / "absent.ttf"):
        with pytest.raises(InvalidLabel, match="font"):
            plan_label(500, 500, font=str(path))


@pytest.mark.parametrize(
    "option", [{"style": "neon"}, {"position": "middle"}, {"height_mode": "x"}, {"lang": "tlh"}]
)
def test_unknown_options_are_refused(option):
    with pytest.raises(UnknownPolicy):
        plan_label(400, 400, **option)


def test_pixels_of_another_size_or_type_are_a_programming_error():
    plan = plan_label(400, 300)
    for pixels in (np.zeros((300, 401, 3), np.uint8), np.zeros((300, 400, 3), np.float32)):
        with pytest.raises(ValueError, match="pixels"):
            draw_label(pixels, plan)


def test_a_small_outline_falls_back_to_a_plate():
    assert plan_label(300, 300, style="outline").style.name == "plate"
    assert plan_label(600, 600, style="outline").style.name == "outline"


def test_the_receipt_is_plain_json():
    _, receipt = draw_label(photo(), plan_label(400, 400))
    found = json.loads(json.dumps(receipt.to_dict(), ensure_ascii=False))
    assert found["text"] == "AI生成"
    assert found["style"] == "plate"
    assert found["height_ratio"] >= 0.05
    assert len(found["glyph_boxes"]) == 4


def test_threads_draw_the_same():
    sizes = [(300 + 7 * i, 260) for i in range(8)] * 3
    grounds = [np.full((h, w, 3), 90, np.uint8) for w, h in sizes]
    with ThreadPoolExecutor(4) as pool:
        drawn = list(
            pool.map(lambda a: draw_label(a, plan_label(a.shape[1], a.shape[0]))[0], grounds)
        )
    for ground, done in zip(grounds, drawn, strict=True):
        alone, _ = draw_label(ground, plan_label(ground.shape[1], ground.shape[0]))
        assert np.array_equal(done, alone)


def test_every_wording_of_every_status_fits_a_square():
    for lang, table in WORDINGS.items():
        for status in table:
            plan = plan_label(400, 400, lang=lang, status=status)
            assert plan.box[2] <= 400
