"""Uzbek Latin to Uzbek Cyrillic, by the official correspondence of the two alphabets.

Pure. Words that the table cannot know (Latin names, codes, addresses, `{places}`, tags) are left as they are;
what it gets wrong is put right in an override catalogue, never here word by word.
"""

import re

_PAIRS = {
    "sh": "ш", "ch": "ч", "oʻ": "ў", "gʻ": "ғ", "yo": "ё", "yu": "ю", "ya": "я", "ye": "е", "ts": "ц",
}  # fmt: skip
_SINGLES = dict(
    zip(
        "abdefghijklmnopqrstuvxyzʼ",
        "а б д е ф г ҳ и ж к л м н о п қ р с т у в х й з ъ".split(),
        strict=True,
    )
)
_VOWELS = set("aeiouʻ")
# Left alone: tags, {places}, entities, `code`, addresses, targets of links, files, commands, names that stay Latin.
_KEPT = re.compile(
    r"<[^>]*>|\{[^}]*\}|&\w+;|`[^`]*`|https?://\S+|\]\([^)]*\)|[\w.+-]+@[\w-]+\.[\w.-]+"
    r"|\b[\w-]+(?:[./][\w-]+)*\.(?:uz|com|org|md|json|toml|txt|pdf|csv)\b"
    r"|\bomonat [a-z]+(?: (?:sweep|fsck|rebuild|rotate|status|publish|list|add|[A-Z]+)\b| --[a-z-]+)*"
    r"|/api/v\d|\[[a-z]+_[a-z_]+\]|\bContent-Type: [a-z]+/[a-z]+|\bEd25519"
    r"|\b(?:MEGABITE|UTF|JSON|PDF|SMS|IP|HTTPS?|Telegram|JavaScript|Atom|STIR|Global|Privacy|Omonat|SHA|DPV|SIP|API|VPN"
    r"|ID|PNG|JPEG|Internet Explorer|Chromium|Firefox)\b(?:-[A-Z]+)?"
    r"|\b[Cc]ookie"
)
_SPECIAL = {"STIR": "СТИР"}
_WORD = re.compile(r"[A-Za-zʻʼ]+")
# No Uzbek word has w, or c without h: such a word is foreign and stays whole, never half of it.
_FOREIGN = re.compile(r"w|c(?!h)", re.IGNORECASE)


def to_cyrillic(text: str) -> str:
    """`text` in Cyrillic letters. Mixed and foreign pieces stay in Latin."""
    out, at = [], 0
    for kept in _KEPT.finditer(text):
        out.append(_convert(text[at : kept.start()]))
        out.append(_SPECIAL.get(kept.group(), kept.group()))
        at = kept.end()
    out.append(_convert(text[at:]))
    return "".join(out)


def _convert(text: str) -> str:
    return _WORD.sub(lambda word: word.group() if _FOREIGN.search(word.group()) else _convert_word(word.group()), text)


def _convert_word(word: str) -> str:
    out: list[str] = []
    i = 0
    while i < len(word):
        pair = word[i : i + 2]
        if pair.lower() in _PAIRS and not _splits(word, i):
            out.append(_pair(word, i))
            i += 2
        else:
            out.append(_single(word, i))
            i += 1
    return "".join(out)


def _splits(word: str, i: int) -> bool:
    """Whether two letters are two sounds.

    `yo` before ʻ is й + ў (yoʻl). `ts` is т + с where an Uzbek ending begins (ketsin, xatsiz), and ц at the start of
    a word and in borrowed endings (konstitutsiya, litsenziya).
    """
    pair, rest = word[i : i + 2].lower(), word[i + 2 :].lower()
    if pair == "yo":
        return rest.startswith("ʻ")
    return pair == "ts" and i > 0 and not rest.startswith(("e", "iya", "ion"))


def _pair(word: str, i: int) -> str:
    pair, before = word[i : i + 2], word[i - 1 : i].lower()
    found = _PAIRS[pair.lower()]
    if pair.lower() == "ye" and before and before not in _VOWELS | {"y", "ʼ"}:
        found = "ъе" if before == "b" else "ье"  # obyekt, subyekt; premyera
    if pair[0].isupper():
        return found.upper()
    return found


def _single(word: str, i: int) -> str:
    letter = word[i]
    low = letter.lower()
    if low == "ʼ" and word[i - 1 : i].lower() == "s" and word[i + 1 : i + 2].lower() == "h":
        return ""  # it only keeps s and h apart: Isʼhoq is Исҳоқ
    if low == "e" and (i == 0 or word[i - 1].lower() in _VOWELS):
        return "Э" if letter.isupper() else "э"
    found = _SINGLES.get(low, letter)
    return found.upper() if letter.isupper() or word.isupper() else found
