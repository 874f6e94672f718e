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
# Left alone: tags, {places}, %-codes, addresses, mail addresses, `code`, names in capitals with a hyphen or digits.
_KEPT = re.compile(
    r"<[^>]*>|\{[^}]*\}|&\w+;|`[^`]*`|https?://\S+|\]\([^)]*\)|[\w.+-]+@[\w-]+\.[\w.-]+"
    r"|\b[\w-]+\.(?:uz|com|md|json|toml|txt|pdf|csv)\b"
    r"|\b(?:MEGABITE|CRM|Cookie|cookie|JSON|CSV|PDF|SMS|IP|HTTP|HTTPS|Telegram|JavaScript|Atom|STIR|Global|Privacy"
    r"|Control|Omonat|SHA|DPV|SIP|API|VPN|ID|Internet Explorer|Chromium|Firefox)\b(?:-[A-Z]+)?"
)
_SPECIAL = {"STIR": "СТИР", "Internet": "Интернет"}


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
    out: list[str] = []
    i = 0
    while i < len(text):
        pair, letter = text[i : i + 2], text[i]
        low = pair.lower()
        if low in _PAIRS and not _splits(text, i, low):
            out.append(_cased(_PAIRS[low], pair))
            i += 2
        else:
            out.append(_single(text, i, letter))
            i += 1
    return "".join(out)


def _splits(text: str, i: int, low: str) -> bool:
    """`yo` before ʻ is й + ў; `ts` is т + с at the seam of Uzbek suffixes, so it is only joined at a word's start."""
    if low == "yo" and text[i + 2 : i + 3] == "ʻ":
        return True
    return low == "ts" and i > 0 and text[i - 1].isalpha()


def _single(text: str, i: int, letter: str) -> str:
    low = letter.lower()
    if low == "e" and (i == 0 or not text[i - 1].isalpha() or text[i - 1].lower() in _VOWELS):
        return "Э" if letter.isupper() else "э"
    if low == "ʼ" and text[i + 1 : i + 2].lower() in {"ya", "yo", "yu"}:
        return "ъ"
    found = _SINGLES.get(low)
    if found is None:
        return letter
    return found.upper() if letter.isupper() else found


def _cased(found: str, pair: str) -> str:
    return found.upper() if pair[0].isupper() else found
