"""The commands that show policies: parse, call, print. A part of the command line."""

from __future__ import annotations

import click


POLICIES = click.Choice(["cn", "eu", "us-ca", "kr", "in"])


@click.group()
def policy() -> None:
    """Show the rules behind labels."""


@policy.command("show")
@click.option("--policy", "name", type=POLICIES, default="cn", show_default=True)
@click.option("--lang", default="zh", show_default=True, help="zh, or English.")
def policy_show(name: str, lang: str) -> None:
    """
    Print what a policy asks for, and the text for a user agreement (Measures art. 8).

    \b
    aigc-label policy show --policy cn --lang en
    """  # noqa: D301
    from labeler.policy import policy_named, show_policy

    click.echo(show_policy(policy_named(name), lang))
