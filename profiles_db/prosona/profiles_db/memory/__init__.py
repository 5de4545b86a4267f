"""The shipped fake: a store in memory that keeps every promise of the seam but that of outliving its program.

::

    place = MemoryPlace()
    one, other = MemoryStore(place), MemoryStore(place)  # like two processes on one file

    place.now = datetime(2026, 3, 1, tzinfo=UTC)  # from here on its clock stands where it is put
    one.crash()  # as if its process had been killed: what it had claimed is free at once
"""

from prosona.profiles_db.memory.place import MemoryPlace
from prosona.profiles_db.memory.store import MemoryStore

__all__ = ["MemoryPlace", "MemoryStore"]
