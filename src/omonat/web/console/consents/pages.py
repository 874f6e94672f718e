"""Pages of consents, with their own texts."""

from functools import partial

from omonat.web.console.consents.words import DONE
from omonat.web.console.part import Part
from omonat.web.console.registers.pages import actor_words

DOMAIN = "console_consents"


PART = Part(DOMAIN, DONE, lambda visit: {"problem": "", "actor": partial(actor_words, visit)})
said, page = PART.said, PART.page
