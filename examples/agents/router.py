"""A router hands each question to a specialist. All know the user; only the router hears them.

    python examples/agents/router.py [DATABASE]

The specialists get their task from the router, in words that are not the user's: they read the
profile and observe nothing. The router sees the user's own words: what they say is observed once,
however many agents work on it. Runs offline; see `models.py` for a real model.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from langchain.agents import create_agent
from langchain_core.messages import HumanMessage
from models import langchain_model

from prosona.client import ProfileClient
from prosona.langchain import ProfileMiddleware

USER = "mira"
SPECIALISTS = {"films": "You recommend films.", "food": "You recommend what to cook."}


def main(db: Path) -> None:
    """Answers three questions of one user."""
    with ProfileClient.local(db, user_id=USER, agent="router") as client:
        router = create_agent(
            langchain_model(),
            system_prompt=f"Answer with one topic of: {', '.join(SPECIALISTS)}.",
            middleware=[ProfileMiddleware(client)],
        )
        specialists = {
            topic: create_agent(
                langchain_model(), system_prompt=prompt, middleware=[ProfileMiddleware(client, observe=False)]
            )
            for topic, prompt in SPECIALISTS.items()
        }
        for said in (
            "I love slow science fiction. Which film should I watch?",
            "I am vegetarian. What can I cook for dinner?",
            "And which film goes with that dinner? I want to watch it tonight.",
        ):
            routed = router.invoke({"messages": [HumanMessage(said)]})
            topic = str(routed["messages"][-1].text).strip()
            task = f"Task from the router: the user asks about {topic}. Serve them."
            ended = specialists[topic].invoke({"messages": [HumanMessage(task)]})
            print(f"{said}\n  {topic}: {ended['messages'][-1].text}")
        print(f"Observed {client.get().interactions} interactions, one for each question.")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else Path(tempfile.mkdtemp()) / "profiles.db")
