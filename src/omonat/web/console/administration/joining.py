"""Coming in: the link of an invitation, and the undertaking that is accepted before anything else (clause 6.2).

The link works without a script, so its token is in the path: such a page sends no referrer, is kept nowhere, its path
is written to no log (lines hold route templates), and the token is spent by a POST.
"""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.kernel.errors import InvalidInput, OmonatError
from omonat.kernel.language import translate
from omonat.kernel.secret import Sealed
from omonat.policy import read_markdown
from omonat.staff import Invitation, LinkSpent, StaffAccount
from omonat.staff.undertakings import text as undertaking_text
from omonat.web.console.administration.pages import error_text, page
from omonat.web.console.gate import SIGNED_IN, STRANGER
from omonat.web.console.pages import moved
from omonat.web.console.signing.entering import back_to, device_of, entered, way_back
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import FieldView, Posted
from omonat.web.limits import STAFF, limited
from omonat.web.visit import AnyRequest
