"""
Policies: which layers a body of rules asks for, what is checked, and what to tell users.

Data, not code. ``cn`` is the default; the others switch texts and layers (R-59). The records say
of every rule how well it is known, and none of them is legal advice.
"""

from __future__ import annotations

from types import MappingProxyType

from labeler.errors import UnknownPolicy
from labeler.policy.profiles import PROFILES
from labeler.policy.records import Agreement, Certainty, Policy, Source


__all__ = [
    "DEFAULT_POLICY",
    "POLICIES",
    "Agreement",
    "Certainty",
    "Policy",
    "Source",
    "policy_named",
    "show_policy",
]

POLICIES = MappingProxyType({policy.name: policy for policy in PROFILES})
"""All policies by name, in the order in which help texts list them."""

DEFAULT_POLICY = "cn"


def policy_named(name: str = DEFAULT_POLICY) -> Policy:
    """
    Return the policy of this name; raise `UnknownPolicy` with the choices otherwise.

    >>> policy_named("cn").language
    'zh'
    """
    try:
        return POLICIES[name]
    except KeyError:
        choices = ", ".join(POLICIES)
        raise UnknownPolicy(f"{name!r} is no policy; choose one of: {choices}") from None


def show_policy(policy: Policy, language: str = "en") -> str:
    """
    Return what ``policy show`` prints: layers, agreement text, sources, what is left (R-58).

    ``language`` is the language of the agreement text: ``zh``, or English for any other.
    """
    lines = [
        f"{policy.name}: {policy.title}",
        "",
        f"Layers required:   {_names(policy.required)}",
        f"Layers encouraged: {_names(policy.encouraged)}",
        f"Rests on:          {policy.clause}",
        f"Label language:    {policy.language}",
        "",
        "Method and style of the labels, for the user agreement (a template, adapt it):",
        "",
        policy.agreement.in_language(language),
        "",
        "Sources:",
        *(f"  [{s.certainty.value}] {s.rule}: {s.asks}" for s in policy.sources),
        "",
        *(f"  [{letter.value}] = {letter.meaning}" for letter in Certainty),
        "",
        "Not done by this toolkit:",
        *(f"  {gap}" for gap in policy.gaps),
        "",
        "This describes what is implemented; it is no legal advice and no certificate.",
    ]
    return "\n".join(lines)


def _names(layers: tuple[object, ...]) -> str:
    return ", ".join(str(layer) for layer in layers) or "none"
