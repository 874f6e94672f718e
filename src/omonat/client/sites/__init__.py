"""Forms of Omonat on one's own site, in a few lines: FastAPI, Starlette (`asgi`), Django (`django`), Flask (`flask`).

The middleware serves each declared form at the path that the site gives it, with the exact notice of the policy in
force, and passes on what is sent with the proof of what was shown; nothing of it stays on the site. What goes on is
decided once, in `serving`, without any framework: the modules named above only carry it. Without Omonat nothing is
taken: a kind page says so and keeps what was typed.
"""

from omonat.client.sites.banner import SiteBanner
from omonat.client.sites.basis import Basis
from omonat.client.sites.choice import Visitor
from omonat.client.sites.pages import Shown
from omonat.client.sites.serving import SiteForms

__all__ = ["Basis", "Shown", "SiteBanner", "SiteForms", "Visitor"]
