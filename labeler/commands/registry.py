"""The commands of the registry: parse, call, print. A part of the command line, not of the API."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from labeler.commands.completing import file_names
from labeler.telling import error_line, in_words


if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator

    from labeler.registry.records import Match


_registry = click.argument("file", metavar="FILE", shell_complete=file_names)


@click.group()
def registry() -> None:
    """Keep and search the record of what was labelled."""


@registry.command()
@_registry
def init(file: str) -> None:
    """
    Make an empty registry, readable by you only.

    \b
    aigc-label registry init labels.db
    """  # noqa: D301
    from labeler.registry import make_registry

    told = in_words("new registry", "新登记库")
    click.echo(f"{make_registry(file).place}: {told}", err=True)


@registry.command()
@_registry
@click.option("--mark-id", metavar="HEX", help="Mark id, or its first digits.")
@click.option("--sha256", metavar="HEX", help="Hash of a file before or after labelling.")
@click.option("--producer", metavar="CODE", help="With --content-id.")
@click.option("--content-id", metavar="ID", help="With --producer.")
@click.option(
    "--like",
    metavar="MEDIA",
    shell_complete=file_names,
    help="A file: its bytes, else what looks or sounds alike.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["human", "jsonl"]),
    default="human",
    help="How records are printed.",
)
def find(file: str, output_format: str, **asked: str | None) -> int:
    """
    Find records; exit 0 when there are any, else 1.

    \b
    aigc-label registry find labels.db --mark-id 0123456789abcde
    aigc-label registry find labels.db --like upload.jpg
    """  # noqa: D301
    from labeler.registry import export, open_registry
    from labeler.registry.finding import find_records

    if sum(asked[name] is not None for name in ("mark_id", "sha256", "content_id", "like")) != 1:
        raise click.UsageError("give one of --mark-id, --sha256, --content-id, --like")
    if (asked["content_id"] is None) is not (asked["producer"] is None):
        raise click.UsageError("--content-id and --producer go together")
    matches = find_records(open_registry(file), **asked)
    _print((export.to_text if output_format == "human" else export.to_json_lines)(matches))
    return 0 if matches else 1


@registry.command("export")
@_registry
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    shell_complete=file_names,
    help="Where to; default: standard output.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["jsonl", "csv"]),
    default="jsonl",
    help="How records are written.",
)
@click.option("--art9", is_flag=True, help="Only items given out without a visible label.")
@click.option("--force", is_flag=True, help="Overwrite OUT.")
def export_records(
    file: str, output: str | None, output_format: str, *, art9: bool, force: bool
) -> None:
    """
    Write all records as JSON lines or CSV.

    \b
    aigc-label registry export labels.db --format csv -o labels.csv
    """  # noqa: D301
    from labeler.registry import export, open_registry
    from labeler.save import written_through

    found = open_registry(file).records(kind="export" if art9 else "")
    writers: dict[str, Callable[[Iterable[Match]], Iterator[str]]]
    writers = {"csv": export.to_csv, "jsonl": export.to_json_lines}
    pieces = writers[output_format](found)
    if output is None:
        _print(pieces)
        return
    with written_through(Path(output), overwrite=force) as place, place.open("xb") as target:
        target.writelines(piece.encode() for piece in pieces)


@registry.command()
@_registry
@click.option("--head", default="", metavar="HASH", help="A head noted earlier must be in it.")
def check(file: str, head: str) -> int:
    """
    Recompute the chain of hashes: exit 0 where it holds, else 2.

    \b
    aigc-label registry check labels.db
    """  # noqa: D301
    from labeler.registry import open_registry

    found = open_registry(file).check(head)
    told = in_words(
        "{0.entries} entries, {0.purged} of them purged; head {0.head}",
        "共 {0.entries} 条记录，其中 {0.purged} 条已清除；链首 {0.head}",
    )
    click.echo(told.format(found))
    if found.fault:
        click.echo(error_line(f"{file}: {found.fault}", about=(file,)), err=True)
    return 2 if found.fault else 0


@registry.command()
@_registry
@click.option(
    "--before",
    required=True,
    metavar="DAY",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Records older than this day; refused when any is to be kept (six months).",
)
def purge(file: str, before: dt.datetime) -> None:
    """
    Empty old records; their hashes stay in the chain.

    \b
    aigc-label registry purge labels.db --before 2026-01-01
    """  # noqa: D301
    from labeler.registry import open_registry

    count = open_registry(file).purge(before=before.date())
    click.echo(in_words(f"{count} records purged", f"已清除 {count} 条记录"), err=True)


@registry.command("import")
@_registry
@click.argument("log", metavar="LOG", shell_complete=file_names)
def import_log(file: str, log: str) -> None:
    """
    Record the lines of an --exemption-log that are new.

    \b
    aigc-label registry import labels.db exemptions.jsonl
    """  # noqa: D301
    from labeler.registry import open_registry
    from labeler.registry.export import take_exemptions

    count = take_exemptions(open_registry(file), log)
    click.echo(in_words(f"{count} records taken over", f"已转入 {count} 条记录"), err=True)


def _print(pieces: Iterable[str]) -> None:
    for piece in pieces:
        click.echo(piece, nl=False)
    sys.stdout.flush()
