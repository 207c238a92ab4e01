"""Files made to hurt, whatever the format, and the one way in which they may be refused."""

from __future__ import annotations

import zlib
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from labeler.containers.boxes import box
from labeler.errors import LabelError


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


def refusals(calls: Iterable[Callable[[], object]]) -> list[str]:
    """Return what the calls say that refuse; anything but a LabelError of one line comes out."""
    said = []
    for call in calls:
        try:
            call()
        except LabelError as error:
            said.append(str(error))
            assert "\n" not in said[-1]
    return said


def quiet(call: Callable[[], object]) -> None:
    """Call what may refuse."""
    with suppress(LabelError):
        call()


def damaged(data: Any, whole: bytes, places: st.SearchStrategy[int]) -> bytes:
    """Draw a file of which up to five bytes at ``places`` are others, whole or cut off anywhere."""
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(0, 5))):
        near = data.draw(places) % len(broken)
        broken[near] = data.draw(st.sampled_from([0, 1, 0x7F, 0xFF]) | st.integers(0, 255))
    cut = data.draw(st.just(len(whole)) | st.integers(0, len(whole)))
    return bytes(broken[:cut])


def flipped(whole: bytes) -> Iterator[bytes]:
    """Yield forty files with one bit of the first 1200 bytes turned over."""
    for number in range(40):
        broken = bytearray(whole)
        broken[(number * 97) % 1200] ^= 1 << number % 8
        yield bytes(broken)


@cache
def bomb(size: int) -> bytes:
    """Return that many bytes of blanks, a whole number of MiB, packed as zlib does."""
    packer = zlib.compressobj(9)
    block = b" " * (1 << 20)
    return b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()


def nested_boxes(kind: bytes, levels: int) -> bytes:
    """Return boxes of ISO BMFF, each one inside the next."""
    inner = b""
    for _ in range(levels):
        inner = box(kind, inner)
    return inner
