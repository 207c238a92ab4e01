# ruff: noqa: E501, ISC004  patterns are cut by their sense, East Asian characters count twice
"""How English, German, French and Spanish say that a text was generated: grammars of `phrases`."""

from __future__ import annotations

from labeler.text.grammar import BRACKET, BRAND, FREE, Grammar, about


_EN_NOUN = (
    r"(?:news|(?:blog |web ?|news |forum )?(?:posts?|pages?|sites?)|contents?|texts?|articles?|"
    r"documents?|documentation|docs?|files?|responses?|answers?|repl(?:y|ies)|reports?|"
    r"summar(?:y|ies)|abstracts?|stor(?:y|ies)|messages?|outputs?|materials?|translations?|"
    r"transcripts?|code|functions?|scripts?|programs?|tests?|e-?mails?|newsletters?|"
    r"descriptions?|PRDs?|READMEs?|issues?|comments?|sections?|essays?|papers?|(?:first )?drafts?|"
    r"reviews?|information|notes?|entr(?:y|ies)|chapters?|books?|poems?|projects?|apps?|"
    r"applications?|tools?|librar(?:y|ies)|packages?|modules?|plugins?|scaffolds?|"
    r"repo(?:sitory|sitories|s)?|templates?|configurations?|playbooks?|release notes|changelogs?|"
    r"specifications?|plans?|guides?|tutorials?|website|recipes?|analys[ie]s|sentences?|"
    r"paragraphs?|captions?|subtitles?)"
)
_EN_MEDIA = (
    r"(?:(?:cover |header |hero |featured |stock )?(?:images?|pictures?|photos?|photographs?|"
    r"illustrations?|thumbnails?|artworks?|graphics?|videos?|audio|voice(?:over)?s?|music|songs?|"
    r"avatars?|figures?|charts?|icons?|logos?|clips?|sounds?|tracks?|animations?|art)"
    r"(?: illustrations?)?)"
)
_EN_DETERMINER = (
    r"(?:(?:this|the|these|all|some|the above|the following|above|following|our|an?)\s+|"
    r"(?:almost\s+|nearly\s+)?(?:(?:a|the)\s+)?(?:(?:large|small|significant|good|major)\s+)?"
    r"(?:some|parts?|portions?|bits?|most|much|majority|sections?|all)\s+of\s+"
    r"(?:(?:the|this|these|our)\s+)?(?:\w+ing\s+)?)?"
)
_EN_OTHER = rf"(?!(?:{_EN_MEDIA}|no|not|never|kind|sort|if|that|who|how|what|which|whether|why|explain\w*|describ\w*|discuss\w*|show\w*)\b)"
_EN_KIND = (
    r"(?:(?:almost |nearly )?(?:all|most|many|some(?: parts| portions| sections)?|(?:a |the )?(?:(?:large|small|significant|good|"
    r"major) )?(?:parts?|portions?|bits?|majority)) of )?"
    r"(?:this|these|the above|the following)\s+"
    rf"(?:{_EN_OTHER}[\w'’-]+,?\s+){{1,6}}?"
)
"""Words that point to the text in front of the reader, whatever it is called."""

_EN_MODIFIER = (
    r"(?:(?!(?:detect|review|check|use|edit|verify|read|show|generate|create|save|avoid|find|ban|"
    r"mark|label|flag|reject|any|no|every|each|if|when|how|the|a|an|your|our|their|his|her|like|"
    r"about|of|for|to|and|or|not|only|with)\b)[A-Za-z-]{2,15}\s+)?"
)
_EN_PLACE = r"(?:(?:,\s+[\w-]+(?:\s[\w-]+)?){0,2}\s+and\s+(?:its\s+)?[\w-]+)?(?:\s+(?:on|in|of|for|from)\s+(?:this|the|our)\s+[\w-]{3,20}(?:\s[\w-]{3,20})?|\s+below)?"
_EN_AUX = (
    r"(?:is|are|was|were|has been|have been|had been|may be|may have been|might be|"
    r"might have been|could be|can be|may contain|contains?|includes?)"
)
_EN_ADVERB = (
    r"(?:(?:partially|partly|entirely|fully|completely|automatically|substantially|largely|mostly|"
    r"initially|originally|possibly|likely|at least partly|in (?:whole or (?:in )?)?part|"
    r"(?!not|only|never)[a-z]{4,12}ly)\s+)?"
)
_EN_DONE = (
    r"generated|created|written|produced|drafted|synthesi[sz]ed|made|composed|authored|prepared|"
    r"translated|summari[sz]ed|compiled|formulated|assembled"
)
_EN_VERB = (
    rf"(?:machine-|auto-|co-)?(?:{_EN_DONE})(?:\s+(?:and|or|and/or)\s+(?:{_EN_DONE}|edited|modified|manipulated))?"
    r"(?:\s+(?:entirely|fully|completely|partly|partially|mostly|largely|automatically|solely))?"
)
_EN_AGENT = (
    r"(?:an?\s+|the\s+)?(?:(?:generative|artificial)\s+)?"
    rf"(?:(?:(?!of|in|on|about|for|against|and|or|who|that|to|the|no\b|not|actual)[\w.]+\s){{1,2}}(?=AI\b)|"
    rf"[A-Z]\w+['’]s\s+(?=(?:AI|{BRAND})\b))?"
    rf"(?:AI|A\.I\.|artificial intelligence|(?:large )?language models?|LLMs?|machine|{BRAND})"
    rf"{BRACKET}"
    r"(?:[\s-]+(?:powered|assisted|based|large|language|foundation|writing|coding)){0,3}"
    r"(?:\s+(?:models?|tools?|systems?|assistants?|collaborators?|assistance|algorithms?|"
    rf"technolog(?:y|ies)|software|chatbots?|agents?|support|help))*{BRACKET}"
)
_EN_BY = (
    r"\s+(?:in (?:whole or (?:in )?)?part\s+|automatically\s+)?(?:by|with|using|via|through)\s+"
    r"(?:(?:the\s+)?(?:help|assistance|aid|support|use)\s+(?:of|from)\s+)?"
)
_EN_ADJECTIVE = (
    r"(?:(?:an?\s+)?(?:AI|machine|LLM)[-\s](?:generated|written|assisted|created|produced|"
    r"synthesi[sz]ed|translated|authored|drafted)|"
    r"artificially\s+(?:generated|created)(?:\s+or\s+manipulated)?)"
)
_EN_PERHAPS = r"(?:(?:possibly|likely|suspected|may be|partially|partly)\s+)?"
_EN_SPEAKER = r"(?:AI|ChatGPT|Gemini|Copilot|Claude)"
_EN_WHAT = rf"(?:(?:an?|the)\s+(?:[\w-]+\s+){{1,5}}?|{_EN_NOUN}\s+(?:that\s+{_EN_AUX}\s+)?)?"
_EN_TAIL = (
    r"(?!\s+(?:safety|now|teams?|experts?|researchers?|labs?|compan(?:y|ies)|institutes?|scientists?|critics?|"
    r"conferences?|acts?|laws?|guesswork|departments?|students?|must|should|will|are|is|was|were|can|"
    r"do|does|need|needs|have|has)\b)(?:[\s(,.;:—–-].{0,190})?"
)
"""What follows the maker is free, unless it makes the maker somebody else or goes on."""

_EN_ON = (
    r"(?:\s+(?:during|based on|for|from|at|on|in|and|but|with|then|without|to|by|under|as|or|"
    r"while|which|that|after|before|of|more)\s[^.。]{1,140})?(?:\s*[(,.;:!—–-].{0,160})?"
)
_EN_MAKING = (
    r"(?:writ(?:e|ing)|draft(?:ing)?|creat(?:e|ing|ion)|generat(?:e|ing|ion)|"
    r"produc(?:e|ing|tion)|prepar(?:e|ing|ation)|translat(?:e|ing|ion)|summari[sz](?:e|ing))"
)
_EN_USE = (
    r"(?:to|for|in|during)\s+(?:the\s+)?(?:help\s+)?(?:research(?:ing)?\s+and\s+)?"
    rf"{_EN_MAKING}(?:\s+of)?"
)
_EN_OBJECT = rf"(?:\s+(?:parts?\s+of\s+)?(?:this|the)\s+{_EN_NOUN})"
_EN_DOUBT = (
    r"(?:error|mistake|inaccura|incorrect|incomplete|wrong|mislead|outdated|bias|hallucinat|imprecis|"
    r"omission|inappropriate|fals|vary|unreliable|fiction|need|not\b)"
)
_EN_NOTE = (
    rf"(?:(?:it|they|this|which)?\s*(?:may|might|can|could)\s[^.]{{0,60}}?{_EN_DOUBT}[^.]{{0,60}}|"
    r"(?:please\s)?(?:verify|"
    r"check|review|double-check|use|treat|consult|discern)\s[^.]{2,80}|(?:for\s)?(?:reference|"
    r"information(?:al)?)\s[^.]{0,40}|(?:and\s|then\s|but\s)?(?:(?:lightly|human|not)[\s-])*"
    r"(?:reviewed|edited|checked|verified|proofread|approved)[^.]{0,60}|(?:no|without|not yet)\s(?:human\s)?"
    r"(?:review|editing|checks?)[^.]{0,40}|based on\s[^.]{2,60}|mistakes[^.]{0,60}|errors[^.]{0,60}|"
    r"you are encouraged[^.]{0,80}|and (?:may|might|can|has|is)\s[^.]{2,80})"
)

_DE_AGENT = (
    r"(?:(?:einer|einem|eines|der|dem|generativer|generative)\s+)*"
    r"(?:KI(?:-\w+)?|AI|künstlicher?n?\s+Intelligenz|(?:großen?\s+)?Sprachmodell(?:s|en|e)?|"
    rf"{BRAND})(?:[-\s](?:Unterstützung|Modell(?:en|e|s)?|Tools?|Hilfe|Systemen?|"
    rf"Assistent(?:en)?|Werkzeugen?|Anwendungen?|gestützten?(?:\s\w+){{0,3}}))?{BRACKET}"
)
_DE_NOUN = (
    r"(?:\w*(?:[Bb]eitrag(?:e?s)?|[Bb]eiträge|[Tt]extes|[Tt]exte?|[Aa]rtikels?|[Dd]okument(?:s|es|"
    r"e)?|[Ii]nhalt(?:e|es|s)?|[Aa]ntwort(?:en)?|[Ff]assung|[Ss]eite|[Bb]ericht(?:e?s)?|"
    r"[Cc]odes?|[Üü]bersetzung|[Aa]bschnitt(?:e?s)?|[Ee]ntwurf|[Mm]aterial(?:ien)?|[Ff]azit|[Tt]ranskript)|E-?Mail|"
    r"Implementierung|Tests?|Kapitel|Meldung|Nachricht|Programm)"
)
_DE_MEDIA = (
    r"(?:\w*(?:[Bb]ild(?:er)?|[Ff]otos?|[Ii]llustration(?:en)?|[Gg]rafik(?:en)?|[Vv]ideos?|"
    r"[Aa]udio|[Tt]onspur|[Mm]usik|[Ss]timme|[Ll]ogos?|[Ii]cons?))"
)
_DE_OF = rf"(?:\s+(?:dieses|dieser|des|der)\s+{_DE_NOUN})?"
_DE_SUBJECT = (
    r"(?:(?:Dieser|Diese|Dieses|Der|Die|Das|Alle|Einige)\s+(?:gesamte\s+)?(?:folgende[rns]?\s+|obige[rns]?\s+)?|"
    r"(?:Teile|(?:Ein|Der)\s+(?:\w+\s+)?Teil)\s+(?:dieses|dieser|des|der|von)\s+)?{noun}"
    rf"{_DE_OF}(?:\s+und\s+\w+)?\s+"
)
_DE_KIND = rf"Diese[rs]?\s+(?:(?!{_DE_MEDIA}\b)[\w-]+\s+){{1,2}}?"
_DE_WORDS = (
    r"(?:(?!nicht\b|ohne\b|nie\b|kein|weder\b|von\b|durch\b|mit\b|ob\b|dass\b)[\wäöüß]+\s+){0,3}?"
)
_DE_AUX = rf"(?:ist|sind|wurden?|wird|werden)\s+{_DE_WORDS}"
_DE_BY = (
    r"(?:von|durch|mittels|per|mithilfe(?:\s+von)?|"
    r"mit\s+(?:der\s+)?(?:Hilfe|Unterstützung|Einsatz)(?:\s+von)?|mit|"
    r"unter\s+(?:Verwendung|Einsatz|Mitwirkung|Zuhilfenahme)(?:\s+von)?)\s+"
)
_DE_VERB = (
    r"(?:erstellt|generiert|erzeugt|verfasst|geschrieben|produziert|übersetzt|zusammengefasst|"
    r"gemacht|formuliert|entwickelt|programmiert|umgesetzt|realisiert|entworfen|ausgearbeitet|angefertigt|aufbereitet|verbessert)"
)
_DE_ADJECTIVE = (
    r"(?:(?:(?:möglicherweise|mutmaßlich)\s+)?KI-(?:generiert|erzeugt|erstellt|unterstützt|"
    r"gestützt)(?:er|e|es)?|künstlich\s+(?:erzeugt|generiert|erstellt)(?:er|e|es)?)"
)
_DE_USED = r"(?:eingesetzt|verwendet|genutzt|benutzt)"
_DE_TAIL = r"(?:\s*[(,.;:—–-].{0,190}|\s+(?:und|aber|sowie|um|für|am|im|auf)\s.{2,190})?"
_DE_FREE = r"(?:(?!nicht\b|ohne\b|kein|nur\b)[^\s.;]+\s+){0,7}?"
_DE_NOTE = r"(?:(?:und|aber)\s.{2,80}|(?:bitte|kann|können|Fehler|ohne|redaktionell)\b.{2,80})"

_FR_AGENT = (
    r"(?:(?:une?|des|l['’]|d['’]une?|de\s+l['’]|d['’])\s*)?"
    r"(?:(?:outils?|modèles?|systèmes?|assistants?)\s+(?:d['’]|de\s+)(?:l['’]\s*)?)?"
    rf"(?:IA|AI|intelligence\s+artificielle|modèle\s+de\s+langage|langage|{BRAND})"
    rf"(?:\s+(?:générative|conversationnelle|clinique))?{BRACKET}"
)
_FR_NOUN = (
    r"(?:textes?|articles?|contenus?|documents?|résumés?|pages?|réponses?|traductions?|codes?|"
    r"rapports?|résultats?|brouillons?|billets?|messages?|courriels?|e-?mails?|analyses?|"
    r"synthèses?|fichiers?(?:\s\w+)?|projets?|README)"
)
_FR_MEDIA = (
    r"(?:images?|photos?|illustrations?|vidéos?|visuels?|voix|musiques?|sons?|dessins?|figures?)"
)
_FR_AUX = (
    r"(?:(?:a|ont)\s+(?:peut-être\s+)?été\s+|est\s+|sont\s+|peut\s+avoir\s+été\s+|"
    r"peuvent\s+avoir\s+été\s+)"
)
_FR_SUBJECT = (
    r"(?:(?:ce|cet|cette|ces|le|la|les|l['’])\s*|"
    r"(?:une\s+)?parties?\s+d[eu]\s*(?:ce|cet|cette|l['’])?\s*)?"
    rf"{{noun}}\s+{_FR_AUX}?"
)
_FR_KIND = (
    rf"(?:(?:les?|la|une?|l['’])\s*(?:(?!{_FR_MEDIA}\b|pas\b|si\b)[^\s.,;:]+\s+){{0,8}}?"
    r"(?:de|dans)\s+)?"
    rf"(?:ce|cet|cette|ces)\s+(?:(?!{_FR_MEDIA}\b|n['’])[\w-]+\s+){{1,4}}?{_FR_AUX}"
)
_FR_DONE = (
    r"(?:généré|rédigé|créé|écrit|produit|traduit|synthétisé|résumé|réalisé|élaboré|composé|"
    r"formulé|assisté|préparé|conçu)e?s?"
)
_FR_VERB = (
    r"(?:partiellement\s+|entièrement\s+|automatiquement\s+)?"
    rf"{_FR_DONE}(?:\s+et\s+{_FR_DONE})?"
    r"(?:\s+(?:automatiquement|en\s+partie|partiellement|entièrement))?"
)
_FR_BY = (
    r"\s+(?:par|via|grâce\s+à|(?:avec|à)\s+(?:l['’]|le\s+)(?:aide|assistance|appui|concours|"
    r"soutien|support)\s+d[e'’](?:\s*l['’])?|avec|au\s+moyen\s+d[e'’](?:\s*l['’])?)\s*"
)
_FR_GOES_ON = r"(?:\s+(?:et|pour|à|dans|sur|en|sans|mais|puis|comme|sous)\s[^.]{2,120})?"
_FR_NOTE = r"(?:(?:et|mais)\s.{2,80}|(?:des\s+)?erreurs.{2,60}|(?:à|veuillez|peut|sans|vérifi\w+)\s.{2,60})"

_ES_AGENT = (
    r"(?:(?:una?|la|el|un)\s+)?(?:(?:herramientas?|modelos?|sistemas?|asistentes?|programas?)\s+de\s+)?"
    rf"(?:IA|AI|inteligencia\s+artificial|modelo\s+de\s+lenguaje|lenguaje|{BRAND})"
    rf"(?:\s+generativa)?{BRACKET}"
)
_ES_NOUN = (
    r"(?:textos?|artículos?|contenidos?|documentos?|resúmen(?:es)?|resumen|páginas?|respuestas?|"
    r"análisis|traducci(?:ón|ones)(?:\s+automáticas?)?|códigos?|informes?|publicaci(?:ón|ones)|"
    r"mensajes?|notas?|correos?|entradas?|resultados?|borrador(?:es)?)"
)
_ES_MEDIA = (
    r"(?:im[aá]gen(?:es)?|imagen|fotos?|fotografías?|ilustraci(?:ón|ones)|v[ií]deos?|voz|música|"
    r"audios?|dibujos?|portadas?)"
)
_ES_AUX = (
    r"(?:se\s+(?:ha|han)\s+|(?:ha|han)\s+sido\s+|fue(?:ron)?\s+|es\s+|son\s+|está\s+|"
    r"puede\s+haber\s+sido\s+)"
)
_ES_SUBJECT = (
    r"(?:(?:este|esta|estos|estas|el|la|los|las)\s+(?:siguientes?\s+)?|"
    r"partes?\s+de\s+(?:este|esta|el|la)\s+)?"
    rf"{{noun}}\s+(?:(?!no\b|nunca\b)\w+[oa]s?\s+(?={_ES_AUX}))?{_ES_AUX}?"
)
_ES_KIND = (
    rf"(?:(?:parte|el|la|los|las|una?)\s+(?:(?!{_ES_MEDIA}\b|no\b|si\b|nunca\b)[^\s.,;:]+\s+){{0,5}}?"
    r"(?:de|en)\s+)?(?:este|esta|estos|estas)\s+"
    rf"(?:(?!{_ES_MEDIA}\b|no\b|nunca\b|sin\b)[\w-]+\s+){{1,2}}?{_ES_AUX}"
)
_ES_VERB = (
    r"(?:parcialmente\s+|totalmente\s+|automáticamente\s+)?"
    r"(?:generad|cread|redactad|elaborad|producid|traducid|resumid|sintetizad|escrit|hech|realizad|"
    r"preparad|formulad|publicad|asistid|confeccionad)[oa]s?"
    r"(?:\s+(?:automáticamente|en\s+parte|parcialmente|totalmente))?"
)
_ES_BY = (
    r"\s+(?:por|mediante|usando|con\s+(?:la\s+|el\s+)?(?:ayuda|asistencia|colaboración|apoyo)\s+"
    r"de(?:\s+la)?|con|a\s+través\s+de)\s+"
)
_ES_GOES_ON = (
    r"(?:\s+(?:y|con|a\s+partir|como|para|sin|en|pero|a\s+partir|con\s+fines)\s[^.]{2,120})?"
)
_ES_NOTE = r"(?:(?:y|pero)\s.{2,80}|(?:con|sin)\s.{2,60}|puede\s.{2,60})"

ENGLISH = Grammar(
    lang="en",
    told=(
        about(_EN_DETERMINER + "{noun}", _EN_NOUN, _EN_MEDIA)
        + _EN_PLACE
        + rf"\s+(?:{_EN_AUX}\s+{_EN_WHAT})?{_EN_ADVERB}{_EN_VERB}{_EN_BY}{_EN_AGENT}"
        + rf"{_EN_ON}",
        about(_EN_DETERMINER + "{noun}", _EN_NOUN, _EN_MEDIA)
        + _EN_PLACE
        + rf"\s+{_EN_AUX}\s+{_EN_ADVERB}{_EN_ADJECTIVE}(?:\s+{_EN_NOUN})?{_EN_ON}",
        rf"{_EN_KIND}{_EN_AUX}\s+{_EN_WHAT}{_EN_ADVERB}(?:{_EN_VERB}{_EN_BY}{_EN_AGENT}|"
        rf"{_EN_ADJECTIVE}(?:\s+{_EN_NOUN})?){_EN_TAIL}",
        rf"this\s+(?:is|was|has been)\s+{_EN_ADVERB}(?:{_EN_ADJECTIVE}(?:\s+{_EN_NOUN})?|"
        rf"{_EN_VERB}{_EN_BY}{_EN_AGENT}){_EN_TAIL}",
        rf"{_EN_AGENT}\s+(?:is|was|were|has been|have been)\s+used\s+{_EN_USE}{_EN_OBJECT}"
        rf"{_EN_TAIL}",
        rf"{_EN_AGENT}\s+(?:is|was|were|has been)\s+used\s+{_EN_USE}[;.,]\s.{{4,140}}",
        rf"(?:we|I)\s+(?:have\s+)?used\s+{_EN_AGENT}\s+{_EN_USE}{_EN_OBJECT}{_EN_TAIL}",
        rf"[^.!?]{{0,60}}\bAI\b[^.!?]{{0,40}}[.!]\s+(?:this|the above)\s+{_EN_NOUN}\s+{_EN_AUX}\s+"
        rf"{_EN_ADVERB}{_EN_VERB}{_EN_BY}{_EN_AGENT}{_EN_TAIL}",
    ),
    done=(
        rf"(?:draft\s+(?:[\w-]+\s)?)?{_EN_ADVERB}{_EN_VERB}{_EN_BY}{_EN_AGENT}"
        r"(?:\s+(?:at|on|during|from|in)\s[^.,;:\"“”—–]{2,60}|\s*\([^()]{2,120}\)?)?",
        rf"{_EN_PERHAPS}{_EN_ADJECTIVE}\s+{_EN_NOUN}",
    ),
    bare=(
        rf"{_EN_MODIFIER}{_EN_NOUN}\s+{_EN_VERB}{_EN_BY}{_EN_AGENT}",
        rf"{_EN_NOUN}\s+{_EN_ADJECTIVE}",
        rf"{_EN_PERHAPS}{_EN_ADJECTIVE}(?:\s+{_EN_NOUN})?{BRACKET}",
        rf"{_EN_SPEAKER}\s+(?:responses?|answers?|outputs?)(?=\s+(?:may|can|might)\s)",
        rf"(?:text|summary|translation|article)\s+by\s+{_EN_AGENT}",
    ),
    notes=_EN_NOTE,
)

GERMAN = Grammar(
    lang="de",
    told=(
        about(_DE_SUBJECT, _DE_NOUN, _DE_MEDIA)
        + rf"{_DE_AUX}(?:{_DE_BY}{_DE_AGENT}\s+{_DE_FREE}{_DE_VERB}|{_DE_VERB}\s+{_DE_BY}"
        rf"{_DE_AGENT}|{_DE_ADJECTIVE}){_DE_TAIL}",
        rf"{_DE_KIND}{_DE_AUX}(?:{_DE_BY}{_DE_AGENT}\s+{_DE_FREE}{_DE_VERB}|{_DE_VERB}\s+{_DE_BY}"
        rf"{_DE_AGENT}|{_DE_ADJECTIVE}){_DE_TAIL}",
        about(_DE_SUBJECT, _DE_NOUN, _DE_MEDIA)
        + rf"(?:stamm(?:t|en)|entstand(?:en)?|komm(?:t|en))\s+{_DE_WORDS}{_DE_BY}{_DE_AGENT}"
        rf"{_DE_TAIL}",
        about("{noun}", _DE_NOUN, _DE_MEDIA) + rf"\s+{_DE_VERB}\s+{_DE_BY}{_DE_AGENT}{FREE}",
        rf"(?:Bei|Für)\s+(?:der|die)\s+Erstellung\s+(?:dieses|dieser|des|der)\s+{_DE_NOUN}\s+"
        rf"(?:wurden?|ist|kam)\s+{_DE_WORDS}{_DE_AGENT}\s+(?:{_DE_USED}|zum\s+Einsatz){FREE}",
    ),
    done=(
        rf"(?!(?:das|die|der|dein|mein)\s+{_DE_MEDIA})(?:{_DE_AUX})?{_DE_WORDS}{_DE_BY}{_DE_AGENT}\s+{_DE_VERB}",
        rf"{_DE_WORDS}{_DE_VERB}\s+{_DE_BY}{_DE_AGENT}",
    ),
    bare=(
        rf"{_DE_WORDS}{_DE_BY}{_DE_AGENT}\s+{_DE_VERB}(?:er|e|es)(?:\s+{_DE_NOUN})?",
        rf"(?:{_DE_NOUN}:?\s+)?{_DE_ADJECTIVE}(?:\s+(?:{_DE_NOUN}|{_DE_VERB}))?",
    ),
    notes=_DE_NOTE,
)

FRENCH = Grammar(
    lang="fr",
    told=(
        about(_FR_SUBJECT, _FR_NOUN, _FR_MEDIA)
        + rf"(?:{_FR_VERB}{_FR_BY}{_FR_AGENT}|générée?s?\s+artificiellement){_FR_GOES_ON}{FREE}",
        rf"{_FR_KIND}(?:{_FR_VERB}{_FR_BY}{_FR_AGENT}|générée?s?\s+artificiellement)"
        rf"{_FR_GOES_ON}{FREE}",
        rf"(?!{_FR_MEDIA}\b|ce\b|les?\b|la\b|une?\b|pas\b)[\w-]+\s+{_FR_VERB}{_FR_BY}{_FR_AGENT}{FREE}",
        r"(?:l['’]IA|l['’]intelligence\s+artificielle)\s+a\s+été\s+utilisée\s+pour\s+"
        rf"(?:rédiger|écrire|générer|créer|produire)\s+(?:ce|cet|cette)\s+{_FR_NOUN}{FREE}",
    ),
    done=(
        rf"{_FR_VERB}{_FR_BY}{_FR_AGENT}(?:\s+(?:à\s+partir|pour|selon|d['’]après)\s[^.]{{2,90}})?",
    ),
    bare=(),
    notes=_FR_NOTE,
)

SPANISH = Grammar(
    lang="es",
    told=(
        about(_ES_SUBJECT, _ES_NOUN, _ES_MEDIA)
        + rf"(?:{_ES_VERB}{_ES_BY}{_ES_AGENT}|generad[oa]s?\s+artificialmente){_ES_GOES_ON}{FREE}",
        rf"{_ES_KIND}(?:{_ES_VERB}{_ES_BY}{_ES_AGENT}|generad[oa]s?\s+artificialmente)"
        rf"{_ES_GOES_ON}{FREE}",
        rf"(?!{_ES_MEDIA}\b|una?\b|el\b|l[ao]s?\b|no\b|este\b)\w+\s+{_ES_VERB}{_ES_BY}{_ES_AGENT}{FREE}",
        r"se\s+(?:ha\s+utilizado|utilizó|ha\s+usado)\s+"
        rf"{_ES_AGENT}\s+para\s+(?:redactar|escribir|generar|crear)\s+est[ea]\s+{_ES_NOUN}{FREE}",
    ),
    done=(
        rf"{_ES_VERB}{_ES_BY}{_ES_AGENT}(?:\s+(?:a\s+partir|para|según|en\s+base)\s[^.]{{2,90}})?",
    ),
    bare=(),
    notes=_ES_NOTE,
)
