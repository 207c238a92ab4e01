"""
Feed every parser damaged files: `python benchmarks/fuzz.py --inputs 100000`.

Files of every kind are truncated, spliced, bit-flipped, repeated, and given lengths that lie. A
parser may return, or raise `LabelError`; anything else is a crash. Over 1 s of processor time is a
hang, over 64 MB beyond the intact files a waste of memory (R-50). The state is kept in a file, so
that a run goes on where it was stopped; inputs depend on the seed and their number alone.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import signal
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.fuzz_targets import TARGETS, Target


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import FrameType


ODD = (b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\1", b"\1\0\0\0")
"""Lengths that lie."""

SECONDS, MEGABYTES, PATIENCE, BATCH = 1.0, 64, 20.0, 200


class Hang(BaseException):
    """An input took longer than anybody waits."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of the inputs of one parser so far."""

    done: int = 0
    refused: int = 0
    slowest: float = 0.0
    most: float = 0.0
    slow: list[int] = field(default_factory=list)
    fat: list[int] = field(default_factory=list)
    crashes: dict[str, list[int]] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Whether every input was read or refused in time and space."""
        return not (self.slow or self.fat or self.crashes)


def damaged(seeds: Sequence[bytes], rng: random.Random) -> bytes:
    """Return one of the seeds, damaged one to three times."""
    data = rng.choice(seeds)
    for _ in range(rng.randint(1, 3)):
        data = rng.choice(WAYS)(data, seeds, rng)
    return data


def _cut(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    return data[: rng.randint(0, len(data))]


def _spliced(data: bytes, seeds: Sequence[bytes], rng: random.Random) -> bytes:
    other = rng.choice(seeds)
    return data[: rng.randint(0, len(data))] + other[rng.randint(0, len(other)) :]


def _flipped(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    out = bytearray(data)
    for _number in range(rng.randint(1, 6) if out else 0):
        out[_place(len(out), rng)] ^= 1 << rng.randrange(8)
    return bytes(out)


def _lying(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    at, odd = _place(len(data) + 1, rng), rng.choice(ODD)[: rng.choice((1, 2, 4))]
    return data[:at] + odd + data[at + len(odd) :]


def _repeated(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    at = _place(len(data) + 1, rng)
    part = data[at : at + rng.randint(1, 400)]
    return data[:at] + part * rng.randint(2, 20) + data[at:]


def _shortened(data: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    at = _place(len(data) + 1, rng)
    return data[:at] + data[at + rng.randint(1, 60) :]


def _place(size: int, rng: random.Random) -> int:
    """Return a place, in the head more often: that is where the structure is."""
    return rng.randrange(min(size, rng.choice((64, 1_000, size))))


WAYS = (_cut, _spliced, _flipped, _flipped, _lying, _lying, _repeated, _shortened)


def made(target: Target, seeds: Sequence[bytes], seed: int, number: int) -> bytes:
    """Return the input of this number, always the same."""
    return damaged(seeds, random.Random(f"{seed}/{target.name}/{number}"))


def fuzz(target: Target, tally: Tally, upto: int, *, seed: int = 1) -> None:
    """Run the inputs up to a number that have not been run, and note what came of them."""
    seeds = target.seeds()
    reset_peak()
    for data in seeds:
        target.run(data)
    baseline = peak_megabytes()
    while tally.done < upto:
        numbers = range(tally.done, min(tally.done + BATCH, upto))
        reset_peak()
        for number in numbers:
            _try(target, tally, number, made(target, seeds, seed, number))
        grown = peak_megabytes() - baseline
        tally.most = max(tally.most, grown)
        if grown > MEGABYTES:
            inputs = {number: made(target, seeds, seed, number) for number in numbers}
            tally.fat += [n for n, data in inputs.items() if _is_fat(target, data, baseline)]
        tally.done = numbers.stop


def _try(target: Target, tally: Tally, number: int, data: bytes) -> None:
    start = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, PATIENCE)
    try:
        tally.refused += target.run(data) > 0
    except Hang:
        tally.slow.append(number)
    except Exception as error:  # noqa: BLE001  whatever it is, it is what we look for
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} in {Path(last.filename).name}:{last.lineno} {last.name}"
        tally.crashes.setdefault(where, []).append(number)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    took = time.process_time() - start
    tally.slowest = max(tally.slowest, took)
    if took > SECONDS and number not in tally.slow:
        tally.slow.append(number)


def _is_fat(target: Target, data: bytes, baseline: float) -> bool:
    """Say whether an input takes too much memory, on its own."""
    reset_peak()
    with suppress(Exception):
        target.run(data)
    return peak_megabytes() - baseline > MEGABYTES


def reset_peak() -> None:
    """Let the largest resident size start anew, where the system can."""
    forget = Path("/proc/self/clear_refs")
    if forget.exists():
        forget.write_text("5")


def peak_megabytes() -> float:
    """Return the largest resident size since it was reset."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _out_of_patience(_: int, __: FrameType | None) -> None:
    raise Hang


def table(tallies: dict[str, Tally]) -> str:
    """Return the results as a table of Markdown."""
    out = ["| parser | inputs | refused | crashes | over 1 s | over 64 MB | slowest | memory |"]
    out.append("|---|--:|--:|--:|--:|--:|--:|--:|")
    for name, tally in tallies.items():
        crashes = sum(map(len, tally.crashes.values()))
        out.append(
            f"| {name} | {tally.done:,} | {tally.refused:,} | {crashes} | {len(tally.slow)} | "
            f"{len(tally.fat)} | {tally.slowest:.2f} s | +{max(tally.most, 0):.0f} MB |"
        )
    total = sum(tally.done for tally in tallies.values())
    return "\n".join([*out, f"\n{len(tallies)} parsers, {total:,} inputs."])


def main() -> int:
    """Fuzz the parsers in turn; return 1 when one of them was not clean."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--inputs", type=int, default=1_000, help="For each parser, in all.")
    parser.add_argument("--only", nargs="*", help="Parsers; default: every one.")
    parser.add_argument("--state", type=Path, default=Path("fuzz-state.json"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9, help="Stop after so much time.")
    parser.add_argument("--keep", type=Path, help="Write the inputs that were not clean here.")
    asked = parser.parse_args()
    signal.signal(signal.SIGPROF, _out_of_patience)
    known = json.loads(asked.state.read_text()) if asked.state.exists() else {}
    tallies = {name: Tally(**known.get(name, {})) for name in asked.only or TARGETS}
    end = time.monotonic() + 60 * asked.minutes
    for step in _steps(asked.inputs):
        for name, tally in tallies.items():
            if tally.done < step and time.monotonic() < end:
                fuzz(TARGETS[name], tally, step, seed=asked.seed)
                everything = {**known, **{n: asdict(t) for n, t in tallies.items()}}
                asked.state.write_text(json.dumps(everything))
    print(table(tallies))
    for name, tally in tallies.items():
        _tell(TARGETS[name], tally, asked.keep, asked.seed)
    return int(not all(tally.is_clean for tally in tallies.values()))


def _steps(inputs: int) -> Iterable[int]:
    """Yield numbers up to which all parsers go before any goes further."""
    step = 1_000
    while step < inputs:
        yield step
        step *= 3
    yield inputs


def _tell(target: Target, tally: Tally, keep: Path | None, seed: int) -> None:
    found = {**tally.crashes, "over 1 s": tally.slow, "over 64 MB": tally.fat}
    for what, numbers in found.items():
        if numbers:
            print(f"{target.name}: {what}: inputs {numbers[:5]}, {len(numbers)} in all")
            if keep:
                keep.mkdir(parents=True, exist_ok=True)
                data = made(target, target.seeds(), seed, numbers[0])
                (keep / f"{target.name}-{numbers[0]}.bin".replace(" ", "-")).write_bytes(data)


if __name__ == "__main__":
    sys.exit(main())
