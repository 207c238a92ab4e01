"""
Read what the package invisible-watermark wrote, given how long the message is, without it.

The format says neither whether there is a mark nor how long it is: these functions answer for any
picture, as the package does. Known messages are looked for, with a bound on the chance of finding
them by accident, in `detectors.foreign.stable_diffusion`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from labeler.core.image.block_marks import chroma_plane, message_votes, read_votes
from labeler.errors import InvalidLabel
from labeler.image.imwatermark import RIVAGAN, check_picture, scheme_named


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.image.imwatermark import Method


def read_bits(pixels: NDArray[Any], length: int, *, method: Method = "dwtDct") -> NDArray[np.bool_]:
    """
    Return the bits that invisible-watermark 0.2.0 would read, (length,) bool.

    Parameters
    ----------
    pixels
        uint8 RGB, (H, W, 3) or (H, W, 4).
    length
        Bits of the message; rivaGan has 32.
    method
        ``dwtDct``, ``dwtDctSvd``, or ``rivaGan`` through the extra ``imwatermark``.

    Raises
    ------
    LabelError
        Too small for the format or the message, no picture in colour, no such method, or rivaGan
        without its packages.

    Examples
    --------
    >>> from labeler.image.imwatermark import embed
    >>> picture = np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8)
    >>> read_bits(embed(picture, [1, 0, 1, 1])[0], 4).astype(int).tolist()
    [1, 0, 1, 1]
    """
    if length < 1:
        raise InvalidLabel(f"a message of {length} bits")
    check_picture(pixels, length)
    colours = np.ascontiguousarray(pixels[..., :3])
    if method == RIVAGAN:
        from labeler.integrations.imwatermark import BITS, rivagan_decode

        if length != BITS:
            raise InvalidLabel(f"rivaGan carries {BITS} bits, not {length}")
        return rivagan_decode(colours)
    return message_votes(read_votes(chroma_plane(colours), scheme_named(method)), length)


def read_bytes(pixels: NDArray[Any], length: int, *, method: Method = "dwtDct") -> bytes:
    """
    Return the message of so many bytes, as `read_bits` reads it.

    >>> from labeler.image.imwatermark import embed
    >>> picture = np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8)
    >>> read_bytes(embed(picture, b"test", method="dwtDctSvd")[0], 4, method="dwtDctSvd")
    b'test'
    """
    return np.packbits(read_bits(pixels, 8 * length, method=method)).tobytes()
