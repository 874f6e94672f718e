"""Floor 4: terms, holds and the sweep (clauses 6.3, 7.1 c, 8.1; ZRU-547 Arts 17, 19; the holds of the rule pack).

Every record carries the day until which it is kept, counted from the event that the policy names. `Retention.sweep`
destroys what has run out, with a certificate for each destruction; a hold by law stops it and is reported. A part
(purpose x category) whose every record is due loses its key; where some records of a part go on, only the due rows go.

Invariants: a due record is shown to nobody, whether or not the sweep has come by; a hold never widens use.
"""

from omonat.retention.model import HeldBack, Hold, SweepReport
from omonat.retention.service import Retention

__all__ = ["HeldBack", "Hold", "Retention", "SweepReport"]
