"""Floor 2: every table (`schema`), engines and the unit of work (`engine`), the one writer of SQLite (`writer`),
prepared statements (`statements`).

SQL itself lives in the areas' `store.py`.
"""

from omonat.storage.engine import Database
from omonat.storage.gathering import Gathering
from omonat.storage.schema import data as data_tables
from omonat.storage.schema import keys as key_tables
from omonat.storage.statements import Command, Query
from omonat.storage.sums import is_whole, register

__all__ = ["Command", "Database", "Gathering", "Query", "data_tables", "is_whole", "key_tables", "register"]
