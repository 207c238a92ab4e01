"""The commands that show policies: parse, call, print. A part of the command line."""

from __future__ import annotations

import click

from labeler.commands.completing import file_names


POLICIES = click.Choice(["cn", "eu", "us-ca", "kr", "in"])


@click.group()
def policy() -> None:
    """Show the rules behind labels."""


@policy.command("show")
@click.option(
    "--policy", "name", type=POLICIES, default="cn", show_default=True, help="Body of rules."
)
@click.option(
    "--lang", default="zh", show_default=True, metavar="zh|en", help="Language of the text."
)
def policy_show(name: str, lang: str) -> None:
    """
    Print what a policy asks for, and the user agreement's text.

    \b
    aigc-label policy show --policy cn --lang en
    """  # noqa: D301
    from labeler.policy import policy_named, show_policy

    click.echo(show_policy(policy_named(name), lang))


@policy.command("report")
@click.argument("samples", nargs=-1, metavar="[SAMPLE]...", shell_complete=file_names)
@click.option("--app-store", is_flag=True, help="Material for app stores (Measures art. 7).")
@click.option("--agreement", is_flag=True, help="Text for the user agreement (Measures art. 8).")
@click.option(
    "--policy", "name", type=POLICIES, default="cn", show_default=True, help="Body of rules."
)
@click.option(
    "--lang", default="zh", show_default=True, metavar="zh|en", help="Language of the text."
)
@click.option("--app", default="", metavar="NAME", help="Name of the app.")
@click.option("--producer", default="", metavar="CODE", help="Provider code.")
def policy_report(
    samples: tuple[str, ...],
    *,
    app_store: bool,
    agreement: bool,
    name: str,
    lang: str,
    **given: str,
) -> None:
    """
    Draft the material for app stores, or the user agreement.

    It is Markdown. Labels are read from the samples and quoted; what only the service knows is
    left to fill in.

    \b
    aigc-label policy report --app-store --app Atelier labelled.png
    aigc-label policy report --agreement --lang en
    """  # noqa: D301
    from labeler.policy.app_store import agreement_text, app_store_report

    if app_store is agreement:
        raise click.UsageError("give one of --app-store and --agreement")
    if agreement:
        click.echo(agreement_text(policy=name, language=lang), nl=False)
        return
    text = app_store_report(samples=samples, language=lang, policy=name, **given)
    click.echo(text, nl=False)
