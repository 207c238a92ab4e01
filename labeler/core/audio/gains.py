"""
How much each tile is raised or lowered: a closed loop in units of the reader's own feature.

Blocks of one period are settled by themselves, so a stream and a whole sound get the same gains.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from labeler.core.audio.feature import EXPONENT, compressed, prominence, whitened
from labeler.core.audio.masking import gain_weights
from labeler.core.audio.pattern import deal_of, payload_targets


if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labeler.core.audio.pattern import Pattern
    from labeler.schemes import CodeMode


MARGIN = 2
"""Slots on either side of a block that its features depend on."""

_ROUNDS, _RATE, _SLOPE = 3, np.float32(0.8), np.float32(0.3)
_START, _MOST_DB = np.float32(0.6), np.float32(4.5)
_SYNC_GROUPS = 16
_POWER_OF_DB = np.float32(np.log(10) / 10)
_WEAKEST = np.float32(3e-4)
_SILENT = np.float32(1e-11)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """
    One message, ready to be put into block after block.

    ``targets``: the sign of every tile, (period + 2 `MARGIN`, bands), 0 in the margins; ``order``
    sorts the flat tiles by group (one a coded bit, sixteen of sync tiles), ``starts`` is where each
    group begins, ``group`` the group of each tile, 0 in the margins. ``tau`` is the correlation
    that every group is to reach, as far as the change of a block stays ``quiet`` dB below the
    sound.
    """

    pattern: Pattern
    targets: NDArray[np.float32]
    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    group: NDArray[np.intp]
    tau: float
    quiet: float


@lru_cache(maxsize=16)
def plan_of(
    pattern: Pattern, payload: tuple[int, ...], mode: CodeMode, tau: float, *, quiet: float = 0.0
) -> Plan:
    """Return the plan of a payload of ``mode.payload_bits`` bits."""
    scheme, bit = pattern.scheme, deal_of(pattern, mode).bit
    coded = deal_of(pattern, mode).coded_bits
    sync = coded + np.arange(scheme.period) * _SYNC_GROUPS // scheme.period
    group = np.where(bit < 0, sync[:, None], bit).ravel()
    order = np.argsort(group, kind="stable")
    margin = MARGIN * scheme.bands
    targets = payload_targets(pattern, payload, mode)
    return Plan(
        pattern=pattern,
        targets=np.pad(targets, ((MARGIN, MARGIN), (0, 0))).astype(np.float32),
        order=order + margin,
        starts=np.searchsorted(group[order], np.arange(coded + _SYNC_GROUPS)),
        group=np.pad(group, margin),
        tau=tau,
        quiet=quiet,
    )


def settle_gains(
    tiles: NDArray[np.float32], level: NDArray[np.float32], valid: int, plan: Plan
) -> NDArray[np.float32]:
    """
    Return the gains in dB, (blocks, period, bands), that mark blocks of tiles.

    Parameters
    ----------
    tiles
        (blocks, period + 2 `MARGIN`, bands): energies, with the slots before and after each block.
    level
        (blocks, period + 2 `MARGIN`): `labeler.core.audio.feature.level_of` of the same slots.
    valid
        Slots of each block that are sound; gains beyond them are 0.
    """
    inner = slice(MARGIN, -MARGIN)
    if plan.tau == 0:
        return np.zeros_like(tiles[:, inner])
    power = compressed(tiles, level)
    targets = plan.targets.copy()
    targets[MARGIN + valid :] = 0
    weight = _weights(tiles, level, power, plan)
    weight *= targets
    count = np.maximum(_sums(np.abs(targets)[None], plan), 1)
    alpha = np.full((len(tiles), count.shape[1]), plan.tau / _START, np.float32)
    for _ in range(_ROUNDS):
        changed = _gains(alpha, weight, plan)
        changed *= _POWER_OF_DB * EXPONENT
        np.exp(changed, out=changed)
        changed *= power
        response = _responses(changed)
        response *= targets
        alpha += _RATE / _SLOPE * (np.float32(plan.tau) - _sums(response, plan) / count)
        np.clip(alpha, 0, _MOST_DB, out=alpha)
    gains = _gains(alpha, weight, plan)[:, inner]
    return _kept_quiet(gains, tiles[:, inner], plan.quiet) if plan.quiet else gains


def _weights(
    tiles: NDArray[np.float32], level: NDArray[np.float32], power: NDArray[np.float32], plan: Plan
) -> NDArray[np.float32]:
    """Return how much gain each tile takes; those that are clipped or too weak take none."""
    weight = gain_weights(tiles, plan.pattern.scheme)
    clipped = np.abs(prominence(power.reshape(-1, power.shape[-1]))) >= 1
    weight[clipped.reshape(power.shape)] = 0
    weight[tiles <= np.maximum(level[..., None] * _WEAKEST, _SILENT)] = 0
    return weight


def _responses(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the feature of blocks; only the `MARGIN` of each sees its neighbour in memory."""
    return whitened(prominence(power.reshape(-1, power.shape[-1]))).reshape(power.shape)


def _gains(
    alpha: NDArray[np.float32], weight: NDArray[np.float32], plan: Plan
) -> NDArray[np.float32]:
    """Return the gain of each tile, shaped as the weights, from those of the groups."""
    gains = np.take(alpha, plan.group, axis=1).reshape(weight.shape)
    gains *= weight
    return gains


def _kept_quiet(
    gains: NDArray[np.float32], tiles: NDArray[np.float32], quiet: float
) -> NDArray[np.float32]:
    """Return gains whose change lies at least ``quiet`` dB below the sound, block by block."""
    change = np.expm1(gains * (_POWER_OF_DB / 2))
    change *= change
    change *= tiles
    noise = change.sum(axis=(1, 2), dtype=np.float64)
    most = tiles.sum(axis=(1, 2), dtype=np.float64) * 10 ** (-quiet / 10)
    # The change grows with the gains as an amplitude does: nearly in proportion.
    share = np.sqrt(np.minimum(1, most / np.maximum(noise, 1e-30)))
    return np.asarray(gains * share[:, None, None], np.float32)


def _sums(values: NDArray[np.float32] | NDArray[np.bool_], plan: Plan) -> NDArray[np.float32]:
    """Return the sum over each group, (blocks, groups), of values (blocks, period, bands)."""
    flat = values.reshape(len(values), -1)[:, plan.order]
    return np.add.reduceat(flat, plan.starts, axis=1, dtype=np.float32)
