"""Reading the mark back, after what happens to pictures, and not reading one where none is."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from detectors.image.watermark import map_mark, read_mark
from labeler.core.image import (
    alignment,
    chips,
    full_search,
    lattice,
    log_maps,
    refine,
    template_bank,
    tracking,
)
from labeler.errors import InvalidKey, UnknownPolicy, UnsupportedMedia
from labeler.image.watermark import embed_mark
from labeler.keys import DEFAULT_KEY, Key
from labeler.payload import Payload, mark_id
from makers import noise, photo


PAYLOAD = Payload(mark_id=0x1234567890ABCDE & (1 << 58) - 1)
SECRET, OTHER = Key("ours", bytes(range(32))), Key("theirs", bytes(range(1, 33)))
GOLDEN = Path(__file__).parent / "golden"
PHOTOS = ("astronaut", "coffee", "rocket")


@cache
def marked_photo(name: str, side: int = 1000) -> np.ndarray:
    pixels, _ = embed_mark(photo(name, side), PAYLOAD)
    pixels.flags.writeable = False
    return pixels


def coded(pixels: np.ndarray, extension: str, quality: int) -> np.ndarray:
    flag = {".jpg": cv2.IMWRITE_JPEG_QUALITY, ".webp": cv2.IMWRITE_WEBP_QUALITY}[extension]
    _, data = cv2.imencode(extension, pixels[..., ::-1], [flag, quality])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def scaled(pixels: np.ndarray, factor: float) -> np.ndarray:
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=how)


def toned(pixels: np.ndarray, gain: float, lift: float) -> np.ndarray:
    return np.clip(pixels * gain + lift, 0, 255).astype(np.uint8)


def rough(pixels: np.ndarray, sigma: float) -> np.ndarray:
    grain = np.random.default_rng(1).normal(0, sigma, pixels.shape)
    return np.clip(pixels + grain, 0, 255).astype(np.uint8)


CHANNELS = {
    "nothing": lambda x: x,
    "jpeg 90": lambda x: coded(x, ".jpg", 90),
    "jpeg 75": lambda x: coded(x, ".jpg", 75),
    "jpeg 50": lambda x: coded(x, ".jpg", 50),
    "jpeg 25": lambda x: coded(x, ".jpg", 25),
    "webp 60": lambda x: coded(x, ".webp", 60),
    "0.75 of the size": lambda x: scaled(x, 0.75),
    "half size": lambda x: scaled(x, 0.5),
    "1.5 times the size": lambda x: scaled(x, 1.5),
    "half size and jpeg 50": lambda x: coded(scaled(x, 0.5), ".jpg", 50),
    "brighter": lambda x: toned(x, 1.3, 10),
    "darker": lambda x: toned(x, 0.6, 0),
    "less contrast": lambda x: toned(x, 0.5, 64),
    "negative": lambda x: 255 - x,
    "half a turn": lambda x: np.ascontiguousarray(x[::-1, ::-1]),
    "grey": lambda x: cv2.cvtColor(x, cv2.COLOR_RGB2GRAY),
    "blur": lambda x: cv2.GaussianBlur(x, (0, 0), 2),
    "median": lambda x: cv2.medianBlur(x, 5),
    "grain": lambda x: rough(x, 15),
    "a bar over a tenth": lambda x: np.concatenate([x[:-100], np.full_like(x[-100:], 30)]),
}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("name", PHOTOS)
def test_the_whole_payload_survives(name, channel):
    evidence = read_mark(CHANNELS[channel](marked_photo(name)))
    assert evidence.found
    assert (evidence.bits, evidence.mark_id, evidence.status) == (64, PAYLOAD.mark_hex, 1)
    assert evidence.p_value <= 1e-9
    assert evidence.key == "default"


def cropped(pixels: np.ndarray, share: float) -> np.ndarray:
    height, width = (round(side * share**0.5) for side in pixels.shape[:2])
    return np.ascontiguousarray(pixels[131 : 131 + height, 57 : 57 + width])


def turned(pixels: np.ndarray, angle: float) -> np.ndarray:
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    return cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_CUBIC)


def tilted(pixels: np.ndarray, share: float) -> np.ndarray:
    height, width = pixels.shape[:2]
    before = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    x, y = share * width, share * height
    after = np.float32([[x, y], [width, 0], [width - x, height], [0, height - y]])
    matrix = cv2.getPerspectiveTransform(before, after)
    return cv2.warpPerspective(pixels, matrix, (width, height), flags=cv2.INTER_CUBIC)


def screenshot(pixels: np.ndarray) -> np.ndarray:
    small = scaled(pixels, 0.83)
    page = np.full((small.shape[0] + 180, small.shape[1] + 260, 3), 245, np.uint8)
    for line in range(14):
        at = (8, 40 + 40 * line)
        cv2.putText(page, f"Menu item text {line}", at, 0, 0.6, (40, 40, 40), 1)
    page[90 : 90 + small.shape[0], 220 : 220 + small.shape[1]] = small
    return coded(page, ".jpg", 80)


GEOMETRIES = {
    "a quarter of it": ("fast", lambda x: cropped(x, 0.25)),
    "a quarter of it, jpeg 75": ("fast", lambda x: coded(cropped(x, 0.25), ".jpg", 75)),
    "half of it, 0.7 of the size, jpeg 60": (
        "standard",
        lambda x: coded(scaled(cropped(x, 0.5), 0.7), ".jpg", 60),
    ),
    "5 degrees": ("fast", lambda x: turned(x, 5)),
    "17 degrees": ("fast", lambda x: turned(x, 17)),
    "a quarter turn": ("fast", lambda x: np.ascontiguousarray(np.rot90(x))),
    "a mirror": ("fast", lambda x: np.ascontiguousarray(x[:, ::-1])),
    "a squeeze": ("fast", lambda x: cv2.resize(x, None, fx=0.75, fy=1)),
    "a turn after a squeeze": (
        "standard",
        lambda x: turned(cv2.resize(x, None, fx=0.85, fy=1), 20),
    ),
    "a screenshot": ("standard", screenshot),
    "a tilt of 3 %": ("deep", lambda x: tilted(x, 0.03)),
}


@pytest.mark.parametrize("geometry", GEOMETRIES)
@pytest.mark.parametrize("name", ["coffee", "rocket"])
def test_the_whole_payload_survives_other_geometries(name, geometry):
    depth, change = GEOMETRIES[geometry]
    evidence = read_mark(change(marked_photo(name)), depth=depth)
    assert evidence.mark_id == PAYLOAD.mark_hex, evidence.detail
    assert evidence.p_value <= 1e-9


def test_plain_reading_searches_no_geometry():
    assert not read_mark(turned(marked_photo("coffee"), 17)).found


@pytest.mark.parametrize("depth", ["fast", "standard", "deep"])
@pytest.mark.parametrize("name", ["astronaut", "brick", "text"])
def test_unmarked_pictures_carry_nothing_at_any_depth(name, depth):
    assert not read_mark(photo(name, 700), depth=depth).found


def test_a_search_knows_its_key():
    pixels, _ = embed_mark(photo("coffee", 900), PAYLOAD, key=SECRET)
    seen = turned(pixels, 12)
    assert not read_mark(seen, keys=[DEFAULT_KEY, OTHER], depth="fast").found
    assert read_mark(seen, keys=[DEFAULT_KEY, SECRET], depth="fast").key == "ours"


def test_an_unknown_depth_is_refused():
    with pytest.raises(UnknownPolicy, match="depth"):
        read_mark(photo(), depth="abyss")


def test_the_map_points_at_what_was_pasted():
    pixels = marked_photo("coffee").copy()
    pixels[300:600, 500:850] = photo("coffee", 1000)[300:600, 500:850]
    found = map_mark(pixels)
    row, column = 450 / found.cell, 675 / found.cell
    assert found.missing[round(row), round(column)]
    assert 0.03 < found.missing.mean() < 0.25
    assert map_mark(marked_photo("coffee")).missing.mean() < 0.1
    assert map_mark(photo("coffee", 700)) is None
    assert map_mark(np.zeros((8, 8), np.uint8)) is None


def test_the_detail_tells_what_was_pasted_and_where():
    pixels = marked_photo("coffee").copy()
    pixels[300:700, 500:900] = photo("rocket", 1000)[300:700, 500:900]
    pixels = coded(pixels, ".jpg", 75)
    detail = read_mark(pixels, depth="standard").detail
    found = re.search(r"missing in (\d+)% of .* x (\d+) to (\d+), y (\d+) to (\d+)", detail)
    assert 11 <= int(found[1]) <= 22
    assert np.abs(np.array(found.groups()[1:], float) - [500, 900, 300, 700]).max() < 100
    assert "missing" not in read_mark(pixels, depth="fast").detail


def test_a_picture_of_any_size_tells_its_gap():
    pixels = marked_photo("coffee").copy()
    pixels[200:560, 300:680] = photo("rocket", 1000)[200:560, 300:680]
    for cut in range(17):
        seen = pixels[150 : 850 - cut, 200 : 905 - (5 * cut) % 17]
        assert "missing in" in read_mark(seen, depth="standard").detail


@pytest.mark.parametrize("channel", ["nothing", "jpeg 75", "half size", "darker", "half a turn"])
@pytest.mark.parametrize("name", PHOTOS)
def test_whole_pictures_miss_nothing(name, channel):
    evidence = read_mark(CHANNELS[channel](marked_photo(name)), depth="deep")
    assert evidence.found
    assert "missing" not in evidence.detail


def test_black_corners_are_not_told_as_missing():
    evidence = read_mark(turned(marked_photo("coffee"), 20), depth="deep")
    assert evidence.found
    assert "missing" not in evidence.detail


def test_a_map_follows_a_turn():
    found = map_mark(turned(marked_photo("coffee"), 20), depth="fast")
    assert found.missing[0, 0]
    middle = tuple(side // 2 for side in found.missing.shape)
    assert not found.missing[middle]


@pytest.mark.parametrize("side", [256, 320, 383])
@pytest.mark.parametrize("quality", [100, 75])
def test_small_pictures_read_their_short_payload(side, quality):
    pixels, _ = embed_mark(photo("coffee", side), PAYLOAD)
    evidence = read_mark(coded(pixels, ".jpg", quality))
    assert (evidence.found, evidence.bits) == (True, 32)
    assert evidence.mark_id == PAYLOAD.head(32).mark_hex


@pytest.mark.parametrize(
    ("file", "bits"),
    [("long_640x480_q60", 64), ("short_256x256_q75", 32), ("long_halved_672x672_q50", 64)],
)
def test_golden_pictures_of_the_format_read(file, bits):
    wanted = Payload(mark_id=mark_id("001191440300708461136T1XGW3", "demo-001")).head(bits)
    pixels = cv2.imread(str(GOLDEN / f"{file}.jpg"), cv2.IMREAD_UNCHANGED)
    evidence = read_mark(pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., ::-1]))
    assert (evidence.bits, evidence.mark_id, evidence.status) == (bits, wanted.mark_hex, 1)


@pytest.mark.parametrize(
    "name", ["astronaut", "coffee", "chelsea", "rocket", "camera", "brick", "text"]
)
def test_unmarked_pictures_carry_nothing(name):
    evidence = read_mark(photo(name, 700), keys=[DEFAULT_KEY, SECRET])
    assert not evidence.found
    assert evidence.p_value == 1
    assert (evidence.bits, evidence.mark_id, evidence.status, evidence.key) == (0, "", None, "")
    assert "never means" in evidence.detail


def test_a_wrong_key_reads_nothing():
    pixels, _ = embed_mark(photo(), PAYLOAD, key=SECRET)
    evidence = read_mark(pixels, keys=[DEFAULT_KEY, OTHER])
    assert not evidence.found
    assert evidence.p_value == 1


def test_the_key_that_reads_is_named():
    pixels, _ = embed_mark(photo(), PAYLOAD, key=SECRET)
    evidence = read_mark(pixels, keys=[DEFAULT_KEY, OTHER, SECRET])
    assert (evidence.found, evidence.key) == (True, "ours")


def test_every_key_counts_in_the_bound():
    pixels = coded(marked_photo("rocket"), ".jpg", 10)
    alone = read_mark(pixels)
    among = read_mark(pixels, keys=[DEFAULT_KEY, OTHER, SECRET])
    assert among.p_value / alone.p_value == pytest.approx(3)


def test_without_a_key_nothing_can_be_read():
    with pytest.raises(InvalidKey, match="no key"):
        read_mark(photo(), keys=[])


@pytest.mark.parametrize("shape", [(1, 1), (15, 15, 3), (3, 50_000), (1, 1, 4), (40, 40, 2)])
def test_tiny_pictures_hold_nothing(shape):
    assert not read_mark(np.zeros(shape, np.uint8)).found


@pytest.mark.parametrize("shape", [(17, 30_000), (47_000, 17), (20, 39_000, 3), (16, 400_000)])
def test_very_thin_pictures_are_read_without_harm(shape):
    pixels = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    assert not read_mark(pixels, depth="deep").found
    assert map_mark(pixels, depth="deep") is None


@pytest.mark.parametrize("value", [0, 77, 255])
def test_flat_pictures_hold_nothing(value):
    assert not read_mark(np.full((500, 700, 3), value, np.uint8)).found


@pytest.mark.parametrize("shape", [(10,), (5, 5, 5), (2, 9, 9, 3), (0, 4)])
def test_what_is_no_picture_is_refused(shape):
    with pytest.raises(UnsupportedMedia, match="no picture"):
        read_mark(np.zeros(shape, np.uint8))


def test_numbers_out_of_range_do_no_harm():
    pixels = (marked_photo("coffee") / np.float32(255)).astype(np.float32)
    pixels[:20, :20] = [np.nan, np.inf, -np.inf]
    pixels[50:60] = 1e30
    assert read_mark(pixels).mark_id == PAYLOAD.mark_hex


def test_other_dtypes_are_refused():
    with pytest.raises(UnsupportedMedia, match="float64"):
        read_mark(np.zeros((50, 50)))


def test_reading_leaves_the_pixels_alone_and_takes_read_only_arrays():
    pixels = marked_photo("coffee")
    before = pixels.copy()
    assert read_mark(pixels).found
    assert np.array_equal(pixels, before)


CACHES = (
    alignment._rings,
    chips._tables,
    full_search._templates,
    lattice.lattice_of,
    log_maps._polar_grid,
    refine._neighbours,
    refine._weighted,
    template_bank._templates,
    tracking._window,
)


@pytest.mark.parametrize("depth", ["plain", "standard", "deep"])
def test_eight_threads_read_what_one_reads(depth):
    read = partial(read_mark, depth=depth, keys=[SECRET, DEFAULT_KEY])
    coffee = marked_photo("coffee", 600)
    pictures = [
        turned(coffee, 9),
        tilted(coffee, 0.04),
        photo("brick", 500),
        coffee,
        noise(400, 500),
        embed_mark(photo("rocket", 500), PAYLOAD, key=SECRET)[0],
        coded(cropped(coffee, 0.5), ".jpg", 75),
        np.ascontiguousarray(coffee[:, ::-1]),
    ]
    alone = [read(pixels) for pixels in pictures]
    for cached in CACHES:  # so that the threads build every table at the same time
        cached.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, pictures)) == alone
    assert alone[3].found
    assert alone[5].key == "ours"
    assert alone[7].found == (depth != "plain")
