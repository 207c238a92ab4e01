"""Write docs/man/aigc-label.1 from the commands themselves: `python docs/make_man.py`."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING

import click

import labeler
from cli import commands


if TYPE_CHECKING:
    from collections.abc import Iterator


PAGE = Path(__file__).with_name("man") / "aigc-label.1"
UNFOLDED = "\b"
"""The line by which click marks a paragraph that keeps its lines."""

TAIL = """.SH EXIT STATUS
.TP
.B 0
apply, propagate: all done; verify: every input is confirmed
.TP
.B 1
verify: some input is not confirmed
.TP
.B 2
any failure, wrong usage, or an input that could not be judged
.TP
.B 130
after Ctrl-C
.TP
.B 141
the reader of the output went away
.SH ENVIRONMENT
.TP
.B AIGC_LABEL_LANG
zh or en, the language of human output; otherwise the locale decides
.TP
.B AIGC_LABEL_DEBUG
when set, an internal error shows where it came from
.SH NOTES
Nothing is overwritten without \\-\\-force or \\-\\-in\\-place. No command takes a label
out or hides one. A verdict of "none" never means that a human made the content.
"""


def page() -> str:
    """Return the manual page as troff."""
    head = (
        f'.TH AIGC\\-LABEL 1 "" "aigc\\-label {labeler.__version__}" "User commands"\n'
        ".SH NAME\naigc\\-label \\- apply and verify labels on AI\\-generated content\n"
        ".SH SYNOPSIS\n.B aigc\\-label\n.I COMMAND\n[OPTIONS] [ARGS]\n"
        f".SH DESCRIPTION\n{_paragraphs(commands)}.SH COMMANDS\n"
    )
    return head + "".join(_sections(commands, "aigc-label", None)) + TAIL


def _sections(group: click.Group, path: str, parent: click.Context | None) -> Iterator[str]:
    context = click.Context(group, info_name=path.rsplit(maxsplit=1)[-1], parent=parent)
    for name in sorted(group.commands):
        command = group.commands[name]
        if isinstance(command, click.Group):
            yield from _sections(command, f"{path} {name}", context)
        else:
            own = click.Context(command, info_name=name, parent=context)
            usage = " ".join(command.collect_usage_pieces(own))
            yield f".SS {escaped(f'{path} {name} {usage}')}\n{_paragraphs(command)}{_options(own)}"


def _paragraphs(command: click.Command) -> str:
    out = []
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        lines = paragraph.strip().splitlines()
        if lines[:1] == [UNFOLDED]:
            out.append(".PP\n.nf\n" + "".join(f"{escaped(x)}\n" for x in lines[1:]) + ".fi\n")
        else:
            out.append(".PP\n" + "".join(f"{escaped(x)}\n" for x in lines))
    return "".join(out)


def _options(context: click.Context) -> str:
    out = []
    for option in context.command.params:
        record = option.get_help_record(context) if isinstance(option, click.Option) else None
        if record:
            names, told = record
            out.append(f".TP\n.B {escaped(names)}\n{escaped(' '.join(told.split()))}\n")
    return "".join(out)


def escaped(text: str) -> str:
    r"""
    Return text as troff takes it: hyphens stay hyphens, no line is taken for a request.

    >>> escaped(".x --y\\z")
    '\\&.x \\-\\-y\\ez'
    """
    out = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{out}" if out.startswith((".", "'")) else out


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
