"""Sayings: does a profile hold what a user said of themself, and nothing else?"""

from prosona.evaluation.sayings.cases import Forbidden, Wanted, WrittenCase, load_cases
from prosona.evaluation.sayings.judging import Verdict, judge
from prosona.evaluation.sayings.running import profiles_of
from prosona.evaluation.sayings.tables import figures, sayings_table

__all__ = [
    "Forbidden",
    "Verdict",
    "Wanted",
    "WrittenCase",
    "figures",
    "judge",
    "load_cases",
    "profiles_of",
    "sayings_table",
]
