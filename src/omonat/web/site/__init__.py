"""The site: what visitors see without signing in (clauses 1.2, 1.3, 2.1, 8.x, 9.x, 10.1)."""

from litestar import Router

from omonat.web.site.by_link import HANDLERS as BY_LINK
from omonat.web.site.choice import choose_cookies, cookie_settings
from omonat.web.site.disagree import disagree, disagree_done, disagree_page
from omonat.web.site.feed import feed
from omonat.web.site.home import FORMS, home, start, start_of_portal
from omonat.web.site.machine import gpc, health, policy_json, robots, sitemap
from omonat.web.site.policy import compare_versions, policy_in_force, policy_version, policy_versions
from omonat.web.site.sending import form_handlers, thanks
from omonat.web.site.visits import form_started

SITE = Router(
    path="/",
    route_handlers=[
        choose_cookies, compare_versions, cookie_settings, disagree, disagree_done, disagree_page, feed, form_started,
        gpc, health, home, policy_in_force, policy_json, policy_version, policy_versions, robots, sitemap, start,
        start_of_portal, thanks, *BY_LINK, *(handler for form_id in FORMS for handler in form_handlers(form_id)),
    ],
)  # fmt: skip
