"""The error tree is complete, drawn as it is, and catchable in one place."""

from __future__ import annotations

import inspect

import pytest

from labeler import errors
from labeler.errors import LabelError


CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if c is not LabelError]


@pytest.mark.parametrize("error", CLASSES, ids=lambda c: c.__name__)
def test_every_error_is_a_label_error_with_a_docstring(error):
    assert issubclass(error, LabelError)
    assert error.__doc__


def test_the_drawing_shows_every_class_and_no_other():
    drawn = {line.split()[1] for line in errors.__doc__.splitlines() if line.startswith(("├", "└"))}
    assert drawn == {c.__name__ for c in CLASSES}


@pytest.mark.parametrize("error", CLASSES, ids=lambda c: c.__name__)
def test_the_drawing_says_which_are_value_errors(error):
    line = next(text for text in errors.__doc__.splitlines() if error.__name__ in text)
    assert issubclass(error, ValueError) is ("also a ValueError" in line)


@pytest.mark.parametrize("error", CLASSES, ids=lambda c: c.__name__)
def test_the_message_is_what_was_said(error):
    with pytest.raises(LabelError, match=r"^what is wrong; what to do$"):
        raise error("what is wrong; what to do")
