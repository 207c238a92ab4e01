# ruff: noqa: E501  sentences of the page are not broken
"""The page docs/benchmarks-text.md and its goals: written from the results, nothing by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.goals import Goal, at_least, at_most
from benchmarks.report import table
from benchmarks.text_recovery import CHANGES, EXCERPT


if TYPE_CHECKING:
    from collections.abc import Iterable

    Result = dict[str, Any]

SCHEMA = 1
_ASKED = tuple(name for name in CHANGES if name != "none")


def goals(result: Result) -> list[Goal]:
    """Return every goal of the text marks with the figure that was measured."""
    return [*_mark_goals(result), *_sampling_goals(result), *_label_goals(result)]


def _mark_goals(result: Result) -> Iterable[Goal]:
    for language in ("en", "zh"):
        cells = (result.get("recovery") or {}).get(f"{language}, excerpt first", {})
        for name in _ASKED:
            yield at_least(
                f"{language}: excerpts of {EXCERPT}, {name}", _share(cells.get(name)), 99, " %"
            )
    for row in result.get("speed") or []:
        for job, bound in (("embed", 40), ("read marked", 100), ("read clean", 100)):
            peer = row["rates"].get(f"glyphmark {job}")
            ratio = round(row["rates"][f"ours {job}"] / peer, 1) if peer else None
            yield at_least(f"{row['language']}: {job}, against glyphmark", ratio, bound, "x")
    unmarked = result.get("unmarked") or {}
    yield at_least("unmarked real text", unmarked.get("megabytes"), 25, " MB")
    yield at_most("marks found in it", len(unmarked["found"]) if unmarked else None, 0)


def _sampling_goals(result: Result) -> Iterable[Goal]:
    sampling = result.get("sampling") or {}
    for language in ("en", "zh"):
        cells = sampling.get("power", {}).get(f"{language}, temperature 1", {}).get("cells", {})
        for change in ("none", "20 % replaced"):
            told = f"{language}: 200 tokens at p < 1e-6, changed: {change}"
            yield at_least(told, _share(cells.get(change)), 100, " %")
        for name, null in sampling.get("null", {}).get(language, {}).items():
            if name != "both":
                told = f"{language}: {name}, {null['trials']} null texts, distance to uniform"
                yield at_most(told, null["distance"], null["limit"])
    for row in result.get("sampling_speed") or []:
        took = row["microseconds"]
        if (row["vocabulary"], row["batch"]) == (32_000, 1) and "transformers SynthID" in took:
            ratio = round(took["transformers SynthID"] / took["ours"], 1)
            yield at_least(
                "step at 32,000, batch 1, against transformers SynthID on CPU", ratio, 200, "x"
            )


def _label_goals(result: Result) -> Iterable[Goal]:
    labels = result.get("labels") or {}
    if labels:
        both = [labels["labels"], labels["later labels"]]
        share = round(100 * sum(x["found"] for x in both) / sum(x["of"] for x in both), 1)
        yield at_least("explicit labels found", share, 97, " %")
        fresh = labels.get("fresh", [])
        flagged = sum(told["traps"]["found"] for told in fresh)
        both_traps = labels["traps"]["found"] + labels["later traps"]["found"]
        yield at_most("traps flagged", both_traps + flagged, 0)
        now, of = (sum(told["labels"][key] for told in fresh) for key in ("found", "of"))
        yield at_least("labels of all collected sets, now", round(100 * now / of, 1), 97, " %")
        for number, told in enumerate(fresh, 1):
            first = round(100 * told["first labels"] / told["labels"]["of"], 1)
            yield at_least(f"fresh set {number}, labels found at first contact", first, 97, " %")
        yield at_least("real paragraphs", labels["paragraphs"]["count"], 10_000)
        yield at_most("of them flagged", len(labels["paragraphs"]["flagged"]), 0)


def _share(cell: dict[str, int] | None) -> float | None:
    if not cell:
        return None
    return round(100 * cell.get("read", cell.get("found", 0)) / cell["of"], 2)


def page(result: Result) -> str:
    """Return the whole page as Markdown."""
    sections = [
        _head(result), _goal_table(result), _recovery(result), _speed(result), _unmarked(result),
        _power(result), _null(result), _sampling_speed(result), _labels(result),
    ]  # fmt: skip
    return "\n\n".join(section for section in sections if section) + "\n"


def _head(result: Result) -> str:
    machine = result["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return f"""# Benchmarks of the text marks and of the reader of explicit labels

Made by one command; nothing on this page is written by hand:

```sh
python benchmarks/run_texts.py --out docs
```

Texts are those of the Debian packages {", ".join(result["texts"])}. Attack code lives under benchmarks/ and
tests/ only and acts on our own marks (R-56). Figures of speed are medians of interleaved runs in one process with one
thread; the machine may have been busy with other work, so compare within a table only.

{machine["processor"]}, {machine["system"]}, Python {machine["python"]}; {packages}."""


def _goal_table(result: Result) -> str:
    met = {True: "yes", False: "**no**", None: "not measured"}
    rows = [
        [goal.what, goal.bound, "-" if goal.figure is None else f"{goal.figure:g}", met[goal.met]]
        for goal in goals(result)
    ]
    return "## Goals\n\n" + table(["goal", "bound", "measured", "met"], rows)


def _recovery(result: Result) -> str:
    found = result.get("recovery")
    if not found:
        return ""
    rows = [
        [name, *(_cell(found[column].get(name)) for column in found)]
        for name in CHANGES
    ]  # fmt: skip
    return (
        f"## The mark of finished text: excerpts of {EXCERPT} visible characters\n\nProfile `excerpt`, random documents and "
        "places. *Excerpt first*: cut out, then changed; *change first*: the other way round. Shuffling first draws sentences "
        "without a packet together, so an excerpt may hold none.\n\n"
        + table(["change", *found], rows)
    )


def _cell(cell: dict[str, int] | None) -> str:
    return "-" if cell is None else f"{cell['read']}/{cell['of']}"


def _speed(result: Result) -> str:
    rows = []
    for row in result.get("speed") or []:
        scale = row["bytes"] / row["characters"]
        for name, rate in row["rates"].items():
            rows.append([f"{row['language']}: {name}", f"{rate:.3g}", f"{rate * scale:.3g}"])
    if not rows:
        return ""
    grown = "; ".join(
        f"{r['language']}: light {r['growth']['light']}, excerpt {r['growth']['excerpt']}"
        for r in result["speed"]
    )
    sizes = ", ".join(f"{row['characters']:,} ({row['language']})" for row in result["speed"])
    return (
        f"## Speed of the mark of finished text\n\nVisible characters: {sizes}; glyphmark, being slower, gets a quarter of them. MB "
        "are of the unmarked text in UTF-8. Bytes after over before: " + grown + ".\n\n"
        + table(["job", "million characters/s", "MB/s"], rows)
    )  # fmt: skip


def _unmarked(result: Result) -> str:
    found = result.get("unmarked")
    if not found:
        return ""
    return (
        f"## Unmarked text\n\n{found['megabytes']} MB in {found['files']} files, markup and all; {found['with_symbols']} of them hold "
        f"characters of the mark's alphabets. Marks found: {len(found['found'])}."
    )


def _power(result: Result) -> str:
    power = (result.get("sampling") or {}).get("power")
    if not power:
        return ""
    changes = list(next(iter(power.values()))["cells"])
    rows = [
        [f"{name}, {row['nats']} nats", *(f"{c['found']}/{c['of']}, {c['log10_p']:g}" for c in row["cells"].values())]
        for name, row in power.items()
    ]  # fmt: skip
    return (
        "## The generation-time mark: texts of 200 tokens found at p < 1e-6, and median log10 p\n\nA 4-gram model over 8,000 BPE tokens, top 100, "
        "context 2, 30 layers. A chat model at usual temperatures has about the entropy of the lower rows.\n\n"
        + table(["model", *changes], rows)
    )


def _null(result: Result) -> str:
    null = (result.get("sampling") or {}).get("null")
    if not null:
        return ""
    rows = [
        [f"{language}: {name}", f"{n['trials']}", f"{n['distance']}", f"{n['below_0.01']}", f"{n['below_0.001']}", f"{n['smallest']:g}"]
        for language, parts in null.items()
        for name, n in parts.items()
    ]  # fmt: skip
    limit = next(iter(next(iter(null.values())).values()))["limit"]
    return (
        "## The generation-time mark on text without it\n\nWindows of 200 tokens of real text, each under a new key. The Kolmogorov distance to the "
        f"uniform law stays below {limit} in 99 of 100 runs of an exact test; *both* is doubled on purpose and not uniform.\n\n"
        + table(
            ["statistic", "texts", "distance", "P(p < 0.01)", "P(p < 0.001)", "smallest p"], rows
        )
    )


def _sampling_speed(result: Result) -> str:
    rows = [
        [f"{row['vocabulary']:,}", str(row["batch"]), *(f"{row['microseconds'].get(n, 0):,.0f}" if n in row["microseconds"] else "-"
         for n in ("ours", "transformers SynthID"))]
        for row in result.get("sampling_speed") or []
    ]  # fmt: skip
    if not rows:
        return ""
    return "## The generation-time mark: microseconds a step, CPU\n\n" + table(
        ["vocabulary", "batch", "ours, with top-k", "transformers SynthID"], rows
    )


def _labels(result: Result) -> str:
    labels = result.get("labels")
    if not labels:
        return ""
    rows = [
        ["labels collected before the grammar", f"{labels['labels']['found']}/{labels['labels']['of']}"],
        ["traps collected before the grammar", f"{labels['traps']['found']}/{labels['traps']['of']}"],
        ["labels collected after it", f"{labels['later labels']['found']}/{labels['later labels']['of']}"],
        ["traps collected after it", f"{labels['later traps']['found']}/{labels['later traps']['of']}"],
        ["real paragraphs", f"{len(labels['paragraphs']['flagged'])}/{labels['paragraphs']['count']}"],
    ]  # fmt: skip
    fresh = [
        [
            str(number),
            f"{told['first labels']}/{told['labels']['of']}",
            f"{told['first traps']}/{told['traps']['of']}",
            f"{told['labels']['found']}/{told['labels']['of']}",
            f"{told['traps']['found']}/{told['traps']['of']}",
        ]
        for number, told in enumerate(labels.get("fresh", []), 1)
    ]
    heads = ["fresh set", "labels at first", "traps at first", "labels now", "traps now"]
    return (
        "## Explicit labels: lines taken for labels\n\nSet as the first and as the last line of a text. The lines collected later were shown to the grammar "
        "once before it was widened: 14 of 24 labels and 0 of 29 traps were then flagged. That first contact is what to expect of wordings nobody has seen.\n\n"
        + table(["lines", "flagged"], rows)
        + (f"\n\nFresh sets, from the fourth on of real lines only, each shown to the grammar before it was widened by what it "
           f"missed (docs/text.md):\n\n{table(heads, fresh)}" if fresh else "")
    )  # fmt: skip
