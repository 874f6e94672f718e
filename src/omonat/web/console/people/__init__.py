"""People and their contracts in the console (clauses 3.1, 6.2, 7.1): found by an identifier, opened for a purpose.

What is typed into the search travels in the body of a POST and stands in no address. A card is open for a quarter of
an hour to the member who stated a purpose; the addresses of its pages carry the opaque id only.
"""

from omonat.web.console.people import acts, card, consenting, contracts, papers, regrouping, searching

HANDLERS = (
    *searching.HANDLERS, *card.HANDLERS, *acts.HANDLERS, *consenting.HANDLERS, *regrouping.HANDLERS,
    *contracts.HANDLERS, *papers.HANDLERS,
)  # fmt: skip

__all__ = ["HANDLERS"]
