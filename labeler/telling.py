"""What people are told: in which language, and the line that says what went wrong."""

from __future__ import annotations

import os


def reader_language() -> str:
    """Return the language of human output: AIGC_LABEL_LANG, else the locale's, else English."""
    names = ("AIGC_LABEL_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    given = next((value for name in names if (value := os.environ.get(name))), "")
    return "zh" if given.lower().startswith("zh") else "en"


def error_line(message: str, *, about: tuple[str, ...] = ()) -> str:
    """
    Return the line about an error in the language of the reader.

    ``about`` are the names of files that the message may begin with; they stay as they are.
    """
    if reader_language() != "zh":
        return f"Error: {message}"
    from labeler.errors_zh import in_chinese

    heads = (f"{name}: " for name in about)
    head = next((head for head in heads if message.startswith(head)), "")
    return f"错误：{head}{in_chinese(message.removeprefix(head))}"


def in_words(english: str, chinese: str) -> str:
    """Return the one of two texts that is in the language of the reader."""
    return chinese if reader_language() == "zh" else english
