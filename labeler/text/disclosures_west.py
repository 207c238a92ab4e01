# ruff: noqa: E501  patterns are cut by their sense
"""How English, German, French and Spanish sentences disclose the part an AI had: see `disclosures`."""

from __future__ import annotations

from labeler.text.disclosures import Disclosures
from labeler.text.grammar import BRAND


_AI = rf"(?:\bA\.?I\b|\bAIs\b|(?:generative\s+)?artificial\s+intelligence|(?:(?:large\s+)?language|generative|foundation)\s+models?|\bLLMs?\b|chat\s?bots?|neural\s+networks?|machine[-\s]learning|robots?|{BRAND})"
_A = rf"(?:(?:(?!(?:who|that|which|of|in|on|about|for|fear\w*|people|humans?|but)\b)[(]?[\w'’.-]+,?\s+){{0,4}}?{_AI}(?!\s+(?:safety|now)\b)(?:[-\s](?:\d[\w.]*|assist\w*|tools?|models?|help\w*|systems?|agents?|powered|based|software|support|technolog\w+|chat\s?bots?|services?|speech|writing|translation|language|text|coding|generation|generated|summari[sz]\w+|driven|code))*(?:\s(?-i:[A-Z])[\w.-]*){{0,3}})"
_NOUN = r"(?:contents?|texts?|articles?|posts?|pages?|documents?|documentation|docs?|files?|responses?|answers?|repl(?:y|ies)|reports?|summar(?:y|ies)|abstracts?|overviews?|stor(?:y|ies)|messages?|outputs?|materials?|translations?|transcripts?|transcriptions?|code|codebase|scripts?|programs?|e-?mails?|newsletters?|descriptions?|readmes?|comments?|sections?|essays?|papers?|manuscripts?|drafts?|reviews?|information|notes?|entr(?:y|ies)|chapters?|books?|poems?|projects?|repositor(?:y|ies)|repo|website|site|blog|guides?|tutorials?|lessons?|courses?|quiz(?:zes)?|recipes?|analys[ie]s|paragraphs?|captions?|subtitles?|letters?|lyrics|slides?|presentations?|plans?|work|thesis|assignment|submission|press release|changelog|release notes|wiki|prose|wording|writing|copy|recaps?|digests?|round-?ups?|bio|minutes|memos?|faqs?|glossary|appendix|preface|foreword|statements?|threads?|questions?|exercises?|proposals?|specs?|issues?|pull\s+requests?|commits?|comment|grammar|english|titles?|headlines?|class(?:es)?|functions?|methods?|modules?|tests?|docstrings?|listings?|templates?)"
_MEDIA = r"(?:images?|pictures?|photos?|photographs?|illustrations?|thumbnails?|artworks?|graphics?|videos?|footage|audio|voice\s?overs?|voices?|music|songs?|avatars?|figures?|charts?|icons?|logos?|clips?|animations?|art|visuals?|cover|portraits?)"
_MADE = r"(?:(?:re|co|auto|machine|self|vibe)-?\s?)?(?:generated|created|written|produced|drafted|made|composed|authored|prepared|translated|summari[sz]ed|compiled|formulated|assembled|edited|polished|refined|proof-?read|rewritten|revised|improved|enhanced|optimi[sz]ed|paraphrased|rephrased|corrected|copy-?edited|developed|built|coded|programmed|implemented|designed|researched|structured|outlined|formatted|transcribed|locali[sz]ed|curated|assisted|supported|aided|synthesi[sz]ed|brainstormed|crafted|completed|organi[sz]ed|expanded|simplified|scripted|shaped|publish(?:ed)?|done|bootstrapped|scaffolded|worded|phrased|spell-?checked|ghost-?written|put\s+together)"
_MAKING = r"(?:writ(?:e|ing)|re-?writ(?:e|ing)|draft(?:ing)?|creat(?:e|ing|ion)|generat(?:e|ing|ion)|produc(?:e|ing|tion)|prepar(?:e|ing|ation)|translat(?:e|ing|ion)|summari[sz](?:e|ing)|edit(?:ing|s)?|polish(?:ing)?|proof-?read(?:ing)?|refin(?:e|ing)|improv(?:e|ing)|rephras(?:e|ing)|paraphras(?:e|ing)|develop(?:ing|ment)?|cod(?:e|ing)|structur(?:e|ing)|format(?:ting)?|outlin(?:e|ing)|compos(?:e|ing)|transcri(?:be|bing|ption)|compil(?:e|ing)|assist|aid|turn|fix(?:ing)?|correct(?:ing|ion)?|clean|tidy|phras(?:e|ing)|word(?:ing)?|mak(?:e|ing)|help|brainstorm(?:ing)?|debug(?:ging)?)"
_BY = rf"(?:by|with|using|via|through|on(?=\s+{BRAND})|thanks\s+to|courtesy\s+of|alongside|under)\s+(?:(?:the|some|a|an|significant|substantial|heavy|partial|light|lots?\s+of)\s+)*(?:[\w-]+\s+)?(?:(?:help|assistance|aid|support|use|usage|input|involvement|guidance|collaboration|cooperation|supervision)\s+(?:of|from|by|with)\s+)?"
_AUX = r"(?:is|are|was|were|has\s+been|have\s+been|had\s+been|may\s+be|may\s+have\s+been|might\s+have\s+been|being)"
_HAS = r"(?:contains?|includes?|uses?|features?|incorporates?|may\s+(?:contain|include)|might\s+contain|is|are|was|were|consists?\s+of)"
_THIS = r"\b(?:this|these|the\s+(?:above|following|preceding)|(?:parts?|portions?|sections?|some|most|much|all|bits?|the\s+majority|everything)\s+(?:of|in|on)\s+(?:the|this|our|my)|everything\s+(?:here|above|below)|the\s+(?:[\w-]+\s+){1,3}(?:above|below))\b"
_NO_VERB = r"(?:(?!\b(?:about|how|what|which|whether|why|who|that|if|against|discuss\w*|explain\w*|explor\w*|describ\w*|detect\w*|cover\w*|show\w*|list(?:s|ed)?|says?|said|claim\w*|argu\w*|check\w*)\b)[^!?;])"
_NO_LINK = r"(?:(?!\b(?:about|how|what|which|whether|why|against|detect\w*|for|of|on|to|from|when|where|responsible|used|based|than|like)\b)[^!?;])"
_ADJ = r"(?:(?:AI|A\.I\.|LLM|(?:chat)?GPT|Claude|Gemini|Copilot|artificially|machine|computer)[-\s–‑](?:generated|written|assisted|created|produced|synthesi[sz]ed|translated|authored|drafted|aided|enhanced|edited|supported|co-?authored|co-?written|powered\s+writing|made))"
_ENDS = r"(?=\s*(?:$|[,.;:()\[\]–—|/…!-]|\band\b|\bbut\b|\bthen\b|\bfrom\b|\bon\b|\bat\b|\bin\b|\bfor\b|\bwith\b|\bbased\b|\bunder\b|\bas\b|\bto\b|\bvia\b|\busing\b|\bbecause\b|\bsince\b|\bafter\b|\bduring\b|\bwhile\b|\bwithout\b|\bbefore\b|\bso\b|\bof\b|\bunder\b|\bby\b|\bwho\b|\bthat\b))"
_WE = r"\b(?:I|I['’]ve|we|we['’]ve|(?:the|this)\s+authors?|(?:our|the)\s+(?:team|editors?|editorial\s+team)|authors)\b"

ENGLISH = Disclosures(
    lang="en",
    agent=_AI,
    pointing=(
        rf"{_THIS}{_NO_VERB}{{0,80}}?\b{_AUX}\s+(?:{_NO_LINK}{{0,40}}?\s)?{_MADE}\b{_NO_LINK}{{0,40}}?\s{_BY}{_A}",
        rf"^(?:the|all|most|our|my)\s+(?:[\w-]+\s+){{0,3}}?{_NOUN}\b{_NO_VERB}{{0,40}}?\b{_AUX}\s+(?:[\w-]+\s+){{0,3}}?{_MADE}\b{_NO_LINK}{{0,30}}?\s{_BY}{_A}{_ENDS}",
        rf"{_THIS}{_NO_VERB}{{0,60}}?\b{_HAS}\s+(?:{_NO_LINK}{{0,30}}?\s)?{_ADJ}",
        rf"{_THIS}{_NO_VERB}{{0,60}}?\b(?:is|was|represents|are|were)\s+(?:(?:a|an|the|partly|largely)\s+)*(?:[\w-]+\s+){{0,2}}?(?:product|result|output|work|collaboration|creation|joint|co-?production|effort)\b{_NO_VERB}{{0,40}}?\b(?:of|by|between|with|from)\s+{_A}",
        rf"^(?:this|these)\s+(?:[\w-]+\s+){{0,4}}?{_MADE}\s+{_BY}{_A}{_ENDS}",
        rf"{_THIS}{_NO_VERB}{{0,60}}?\b{_AUX}\s[^!?;]{{0,60}}?\band\s+(?:[\w-]+\s+)?{_MADE}\s+{_BY}{_A}{_ENDS}",
        rf"{_THIS}{_NO_VERB}{{0,60}}?\b(?:is|are|was|were|comes?|came)\s+(?:(?:\w+ly|taken|copied|pasted|straight|all|written|output)\s+){{0,3}}?(?:by|from|courtesy\s+of|thanks\s+to)\s+{_A}(?=\s*(?:$|[,.;:()!-]))",
        rf"{_THIS}{_NO_VERB}{{0,60}}?\b(?:is|are|was|were)\s+(?:(?!(?:by|for|to|on|of|in|into|about|with|against|around|towards?|beyond|behind)\b)[\w-]+\s+){{0,3}}?(?:AI|LLM)(?:\s+(?:outputs?|text|content|writing|work|slop|translations?|drafts?))?(?=\s*(?:$|[,.;:()!]))",
        rf"{_WE}\s+(?:[\w-]+\s+){{0,2}}?(?:wrote|drafted|created|made|generated|translated|produced|edited|polished|rewrote|built|prepared|{_MADE})\s+(?:this|these|the\s+{_NOUN})\b[^!?;]{{0,40}}?\b{_BY}{_A}",
        rf"{_WE}\s+(?:[^!?;]{{0,60}}?\s)?(?:(?:used|employed|utili[sz]ed|leveraged|relied\s+on|worked\s+with|collaborated\s+with|acknowledge\s+the\s+use\s+of|made\s+use\s+of)\s+{_A}[^!?;]{{0,90}}?\b(?:{_MAKING}|this\s+{_NOUN})|(?:prompted|asked|had|let|got)\s+{_A}[^!?;]{{0,90}}?\b{_MAKING})\b",
        rf"\b{_A}\s+(?:was|were|is|are|has\s+been|have\s+been)\s+(?:[\w-]+\s+)?(?:used|employed|utili[sz]ed|involved|consulted)\s+(?:to|for|in|as|during|throughout|when|while)\b[^!?;]{{0,60}}?\b(?:{_MAKING})\b[^!?;]{{0,60}}?\b(?:this|these|the\s+{_NOUN}|parts?|portions?|sections?)\b",
        rf"\b{_A}\s+(?:was|were|is|are|has\s+been)\s+(?:[\w-]+\s+)?(?:used|employed|utili[sz]ed|involved|consulted)\s+(?:to|for|in|as|during|throughout|when|while|on)\b[^!?;]{{0,60}}?\bthis\s+(?:[\w-]+\s+){{0,2}}?{_NOUN}\b",
        rf"\b{_A}\s+(?:has\s+|have\s+|also\s+)?(?:fixed|corrected|rewrote|turned|converted|wrote|written|generated|created|drafted|helped|assisted|contributed|translated|summari[sz]ed|co-?wrote|produced|made|edited|polished|was\s+involved)\b[^!?;]{{0,60}}?\b(?:this|these|the\s+(?:[\w-]+\s+){{0,2}}(?:above|below|following)|(?:paragraphs?|sections?|chapters?)\s+\d)\b(?!\s+(?:year|month|week|day|morning|evening|time|summer|students?|people|users?|compan))",
        rf"^(?:[\w.-]+\s+){{1,3}}(?:was|is|were)\s+{_MADE}\s+(?:entirely|completely|fully|solely|100\s?%)\s+{_BY}{_A}{_ENDS}",
        rf"(?:^|[,:]\s+)(?:wording|words|text|writing|prose|grammar|edits?|translation|typos?\s+fixed)\s+(?:courtesy\s+of|thanks\s+to|from|by)\s+{_A}(?=\s*(?:$|[,.;)!]))",
        rf"^{_A}\s+(?:was|were|has\s+been)\s+(?:[\w-]+\s+)?(?:used|employed|utili[sz]ed|consulted)\s+(?:to|for|in|as)\s+(?:[\w-]+\s+){{0,3}}?{_MAKING}\s+(?:of\s+|with\s+)?(?:(?:the|its|my|our|some|parts?\s+of)\s+)*(?:[\w-]+\s+){{0,2}}?(?:language|wording|grammar|english|readability|style|formatting|debugging|research|ideas|translations?|{_NOUN})(?=\s*(?:$|[,.;:()!-]|\b(?:of|in|and|but)\b))",
        rf"\b(?:use|usage|help|assistance|aid|support|assisted\s+in)\s+(?:of|from|by)\s+{_A}\s+(?:in|for|during|with|while|when)\s+[^!?;]{{0,50}}?\bthis\s+(?:[\w-]+\s+){{0,2}}?{_NOUN}\b",
        rf"\b(?:in|during|for)\s+(?:the\s+)?(?:{_MAKING})\s+(?:of\s+)?this\s+(?:[\w-]+\s+){{0,2}}?{_NOUN},?[^!?;]{{0,60}}?\b(?:used|utili[sz]ed|employed|assisted|involved|help)\b[^!?;]{{0,40}}?{_A}",
    ),
    opening=(
        rf"(?:[\w-]+ly\s+|first\s+|in\s+part\s+|partially,?\s+|mostly\s+|also\s+)*{_MADE}(?:,?\s+(?:and|or|&|/)?\s*(?:[\w-]+ly\s+)?{_MADE})*(?:\s+[\w-]+){{0,4}}?\s+{_BY}{_A}{_ENDS}",
        rf"(?:(?:partially|partly|mostly|fully|an?|this\s+is)\s+)*{_ADJ}(?:\s+(?:[\w-]+\s+)?{_NOUN}(?:\s+(?:below|above|here))?)?(?=\s*(?:$|[,.;:()–—|/!·]|-\s))",
        rf"(?:(?:all|some|most|the|this|our|original|initial|first)\s+)*(?:[\w-]+\s+){{0,2}}?{_NOUN}\s+(?:[\w-]+ly\s+)?{_MADE}\s+{_BY}{_A}(?=\s*(?:$|[,.;:()–—|/!]|\b(?:from|based|on)\b))",
        rf"(?:text|words|author(?:ed)?|writer|written|writing|assisted|script|translat(?:ion|ed|or)|summary|edit(?:or|ing|ed)|draft(?:ed)?|prose|copy|code|content|research|co-?author(?:ed)?|generated|created|made)(?:[\s-]by)?\s*[:：]\s*{_A}(?=\s*(?:$|[,.;()–—|/<+&!]))",
        rf"(?:text|words|story|article|summary|translation|script|code|copy|draft|post|report)\s+by\s+{_A}(?=\s*(?:$|[,.;()–—|/!]))",
        rf"(?:byline|authors?|writer|editor|proposer|by)\s*:?\s+(?:[\w.-]+\s){{0,3}}\({_A}\)",
        rf"[\w-]+(?:ed|en)\s+by\s+[^!?;,]{{1,40}}?\s+and\s+(?:\w+ly\s+)?{_MADE}\s+{_BY}{_A}{_ENDS}",
        rf"with\s+(?:(?:the|some|a\s+little|lots\s+of|a\s+lot\s+of)\s+)?(?:help|assistance|support|aid)\s+(?:of|from|by)\s+{_A}(?=\s*(?:$|[,.;()–—|/!]))",
    ),
    against=r"\b(?:must|should|shall|need(?:s|ed)?\s+to|ha(?:s|ve)\s+to|if|when(?:ever)?(?!\s+writing|\s+draft)|whether|how|why|unless|would|could|will|until|once|please\s+(?:label|disclose|mark|do)|don['’]t|avoid|prohibit\w*|forbid\w*|ban(?:s|ned)?|polic(?:y|ies)|guidelines?|detect\w*|determine|every|any|each|he|she|they|you|your|their|his|her|someone|people|students?|users?|company|says?|said|claim\w*|alleg\w*|suspect\w*|assum\w*|probability|likely\s+that|than|example|todo|input|paste|enter|click|select|sounds?|looks?|seems?)\b",
    denied=r"\b(?:no|not|never|none|nor|neither|without|cannot)\b|n['’]t\b",
    goes_on=r"\s+(?:or|is|are|was|were|must|should|will|shall|do|does|did|has|have|can|could|needs?|may\s+be\s+(?:licen|used|subject))\b",
    unless=r"\bre-?wr(?:ote|itten)\b|[”»]|^[^\"]*\"[^\"]*$",
    media=_MEDIA,
    noun=_NOUN,
)

_DE_AI = rf"(?:\bKI\b|\bAI\b|\bKI-(?!generiert|erzeugt|erstellt|unterstützt|gestützt)[\wäöüß]+|künstliche[rn]?\s+Intelligenz|(?:großen?\s+|generativen?\s+)?Sprachmodell\w*|\bLLMs?\b|Chatbots?|maschinell\w*|{BRAND})"
_DE_A = rf"(?:(?:[\wäöüß.-]+\s+){{0,4}}?{_DE_AI}(?:[-\s](?:Unterstützung|Modell\w*|Tools?|Hilfe|System\w*|Assistent\w*|Werkzeug\w*|gestützt\w*|basiert\w*))*)"
_DE_NOUN = r"(?:\w*(?:beitr[aä]g\w*|text\w*|artikel\w*|dokument\w*|inhalt\w*|antwort\w*|fassung|seiten?|bericht\w*|codes?|übersetzung\w*|abschnitt\w*|entw[uü]rf\w*|material\w*|transkript\w*|zusammenfassung\w*|arbeit\w*|beschreibung\w*|website|webseite|projekt\w*|buch\w*|kapitel|meldung\w*|nachricht\w*|protokoll\w*|newsletter|blog\w*|post\w*|kommentar\w*|presseschau|gliederung|readme|notiz\w*|gedicht\w*|geschichte\w*|rezept\w*|kurs\w*|anleitung\w*))"
_DE_MEDIA = r"(?:\w*(?:bild(?:er|ern)?|fotos?|illustration\w*|grafik\w*|videos?|audio|tonspur|musik|stimmen?|logos?|icons?|titelbild))"
_DE_MADE = r"(?:(?:vor|mit|um)?(?:erstellt|generiert|erzeugt|verfasst|geschrieben|produziert|übersetzt|zusammengefasst|gemacht|formuliert|entwickelt|programmiert|umgesetzt|realisiert|entworfen|ausgearbeitet|angefertigt|aufbereitet|verbessert|überarbeitet|optimiert|redigiert|korrigiert|lektoriert|unterstützt|recherchiert|strukturiert|entstanden|gestaltet|transkribiert|ergänzt|bearbeitet|gegengelesen|erweitert|geglättet|aufgesetzt|verfeinert))"
_DE_MAKING = r"(?:\w*(?:erstell|generier|erzeug|verfass|schreib|produzier|übersetz|zusammenfass|formulier|entwickl|überarbeit|optimier|redig|korrigier|lektor|recherch|struktur|gestalt|bearbeit|verbesser|ausarbeit)\w*)"
_DE_BY = r"(?:von|durch|mittels|per|mithilfe|mit|unter|dank|aus|in\s+Zusammenarbeit\s+mit)\s+(?:(?:der|dem|einer|eines|etwas|viel)\s+)?(?:(?:Hilfe|Unterstützung|Einsatz|Verwendung|Mitwirkung|Zuhilfenahme|Nutzung)\s+(?:von\s+|durch\s+)?)?"
_DE_AUX = r"(?:ist|sind|wurden?|wird|werden|entstand(?:en)?|stamm(?:t|en)|kann|können)"
_DE_THIS = r"\b(?:dies(?:er|e|es|em|en)?|(?:vorliegende|obige|folgende|nachfolgende)\w*|(?:teile|ein\s+teil|alle)\s+(?:dieses|dieser|des|der|von))\b"
_DE_GAP = r"(?:(?!\b(?:ob|dass|wie|was|welche\w*|über|behandelt|erklärt|beschreibt|zeigt)\b)[^!?;])"
_DE_ADJ = r"(?:(?:KI|AI|ChatGPT|LLM|maschinell|künstlich|computer)[-\s](?:generiert|erzeugt|erstellt|unterstützt|gestützt|assistiert|übersetzt|geschrieben|verfasst)\w*)"
_DE_ENDS = r"(?=\s*(?:$|[,.;:()–—|/!-]|und\b|aber\b|sowie\b))"

GERMAN = Disclosures(
    lang="de",
    agent=_DE_AI,
    pointing=(
        rf"(?:{_DE_THIS}|^(?:(?:der|die|das|alle|einige)\s+(?:[\wäöüß-]+\s+){{0,3}}?|(?:[\wäöüß]+\s+und\s+)?){_DE_NOUN})\b{_DE_GAP}{{0,80}}?\b{_DE_AUX}\b{_DE_GAP}{{0,60}}?\b{_DE_BY}{_DE_A}{_DE_GAP}{{0,60}}?\b{_DE_MADE}\b",
        rf"(?:{_DE_THIS}|^(?:(?:der|die|das|alle|einige)\s+(?:[\wäöüß-]+\s+){{0,3}}?|(?:[\wäöüß]+\s+und\s+)?){_DE_NOUN})\b{_DE_GAP}{{0,80}}?\b{_DE_AUX}\b{_DE_GAP}{{0,40}}?\b(?:{_DE_MADE}\s+)?{_DE_BY}{_DE_A}{_DE_ENDS}",
        rf"{_DE_THIS}{_DE_GAP}{{0,60}}?\b(?:ist|sind|wurden?|enthält|enthalten|beinhaltet)\b{_DE_GAP}{{0,40}}?\b{_DE_ADJ}",
        rf"\b(?:beim?|für|zur?m?|während)\s+(?:d(?:er|as|ie|em)\s+)?{_DE_MAKING}\s+(?:dies\w+|des|der|von)\s+[^!?;]{{0,60}}?\b{_DE_A}[^!?;]{{0,60}}?\b(?:eingesetzt|verwendet|genutzt|benutzt|einsatz|unterstützt|geholfen|herangezogen|mitgewirkt)\b",
        rf"\b(?:beim?|für|zur?m?|während)\s+(?:d(?:er|as|ie|em)\s+)?{_DE_MAKING}\s+(?:dies\w+|des|der|von)\s+[^!?;]{{0,60}}?\b(?:half|unterstützte|verwendete|nutzte|kam(?:en)?|wurden?|habe|haben)\b[^!?;]{{0,40}}?{_DE_A}",
        rf"\b(?:für|bei|zu[mr]?|in)\b[^!?;]{{0,60}}?\bdies\w+\s+{_DE_NOUN}\s+(?:kam(?:en)?|wurden?|half|halfen|hat|haben)\b[^!?;]{{0,30}}?{_DE_A}",
        rf"\b(?:ich|wir|(?:der|die)\s+autor\w*|die\s+redaktion)\b[^!?;]{{0,60}}?\b{_DE_A}[^!?;]{{0,90}}?\b(?:eingesetzt|verwendet|genutzt|benutzt|herangezogen|{_DE_MADE})\b",
        rf"\b{_DE_A}\s+(?:wurden?|hat|haben|kam(?:en)?)\b[^!?;]{{0,60}}?\bdies\w+\s+{_DE_NOUN}",
    ),
    opening=(
        rf"(?:(?:teilweise|vollständig|automatisch|zum\s+teil|komplett|größtenteils)\s+)*(?:{_DE_NOUN}\s+)?{_DE_BY}{_DE_A}\s+(?:[\wäöüß]+\s+){{0,3}}?{_DE_MADE}(?:e[rns]?)?(?:(?:\s+[\wäöüß-]+){{0,2}}\s+{_DE_NOUN})?{_DE_ENDS}",
        rf"{_DE_BY}{_DE_A}\s+{_DE_MADE}e[rns]?(?:\s+[\wäöüß-]+){{1,3}}$",
        rf"(?:(?:teilweise|vollständig|automatisch|zum\s+teil|komplett|größtenteils)\s+)*(?:{_DE_NOUN}\s+)?{_DE_MADE}\s+(?:[^!?;]{{0,40}}?\s)?{_DE_BY}{_DE_A}{_DE_ENDS}",
        rf"{_DE_ADJ}(?:\s+(?:[\wäöüß-]+\s+)?{_DE_NOUN})?(?=\s*(?:$|[,.;:()–—|/!]))",
        rf"{_DE_NOUN}\s+{_DE_ADJ}(?=\s*(?:$|[,.;:()–—|/!]))",
        rf"(?:text|autor\w*|übersetzung|redaktion|zusammenfassung|entwurf)\s*[:：]\s*{_DE_A}(?=\s*(?:$|[,.;()–—|/]))",
    ),
    against=r"\b(?:ob|dass|wenn|falls|wie|muss|müssen|sollte?n?|soll|darf|dürfen|könnte\w*|verboten|kennzeichn\w*|erkennen|erkennt|prüfe\w*|bitte\s+(?:kenn|mark)\w*|er\s|sie\s+(?:sagt|habe)|ihre?|dein\w*|studierende|behauptet|rechtschreib\w*|angeblich)\b",
    denied=r"\b(?:nicht|ohne|nie|niemals|kein\w*|weder)\b",
    goes_on=r"\s+(?:ist|sind|muss|müssen|soll|sollen|darf|dürfen|werden\s+nicht|gelten|gilt|ersetzt|ersetzen)\b",
    media=_DE_MEDIA,
    noun=_DE_NOUN,
)

_FR_AI = rf"(?:\bI\.?A\b|\bAI\b|intelligences?\s+artificielles?|(?:grands?\s+)?modèles?\s+de\s+langage|\bLLMs?\b|chat\s?bots?|agents?\s+conversationnels?|{BRAND})"
_FR_A = rf"(?:(?:[(]?[\w’'.-]+\s+|[ldLD]['’]\s*){{0,5}}?{_FR_AI}(?:\s+(?:générative|conversationnelle))?)"
_FR_NOUN = r"(?:textes?|articles?|contenus?|documents?|documentation|résumés?|pages?|réponses?|traductions?|codes?|rapports?|résultats?|brouillons?|billets?|messages?|courriels?|e-?mails?|analyses?|synthèses?|fichiers?|projets?|readme|compte[s-]?\s?rendus?|sites?|cours|fiches?|notes?|livres?|chapitres?|transcriptions?|descriptions?|travail|mémoire|posts?|newsletters?|scripts?|sous-titres|publications?|recettes?|guides?)"
_FR_MEDIA = r"(?:images?|photos?|illustrations?|vidéos?|visuels?|voix|musiques?|sons?|dessins?|figures?|couvertures?|bande-son)"
_FR_MADE = r"(?:(?:co-?|re|auto-?)?(?:généré|rédigé|créé|crée|écrit|produit|traduit|synthétisé|résumé|réalisé|élaboré|composé|formulé|assisté|préparé|conçu|amélioré|corrigé|relu|reformulé|optimisé|développé|codé|programmé|transcrit|structuré|retravaillé|révisé|édité|enrichi|mis\s+en\s+forme|fait|écrite|construit|complété)e?s?)"
_FR_MAKING = r"(?:rédiger|rédaction|écrire|écriture|générer|génération|créer|création|produire|production|traduire|traduction|résumer|corriger|correction|relire|relecture|améliorer|amélioration|reformuler|structurer|mise\s+en\s+forme|élaborer|élaboration|préparer|préparation|réaliser|réalisation|développer|développement|conception|transcri\w+)"
_FR_BY = r"(?:par|via|grâce\s+à|avec|au\s+moyen\s+d[e'’]|à\s+l['’]aide\s+d[e'’]|en\s+utilisant|à\s+partir\s+d[e'’]|en\s+collaboration\s+avec|sous)\s*(?:(?:l['’]|le\s+)?(?:aide|assistance|appui|concours|soutien|support|utilisation|participation)\s+(?:d[e'’]|du)\s*)?"
_FR_AUX = r"(?:a\s+été|ont\s+été|est|sont|fut|peut\s+avoir\s+été|a\s+peut-être\s+été|ayant\s+été)"
_FR_THIS = r"\b(?:ce|cet|cette|ces|le\s+présent|la\s+présente|(?:une\s+partie|parties?|la\s+plupart|l['’]ensemble|certain\w*)\s+d\w*)\b"
_FR_GAP = r"(?:(?!\b(?:si|que|comment|pourquoi|quel\w*|explique|montre|présente\s+les|décrit|sur\s+les)\b)[^!?;])"
_FR_ENDS = r"(?=\s*(?:$|[,.;:()–—|/!-]|et\b|puis\b|mais\b|à\b|pour\b|sur\b|dans\b|sans\b|sous\b|d['’]|selon\b))"

FRENCH = Disclosures(
    lang="fr",
    agent=_FR_AI,
    pointing=(
        rf"(?:{_FR_THIS}|^(?:le|la|les|l['’])\s*(?:[\w-]+\s+){{0,2}}?{_FR_NOUN})\b{_FR_GAP}{{0,80}}?\b{_FR_AUX}\s+{_FR_GAP}{{0,40}}?{_FR_MADE}\b{_FR_GAP}{{0,40}}?\b{_FR_BY}{_FR_A}",
        rf"{_FR_THIS}{_FR_GAP}{{0,60}}?\b(?:contient|comporte|est|sont|inclut|contiennent|comprend)\b{_FR_GAP}{{0,60}}?\b{_FR_MADE}\s+{_FR_BY}{_FR_A}",
        rf"\b(?:j['’]ai|nous\s+avons)\s+(?:[\w’']+\s+)?{_FR_MADE}\s+(?:ce|cet|cette)\s+[^!?;]{{0,40}}?\b{_FR_BY}{_FR_A}",
        rf"{_FR_THIS}{_FR_GAP}{{0,60}}?\b(?:provient|viennent|vient|est\s+l['’]œuvre|est\s+le\s+fruit)\s+d[e'’]\s*{_FR_A}",
        rf"\b(?:j['’]ai|nous\s+avons|l['’]auteure?\s+a|les\s+auteurs\s+ont|la\s+rédaction\s+a)\s+(?:[\w’']+\s+)?(?:utilisé|employé|eu\s+recours|fait\s+appel|travaillé|demandé)\s+[^!?;]{{0,20}}?{_FR_A}[^!?;]{{0,90}}?\b(?:{_FR_MAKING}|(?:ce|cet|cette)\s+{_FR_NOUN})\b",
        rf"{_FR_A}\s+(?:a|ont)\s+(?:été\s+|aidé\s+|contribué\s+|participé\s+|servi\s+|assisté\s+|rédigé\s+|écrit\s+|traduit\s+)[^!?;]{{0,60}}?\b(?:{_FR_MAKING}|ce|cet|cette|ces)\b[^!?;]{{0,40}}?\b{_FR_NOUN}\b",
        rf"\b(?:pour|dans|lors\s+de|durant)\s+(?:la\s+|le\s+|l['’])?{_FR_MAKING}\s+(?:de\s+)?(?:ce|cet|cette|ces)\s+[^!?;]{{0,60}}?{_FR_A}",
    ),
    opening=(
        rf"(?:(?:partiellement|entièrement|automatiquement|en\s+partie)\s+)*(?:{_FR_NOUN}\s+(?:[\w-]+\s+)?)?(?:(?:partiellement|entièrement|automatiquement|en\s+partie)\s+)*{_FR_MADE}(?:\s+et\s+{_FR_MADE})?(?:\s+(?:automatiquement|en\s+partie|partiellement|entièrement))?\s+{_FR_BY}{_FR_A}{_FR_ENDS}",
        rf"(?:texte|auteure?|rédaction|traduction|résumé|écrit\s+par)\s*[:：]\s*{_FR_A}(?=\s*(?:$|[,.;()–—|/]))",
        rf"{_FR_NOUN}(?:\s+(?:automatiques?|assistée?s?|intégrale?s?))?\s+par\s+{_FR_A}(?=\s*(?:$|[,.;:()–—|/]))",
        rf"avec\s+(?:l['’])?(?:aide|assistance|concours)\s+d[e'’]\s*{_FR_A}(?=\s*(?:$|[,.;()–—|/]))",
    ),
    against=r"\b(?:si|comment|pourquoi|quand|doit|doivent|devra\w*|faut|interdit\w*|détect\w*|reconnaître|signal\w*|indiqu\w*|veuillez\s+(?:indiquer|signaler)|il|elle|ils|elles|vos|votre|leur|étudiants?|prétend\w*|selon\s+lui|un\s+texte|une\s+(?!ia|intelligence|partie)\w+\s+rédig\w+)\b",
    denied=r"\b(?:pas|jamais|sans|aucune?|ni|non|n['’](?:a|est|ont)|ne)\b",
    goes_on=r"\s+(?:est|sont|doit|doivent|peut|peuvent|n['’]|ne|reste|envahissent|devra\w*|pose\w*)\b",
    media=_FR_MEDIA,
    noun=_FR_NOUN,
)

_ES_AI = rf"(?:\bI\.?A\b|\bAI\b|inteligencia\s+artificial|modelos?\s+(?:grandes?\s+)?de\s+lenguaje|\bLLMs?\b|chat\s?bots?|{BRAND})"
_ES_A = rf"(?:(?:[\w.-]+\s+){{0,5}}?{_ES_AI}(?:\s+generativa)?)"
_ES_NOUN = r"(?:textos?|artículos?|contenidos?|documentos?|documentación|resúmen(?:es)?|resumen|páginas?|respuestas?|análisis|traducci(?:ón|ones)|códigos?|informes?|publicaci(?:ón|ones)|mensajes?|notas?|correos?|entradas?|resultados?|borrador(?:es)?|sitios?|web|cursos?|guías?|libros?|capítulos?|trabajos?|proyectos?|programas?|descripci(?:ón|ones)|transcripci(?:ón|ones)|posts?|boletín|readme|recetas?|subtítulos|materiale?s?)"
_ES_MEDIA = r"(?:im[aá]gen(?:es)?|imagen|fotos?|fotografías?|ilustraci(?:ón|ones)|v[ií]deos?|voz|música|audios?|dibujos?|portadas?|gráficos?)"
_ES_MADE = r"(?:(?:auto|co-?)?(?:generad|cread|redactad|elaborad|producid|traducid|resumid|sintetizad|escrit|hech|realizad|preparad|formulad|publicad|asistid|confeccionad|desarrollad|programad|mejorad|corregid|revisad|optimizad|editad|diseñad|transcrit|estructurad|construid|reescrit|apoyad|adaptad)[oa]s?)"
_ES_MAKING = r"(?:redact\w+|redacción|escrib\w+|escritura|gener(?:ar|ación)|cre(?:ar|ación)|produ(?:cir|cción)|tradu(?:cir|cción)|resum\w+|correg\w+|correc\w+|mejor\w+|elabor\w+|prepar\w+|desarroll\w+|estructur\w+|revis\w+|edi(?:tar|ción)|realiz\w+)"
_ES_BY = r"(?:por|mediante|usando|utilizando|con|a\s+través\s+de|gracias\s+a|empleando)\s+(?:(?:la|el|una?|cierta)\s+)?(?:(?:ayuda|asistencia|colaboración|apoyo|uso|participación|soporte)\s+de(?:l|\s+la)?\s+)?"
_ES_AUX = r"(?:se\s+ha|se\s+han|ha\s+sido|han\s+sido|fue|fueron|es|son|está|están|puede\s+haber\s+sido|ha|han|siendo)"
_ES_THIS = (
    r"\b(?:est[eao]s?|el\s+presente|la\s+presente|(?:partes?|la\s+mayor\s+parte|algun\w+)\s+del?)\b"
)
_ES_GAP = (
    r"(?:(?!\b(?:si|que|cómo|por\s+qué|cuál\w*|qué|explica|muestra|describe|trata|sobre)\b)[^!?;])"
)
_ES_ENDS = r"(?=\s*(?:$|[,.;:()–—|/!-]|y\b|pero\b|a\b|para\b|con\b|en\b|sin\b|según\b))"

SPANISH = Disclosures(
    lang="es",
    agent=_ES_AI,
    pointing=(
        rf"(?:{_ES_THIS}|^(?:el|la|los|las)\s+(?:[\w-]+\s+){{0,2}}?{_ES_NOUN})\b{_ES_GAP}{{0,80}}?\b{_ES_AUX}\s+{_ES_GAP}{{0,40}}?{_ES_MADE}\b{_ES_GAP}{{0,40}}?\b{_ES_BY}{_ES_A}",
        rf"{_ES_THIS}{_ES_GAP}{{0,60}}?\b(?:contiene|incluye|es|son|contienen|incluyen)\b{_ES_GAP}{{0,60}}?\b{_ES_MADE}\s+{_ES_BY}{_ES_A}",
        rf"{_ES_THIS}{_ES_GAP}{{0,60}}?\b(?:l[oa]s?\s+)?(?:escribi[óo]|redactó|generó|hizo|tradujo|elaboró|creó)\s+{_ES_A}",
        rf"\b(?:escribí|redacté|he\s+escrito|hemos\s+escrito|hice|traduje)\s+est[ea]\s+[^!?;]{{0,40}}?\b{_ES_BY}{_ES_A}",
        rf"{_ES_THIS}{_ES_GAP}{{0,60}}?\b(?:proviene|viene|procede|es\s+obra)\s+de\s+{_ES_A}",
        rf"\b(?:he|hemos|el\s+autor\s+ha|la\s+autora\s+ha|los\s+autores\s+han)\s+(?:usado|utilizado|empleado|recurrido)\s+[^!?;]{{0,20}}?{_ES_A}[^!?;]{{0,90}}?\b(?:{_ES_MAKING}|est[ea]\s+{_ES_NOUN})\b",
        rf"\bse\s+(?:ha\s+|han\s+)?(?:us(?:ó|ado|aron)|utiliz(?:ó|ado|aron)|emple(?:ó|ado|aron)|recurrió)\s+[^!?;]{{0,20}}?{_ES_A}[^!?;]{{0,60}}?\b(?:est[ea]|esta)\s+{_ES_NOUN}",
        rf"{_ES_A}\s+(?:ha|han|fue|fueron|ayudó|contribuyó|escribió|redactó|generó|tradujo|hizo|preparó|corrigió)\b[^!?;]{{0,60}}?\best[ea]s?\s+{_ES_NOUN}",
        rf"\b(?:para|en|durante)\s+(?:la\s+|el\s+)?{_ES_MAKING}\s+(?:de\s+)?est[ea]\s+[^!?;]{{0,60}}?{_ES_A}",
    ),
    opening=(
        rf"(?:(?:parcialmente|totalmente|automáticamente|en\s+parte)\s+)*(?:{_ES_NOUN}\s+(?:[\w-]+\s+)?)?(?:(?:parcialmente|totalmente|automáticamente|en\s+parte)\s+)*{_ES_MADE}(?:\s+y\s+{_ES_MADE})?(?:\s+(?:automáticamente|en\s+parte|parcialmente|totalmente))?\s+{_ES_BY}{_ES_A}{_ES_ENDS}",
        rf"(?:texto|autora?|redacción|traducción|resumen)\s*[:：]\s*{_ES_A}(?=\s*(?:$|[,.;()–—|/]))",
        rf"con\s+(?:la\s+)?(?:ayuda|asistencia|colaboración)\s+de\s+{_ES_A}(?=\s*(?:$|[,.;()–—|/]))",
    ),
    against=r"\b(?:si|cómo|por\s+qué|cuándo|debe\w*|deberá\w*|prohib\w*|detect\w*|reconocer|indicar|indique|él|ella|ellos|sus?|tus?|estudiantes?|dice|dijo|afirma|supuestamente|cualquier|cada|todo\s+el|evalúa|analiza)\b",
    denied=r"\b(?:no|nunca|sin|ningun\w*|ni)\b",
    goes_on=r"\s+(?:es|son|debe\w*|puede\w*|plantea\w*|no|requiere\w*|deberá\w*|está)\b",
    media=_ES_MEDIA,
    noun=_ES_NOUN,
)
