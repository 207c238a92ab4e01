"""Reading the mark of text: what it survives, what its numbers mean."""

from __future__ import annotations

import json
import random
import re
import unicodedata

import numpy as np
import pytest

from detectors.text.watermark import read_mark
from labeler.core.text.packets import packet_of, spell
from labeler.core.text.reading import check_copies, find_copies, p_bound
from labeler.errors import InvalidKey
from labeler.keys import DEFAULT_KEY, Key
from labeler.payload import Payload
from labeler.schemes import TEXT_V1
from labeler.text.watermark import embed_mark


PAYLOAD = Payload(mark_id=0x2A, status=3)
SUBKEY = DEFAULT_KEY.subkey("text-v1")
Z = "[\u200b-\u200d\u2060]"
V = "[\ufe03-\ufe0a]"
EN = (
    "The sea was calm that morning, and nobody spoke. We rowed on for hours; the shore came "
    "nearer, very slowly. Somebody began to sing an old song that all of us had forgotten. "
) * 10
ZH = (
    "清晨的海面十分平静，船上没有人说话。我们继续划船，岸边渐渐近了；有人唱起一支大家早已忘记的歌。"
    * 14
)


@pytest.fixture(scope="module", params=[EN, ZH], ids=["en", "zh"])
def marked(request) -> str:
    return embed_mark(request.param, PAYLOAD, profile="excerpt")[0]


def without_some_words(text: str) -> str:
    rng = random.Random(5)
    words = re.findall(r"[^\s，。；]+[\s，。；]*", text)
    return "".join(word for word in words if rng.random() > 0.1)


def shuffled(text: str) -> str:
    parts = re.split(r"(?<=[.。])", text)
    random.Random(6).shuffle(parts)
    return "".join(parts)


CHANGES = {
    "nothing": str,
    "all of Cf": lambda text: "".join(c for c in text if unicodedata.category(c) != "Cf"),
    "variation selectors": lambda text: re.sub("[\ufe00-\ufe0f]", "", text),
    "marks after NFD": lambda text: "".join(
        c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c)[0] != "M"
    ),
    "what is not printable": lambda text: "".join(c for c in text if c.isprintable() or c == "\n"),
    "NFKC": lambda text: unicodedata.normalize("NFKC", text),
    "lower case": str.lower,
    "a tenth of the words": without_some_words,
    "the order of sentences": shuffled,
    "white space": lambda text: " ".join(text.split()),
    "JSON": lambda text: json.loads(json.dumps(text)),
    "GB18030": lambda text: text.encode("gb18030").decode("gb18030"),
    "the first half": lambda text: text[: len(text) // 2],
}


@pytest.mark.parametrize("change", CHANGES)
def test_mark_survives_a_change_of(marked, change):
    (row,) = read_mark(CHANGES[change](marked))
    assert (row.found, row.mark_id, row.status) == (True, PAYLOAD.mark_hex, 3)


@pytest.mark.parametrize("carrier", [Z, V])
def test_any_two_hundred_characters_hold_a_copy_of_each_carrier(marked, carrier):
    text = re.sub(carrier, "", marked)
    visible = [i for i, c in enumerate(text) if not re.match(f"{Z}|{V}", c)]
    for start in range(0, len(visible) - 200, 37):
        assert read_mark(text[visible[start] : visible[start + 199] + 1])[0].found


def test_detail_tells_copies_reach_and_a_missing_carrier(marked):
    detail = read_mark(marked)[0].detail
    assert re.match(r"copies V \d+, Z \d+; 100% of the text", detail)
    assert "missing" not in detail
    assert "carrier V missing" in read_mark(re.sub(V, "", marked))[0].detail
    assert "missing" not in read_mark(re.sub(Z, "", marked))[0].detail
    diluted = read_mark(marked + "word " * 2000)[0].detail
    assert int(re.search(r"; (\d+)%", diluted)[1]) < 40


def test_both_carriers_gone_is_none_found_and_never_human(marked):
    (row,) = read_mark(re.sub(f"{Z}|{V}", "", marked))
    assert (row.found, row.p_value, row.mark_id) == (False, None, "")
    assert "never means a human" in row.detail


def test_joined_texts_give_a_row_for_each_mark():
    other = Payload(mark_id=9, status=1)
    text = embed_mark(EN, PAYLOAD)[0] + embed_mark(EN * 2, other)[0]
    rows = read_mark(text)
    assert [row.mark_id for row in rows] == [other.mark_hex, PAYLOAD.mark_hex]
    assert rows[0].p_value == pytest.approx(2.0**-32)
    assert rows[1].p_value == pytest.approx(2.0**-31)


def test_copies_that_have_run_together_are_found():
    text = spell(packet_of(bytes(8), SUBKEY, TEXT_V1), TEXT_V1.variation)
    (row,) = read_mark("a" + text + text[:7])
    assert row.found
    assert row.p_value == pytest.approx(2.0**-32)


def test_damaged_copies_are_read_by_majority():
    packet = spell(packet_of(bytes(8), SUBKEY, TEXT_V1), TEXT_V1.variation)
    rng = random.Random(7)
    damaged = [
        "".join(chr(0xFE03 + rng.randrange(8)) if rng.random() < 0.3 else c for c in packet)
        for _ in range(25)
    ]
    assert packet not in damaged
    (row,) = read_mark("word ".join(damaged))
    assert row.found
    assert "majority" in row.detail
    assert row.p_value == pytest.approx(26 * 2.0**-32)


def test_several_keys_share_the_bound(marked):
    keys = (Key("one", bytes(32)), Key("two", bytes(range(32))), DEFAULT_KEY)
    (row,) = read_mark(marked, keys)
    assert row.key == "default"
    assert row.p_value == pytest.approx(3 * 2.0**-32)
    with pytest.raises(InvalidKey):
        read_mark(marked, ())


def test_a_bound_over_the_limit_is_no_finding():
    rng = np.random.default_rng(8)
    junk = rng.integers(0, 8, (4200, 32)) + 0xFE03
    runs = ["".join(map(chr, row)) for row in junk]
    mine = spell(packet_of(bytes(8), SUBKEY, TEXT_V1), TEXT_V1.variation)
    assert read_mark("a".join([*runs[:4000], mine]))[0].found
    assert not read_mark("a".join([*runs, mine]))[0].found
    assert read_mark("a".join([*runs, mine, mine]))[0].found  # frequent ones come first
    assert p_bound(4096, 1, TEXT_V1) < TEXT_V1.p_max


def test_false_readings_come_at_the_stated_rate():
    """With a tag of 8 bits the rate can be seen: p <= a happens with probability a."""
    scheme = type(TEXT_V1)(
        name="text-v1", payload_bits=88, tag_bits=8, p_max=1.0,
        variation=TEXT_V1.variation, zero_width=TEXT_V1.zero_width,
    )  # fmt: skip
    rng = np.random.default_rng(9)
    values = []
    for _ in range(1500):
        rows = rng.integers(0, 8, (20, 32)) + 0xFE03
        copies = find_copies("a".join("".join(map(chr, row)) for row in rows), scheme)
        hits = list(check_copies(copies, rng.bytes(32), scheme))
        values.append(p_bound(hits[0].rank, 1, scheme) if hits else 1.0)
    for bound in (5 / 256, 10 / 256, 20 / 256):
        rate = np.mean(np.array(values) <= bound)
        assert abs(rate - bound) < 4 * np.sqrt(bound / 1500)


@pytest.mark.parametrize(
    "text",
    ["", "plain ASCII", "汉字", "emoji 👩‍👩‍👧 ❤️ 1️⃣ 🏴\U000e0067\U000e007f", "می‌خواهم",
     "\ud800\udfff", "\ufe0f" * 500, "\u200b" * 47, "\ufeff\u2060" * 60, "ก\u200bข" * 100],
)  # fmt: skip
def test_ordinary_hidden_characters_are_no_mark(text):
    (row,) = read_mark(text)
    assert not row.found


def test_hostile_runs_are_read_in_bounded_time():
    (row,) = read_mark("\u200c" * 2_000_000 + "\ufe03\ufe04" * 500_000)
    assert not row.found
