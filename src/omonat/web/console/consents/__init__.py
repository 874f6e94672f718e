"""Consents of everybody: taking over those that the company already has, all of them with their proofs (Art. 31)."""

from omonat.web.console.consents.exporting import HANDLERS as EXPORTING
from omonat.web.console.consents.importing import HANDLERS as IMPORTING

HANDLERS = (*IMPORTING, *EXPORTING)

__all__ = ["HANDLERS"]
