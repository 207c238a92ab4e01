"""The shape of a policy: what one body of rules asks for, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from labeler.model import Layer


class Certainty(StrEnum):
    """How well a fact about the rules is known; the letters are those of ``policy show``."""

    PRIMARY = "P"
    SECONDARY = "S"
    UNCERTAIN = "U"

    @property
    def meaning(self) -> str:
        """Say in words what the letter stands for."""
        return {
            Certainty.PRIMARY: "confirmed from the primary text",
            Certainty.SECONDARY: "from a secondary source",
            Certainty.UNCERTAIN: "uncertain: inferred, or sources disagree",
        }[self]

    @property
    def meaning_zh(self) -> str:
        """Say it in Chinese."""
        return {
            Certainty.PRIMARY: "依据原文核对",
            Certainty.SECONDARY: "依据二手来源",
            Certainty.UNCERTAIN: "不确定：为推断，或各来源不一致",
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One rule that the policy rests on, what it asks for, and how sure that is."""

    rule: str
    asks: str
    certainty: Certainty
    zh: str = ""

    def in_language(self, language: str) -> str:
        """Return rule and what it asks for, in Chinese for ``zh`` where there is a translation."""
        return self.zh if language == "zh" and self.zh else f"{self.rule}: {self.asks}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """
    Method and style of the labels, in words for a user agreement (Measures art. 8, R-58).

    A template to adapt: it describes what this toolkit does by default.
    """

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the Chinese text for ``zh``, the English one for every other language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """
    One body of rules.

    ``required`` and ``encouraged`` are the layers it asks for in an exported picture; ``clause`` is
    where. ``checks`` are the requirement numbers of the conformity report that mean something
    under it. ``binds_gb`` says whether GB 45438-2025 binds (elsewhere its seven fields are only
    our format). ``shortfall`` is what even a picture with all layers lacks; ``gaps`` are all the
    duties that this toolkit does not fulfil by itself.
    """

    name: str
    title: str
    language: str
    required: tuple[Layer, ...]
    encouraged: tuple[Layer, ...]
    clause: str
    checks: frozenset[str]
    binds_gb: bool
    agreement: Agreement
    sources: tuple[Source, ...]
    shortfall: str = ""
    gaps: tuple[str, ...] = ()
    title_zh: str = ""
    gaps_zh: tuple[str, ...] = ()

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers the policy asks for or encourages."""
        return self.required + self.encouraged
