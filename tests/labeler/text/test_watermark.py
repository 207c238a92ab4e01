"""Putting the mark into text: what stays, where packets may stand, what is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.text.watermark import read_mark
from labeler.errors import LabelError, MediaTooSmall, UnknownPolicy, UnsupportedMedia
from labeler.keys import DEFAULT_KEY, Key
from labeler.payload import Payload
from labeler.text.watermark import carries_hidden, embed_mark


PAYLOAD = Payload(mark_id=0x123456789ABCDE, status=1)
HIDDEN = re.compile("[\ufe03-\ufe0a]{32}|[\u200b-\u200d\u2060]{48}")
EN = "The sea was calm that morning, and nobody in the boat spoke a word about it. " * 12
ZH = "清晨的海面十分平静，船上没有人说话。我们继续划船，岸边渐渐近了。" * 12


def visible(text: str) -> str:
    return HIDDEN.sub("", text)


def spots(marked: str) -> list[tuple[str, str]]:
    """What stands before and behind each packet."""
    return [
        (marked[max(0, m.start() - 12) : m.start()], marked[m.end() : m.end() + 12])
        for m in HIDDEN.finditer(marked)
    ]


def marked_with(text: str, **options) -> str:
    return embed_mark(text, PAYLOAD, profile="excerpt", **options)[0]


@pytest.mark.parametrize("text", [EN, ZH], ids=["en", "zh"])
@pytest.mark.parametrize("profile", ["light", "excerpt"])
def test_visible_text_is_unchanged_and_the_mark_reads(text, profile):
    marked, receipt = embed_mark(text, PAYLOAD, profile=profile)
    assert visible(marked) == text
    (row,) = read_mark(marked)
    assert (row.found, row.mark_id, row.status) == (True, PAYLOAD.mark_hex, 1)
    assert row.p_value == pytest.approx(2.0**-32)
    assert receipt.hidden == len(marked) - len(text)
    assert receipt.growth == pytest.approx(len(marked.encode()) / len(text.encode()))


def test_excerpt_profile_takes_both_carriers_by_turns_and_light_only_one():
    kinds = ["V" if m[0][0] >= "\ufe00" else "Z" for m in HIDDEN.finditer(marked_with(EN))]
    assert kinds == (["V", "Z"] * len(kinds))[: len(kinds)]
    assert len(kinds) >= len(EN) // 64
    light, receipt = embed_mark(EN, PAYLOAD)
    assert receipt.copies == {"V": 3, "Z": 0}
    assert not re.search("[\u200b-\u200d\u2060]", light)


def test_off_changes_nothing_and_says_so():
    text, receipt = embed_mark(EN, PAYLOAD, profile="off", syntax="code")
    assert text == EN
    assert (receipt.hidden, receipt.note) == (0, "no mark was asked for")


def test_marking_twice_with_one_payload_changes_nothing_more():
    marked, first = embed_mark(EN, PAYLOAD, profile="excerpt")
    again, receipt = embed_mark(marked, PAYLOAD, profile="excerpt")
    assert again == marked
    assert receipt.note == "the text carries this mark already"
    assert receipt.copies == first.copies


def test_two_marks_live_side_by_side():
    other = Payload(mark_id=7, status=2)
    both = embed_mark(marked_with(EN), other)[0]
    assert {row.mark_id for row in read_mark(both)} == {PAYLOAD.mark_hex, other.mark_hex}


def test_packets_prefer_punctuation_and_split_no_word():
    for before, behind in spots(marked_with(EN)):
        assert before[-1] in ".,"
        assert behind[:1] in {" ", ""}
    for before, _ in spots(marked_with(ZH)):
        assert before[-1] in "，。"


LONG = "and then some more words to fill the line, until it is long enough to hold a packet. "
PROTECTED = {
    "fence": "```python\nx = one; y = two, three. four\nprint(x, y); done = a. b\n```",
    "open fence": "~~~\nfirst, second. third; and so on, and so on. more, and more, and more",
    "inline code": "`git commit --message now, please. then push, and wait`",
    "indented code": "\n\n    call(one, two); other. word\n    again(three, four); last. word\n",
    "prompt": "\n$ tar, xzf archive. tar; and then, some. more\n",
    "formula": "$a, b. c; d$",
    "tag": '<img alt="one, two. three; four, five. six">',
    "comment": "<!-- one, two. three; four, five. six -->",
    "entity": "&nbsp;&amp;&#8217;",
    "link": "[a link, with. words; in it](https://example.org/a,b.c;d 'title, of. it')",
    "definition": "\n[note]: https://example.org one, two. three; four\n",
    "address": "https://example.org/a,b;c.d?e=f,g;h.i",
    "mail": "someone.else@example.org",
    "mention": "@" + "清晨的海面" * 30,
    "topic": "#" + "平静的海面" * 30,
    "row": "\n| one, two. three | four; five. six |\n",
    "rule of a table": "\n:--- | ---: \n",
    "heading": "\n## One, two. Three; four, five. Six\n",
    "number of a list": "\n1. \n2) \n- 3. \n",
    "template": "{{ one, two. three; four }}",
    "tex": r"\section{One, two. Three; four}",
    "directive": "::",
}


@pytest.mark.parametrize("name", PROTECTED)
@pytest.mark.parametrize("syntax", ["plain", "markdown"])
def test_protected_stretches_stay_whole(name, syntax):
    protected = PROTECTED[name]
    text = LONG + protected + (" " + LONG if "open" not in name else "")
    for bucket in range(0, 64, 7):
        assert protected in marked_with("Well " * (bucket // 5) + text, syntax=syntax)


def test_front_matter_stays_whole_in_markdown_and_in_plain_text():
    head = "---\ntitle: One, two. Three\nnote: long, long. words; and so on, and so on.\n---\n"
    for syntax in ("plain", "markdown"):
        assert marked_with(head + LONG, syntax=syntax).startswith(head)
    ruler = "---\n" + LONG + "\n" + LONG
    assert read_mark(marked_with(ruler))[0].found


def test_html_keeps_tags_scripts_and_entities():
    script = "<script>let a = one, b = two; call(a, b); done. now</script>"
    page = f"<html><head>{script}<title>One, two. Three</title></head><p>{LONG}</p>{LONG}&amp; end"
    marked = marked_with(page, syntax="html")
    assert script in marked
    assert "<title>One, two. Three</title>" in marked
    assert read_mark(marked)[0].found


def test_only_what_lies_within_the_given_stretches_is_marked():
    text = "NOT HERE, no. " * 20 + EN + "nor here, no. " * 20
    start = text.index(EN)
    marked = marked_with(text, within=[(start, start + len(EN))])
    assert marked.startswith(text[:start])
    assert marked.endswith(text[start + len(EN) :])
    assert read_mark(marked)[0].found
    with pytest.raises(MediaTooSmall):
        marked_with(text, within=[])


def test_identifiers_numbers_and_options_are_not_followed_by_a_packet():
    words = "run --force at v1.2 foo_bar /etc/passwd 42 e4f5 a=b"
    with pytest.raises(MediaTooSmall):
        marked_with(words.replace("run ", "--run ").replace("at ", "x2 "))
    for before, _ in spots(marked_with("\n".join([words] * 40))):
        assert before.split()[-1] in {"run", "at"}


@pytest.mark.parametrize(
    "text",
    [
        "सागर शांत था। कोई नहीं बोला, और नाव चलती रही। हम आगे बढ़े, फिर रुके। " * 8,
        "كان البحر هادئا، ولم يتكلم أحد. واصلنا التجديف، واقترب الشاطئ. " * 8,
    ],
    ids=["hindi", "arabic"],
)
def test_joining_scripts_get_variation_selectors_behind_punctuation_only(text):
    marked, receipt = embed_mark(text, PAYLOAD, profile="excerpt")
    assert receipt.copies["Z"] == 0
    assert all(before[-1] in "।,،." for before, _ in spots(marked))
    assert read_mark(marked)[0].found


def test_emoji_are_never_neighbours_of_a_packet():
    text = (
        "Fine weather 👩‍👩‍👧 today, we said 👍🏽 and left 1️⃣ then ❤️ came. Well 😀. Good 🇨🇳, yes. "
        * 10
    )
    neighbours = "".join(before[-1:] + behind[:1] for before, behind in spots(marked_with(text)))
    assert not re.search("[^ -~]", neighbours)


def test_lone_surrogates_controls_and_bidi_marks_come_through():
    text = "One\ud800 two, three. \u202eFour five, six.\u202c \x00\x07 Seven, eight. " * 5
    marked = marked_with(text)
    assert visible(marked) == text
    assert read_mark(marked)[0].found


@pytest.mark.parametrize("text", ["", " ", "\n", "42", "😀😀", "https://example.org/a.b"])
def test_texts_without_a_place_are_refused(text):
    with pytest.raises(MediaTooSmall, match="no place"):
        embed_mark(text, PAYLOAD)


def test_short_texts_still_hold_one_copy():
    assert read_mark(embed_mark("Good morning.", PAYLOAD)[0])[0].found
    assert read_mark(embed_mark("早上好", PAYLOAD)[0])[0].found


def test_source_code_and_unknown_options_are_refused():
    with pytest.raises(UnsupportedMedia, match="source code"):
        embed_mark(EN, PAYLOAD, syntax="code")
    with pytest.raises(UnknownPolicy, match="profile"):
        embed_mark(EN, PAYLOAD, profile="heavy")
    with pytest.raises(UnknownPolicy, match="syntax"):
        embed_mark(EN, PAYLOAD, syntax="rtf")
    with pytest.raises(UnknownPolicy, match="64 bits"):
        embed_mark(EN, PAYLOAD.head(32))


def test_blocks_leave_no_seam():
    text = EN * 150
    marked, receipt = embed_mark(text, PAYLOAD, profile="excerpt")
    assert len(text) > 2 * 51_200
    assert visible(marked) == text
    gaps = [len(visible(part)) for part in HIDDEN.split(marked)]
    assert max(gaps) < 2 * 64
    assert abs(sum(receipt.copies.values()) - len(text) / 64) < 3


def test_another_key_makes_another_packet():
    mine = Key("mine", bytes(range(32)))
    marked = marked_with(EN, key=mine)
    assert not read_mark(marked)[0].found
    assert read_mark(marked, keys=(DEFAULT_KEY, mine))[0].key == "mine"


@pytest.mark.parametrize(
    ("encoding", "kept"),
    [("utf-8", True), ("utf_8_sig", True), ("UTF-16-LE", True), ("gb18030", True), ("gbk", False),
     ("gb2312", False), ("latin-1", False), ("big5", False), ("nonsense", False)],
)  # fmt: skip
def test_encodings_that_lose_hidden_characters_are_known(encoding, kept):
    assert carries_hidden(encoding) is kept
    if kept:
        marked = marked_with(ZH)
        assert marked.encode(encoding).decode(encoding) == marked


@given(st.text(max_size=300), st.sampled_from(["plain", "markdown", "html"]))
def test_any_text_is_marked_readably_or_refused(text, syntax):
    try:
        marked, receipt = embed_mark(text, PAYLOAD, profile="excerpt", syntax=syntax)
    except LabelError:
        return
    if not HIDDEN.search(text):
        assert visible(marked) == text
    assert read_mark(marked)[0].found
    assert len(marked) == len(text) + receipt.hidden


UNCLOSED = (
    "<!-- ",
    "<script> ",
    "<a ",
    "``` ",
    "`a ",
    "$a ",
    "{{ a ",
    "[a ",
    "\\a{ ",
    "\n- - - ",
    "\n    ",
    "@",
    "://a ",
)


@pytest.mark.parametrize("syntax", ["plain", "markdown", "html"])
@pytest.mark.parametrize("piece", UNCLOSED)
def test_unclosed_markup_is_searched_in_linear_time(piece, syntax):
    text = EN + piece * 40_000
    assert visible(marked_with(text, syntax=syntax)) == text


def test_overlapping_stretches_are_joined_and_reach_over_blocks():
    text = EN * 120
    marked = marked_with("`" + EN + "` " + text, within=[(0, 500), (300, 60_000), (60_000, 61_000)])
    assert read_mark(marked)[0].found
    assert marked.endswith(text[61_000 - len(text) :][1000:])
