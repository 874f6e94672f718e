"""Staff accounts: names, roles, the operating-system user who is an account, and the rights of roles (clause 6.2).

Invariant: every act has an actor; a face calls `require(account, right)` before it lets anything be done.
"""

from omonat.staff.approvals import Approvals
from omonat.staff.approvals_model import KINDS as APPROVAL_KINDS
from omonat.staff.approvals_model import Act, Approval, Done, Waiting
from omonat.staff.invitations import Members
from omonat.staff.invitations_model import Invitation, Invited, LinkSpent
from omonat.staff.model import RIGHTS, ROLES, Actor, Role, StaffAccount, StaffSession, require
from omonat.staff.os_user import os_user
from omonat.staff.register import MemberRow, StaffRegister
from omonat.staff.role_changes import RoleChanges, carry_role_change
from omonat.staff.roles import LastAdministrator, RoleInUse, RoleRow, Roles
from omonat.staff.secrets import StaffSecrets
from omonat.staff.service import StaffAccounts
from omonat.staff.sessions import StaffSessions
from omonat.staff.sign_in import StaffSignIn
from omonat.staff.signing_model import (
    PASSWORD,
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
from omonat.staff.undertakings import Accepted, UndertakingMissing, Undertakings

__all__ = [
    "APPROVAL_KINDS",
    "PASSWORD",
    "RIGHTS",
    "ROLES",
    "Accepted",
    "Act",
    "Actor",
    "Approval",
    "Approvals",
    "CeremonyOver",
    "Done",
    "Factors",
    "Invitation",
    "Invited",
    "LastAdministrator",
    "LastFactor",
    "LinkSpent",
    "MemberRow",
    "Members",
    "Opened",
    "PasskeyRefused",
    "Role",
    "RoleChanges",
    "RoleInUse",
    "RoleRow",
    "Roles",
    "SecurityEvent",
    "SignInRefused",
    "SigningParts",
    "SingleSignOnFailed",
    "StaffAccount",
    "StaffAccounts",
    "StaffRegister",
    "StaffSecrets",
    "StaffSession",
    "StaffSessions",
    "StaffSignIn",
    "TotpOffer",
    "UndertakingMissing",
    "Undertakings",
    "Waiting",
    "Waits",
    "carry_role_change",
    "os_user",
    "require",
]
