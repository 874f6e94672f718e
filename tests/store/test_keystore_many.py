"""The keys of many at once, on both engines."""

from pathlib import Path

import pytest

from harness.domain import Domain, new_domain
from omonat.kernel.ids import SubjectId, new_id
from omonat.keystore import COMMITMENT, Compartment
from omonat.storage import Database

PART = Compartment("contract", "name")


@pytest.fixture
def domain(database: Database, key_database: Database, tmp_path: Path) -> Domain:
    return new_domain(database, key_database, tmp_path)


def test_one_compartment_of_however_many(domain: Domain) -> None:
    keystore = domain.keystore
    made = {keys.subject_id: keys for keys in keystore.create_many(260, domain.now(), [PART])}
    everybody = list(made)
    for count in (1, 3, 16, 17, 260):
        found = keystore.open_part_of_many([*everybody[:count], SubjectId(new_id())], COMMITMENT)
        assert list(found) and set(found) == set(everybody[:count])
        for subject_id, keys in found.items():
            assert keys.compartment(COMMITMENT) == made[subject_id].compartment(COMMITMENT)
            assert not keys.has(PART)
    assert keystore.open_part_of_many([], COMMITMENT) == {}


def test_whose_keys_are_destroyed_is_left_out(domain: Domain) -> None:
    gone, stays = domain.keystore.create_many(2, domain.now())
    domain.keystore.destroy(gone.subject_id, None)
    assert set(domain.keystore.open_part_of_many([gone.subject_id, stays.subject_id], COMMITMENT)) == {stays.subject_id}
