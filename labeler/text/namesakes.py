# ruff: noqa: E501  lists are cut by their sense
"""People and bodies that are called after AI and are none: "an AI engineer", "l'Institut de l'IA"."""

from __future__ import annotations

import re
from functools import lru_cache

from labeler.text.grammar import BRAND


_EN = r"engineers?|research(?:ers?)?|scientists?|experts?|ethicists?|specialists?|consultants?|enthusiasts?|entrepreneurs?|founders?|developers?|professors?|lecturers?|students?|analysts?|strategists?|practitioners?|evangelists?|lawyers?|officers?|critics?|compan(?:y|ies)|start-?ups?|firms?|vendors?|teams?|labs?|laborator(?:y|ies)|institutes?|cent(?:er|re)s?|councils?|offices?|academy|society|associations?|foundation|agency|alliance|community|industry|department|conference|committee|commission|task\s?force"
_DE = r"forsch|expert|ingenieur|wissenschaft|spezialist|berater|beraterin|entwickler|unternehmen|firm|institut|team|labor|start-?up|beauftragt|dozent|professor|studier|abteilung|verband|zentrum|konferenz|branche"
_FR = r"chercheu\w+|expert\w*|ingénieur\w*|spécialistes?|scientifiques?|consultant\w*|étudiant\w*|professeur\w*|entreprises?|sociétés?|instituts?|équipes?|laboratoires?|centres?|agences?|fondations?"
_ES = r"investigador\w*|expert\w+|ingenier\w+|especialistas?|científic\w+|consultor\w*|estudiantes?|profesor\w*|empresas?|institutos?|equipos?|laboratorios?|centros?|agencias?|fundaci\w+"
_ZH = r"研究院|研究员|研究所|研究者|研究团队|实验室|工程师|专家|学会|协会|联盟|团队|学者|教授|从业者|爱好者|委员会|开发者|专业学生|實驗室|工程師|專家|團隊|學者"
_JA = r"研究[者所員]|研究チーム|企業|専門家|エンジニア|開発者|学会|協会|業界|ラボ"
_KO = r"연구[원자소팀]|전문가|엔지니어|기업|회사|개발자|교수|팀|학회|협회|업계"

_FIELDS = r"(?:(?:safety|ethics|policy|product|software|security|governance|now|training|data)\s+)?"
_PATTERNS = (
    rf"\b(?:AI|A\.I\.|LLM|artificial\s+intelligence|machine[-\s]learning|{BRAND})(?:['’]s)?[\s-]+{_FIELDS}(?:{_EN})\b",
    rf"\b(?:KI|AI)[-\s](?:{_DE})\w*",
    rf"\b(?:{_FR})\s+(?:[\w-]+\s+)?(?:en|de|du|d['’]|sur)\s*(?:l['’])?(?:I\.?A\b|intelligence\s+artificielle)",
    rf"\b(?:{_ES})\s+(?:[\w-]+\s+)?(?:en|de|del|sobre)\s+(?:la\s+)?(?:IA\b|inteligencia\s+artificial)",
    rf"(?:AI|人工智能|人工智慧|大模型|{BRAND})(?:生成)?(?:技术|技術|领域|領域|产品|安全|伦理|科技|工具的)?(?:{_ZH})",
    rf"(?:AI|人工知能)(?:{_JA})",
    rf"(?:AI|인공지능)\s?(?:{_KO})",
)


@lru_cache(maxsize=1)
def _namesakes() -> re.Pattern[str]:
    return re.compile("|".join(_PATTERNS), re.IGNORECASE)


def without_namesakes(line: str) -> str:
    """
    Return a line in which people and bodies called after AI are somebody.

    What they write is written by people; a line that names nobody else discloses nothing (R-05).

    >>> without_namesakes("This guide was written by an AI engineer and ChatGPT.")
    'This guide was written by an somebody and ChatGPT.'
    """
    return _namesakes().sub("somebody", line)
