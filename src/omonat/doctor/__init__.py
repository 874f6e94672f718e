"""Floor 5: what is wrong with an installation, and what to do (clauses 6.1, 6.2). Looks, changes nothing.

`examine_files` needs the settings only, so that it answers for an installation that does not open; `examine` looks at
an opened one. Each `Finding` is `good`, a `note`, or
`wrong`; each that is not good says what to do.
"""

from omonat.doctor.files import examine_files
from omonat.doctor.model import Finding, failed
from omonat.doctor.service import Installation, examine

__all__ = ["Finding", "Installation", "examine", "examine_files", "failed"]
