"""The work on cases: the queue, the page of a case with its thread, acts on several at once (3.1, 7.1, 10.1).

The list shows no value of anybody. In a case values are opened on purpose, for the purpose of the case, and the person
sees that they were. Everything works without a script; `console-cases.js` adds keys while the list has the focus.
"""

from omonat.web.console.cases import acts, case, queue

HANDLERS = (*queue.HANDLERS, *acts.HANDLERS, *case.HANDLERS)

__all__ = ["HANDLERS"]
