"""Write docs/cli.md from the commands themselves: `python docs/make_cli.py`."""

from __future__ import annotations

from pathlib import Path

import click

from cli import commands


HEAD = """# Commands

Made by `python docs/make_cli.py`; a test fails when it is not up to date.

Results go to standard output, everything else to standard error; `-` is standard input or output.
Exit status: `apply` and `propagate` 0 all done, 2 any failure; `verify` 0 every input confirmed,
1 some not, 2 something could not be judged; 130 after Ctrl-C, 141 when the reader of the output
went away. Human output is Chinese or English by `AIGC_LABEL_LANG` or the locale. Nothing is
overwritten without `--force` or `--in-place`. No command removes or hides a label.
"""


def page() -> str:
    """Return the whole page."""
    return HEAD + "".join(sections(commands, "aigc-label", None))


def sections(group: click.Group, path: str, parent: click.Context | None) -> list[str]:
    """Return a section a command, groups opened up."""
    settings = group.context_settings if parent is None else {}
    name = path.rsplit(maxsplit=1)[-1]
    context = click.Context(group, info_name=name, parent=parent, **settings)
    out = []
    for name in sorted(group.commands):
        command = group.commands[name]
        if isinstance(command, click.Group):
            out += sections(command, f"{path} {name}", context)
        else:
            own = click.Context(command, info_name=name, parent=context, terminal_width=100)
            out.append(f"\n## {path} {name}\n\n```text\n{command.get_help(own)}\n```\n")
    return out


if __name__ == "__main__":
    Path(__file__).with_name("cli.md").write_text(page(), encoding="utf-8")
