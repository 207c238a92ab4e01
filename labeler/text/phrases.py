# ruff: noqa: E501  East Asian characters count twice, and patterns are cut by their sense
"""
How people say that a text was generated: one small grammar per language, as data.

A label is a whole line: who (a subject, if any), by whom (an agent), what was done (a verb), and
notes. A denial, a headline or a sentence about AI does not fit the grammar because nothing in
a line may be left over (design text, D). The reader is `detectors.text.explicit`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """
    The patterns of one language. ``told`` have a subject, ``bare`` have none.

    What follows a told label after a pause is free; a bare one is a label only with ``notes`` that
    belong to labels, because headlines begin like bare labels. A subject that is no text is
    caught in the group ``media``: such a line is about a picture or a sound.
    """

    lang: str
    told: tuple[str, ...]
    bare: tuple[str, ...]
    notes: str


_BRANDS = (
    r"Chat\s?GPT|챗GPT|GPT|Claude(?:\sCode)?|Gemini|(?:GitHub\s)?Copilot|Grok|DeepSeek|Kimi|Qwen|"
    r"Llama|Mistral|Perplexity|Bard|MiniMax|豆包|通义千问|通义|千问|文心一言|文心|元宝|混元|智谱清言|"
    r"智谱|讯飞星火|星火|天工|海螺|百川|盘古"
)
_VERSION = (
    r"(?:[-\s]?\d[\d.]{0,4}[a-z]?)?"
    r"(?:[-\s](?:Pro|Flash|Sonnet|Opus|Haiku|Turbo|mini|Plus|Max))?"
)
_BRAND = rf"(?:{_BRANDS}){_VERSION}"
_BRACKET = r"(?:\s*\([^()]{1,60}\)?)?"
_PAUSE = r"\s*[,，.。;；:：!！、—–-]+\s*"
_FREE = rf"(?:{_PAUSE}.{{0,160}})?"

_ZH_TEXT = (
    r"(?:文|文章|正文|内容|內容|回答|回复|回覆|答复|文本|文字|文件|文档|文檔|报告|報告|作品|稿件|译文|摘要|总结|"
    r"总述|页面|網頁|网页|邮件|代码|程序|脚本|函数|对话|资料|信息|小说|评论|帖子|笔记|剧本|新闻|资讯|文案|答案|建议|解读|"
    r"字幕|项目|教程|公告|站|Skill|README)"
)
_ZH_MEDIA = r"(?:图片|圖片|图像|配图|插图|插画|封面|视频|影片|音频|配音|语音|照片|音乐|歌曲|海报|头像|画面|图)"
_ZH_PART = r"(?:所有|全部|部分|大部分|主要|多数)"
_ZH_SUBJECT = (
    rf"(?:本|该|該|此|这|以上|以下|上述|下述|上文|服务生成的|回复的|文中|文内|{_ZH_PART})*(?:的)?"
    rf"(?:篇|份|段|条|次|页|个)?{_ZH_PART}?{{noun}}(?:的|中的?)?{_ZH_PART}?"
    r"(?:内容|內容|文字|文本|信息|观点)?"
)
_ZH_HOW = (
    r"\s*(?:均|都|全部|部分|可能|疑似|主要|完全|由|为|系|是|经|含有?|包含|使用了?|采用了?|借助了?|"
    r"基于|通过|利用了?|有)*\s*"
)
_ZH_AGENT = (
    rf"(?:(?:{_BRAND})?\s*(?:AIGC|AI|A\.I\.|人工智能|人工智慧|大语言模型|大模型|机器)|{_BRAND})"
    r"\s*(?:\(AI\))?(?:助手|技术|模型|大模型|工具|系统|算法|机器人|等)*\s*"
)
_ZH_VERB = (
    r"(?:(?:基于|根据|依据|按照|结合)[^，。；,;]{1,20}?)?"
    r"(?:自动|辅助|輔助|协助|協助|参与|独立|智能|技术|进行|搜索|检索|收集|并)*"
    r"(?:生成合成|生成|合成|创作|撰写|写作|编写|制作|翻译|输出|产生|产出|整理|润色|起草)了?"
)
_ZH_TAIL = r"(?:的?(?:内容|內容|作品|文本|文章|信息|回答|摘要|项目|程序|代码))?"
_ZH_NOTE = (
    r"(?:仅供[^，。；,;]{0,12}|僅供[^，。；,;]{0,12}|请[^，。；,;]{0,20}|可能(?:有|存在|包含|出现)[^，。；,;]{0,16}|"
    r"不代表[^，。；,;]{0,24}|不构成[^，。；,;]{0,24}|注意[^，。；,;]{0,12}|谨慎[^，。；,;]{0,12}|"
    r"(?:已?经|经过)?人工[^，。；,;]{0,12}|(?:内容|结果|信息)?仅[^，。；,;]{0,16})"
)

_EN_NOUN = (
    r"(?:(?:blog |web ?|news |forum )?(?:posts?|pages?|sites?)|contents?|texts?|articles?|documents?|"
    r"documentation|docs?|files?|responses?|answers?|repl(?:y|ies)|reports?|summar(?:y|ies)|abstracts?|"
    r"stor(?:y|ies)|messages?|outputs?|materials?|translations?|transcripts?|code|functions?|scripts?|"
    r"programs?|tests?|e-?mails?|newsletters?|descriptions?|PRDs?|READMEs?|issues?|comments?|sections?|"
    r"essays?|papers?|drafts?|reviews?|information|notes?|entr(?:y|ies)|chapters?|books?|poems?|"
    r"projects?|apps?|applications?|tools?|librar(?:y|ies)|packages?|modules?|plugins?|scaffolds?|"
    r"repo(?:sitory|sitories|s)?|templates?|configurations?|playbooks?|release notes|changelogs?|"
    r"specifications?|plans?|guides?|tutorials?|website|recipes?|analys[ie]s|sentences?|paragraphs?|captions?|subtitles?)"
)
_EN_MEDIA = (
    r"(?:(?:cover |header |hero |featured |stock )?(?:images?|pictures?|photos?|photographs?|"
    r"illustrations?|thumbnails?|artworks?|graphics?|videos?|audio|voice(?:over)?s?|music|songs?|avatars?)"
    r"(?: illustrations?)?)"
)
_EN_DETERMINER = (
    r"(?:(?:this|the|these|all|some|the above|the following|above|following|our)\s+|"
    r"(?:(?:a|the)\s+)?(?:some|parts?|portions?|most|much|large parts?|sections?|all)\s+of\s+"
    r"(?:(?:the|this|these|our)\s+)?)?"
)
_EN_PLACE = r"(?:\s+(?:on|in|of|for|from)\s+(?:this|the|our)\s+[\w-]{3,20})?"
_EN_AUX = (
    r"(?:is|are|was|were|has been|have been|had been|may be|may have been|might be|might have been|"
    r"could be|can be|may contain|contains?|includes?)"
)
_EN_ADVERB = (
    r"(?:(?:partially|partly|entirely|fully|completely|automatically|substantially|largely|mostly|"
    r"initially|originally|possibly|likely|in part|at least partly)\s+)?"
)
_EN_VERB = (
    r"(?:generated|created|written|produced|drafted|synthesi[sz]ed|made|composed|authored|prepared|"
    r"translated|summari[sz]ed)"
)
_EN_AGENT = (
    r"(?:an?\s+|the\s+)?(?:(?:generative|artificial)\s+)?"
    rf"(?:AI|A\.I\.|artificial intelligence|(?:large )?language models?|LLMs?|machine|{_BRAND})"
    rf"{_BRACKET}"
    r"(?:\s+(?:large |language |foundation )*(?:models?|tools?|systems?|assistants?|assistance|algorithms?|"
    rf"technolog(?:y|ies)|software|chatbots?|agents?|support|help))*{_BRACKET}"
)
_EN_BY = (
    r"\s+(?:in part\s+|automatically\s+)?(?:by|with|using|via|through)\s+"
    r"(?:(?:the\s+)?(?:help|assistance|aid|support|use)\s+(?:of|from)\s+)?"
)
_EN_ADJECTIVE = (
    r"(?:an?\s+)?(?:AI|machine|LLM)[-\s](?:generated|written|assisted|created|produced|"
    r"synthesi[sz]ed|translated|authored)"
)
_EN_PERHAPS = r"(?:(?:possibly|likely|suspected|may be|partially|partly)\s+)?"
_EN_SPEAKER = r"(?:AI|ChatGPT|Gemini|Copilot|Claude)"
_EN_THIS = (
    rf"this\s+(?:is|was|has been)\s+{_EN_ADVERB}"
    rf"(?:{_EN_ADJECTIVE}(?:\s+{_EN_NOUN})?|{_EN_VERB}{_EN_BY}{_EN_AGENT})"
)
_EN_GOES_ON = r"(?:\s+(?:during|based on|for|from|at|on|in|and|but|with|then|without|to|by|under|as)\s[^.。]{1,140})?"
_EN_NOTE = (
    r"(?:(?:it|they|this|which)?\s*(?:may|might|can|could)\s[^.]{2,80}|(?:please\s)?(?:verify|check|review|"
    r"double-check|use|treat|consult)\s[^.]{2,80}|(?:for\s)?(?:reference|information(?:al)?)\s[^.]{0,40}|"
    r"(?:and\s|then\s|but\s)?(?:(?:lightly|human|not)[\s-])*(?:reviewed|edited|checked|verified|proofread|"
    r"approved)[^.]{0,60}|mistakes[^.]{0,60}|errors[^.]{0,60}|you are encouraged[^.]{0,80}|"
    r"and (?:may|might|can|has|is)\s[^.]{2,80})"
)

_JA_AGENT = (
    r"(?:(?:生成|対話型?)?\s*(?:AI|人工知能|大規模言語モデル|LLM)(?:\(AI\))?"
    rf"(?:モデル|ツール|アシスタント|技術|システム)?|{_BRAND})\s*"
)
_JA_NOUN = (
    r"(?:記事|文章|文書|文|テキスト|ドキュメント|コード|提案|要約|回答|返答|コンテンツ|ページ|サイト|内容|投稿|"
    r"レポート|資料|翻訳|説明文?|本文|プログラム|メール|仕様書|コラム)"
)
_JA_MEDIA = r"(?:画像|イラスト|写真|動画|音声|音楽|挿絵|サムネイル)"
_JA_SUBJECT = r"(?:本|この|当|以下の|上記の|以上の|これらの)?{noun}(?:の(?:一部|全て|すべて|内容|全文))?(?:は|には|も)?、?\s*"
_JA_HOW = (
    r"(?:によって|により|による|を(?:利用|使用|活用)(?:して|し)|を用いて|を使って|で|が|の支援を受けて|"
    r"の協力で)?\s*(?:自動)?(?:的に)?"
)
_JA_VERB = r"(?:生成|作成|執筆|制作|翻訳|合成|要約|出力)"
_JA_END = (
    r"(?:(?:しま|されま)した|し(?:ており|てい)ます|され(?:ており|てい)ます|(?:した|された|している|されている)"
    r"(?:もの|回答|文章|コンテンツ|内容|記事|テキスト|要約|コード)?(?:です|である|になります|となります)?|"
    r"(?:コンテンツ|物|文章|記事|テキスト)(?:です|を含みます)?)?"
)
_JA_NOTE = r".{0,30}(?:可能性|場合|ご注意|ご確認|保証|参考).{0,20}"

_KO_AGENT = (
    r"(?:(?:생성형\s?)?(?:AI|인공지능|거대언어모델|LLM)(?:\(AI\))?(?:\s?(?:모델|도구|기술|챗봇|비서))?|"
    rf"{_BRAND})"
)
_KO_NOUN = r"(?:글|콘텐츠|문서|기사|게시물|게시글|답변|응답|요약|내용|텍스트|페이지|보고서|코드|번역문?|자료|이메일|문장|해설|설명)"
_KO_MEDIA = r"(?:이미지|사진|그림|영상|음성|삽화|음악)"
_KO_SUBJECT = r"(?:(?:이|본|해당|위|아래|상기)\s?)?{noun}(?:의\s?(?:일부|내용|전부))?(?:은|는|이|가|을|를)?\s*"
_KO_HOW = (
    r"(?:로|가|에\s?의해|에\s?의하여|를?\s?(?:이용|활용|사용|통)(?:해서?|하여)|을\s?(?:이용|활용|사용)(?:해서?|하여)|"
    r"의\s?도움을\s?받아|의\s?도움으로)?\s*(?:자동(?:으로)?\s?)?"
)
_KO_VERB = r"(?:생성|작성|제작|합성|번역|요약)"
_KO_END = (
    r"(?:\s?(?:되었습니다|됐습니다|되었음|됨|했습니다|하였습니다|된\s?것입니다)|"
    rf"(?:된|한)?\s?{_KO_NOUN}(?:입니다|임)?|물)?"
)
_KO_NOTE = r".{0,30}(?:수 있습니다|바랍니다|참고|주의|확인).{0,20}"

_DE_AGENT = (
    r"(?:(?:einer|einem|eines|der|dem|generativer|generative)\s+)*"
    r"(?:KI|AI|künstlicher?n?\s+Intelligenz|(?:großen?\s+)?Sprachmodell(?:s|en|e)?|"
    rf"{_BRAND})(?:[-\s](?:Unterstützung|Modell(?:en|e|s)?|Tools?|Hilfe|Systemen?|Assistent(?:en)?|"
    r"gestützten?(?:\s\w+){0,3}))?"
)
_DE_NOUN = (
    r"(?:(?:Blog)?[Bb]eitrag(?:e?s)?|Beiträge|Textes|Texte?|Artikels?|Dokument(?:s|es|e)?|Inhalt(?:e|es|s)?|"
    r"Antwort(?:en)?|Zusammenfassung|(?:Web)?[Ss]eite|E-?Mail|Bericht(?:e?s)?|(?:Quell)?[Cc]odes?|"
    r"Implementierung|Tests?|Übersetzung|Abschnitt(?:e?s)?|Kapitel|Meldung|Nachricht|Programm)"
)
_DE_MEDIA = r"(?:(?:Titel|Symbol|Beitrags)?[Bb]ild(?:er)?|Foto|Illustration|Grafik|Video|Audio|Tonspur|Musik)"
_DE_SUBJECT = (
    r"(?:(?:Dieser|Diese|Dieses|Der|Die|Das|Alle|Einige)\s+(?:folgende[rns]?\s+|obige[rns]?\s+)?|"
    r"(?:Teile|(?:Ein|Der)\s+(?:\w+\s+)?Teil)\s+(?:dieses|dieser|des|der|von)\s+)?{noun}"
    r"(?:\s+und\s+\w+)?\s+"
)
_DE_AUX = r"(?:ist|sind|wurden?|wird|werden)\s+(?:(?:teilweise|vollständig|automatisch|möglicherweise)\s+)?"
_DE_BY = (
    r"(?:von|durch|mittels|mithilfe(?:\s+von)?|mit\s+(?:der\s+)?Hilfe(?:\s+von)?|mit|"
    r"unter\s+(?:Verwendung|Einsatz)\s+von)\s+"
)
_DE_VERB = (
    r"(?:erstellt|generiert|erzeugt|verfasst|geschrieben|produziert|übersetzt|zusammengefasst|"
    r"gemacht)"
)
_DE_ADJECTIVE = (
    r"(?:(?:möglicherweise|mutmaßlich)\s+)?KI-(?:generiert|erzeugt|erstellt)(?:er|e|es)?"
)
_DE_NOTE = r"(?:(?:und|aber)\s.{2,80}|(?:bitte|kann|können|Fehler|ohne|redaktionell)\b.{2,80})"

_FR_AGENT = (
    r"(?:(?:une?|l['’]|d['’]une?|de\s+l['’]|d['’])\s*)?"
    rf"(?:IA|AI|intelligence\s+artificielle|modèle\s+de\s+langage|{_BRAND})(?:\s+générative)?"
)
_FR_NOUN = (
    r"(?:textes?|articles?|contenus?|documents?|résumés?|pages?|réponses?|traductions?|codes?|rapports?|"
    r"billets?|messages?|courriels?|e-?mails?|analyses?|synthèses?|fichiers?(?:\s\w+)?|projets?)"
)
_FR_MEDIA = r"(?:images?|photos?|illustrations?|vidéos?|visuels?|voix|musiques?)"
_FR_SUBJECT = (
    r"(?:(?:ce|cet|cette|ces|le|la|les|l['’])\s*|(?:une\s+)?parties?\s+d[eu]\s*(?:ce|cet|cette|l['’])?\s*)?"
    r"{noun}\s+(?:(?:a|ont)\s+(?:peut-être\s+)?été\s+|est\s+|sont\s+|peut\s+avoir\s+été\s+)?"
)
_FR_VERB = (
    r"(?:partiellement\s+|entièrement\s+|automatiquement\s+)?"
    r"(?:généré|rédigé|créé|écrit|produit|traduit|synthétisé|résumé|réalisé)e?s?"
    r"(?:\s+(?:automatiquement|en\s+partie|partiellement|entièrement))?"
)
_FR_BY = (
    r"\s+(?:par|avec|via|grâce\s+à|(?:avec|à)\s+l['’]aide\s+d[e'’](?:\s*l['’])?|"
    r"au\s+moyen\s+d[e'’](?:\s*l['’])?)\s*"
)
_FR_NOTE = r"(?:(?:et|mais)\s.{2,80}|(?:des\s+)?erreurs.{2,60}|(?:à|veuillez|peut)\s.{2,60})"

_ES_AGENT = (
    r"(?:(?:una?|la|el|un)\s+)?(?:herramientas?\s+de\s+)?"
    rf"(?:IA|AI|inteligencia\s+artificial|modelo\s+de\s+lenguaje|{_BRAND})(?:\s+generativa)?"
)
_ES_NOUN = (
    r"(?:textos?|artículos?|contenidos?|documentos?|resúmen(?:es)?|resumen|páginas?|respuestas?|análisis|"
    r"traducci(?:ón|ones)|códigos?|informes?|publicaci(?:ón|ones)|mensajes?|notas?|correos?|entradas?)"
)
_ES_MEDIA = (
    r"(?:im[aá]gen(?:es)?|imagen|fotos?|fotografías?|ilustraci(?:ón|ones)|v[ií]deos?|voz|música)"
)
_ES_SUBJECT = (
    r"(?:(?:este|esta|estos|estas|el|la|los|las)\s+|partes?\s+de\s+(?:este|esta|el|la)\s+)?"
    r"{noun}\s+(?:(?:ha|han)\s+sido\s+|fue(?:ron)?\s+|es\s+|son\s+|está\s+|puede\s+haber\s+sido\s+)?"
)
_ES_VERB = (
    r"(?:parcialmente\s+|totalmente\s+|automáticamente\s+)?"
    r"(?:generad|cread|redactad|elaborad|producid|traducid|resumid|sintetizad|escrit|hech)[oa]s?"
    r"(?:\s+(?:automáticamente|en\s+parte|parcialmente|totalmente))?"
)
_ES_BY = (
    r"\s+(?:por|con|mediante|usando|(?:con\s+)?(?:la\s+)?ayuda\s+de(?:\s+la)?|"
    r"con\s+(?:la\s+)?ayuda\s+de(?:\s+la)?|a\s+través\s+de)\s+"
)
_ES_NOTE = r"(?:(?:y|pero)\s.{2,80}|(?:con|sin)\s.{2,60}|puede\s.{2,60})"


def _named(pattern: str, lang_noun: str, lang_media: str) -> str:
    """Fill in what the subject may be: a text, or in its own group a medium."""
    return pattern.replace("{noun}", rf"(?:{lang_noun}|(?P<media>{lang_media}))")


GRAMMARS = (
    Grammar(
        lang="zh",
        told=(
            _named(_ZH_SUBJECT, _ZH_TEXT, _ZH_MEDIA)
            + _ZH_HOW
            + _ZH_AGENT
            + _ZH_VERB
            + _ZH_TAIL
            + _FREE,
        ),
        bare=(
            r"(?:由|系|为|经|疑似为?|可能为?由?|含有?|包含)?\s*" + _ZH_AGENT + _ZH_VERB + _ZH_TAIL,
        ),
        notes=_ZH_NOTE,
    ),
    Grammar(
        lang="en",
        told=(
            _named(_EN_DETERMINER + "{noun}", _EN_NOUN, _EN_MEDIA)
            + _EN_PLACE
            + rf"\s+(?:{_EN_AUX}\s+)?{_EN_ADVERB}{_EN_VERB}{_EN_BY}{_EN_AGENT}{_EN_GOES_ON}{_FREE}",
            _named(_EN_DETERMINER + "{noun}", _EN_NOUN, _EN_MEDIA)
            + _EN_PLACE
            + rf"\s+{_EN_AUX}\s+{_EN_ADVERB}{_EN_ADJECTIVE}(?:\s+{_EN_NOUN})?{_EN_GOES_ON}{_FREE}",
            _EN_THIS + _EN_GOES_ON + _FREE,
        ),
        bare=(
            rf"{_EN_ADVERB}{_EN_VERB}{_EN_BY}{_EN_AGENT}",
            rf"{_EN_PERHAPS}{_EN_ADJECTIVE}(?:\s+{_EN_NOUN})?{_BRACKET}",
            rf"{_EN_SPEAKER}\s+(?:responses?|answers?|outputs?)(?=\s+(?:may|can|might)\s)",
        ),
        notes=_EN_NOTE,
    ),
    Grammar(
        lang="ja",
        told=(
            _named(_JA_SUBJECT, _JA_NOUN, _JA_MEDIA)
            + _JA_AGENT
            + _JA_HOW
            + _JA_VERB
            + _JA_END
            + _FREE,
        ),
        bare=(_JA_AGENT + _JA_HOW + _JA_VERB + _JA_END,),
        notes=_JA_NOTE,
    ),
    Grammar(
        lang="ko",
        told=(
            _named(_KO_SUBJECT, _KO_NOUN, _KO_MEDIA)
            + _KO_AGENT
            + _KO_HOW
            + _KO_VERB
            + _KO_END
            + _FREE,
        ),
        bare=(_KO_AGENT + _KO_HOW + r"\s?" + _KO_VERB + _KO_END,),
        notes=rf"(?:으로|이며|이므로)?\s*{_KO_NOTE}",
    ),
    Grammar(
        lang="de",
        told=(
            _named(_DE_SUBJECT, _DE_NOUN, _DE_MEDIA)
            + rf"{_DE_AUX}{_DE_BY}{_DE_AGENT}\s+{_DE_VERB}(?:\s+und\s[^.]{{2,80}})?{_FREE}",
            _named("{noun}", _DE_NOUN, _DE_MEDIA) + rf"\s+{_DE_VERB}\s+{_DE_BY}{_DE_AGENT}{_FREE}",
        ),
        bare=(
            rf"(?:{_DE_AUX})?{_DE_BY}{_DE_AGENT}\s+{_DE_VERB}",
            rf"{_DE_VERB}\s+{_DE_BY}{_DE_AGENT}",
            rf"von\s+{_DE_AGENT}\s+{_DE_VERB}(?:er|e|es)(?:\s+{_DE_NOUN})?",
            rf"{_DE_ADJECTIVE}(?:\s+{_DE_NOUN})?",
        ),
        notes=_DE_NOTE,
    ),
    Grammar(
        lang="fr",
        told=(
            _named(_FR_SUBJECT, _FR_NOUN, _FR_MEDIA)
            + rf"{_FR_VERB}{_FR_BY}{_FR_AGENT}(?:\s+(?:et|pour)\s[^.]{{2,80}})?{_FREE}",
        ),
        bare=(rf"{_FR_VERB}{_FR_BY}{_FR_AGENT}",),
        notes=_FR_NOTE,
    ),
    Grammar(
        lang="es",
        told=(
            _named(_ES_SUBJECT, _ES_NOUN, _ES_MEDIA)
            + rf"{_ES_VERB}{_ES_BY}{_ES_AGENT}(?:\s+(?:y|con)\s[^.]{{2,80}})?{_FREE}",
        ),
        bare=(rf"{_ES_VERB}{_ES_BY}{_ES_AGENT}",),
        notes=_ES_NOTE,
    ),
)
"""One grammar per language, tried in this order."""

PREFIX = re.compile(
    r"(?:(?:AI\s+)?(?:disclosure|disclaimer|notice|note|warning|editor['’]s note|hinweis|achtung|"
    r"avertissement|avis|remarque|note|nota|advertencia|aviso)|免责声明|作者声明|创作声明|特别声明|郑重声明|声明|聲明|"
    r"说明|提示|温馨提示|提醒|注意|备注|标识|标注|注|注意事項|免責事項|참고|주의|알림)[\s*_]*[:：\]】)）—–-][\s*_]*",
    re.IGNORECASE,
)
"""Words that announce a label."""

_SHORT_AGENTS = re.compile(r"(?:[AaKk][Ii]|[Ii][Aa]|ＡＩ)(?<![A-Za-z]..)(?![A-Za-z])")
_LONG_AGENTS = (
    "人工智", "人工知能", "인공지능", "机器", "大模型", "语言模型", "言語モデル", "언어모델", "intellig", "inteligen",
    "language model", "sprachmodell", "modèle de langage", "modelo de lenguaje",
    "machine", "llm", "aigc", "a.i.", "gpt", "챗gpt", "claude", "gemini", "copilot", "grok", "deepseek", "kimi",
    "qwen", "llama", "mistral", "perplexity", "bard", "minimax", "豆包", "通义", "千问", "文心", "元宝", "混元",
    "智谱", "星火", "天工", "海螺", "百川", "盘古",
)  # fmt: skip


def names_agent(text: str) -> bool:
    """
    Say whether a text names anybody who generates: the quick way out for all others.

    >>> names_agent("由AI生成"), names_agent("He said it was a maze")
    (True, False)
    """
    folded = text.lower()
    return any(word in folded for word in _LONG_AGENTS) or bool(_SHORT_AGENTS.search(text))


@lru_cache(maxsize=16)
def told_patterns(grammar: Grammar) -> tuple[re.Pattern[str], ...]:
    """Return the patterns with a subject, to be matched in full."""
    return tuple(re.compile(pattern + r"[\s.。!！]*", re.IGNORECASE) for pattern in grammar.told)


@lru_cache(maxsize=16)
def bare_patterns(grammar: Grammar) -> tuple[re.Pattern[str], ...]:
    """Return the patterns without a subject and with notes that belong to labels."""
    notes = rf"(?:[\s,，.。;；:：!！、—–-]*{grammar.notes})*"
    return tuple(
        re.compile(pattern + notes + r"[\s.。!！]*", re.IGNORECASE) for pattern in grammar.bare
    )
