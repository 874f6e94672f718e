"""What the pages of consents say by word: English msgids of the domain `console_consents`."""

from omonat.consent import PERSON, REPRESENTATIVE, SAID
from omonat.kernel.language import LANGUAGES

CODES = {
    "languages": ", ".join(LANGUAGES), "methods": ", ".join(SAID), "givers": f"{PERSON}, {REPRESENTATIVE}",
    "without": "desk", "yes": "yes",
}  # fmt: skip
"""What stands in the file as it is, in every language: for the places of the texts below."""

REFUSED = {
    "missing_column": "A cell that is needed is empty.",
    "wrong_address": "This is no e-mail address or phone number.",
    "unknown_purpose": "The policy does not name this purpose.",
    "unknown_channel": "The purpose is not written to by this channel.",
    "unknown_language": "The language is none of {languages}.",
    "wrong_date": "The day is not written like 2026-10-01.",
    "future_date": "The day has not come yet.",
    "run_out": "The consent has run out: its term is over.",
    "wrong_method": "The way is none of {methods}; or the number or the version of the script is too long.",
    "wrong_reference": "The number of the call, message or document is missing.",
    "wrong_offset": "Seconds from the start of the call are not a number.",
    "wrong_given_by": "Who gave it is none of {givers}.",
    "record_by_hand": "A representative gave it: record it on the card of the person, with the proof of the authority.",
    "wrong_form": "The law demands these data in writing or as a signed electronic document.",
    "newer_word": "The person said something newer about it here.",
    "suppressed": "The person spoke against such letters and asked to be forgotten.",
    "several_people": "Several people have proven this address.",
    "repeat": "Somebody of this address came at the same moment: upload the file again.",
}

COLUMNS = {
    "address": "E-mail address, or phone number with its country code",
    "purpose": "What it is for: a word of the policy",
    "channel": "How the person may be written to",
    "given_at": "The day, like 2026-10-01, or a moment with its zone",
    "method": "How it was given: {methods}",
    "language": "Language of the text: {languages}",
    "text": "The exact words that were agreed to",
    "reference": "Number of the call, message or document; may be empty for {without}",
    "offset_seconds": "Seconds from the start of the call; may be empty",
    "script": "Version of the script that was read out; may be empty",
    "given_by": "Who gave it: {givers}; empty: the person",
    "offer": "Where it was given by accepting an offer: {yes}; otherwise empty",
}

DONE = {
    "dropped": "The file is thrown away.",
    "stopped": "It is stopped. What was taken over until then stays; upload the same file again to go on.",
    "waiting": "A second person has to approve this. Then you find the file here.",
}
