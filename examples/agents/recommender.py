"""A recommender that re-ranks its candidates by the profile, and learns from each pick.

    python examples/agents/recommender.py [DATABASE]

The chain needs `langchain-core` alone. Runs offline with a scripted model that ranks by the words of
the profile; see `models.py` for a real one.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from models import langchain_model

from prosona.client import ProfileClient
from prosona.langchain import with_profile

USER = "mira"
CANDIDATES = [
    "Notting Hill (1999) [Comedy|Romance]",
    "Speed (1994) [Action|Thriller]",
    "Contact (1997) [Science fiction|Drama]",
    "Mamma Mia (2008) [Comedy|Musical]",
    "Solaris (1972) [Science fiction|Drama]",
]
PICKS = [
    ("Arrival (2016) [Science fiction|Drama]", "The Proposal (2009) [Comedy|Romance]"),
    ("Moon (2009) [Science fiction|Drama]", "John Wick (2014) [Action|Thriller]"),
    ("Gattaca (1997) [Science fiction|Drama]", "La La Land (2016) [Comedy|Musical]"),
]
PROMPT = ChatPromptTemplate(
    [
        ("system", "Rank the candidates for this user, best first. Answer with the lines alone."),
        ("user", "Candidates:\n{candidates}"),
    ]
)


def main(db: Path) -> None:
    """Ranks before and after the user's picks."""
    with ProfileClient.local(db, user_id=USER, agent="recommender") as client:
        # What is ranked are our candidates, not the user's words: nothing to observe here.
        ranked = PROMPT | with_profile(langchain_model(), client, observe=False) | StrOutputParser()
        shown = {"candidates": "\n".join(CANDIDATES)}
        print("Before:", *ranked.invoke(shown).splitlines(), sep="\n  ")
        for picked, passed_over in PICKS:
            client.chose(picked, over=[passed_over], query="What to watch tonight?", domain="films")
        client.rated("Speed (1994) [Action|Thriller]", liked=False, domain="films")
        print("The profile:", *client.get().text.splitlines(), sep="\n  ")
        print("After:", *ranked.invoke(shown).splitlines(), sep="\n  ")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else Path(tempfile.mkdtemp()) / "profiles.db")
