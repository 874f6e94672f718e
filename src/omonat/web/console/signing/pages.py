"""Pages of the sign-in and of one's own account."""

from omonat.kernel.language import translate
from omonat.web.console.part import Part
from omonat.web.console.visit import ConsoleVisit
from omonat.web.forms import FieldView

DOMAIN = "console_signing"

NOT_PRESENT = "This is not your present password."

DONE = {
    "password": "Your password is changed. Other browsers are signed out.",
    "totp": "The authenticator app is set up.",
    "totp_removed": "The authenticator app is removed.",
    "passkey": "The passkey is added.",
    "passkey_renamed": "The passkey has its new name.",
    "passkey_removed": "The passkey is removed.",
    "session": "That browser is signed out.",
    "sessions": "Every other browser is signed out.",
    "bound": "Your account is bound to the sign-in of your organisation.",
    "unbound": "Your account is no longer bound to the sign-in of your organisation.",
    "proved": "Thank you. Now repeat what you wanted to do.",
}

EVENTS = {
    "staff_password_set": "Password set",
    "staff_totp_added": "Authenticator app set up",
    "staff_totp_removed": "Authenticator app removed",
    "staff_passkey_added": "Passkey added",
    "staff_passkey_removed": "Passkey removed",
    "staff_passkey_copied": "A passkey was refused: its counter went back, so it may have been copied",
    "staff_recovery_codes_made": "Recovery codes made",
    "staff_recovery_code_used": "Recovery code used",
    "staff_signed_in": "Signed in",
    "staff_locked": "Tries slowed down after wrong ones",
    "staff_sign_on_bound": "Bound to the sign-in of the organisation",
    "staff_sign_on_unbound": "No longer bound to the sign-in of the organisation",
    "staff_factors_forgotten": "Everything to sign in with taken away",
}

HOW = {
    "password": "password only",
    "totp": "password and app",
    "passkey": "passkey",
    "recovery": "password and recovery code",
    "oidc": "sign-in of the organisation",
}


PART = Part(DOMAIN, DONE, lambda _visit: {"problem": ""})
said, page = PART.said, PART.page


def password_field(visit: ConsoleVisit, name: str, label: str, *, problem: str = "", hint: str = "") -> FieldView:
    """A field for a password; `new_...` is for one that is being chosen. What was typed never comes back."""
    kind = "new_password" if name.startswith("new") else "password"
    return FieldView(name, said(visit, label), kind, True, 200, "", problem, said(visit, hint) if hint else "")


def error_text(visit: ConsoleVisit, text: str, **places: object) -> str:
    """A text of an error in the reader's language."""
    return translate(visit.language, "errors", text, **places)
