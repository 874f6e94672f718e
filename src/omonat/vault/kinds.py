"""Values by kind: validated and brought to one form, so that equal things are equal bytes (clause 2.1).

Pure. A problem is raised as an English msgid of the domain `errors`; it never repeats the value.
"""

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

IDENTIFYING = ("email", "phone")

_APOSTROPHES = "'`´‘’ʻʼ′＇"
_OKINA = re.compile(f"(?<=[oOgG])[{_APOSTROPHES}]")
_TUTUQ = re.compile(f"[{_APOSTROPHES}]")
_NOT_SPACE = re.compile(r"\s+")
_HAS_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_HAS_LETTER = re.compile(r"[^\W\d_]")


def one_contract_number(number: str) -> str:
    """Numbers of contracts are compared without spaces and case: `12 / a` is `12/A`."""
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()


class WrongValue(ValueError):
    """`args[0]` is the msgid of what is wrong."""


def normalise(kind: str, value: str, max_length: int) -> str:
    """The one form of `value`. Raises WrongValue; the empty text stays empty (whether it is required is the form's)."""
    text = unicodedata.normalize("NFC", value).strip()
    if not text:
        return ""
    if len(text) > max_length:
        raise WrongValue("This is too long.")
    if _HAS_CONTROL.search(text.replace("\r\n", "\n").replace("\n", " ").replace("\t", " ")):
        raise WrongValue("This contains signs that cannot be stored.")
    return _BY_KIND[kind](text)


def _name(text: str) -> str:
    """All apostrophe variants of oʻ, gʻ (U+02BB) and of the tutuq sign (U+02BC); one space between words."""
    text = _OKINA.sub("\u02bb", _TUTUQ.sub("\u02bc", _NOT_SPACE.sub(" ", text)))
    if not _HAS_LETTER.search(text):
        raise WrongValue("Write the name with letters.")
    return text


def _email(text: str) -> str:
    """Lower case throughout: every provider that people use here treats the local part so."""
    try:
        return validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise WrongValue("This is not an e-mail address, such as name@example.uz.") from None


def _phone(text: str) -> str:
    """E.164. Nine digits and the old trunk prefix 8 are read as numbers of Uzbekistan."""
    digits = re.sub(r"[^\d+]", "", text)
    if re.fullmatch(r"8\d{9}", digits):
        digits = "+998" + digits[1:]
    elif re.fullmatch(r"(?:00)?998\d{9}", digits):
        digits = "+" + digits.removeprefix("00")
    try:
        number = phonenumbers.parse(digits, "UZ")
    except phonenumbers.NumberParseException:
        raise WrongValue("This is not a phone number, such as +998 90 123 45 67.") from None
    if not phonenumbers.is_valid_number(number):
        raise WrongValue("This is not a phone number, such as +998 90 123 45 67.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _text(text: str) -> str:
    return text.replace("\r\n", "\n")


_BY_KIND = {
    "name": _name,
    "email": _email,
    "phone": _phone,
    "device": _text,
    "cookie": _text,
    "visit": _text,
    "text": _text,
}


def shown(kind: str, value: str) -> str:
    """A stored value as people write it: a phone number with spaces."""
    if kind != "phone":
        return value
    return phonenumbers.format_number(phonenumbers.parse(value), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def masked(kind: str, value: str) -> str:
    """Enough to recognise one's own value, too little to learn another's."""
    if kind == "email":
        local, _, domain = value.partition("@")
        return f"{local[:1]}•••@{domain[:1]}•••.{domain.rpartition('.')[2]}"
    if kind == "phone":
        return f"{value[:4]} ••• •• {value[-2:]}"
    return f"{value[:1]}•••"
