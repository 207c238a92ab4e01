"""What completes the words of a command line."""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem


def file_names(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Leave completion to the names of files."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(begun, type="file")]
