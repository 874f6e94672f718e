"""Staff accounts: names, roles, the operating-system user who is an account, and the rights of roles (clause 6.2).

Invariant: every act has an actor; a face calls `require(account, right)` before it lets anything be done.
"""

from omonat.staff.approvals import Approvals
from omonat.staff.approvals_model import KINDS as APPROVAL_KINDS
from omonat.staff.approvals_model import Act, Approval, Done, Waiting
from omonat.staff.model import RIGHTS, ROLES, Actor, Role, StaffAccount, StaffSession, require
from omonat.staff.os_user import os_user
from omonat.staff.secrets import StaffSecrets
from omonat.staff.service import StaffAccounts
from omonat.staff.sessions import StaffSessions
from omonat.staff.sign_in import StaffSignIn
from omonat.staff.signing_model import (
    CeremonyOver,
    Factors,
    LastFactor,
    Opened,
    PasskeyRefused,
    SecurityEvent,
    SignInRefused,
    SingleSignOnFailed,
    TotpOffer,
    Waits,
)
from omonat.staff.signing_parts import SigningParts

__all__ = [
    "APPROVAL_KINDS",
    "RIGHTS",
    "ROLES",
    "Act",
    "Actor",
    "Approval",
    "Approvals",
    "CeremonyOver",
    "Done",
    "Factors",
    "LastFactor",
    "Opened",
    "PasskeyRefused",
    "Role",
    "SecurityEvent",
    "SignInRefused",
    "SigningParts",
    "SingleSignOnFailed",
    "StaffAccount",
    "StaffAccounts",
    "StaffSecrets",
    "StaffSession",
    "StaffSessions",
    "StaffSignIn",
    "TotpOffer",
    "Waiting",
    "Waits",
    "os_user",
    "require",
]  # fmt: skip
