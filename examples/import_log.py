"""A log file becomes a profile, in process and without a server.

`listening.jsonl` is what a music player might export. Run it by `python examples/import_log.py`; it
leaves nothing behind. For a file in our own words, `prosona import FILE.jsonl` does the same.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path

from prosona.client import ProfileClient

LOG = Path(__file__).resolve().parent / "listening.jsonl"


def import_log(client: ProfileClient) -> Counter[str]:
    """Observes every line of the log; what was observed before counts as a duplicate."""
    outcomes: Counter[str] = Counter()
    for line in LOG.read_text(encoding="utf-8").splitlines():
        play = json.loads(line)
        track = f"{play['track']} [{'|'.join(play['genres'])}]"
        receipt = client.observe(
            chosen=None if play["skipped"] else track,
            rejected=track if play["skipped"] else None,
            domain="music",
            kind="play",
            occurred_at=play["at"],
            # The player numbers its plays, so importing the log again stores nothing twice.
            idempotency_key=f"player-{play['id']}",
        )
        outcomes[receipt.status] += 1
    return outcomes


def main(database: Path) -> None:
    """Imports the log twice and prints the profile that follows from it."""
    with ProfileClient.local(database, user_id="jo", agent="import_log") as client:
        for attempt in ("first", "second"):
            outcomes = import_log(client)
            print(f"{attempt} import: {outcomes['accepted']} accepted, {outcomes['duplicate']} duplicates")
        profile = client.get()
        print(f"\nthe profile of jo, version {profile.version}, from {profile.interactions} interactions:")
        print(profile.text)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(Path(folder) / "profiles.db")
