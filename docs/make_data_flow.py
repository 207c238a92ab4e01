"""Draw docs/img/data-flow.svg, the way of a file: `python docs/make_data_flow.py`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape


PICTURE = Path(__file__).with_name("img") / "data-flow.svg"
WIDTH, STEP, BOX, GAP = 1120, 96, 58, 18
INK, LINE = "#1f2937", "#64748b"
PLAIN, CHEAP, DEAR = "#f1f5f9", "#dcfce7", "#fee2e2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One box: what happens, in which module, and how dear it is."""

    does: str
    where: str
    fill: str = PLAIN


APPLY = (
    Stage(does="open: sniff, limits", where="labeler.media"),
    Stage(does="labels there already?", where="labeler.existing", fill=CHEAP),
    Stage(does="decode", where="labeler.image.picture", fill=DEAR),
    Stage(does="draw or play label", where="labeler.*.visible", fill=DEAR),
    Stage(does="put mark in", where="labeler.*.watermark", fill=DEAR),
    Stage(does="encode", where="labeler.image.storage", fill=DEAR),
    Stage(does="write seven fields", where="labeler.metadata", fill=CHEAP),
    Stage(does="read back, rename", where="labeler.save", fill=CHEAP),
)
VERIFY = (
    Stage(does="open: sniff, limits", where="detectors.reading"),
    Stage(does="read metadata", where="detectors.metadata", fill=CHEAP),
    Stage(does="marks of others", where="detectors.foreign", fill=CHEAP),
    Stage(does="decode", where="labeler.image.picture", fill=DEAR),
    Stage(does="search the mark", where="detectors.*.watermark", fill=DEAR),
    Stage(does="search visible label", where="detectors.*.visible", fill=DEAR),
    Stage(does="judge by art. 6", where="detectors.judge", fill=CHEAP),
    Stage(does="clause by clause", where="detectors.conformity", fill=CHEAP),
)
SHARED = (
    Stage(does="numbers of the marks", where="labeler.schemes"),
    Stage(does="label to bits", where="labeler.payload"),
    Stage(does="maths on arrays", where="labeler.core"),
    Stage(does="formats as bytes", where="labeler.containers"),
    Stage(does="rules as data", where="labeler.policy"),
)
ROWS = (
    ("apply: file in, labelled file and receipt out", APPLY, True),
    ("used by both sides", SHARED, False),
    ("verify: file in, report out", VERIFY, True),
)


NOTE = "green: cheap, bytes only; red: dear. Metadata is written last and read first."


def picture() -> str:
    """Return the drawing as SVG."""
    height = 40 + len(ROWS) * (STEP + 24)
    space = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
    shape = f'<path d="M0,0 L6,3 L0,6 z" fill="{LINE}"/>'
    size = 'markerWidth="8" markerHeight="8" refX="6" refY="3" orient="auto"'
    out = [
        f'<svg {space} role="img" font-family="sans-serif" fill="{INK}">',
        "<title>The way of a file through apply and verify</title>",
        f'<defs><marker id="tip" {size}>{shape}</marker></defs>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for index, (title, stages, chained) in enumerate(ROWS):
        out += _row(30 + index * (STEP + 24), title, stages, chained=chained)
    return "\n".join([*out, _text((10, height - 12), 12, NOTE), "</svg>\n"])


def _row(top: int, title: str, stages: tuple[Stage, ...], *, chained: bool) -> list[str]:
    width = (WIDTH - 20 - GAP * (len(stages) - 1)) / len(stages)
    out = [_text((10, top), 15, title, ' font-weight="bold"')]
    for place, stage in enumerate(stages):
        left = 10 + place * (width + GAP)
        out += _box(left, top + 12, width, stage)
        if chained and place:
            out.append(_arrow(left - GAP + 1, left - 2, top + 12 + BOX / 2))
    return out


def _box(left: float, top: float, width: float, stage: Stage) -> list[str]:
    place = f'x="{left:.1f}" y="{top}" width="{width:.1f}" height="{BOX}" rx="6"'
    middle, centred = left + width / 2, ' text-anchor="middle"'
    return [
        f'<rect {place} fill="{stage.fill}" stroke="{LINE}"/>',
        _text((middle, top + 25), 11, stage.does, centred),
        _text((middle, top + 44), 8.6, stage.where, f'{centred} font-family="monospace"'),
    ]


def _arrow(start: float, end: float, level: float) -> str:
    place = f'x1="{start:.1f}" y1="{level}" x2="{end:.1f}" y2="{level}"'
    return f'<line {place} stroke="{LINE}" stroke-width="1.5" marker-end="url(#tip)"/>'


def _text(place: tuple[float, float], size: float, words: str, look: str = "") -> str:
    left, top = place
    return f'<text x="{left:.1f}" y="{top}" font-size="{size}"{look}>{escape(words)}</text>'


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
