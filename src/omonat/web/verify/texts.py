"""What the page says besides the sentences of an outcome: English msgids of the domain `receipts`."""

from omonat.kernel.language import translate

TEXTS = {
    "title": "Check a receipt",
    "lead": "This page checks a receipt in your browser alone. The file does not leave your device.",
    "file": "The receipt",
    "file_hint": "The JSON file. If you have a PDF, save the file that is attached to it.",
    "key": "The key of the ledger",
    "key_hint": (
        "It looks like: name+number+letters. Take it from somewhere that you trust, not from the receipt. Without a "
        "key it stays unknown who signed."
    ),
    "go": "Check",
    "no_file": "Choose the file of the receipt first.",
    "bad_key": "This is not a key of a ledger: copy the whole line, from the name to the last letter.",
    "old_browser": (
        "This browser cannot check Ed25519 signatures. Use a newer one, or the program: omonat verify FILE --key KEY."
    ),
    "found": "What is wrong:",
    "trust_title": "Can this page be trusted?",
    "trust_1": (
        "Not as long as it comes from the server of those whom you want to check: the server could send another page."
    ),
    "trust_2": (
        "Save it (link “Save this page”, or the file omonat-verify.html), compare its SHA-256 with the one published "
        "with the source code of Omonat, and open the saved file. It works without a network."
    ),
    "trust_3": "The program does the same without a browser: omonat verify FILE --key KEY.",
    "save": "Save this page",
}


def text(language: str, code: str) -> str:
    """One of TEXTS in a language."""
    return translate(language, "receipts", TEXTS[code])
