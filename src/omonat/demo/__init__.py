"""Floor 7: an installation with something to look at: invented people, and a month of events through the real doors.

Nothing is written past the services: forms, codes, corrections, an erasure, disclosures, cases and visits happen on
their own days, with the clock moved back. Names, addresses (example.com) and numbers are made up.
"""

from omonat.demo.month import DAYS, Month

__all__ = ["DAYS", "Month"]
