"""The page docs/benchmarks.md: every table is written from the results, nothing by hand."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from benchmarks.attacks import ATTACKS, GROUPS, HARDER
from benchmarks.goals import goals
from benchmarks.peers import OURS
from benchmarks.summary import FLAT_KINDS, at_usual_size, joined, ratios, speed


if TYPE_CHECKING:
    from collections.abc import Iterable

    Result = dict[str, Any]

KIND_WORDS = {
    "photo": "photographs",
    "flat": "flat artwork",
    "smooth": "smooth pictures",
    "small": "small photographs",
}

_DASH = "-"


def page(result: Result, plots: Iterable[str] = ()) -> str:
    """Return the whole page as Markdown; ``plots`` are paths as the page links them."""
    sections = [
        _head(result),
        _goals(result),
        *(f"![{path.rsplit('/', 1)[-1].removesuffix('.png')}]({path})" for path in plots),
        _quality(result),
        _groups(result),
        _attacks(result),
        _missed(result),
        _speed(result),
        _memory(result),
        _false_positives(result),
        _pictures(result),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table; the first column is text, the others are figures."""
    header = list(header)
    lines = [header, ["---"] + ["--:"] * (len(header) - 1), *map(list, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def number(value: float | None, digits: int = 1) -> str:
    """Return a figure with its digits, or a dash when it was not measured."""
    return _DASH if value is None else f"{value:.{digits}f}"


def of(tally: dict[str, Any] | None) -> str:
    """Return ``read/of``, or a dash."""
    return _DASH if tally is None or not tally["of"] else f"{tally['read']}/{tally['of']}"


def _kinds(kind: str) -> str:
    return KIND_WORDS.get(kind, kind.replace("square", "squares of ") + " px")


def _head(result: Result) -> str:
    machine, packages = result["machine"], result["machine"]["packages"]
    versions = ", ".join(f"{name} {version}" for name, version in packages.items())
    away = "; ".join(f"{name}: {why}" for name, why in result["missing_peers"].items())
    lost = len(result["missing_pictures"])
    lines = [
        "# Benchmarks of the picture mark",
        "",
        "Made by one command; nothing on this page is written by hand:",
        "",
        "```sh",
        "python benchmarks/run_pictures.py --out docs",
        "```",
        "",
        "A message counts as read only when **exactly the bits that were put in** come back,",
        "blind: no original, no size, no hint. Ours must also state p <= 1e-9; peers cannot state",
        "how sure they are, they are told the length of the message and any right answer counts.",
        "Every picture belongs to the test split of a fixed list, chosen by a hash of its name.",
        "Attack code lives under benchmarks/ and tests/ only and acts on our own marks (R-56).",
        "",
        f"{machine['processor']}, {machine['system']}, Python {machine['python']}; {versions}.",
    ]
    if away:
        lines += ["", f"Not compared: {away}."]
    if lost:
        lines += ["", f"**Smaller set**: {lost} pictures of the list are not installed here."]
    if result.get("quick"):
        lines += [
            "",
            "**Quick run**: few pictures, few attacks; the figures only show that it runs.",
        ]
    return "\n".join(lines)


def _goals(result: Result) -> str:
    words = {True: "yes", False: "**no**", None: "not measured"}
    rows = [(goal.what, goal.bound, _plain(goal.figure), words[goal.met]) for goal in goals(result)]
    return "## Goals\n\n" + table(("goal", "bound", "measured", "met"), rows)


def _plain(value: float | None) -> str:
    return _DASH if value is None else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def _quality(result: Result) -> str:
    rows = []
    for name, own in result["contestants"].items():
        for kind, part in own["kinds"].items():
            quality = part["quality"]
            if quality:
                pairs = (("psnr", 1), ("ssim", 4), ("ssimulacra2", 1), ("worst_tile", 1))
                figures = [_mean_and_least(quality.get(figure), digits) for figure, digits in pairs]
                rows.append((name, _kinds(kind), str(part["pictures"]), *figures))
    header = ("mark", "pictures", "n", "PSNR dB", "SSIM", "SSIMULACRA2", "worst 64x64 tile dB")
    note = (
        "Mean, and the least in brackets. SSIM is that of the luma: marks that live in the colour "
        "planes (dwtDct, dwtDctSvd) hardly touch it; SSIMULACRA2 sees colour."
    )
    return f"## Quality\n\n{note}\n\n" + table(header, rows)


def _mean_and_least(part: dict[str, float] | None, digits: int) -> str:
    if part is None:
        return _DASH
    return f"{part['mean']:.{digits}f} ({part['min']:.{digits}f})"


def _groups(result: Result) -> str:
    names = list(GROUPS)
    rows = []
    for name, own in result["contestants"].items():
        for kind, part in own["kinds"].items():
            shares = [part["groups"].get(group) for group in names]
            if any(value is not None for value in shares):
                percents = [number(None if v is None else 100 * v) for v in shares]
                rows.append((name, _kinds(kind), str(part["pictures"]), *percents))
    depth = result["contestants"].get(OURS, {}).get("depth", "-")
    note = (
        f"Our reader searched at depth `{depth}`. The peers, being slower, get fewer pictures (n), "
        "the first of each kind by name, and rivaGan fewer attacks."
    )
    return f"## Recovery by group of attacks, per cent\n\n{note}\n\n" + table(
        ("mark", "pictures", "n", *names), rows
    )


def _attacks(result: Result) -> str:
    columns = [
        (f"{name}, {_kinds(kind)}", part["recovery"])
        for name, own in result["contestants"].items()
        for kind, part in own["kinds"].items()
        if kind in {"photo", "flat", "smooth"} and (name == OURS or kind == "photo")
    ]
    names = list(dict.fromkeys([*ATTACKS, *HARDER, *(n for _, part in columns for n in part)]))
    rows = [
        (name, *(of(part.get(name)) for _, part in columns))
        for name in names
        if any(name in part for _, part in columns)
    ]
    header = ("attack", *(title for title, _ in columns))
    return "## Recovery by attack: pictures read\n\n" + table(header, rows)


def _missed(result: Result) -> str:
    lines = []
    for kind, part in result["contestants"].get(OURS, {}).get("kinds", {}).items():
        for attack, tally in part["recovery"].items():
            if tally["missed"]:
                lines.append(f"* {_kinds(kind)}, {attack}: {', '.join(tally['missed'])}")
        lines += [
            f"* {_kinds(kind)}, refused: {name}: {why}" for name, why in part["refused"].items()
        ]
    return "## What ours did not read\n\n" + "\n".join(lines) if lines else ""


def _speed(result: Result) -> str:
    timing = result.get("timing")
    if not timing:
        return ""
    jobs = speed(timing)
    rows = [
        (job, number(sizes.get("1-2 MP"), 2), number(sizes.get("4K"), 2))
        for job, sizes in jobs.items()
    ]
    usual = at_usual_size(timing)
    against = [
        (f"{action} {peer} / {action} {OURS}", *_spread(found))
        for action in ("embed", "read")
        for peer in result["peers"]
        if (found := ratios(usual, f"{action} {peer}", f"{action} {OURS}"))
    ]
    own = [
        (f"{job} / read {OURS}", *_spread(found))
        for job in jobs
        if job.startswith(("turned", "reject")) and (found := ratios(usual, job, f"read {OURS}"))
    ]
    loads = [row["load"] for row in timing]
    note = (
        f"Processor time of one thread, {len(timing)} pictures, all contestants in turns, median "
        "of the rounds. `embed ours-1.0` is without the closed loop; `turned` reads a picture that "
        "was rotated by 5 degrees, `reject` searches an unmarked one, both at the named depth. The "
        "peers have no search: they do not read such pictures at all. Load average of the machine "
        f"meanwhile: {min(loads)} to {max(loads)}; ratios suffer less from it than times."
    )
    return "\n\n".join(
        [
            f"## Speed\n\n{note}",
            table(("job", "ms per MP at 1-2 MP", "ms per MP at 4K"), rows),
            table(("ratio, pictures of 1-2 MP", "least", "median", "most"), [*against, *own]),
        ]
    )


def _spread(values: list[float]) -> tuple[str, ...]:
    return tuple(map(number, (min(values), statistics.median(values), max(values))))


def _memory(result: Result) -> str:
    found = result.get("memory")
    if not found:
        return ""
    rows = [
        (row["contestant"], row["action"], f"{row['width']} x {row['height']}", number(row["mb"]))
        for row in found
    ]
    note = "Peak of a fresh process beyond input, output and imports; reading includes the tables."
    return f"## Memory\n\n{note}\n\n" + table(("mark", "action", "picture", "MB"), rows)


def _false_positives(result: Result) -> str:
    found = result.get("false_positives")
    if not found:
        return ""
    rows = [
        (
            name,
            f"{mode['decodes']:,}",
            number(mode["mean"], 2),
            number(mode["deviation"], 2),
            number(mode["p99.9"], 2),
            number(mode["max"], 2),
            number(mode["threshold"], 2),
            str(mode["valid_checksums"]),
            f"{mode['expected_checksums']:.2g}",
        )
        for name, mode in found["modes"].items()
    ]
    header = ("payload", "decodes", "z mean", "deviation", "99.9 %", "max", "threshold")
    tails = [
        (name, level, f"{seen:.2e}", f"{bound:.2e}")
        for name, mode in found["modes"].items()
        for level, (seen, bound) in mode["single"]["tail"].items()
    ]
    first = (
        "## False positives\n\nUngated decodes of unmarked pictures, crops and attacked ones in "
        "random geometries: z of the best codeword against its threshold."
    )
    second = (
        "What the bound rests on: the share of single random codewords whose z is at least t never "
        "exceeds exp(-t^2 / 2)."
    )
    parts = [
        first,
        table((*header, "checksums held", "by chance"), rows),
        second,
        table(("payload", "t", "seen", "bound"), tails),
    ]
    reads = found.get("reads")
    if reads:
        parts.append(
            f"Whole reader, depth {reads['depth']}: {len(reads['found'])} of {reads['pictures']} "
            f"unmarked pictures found marked; smallest p stated {reads['smallest_p']:.2g}."
        )
    return "\n\n".join(parts)


def _pictures(result: Result) -> str:
    whole = [p for p in result["pictures"] if not p["kind"].startswith("square")]
    rows = [
        (p["name"], p["kind"], f"{p['width']} x {p['height']}", f"`{p['sha256'][:12]}`")
        for p in whole
    ]
    note = (
        f"{joined(result, ['photo'])['pictures']} photographs of 1-2 MP, "
        f"{joined(result, FLAT_KINDS)['pictures']} flat and smooth pictures measured. Debian "
        f"packages: {', '.join(result['packages'])}; the rest ships with scikit-image and "
        "scikit-learn or is drawn by `benchmarks/synthesis.py`."
    )
    return f"## Pictures\n\n{note}\n\n" + table(("picture", "kind", "size", "SHA-256"), rows)
