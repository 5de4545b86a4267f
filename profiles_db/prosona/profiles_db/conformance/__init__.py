"""The shipped test suite that holds any store to all that its seam says.

Needs pytest and pytest-asyncio. Derive a class, say how a store is opened, and run it::

    class TestMyStore(StoreConformance):
        async def open_store(self, folder: Path) -> Store:
            return MyStore(folder / "profiles.db")

        async def open_copy(self, copy: Path) -> Store:
            return MyStore(copy)

`folder` is an empty one for each test; stores opened on the same folder must share what they keep, as
processes do. `reopen` and `wait_until` may be overridden, too.
"""

import pytest

pytest.register_assert_rewrite(
    *(f"{__name__}.{part}" for part in ("log", "profiles", "forgetting", "folds", "keeping"))
)

from prosona.profiles_db.conformance.folds import FoldsConformance  # noqa: E402
from prosona.profiles_db.conformance.forgetting import ForgettingConformance  # noqa: E402
from prosona.profiles_db.conformance.keeping import KeepingConformance  # noqa: E402
from prosona.profiles_db.conformance.log import LogConformance  # noqa: E402
from prosona.profiles_db.conformance.profiles import ProfilesConformance  # noqa: E402

__all__ = ["StoreConformance"]


class StoreConformance(
    LogConformance, ProfilesConformance, ForgettingConformance, FoldsConformance, KeepingConformance
):
    """Every promise of `prosona.profiles_db.store`, as a test each."""
