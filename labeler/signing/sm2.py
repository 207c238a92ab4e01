"""
SM2 signatures (GB/T 32918.2, curve of GB/T 32918.5): verified here, made by the extra ``sm``.

Verifying handles nothing secret, so it needs no library and every installation can do it. SM3 comes
from the hash functions of the interpreter.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from labeler.errors import MissingBackend
from labeler.signing import der


if TYPE_CHECKING:
    from collections.abc import Iterable


USER_ID = b"1234567812345678"
"""The default identity of a signer (GM/T 0009), which the TC260 guide uses."""

SPKI_HEAD = bytes.fromhex("3059301306072A8648CE3D020106082A811CCF5501822D034200")
"""What stands before the point in a SubjectPublicKeyInfo of this curve."""

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_A = P - 3
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)

Point = tuple[int, int]
_Jacobian = tuple[int, int, int]
_INFINITY: _Jacobian = (1, 1, 0)


def sm3(*parts: bytes) -> bytes:
    """
    Return the SM3 digest (GB/T 32905) of the parts.

    Raises `MissingBackend` where the interpreter was built without SM3.

    >>> sm3(b"abc").hex()[:16]
    '66c7f0f462eeedd9'
    """
    digest = new_sm3()
    for part in parts:
        digest.update(part)
    return digest.digest()


def new_sm3() -> hashlib._Hash:
    """Return an SM3 hash object; raises as `sm3` does."""
    try:
        return hashlib.new("sm3")
    except ValueError as error:
        raise MissingBackend(
            "this Python was built without SM3; use one that is linked with OpenSSL 1.1.1 or later"
        ) from error


def on_curve(point: Point) -> bool:
    """Say whether a point is one of the curve."""
    x, y = point
    return 0 <= x < P and 0 <= y < P and (y * y - (x * x * x + _A * x + _B)) % P == 0


def point_of(key: bytes) -> Point | None:
    """
    Return the point of a public key in any encoding seen in the wild, None for another length.

    SubjectPublicKeyInfo, 04 and both coordinates, both coordinates bare, 02 or 03 and x, and x
    alone or behind 00, which means the even y. The point may be off the curve: the caller asks.
    """
    if len(key) == len(SPKI_HEAD) + 65 and key.startswith(SPKI_HEAD):
        key = key[len(SPKI_HEAD) :]
    if len(key) == 65 and key[0] == 4:
        key = key[1:]
    if len(key) == 64:
        return int.from_bytes(key[:32], "big"), int.from_bytes(key[32:], "big")
    if len(key) == 33 and key[0] in {0, 2, 3}:
        return _lifted(int.from_bytes(key[1:], "big"), odd=key[0] == 3)
    if len(key) == 32:
        return _lifted(int.from_bytes(key, "big"), odd=False)
    return None


def _lifted(x: int, *, odd: bool) -> Point:
    """Return the point with this x; one off the curve when there is none."""
    y = pow(x * x * x + _A * x + _B, (P + 1) // 4, P)
    return x, P - y if y and (y & 1) != odd else y


def encode_point(point: Point) -> bytes:
    """Return 04 and both coordinates."""
    return b"\x04" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def public_point(secret: int) -> Point:
    """Return the public key of a secret one, 1 to N - 2."""
    point = _affine(_combined(((secret, _G),)))
    if point is None:
        raise ValueError("no secret key of SM2")
    return point


def verify(point: Point, message: bytes, signature: bytes) -> bool:
    """
    Say whether ``signature`` is one of ``message`` by the key (GB/T 32918.2, 7.1).

    A malformed signature, or a point off the curve, verifies nothing. Raises `MissingBackend` as
    `sm3` does.
    """
    try:
        r, s = der.read_pair(signature)
    except ValueError:
        return False
    if not on_curve(point) or not (0 < r < N and 0 < s < N):
        return False
    t = (r + s) % N
    if t == 0:
        return False
    found = _affine(_combined(((s, _G), (t, point))))
    digest = int.from_bytes(sm3(identity_digest(point), message), "big")
    return found is not None and (digest + found[0]) % N == r


@lru_cache(maxsize=64)
def identity_digest(point: Point) -> bytes:
    """Return Z, the digest of the signer's identity, curve and key (GB/T 32918.2, 5.5)."""
    numbers = (_A, _B, *_G, *point)
    head = (len(USER_ID) * 8).to_bytes(2, "big") + USER_ID
    return sm3(head, *(number.to_bytes(32, "big") for number in numbers))


def _combined(terms: Iterable[tuple[int, Point]]) -> _Jacobian:
    """Return the sum of multiples of points, all doubled together."""
    pairs = [(number, (x, y, 1)) for number, (x, y) in terms]
    total = _INFINITY
    for bit in range(max(number.bit_length() for number, _ in pairs) - 1, -1, -1):
        total = _doubled(total)
        for number, point in pairs:
            if number >> bit & 1:
                total = _added(total, point)
    return total


def _doubled(point: _Jacobian) -> _Jacobian:
    """Return twice a point; formulas for a = -3 (dbl-2001-b)."""
    x, y, z = point
    if not z or not y:
        return _INFINITY
    delta, gamma = z * z % P, y * y % P
    beta = x * gamma % P
    alpha = 3 * (x - delta) * (x + delta) % P
    out = (alpha * alpha - 8 * beta) % P
    return (
        out,
        (alpha * (4 * beta - out) - 8 * gamma * gamma) % P,
        ((y + z) * (y + z) - gamma - delta) % P,
    )


def _added(one: _Jacobian, other: _Jacobian) -> _Jacobian:
    """Return the sum of two points (add-2007-bl, unreduced)."""
    x1, y1, z1 = one
    x2, y2, z2 = other
    if not z1:
        return other
    if not z2:
        return one
    zz1, zz2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * zz2 % P, x2 * zz1 % P
    s1, s2 = y1 * z2 * zz2 % P, y2 * z1 * zz1 % P
    h, r = (u2 - u1) % P, (s2 - s1) % P
    if not h:
        return _doubled(one) if not r else _INFINITY
    hh = h * h % P
    hhh, v = h * hh % P, u1 * hh % P
    x = (r * r - hhh - 2 * v) % P
    return x, (r * (v - x) - s1 * hhh) % P, h * z1 * z2 % P


def _affine(point: _Jacobian) -> Point | None:
    x, y, z = point
    if not z:
        return None
    inverse = pow(z, -1, P)
    square = inverse * inverse % P
    return x * square % P, y * square * inverse % P
