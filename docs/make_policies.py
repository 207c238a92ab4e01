"""Write docs/policies.md from the policies themselves: `python docs/make_policies.py`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from labeler.model import Layer
from labeler.policy import POLICIES, Certainty, Policy


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


HEAD = """# Policies compared

Made by `python docs/make_policies.py` from `labeler/policy`; a test fails when it is not up to
date. `--policy` of `apply` and `verify` chooses one. A policy sets the language of the label, the
layers that are asked for, and which rows the [conformity report](conformity.md) has. It is a
description of what is implemented, no legal advice and no certificate.

```console
$ aigc-label policy show --policy cn --lang en
$ aigc-label apply samples/images/camera.tiff -o eu.tiff --policy eu --producer example
```

`--policy eu` writes the label in English; a Chinese text stays possible with `--lang zh`.
"""


def page() -> str:
    """Return the whole page."""
    every = tuple(POLICIES.values())
    rows: dict[str, Callable[[Policy], str]] = {
        "rests on": lambda policy: policy.clause,
        "language of the label": lambda policy: policy.language,
        "visible layer": lambda policy: _asked(policy, Layer.VISIBLE),
        "watermark": lambda policy: _asked(policy, Layer.WATERMARK),
        "metadata layer": lambda policy: _asked(policy, Layer.METADATA),
        "GB 45438-2025 binds": lambda policy: (
            "yes" if policy.binds_gb else "no, its fields are used"
        ),
        "rows of the report": lambda policy: str(len(policy.checks)),
        "lacking after all layers": lambda policy: (
            policy.shortfall or "nothing that can be checked"
        ),
    }
    out = [HEAD, "\n| | ", " | ".join(f"`{policy.name}`" for policy in every), " |\n"]
    out.append("|---|" + "---|" * len(every) + "\n")
    for name, tell in rows.items():
        out.append(f"| {name} | {' | '.join(tell(policy) for policy in every)} |\n")
    letters = ", ".join(f"{letter.value} {letter.meaning}" for letter in Certainty)
    out.append(f"\nHow sure a source is: {letters}.\n")
    return "".join(out) + "".join(_section(policy) for policy in every)


def _asked(policy: Policy, layer: Layer) -> str:
    if layer in policy.required:
        return "**required**"
    return "encouraged" if layer in policy.encouraged else "not asked for"


def _section(policy: Policy) -> str:
    sources = ((s.rule, s.asks, s.certainty.value) for s in policy.sources)
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in sources)
    head = f"\n## {policy.title}\n\n| rule | asks | sure |\n|---|---|---|\n"
    return head + table + "\nNot done by this toolkit:\n\n" + _bullets(policy.gaps)


def _bullets(lines: Iterable[str]) -> str:
    return "".join(f"* {line}\n" for line in lines)


if __name__ == "__main__":
    Path(__file__).with_name("policies.md").write_text(page(), encoding="utf-8")
