"""Staff accounts: names, roles, the operating-system user who is an account, and the rights of roles (clause 6.2).

Invariant: every act has an actor; a face calls `require(account, right)` before it lets anything be done.
"""

from omonat.staff.approvals import Approvals
from omonat.staff.approvals_model import KINDS as APPROVAL_KINDS
from omonat.staff.approvals_model import Act, Approval, Done, Waiting
from omonat.staff.model import RIGHTS, ROLES, Actor, Role, StaffAccount, StaffSession, require
from omonat.staff.os_user import os_user
from omonat.staff.service import StaffAccounts
from omonat.staff.sessions import StaffSessions

__all__ = [
    "APPROVAL_KINDS", "RIGHTS", "ROLES", "Act", "Actor", "Approval", "Approvals", "Done", "Role", "StaffAccount",
    "StaffAccounts", "StaffSession", "StaffSessions", "Waiting", "os_user", "require",
]  # fmt: skip
