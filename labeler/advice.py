"""What a caller should know about the label asked for, whatever the modality."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.annex_e import is_provider_code
from labeler.policy import policy_named


if TYPE_CHECKING:
    from labeler.model import Label
    from labeler.options import Options


def advice_on(label: Label, options: Options) -> list[str]:
    """Return warnings: layers that the policy asks for and nobody wants, a doubtful producer."""
    advice = []
    policy = policy_named(options.policy)
    missing = [x.value for x in policy.required if not options.wants(x)]
    if missing:
        advice.append(
            f"policy {policy.name} asks for the layers {', '.join(missing)} in an exported file "
            f"({policy.clause}); make sure that something else covers it"
        )
    if not label.allow_name and policy.binds_gb and not is_provider_code(label.producer):
        advice.append(
            f"{label.producer!r:.60} is no provider code (27 characters that begin with 00), "
            "so it is taken as a name"
        )
    if label.allow_name and any(not c.isascii() for c in label.producer):
        advice.append(
            "ContentProducer is a name outside the characters of annex E j; "
            "a provider code is safer (R-26)"
        )
    return advice
