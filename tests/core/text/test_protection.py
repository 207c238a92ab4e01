"""What no packet may enter: what is copied as code, followed as a link or read as markup."""

from __future__ import annotations

import pytest

from labeler.core.text.protection import protected_spans


def protected(text, syntax):
    inside = [False] * len(text)
    for start, end in protected_spans(text, syntax):
        inside[start:end] = [True] * (end - start)
    return "".join(c if kept else "·" for c, kept in zip(text, inside, strict=False)).strip("·")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("See https://example.org/a?b=c now", "https://example.org/a?b=c"),
        ("Go to www.example.org today", "www.example.org"),
        ("Take `rm -i` here", "`rm -i`"),
        ("Costs $x^2$ here", "$x^2$"),
        ("A [link](to/it) here", "[link](to/it)"),
        ("An &amp; here", "&amp;"),
        ("A <b class='x'> here", "<b class='x'>"),
        ("A {{ slot }} here", "{{ slot }}"),
    ],
)
def test_inline_structure_is_protected_and_the_words_around_it_are_not(text, kept):
    seen = protected(text, "markdown")
    assert kept in seen
    assert not seen.endswith(("now", "today", "here"))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Before\n```\ncode\nmore\n```\nafter", "```\ncode\nmore\n```"),
        ("Before\n\n    indented\nafter", "    indented"),
        ("Before\n# A heading\nafter", "# A heading"),
        ("Heading\n=======\nafter", "Heading\n======="),
        ("Before\n| a | b |\nafter", "| a | b |"),
        ("Before\n$ make all\nafter", "$ make all"),
    ],
)
def test_lines_with_a_meaning_are_protected(text, kept):
    seen = protected(text, "markdown")
    assert kept in seen
    assert "after" not in seen


@pytest.mark.parametrize("fence", ["---", "+++"])
def test_front_matter_is_protected_where_a_text_may_have_it(fence):
    text = f"{fence}\ntitle: words of it\n{fence}\nThe text begins here and goes on."
    head = text[: text.index("The text")]
    assert protected(text, "markdown").startswith(head.strip())
    assert "words of it" not in protected(text, "html")


def test_in_html_the_content_of_scripts_and_every_tag_is_protected():
    text = "<p>Words <script>let a = 1 < 2;</script> more &lt; <!-- said --> end</p>"
    seen = protected(text, "html")
    for kept in ("<p>", "<script>let a = 1 < 2;</script>", "&lt;", "<!-- said -->", "</p>"):
        assert kept in seen
    assert "Words" not in seen
    assert "more" not in seen


def test_plain_prose_is_free():
    assert protected_spans("The sea was calm that morning. Nobody spoke a word.", "plain") == []


@pytest.mark.parametrize("text", ["a < b and c < d", "5 $ and 6 $ left", "```", "at @ noon"])
def test_a_sign_that_opens_nothing_protects_at_most_itself(text):
    assert "and" not in protected(text, "plain")


def free(text, syntax):
    """What may stand before a packet: the characters outside all protected spans."""
    inside = {at for start, end in protected_spans(text, syntax) for at in range(start, end)}
    return "".join(c for at, c in enumerate(text) if at not in inside)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ab://example.org/x, and", " and"),
        ("Write to somebody@example.org, and", ", and"),
        ("Some #tag, and", "Some , and"),
        ("By \\emph[x]{words}{of it}, and", "By , and"),
        ("A std::sort of it", "A stsort of it"),
        ("~~~\ncode\nmore\n~~~\nand", "\nand"),
        ("A <!-- note\nof it --> and", "A  and"),
        ("A <b\nclass='x'> and", "A  and"),
        ("# Heading\nand", "\nand"),
        ("A title\n---\nand", "\nand"),
        ("and so on\n1. first\n- second", "and so on first\n- second"),
        ("and\n[x]: y\n| a |", "and"),
        (") and", " and"),
        ("abcdefghijkl://x and", "ab and"),
        ("===\nand", "\nand"),
        ("and so\nA title\n---\nand", "and so\n\nand"),
    ],
)
def test_what_is_free_of_protection_is_known_to_the_character(text, left):
    assert free(text, "markdown") == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<style>\na {}\n</style>and", "and"),
        ("<!-- a\nb -->and", "and"),
        ("<p\nid=a>and", "and"),
    ],
)
def test_in_html_structure_over_several_lines_is_protected(text, left):
    assert free(text, "html") == left
