"""Floor 4: first-party visit counts of consenting visitors (clauses 8.1, 8.2; Art. 18).

A visit is counted only while the visitor's consent to `improve` stands. Kept are the days on which a pseudonymous
visitor came, and views per day, page, language and kind of device, which belong to nobody. No address, no user agent.
"""

from omonat.statistics.model import DayCount, Share, Summary
from omonat.statistics.rules import PURPOSE, device_class
from omonat.statistics.service import Statistics, expired_visits, forget_visits

__all__ = ["PURPOSE", "DayCount", "Share", "Statistics", "Summary", "device_class", "expired_visits", "forget_visits"]
