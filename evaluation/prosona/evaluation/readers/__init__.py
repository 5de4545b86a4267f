"""Readers: who, given a profile's text alone, would the user choose?"""

from __future__ import annotations

from prosona.evaluation.readers.seam import Outcome, Question, Reader, Reading, credit, earned

__all__ = ["Outcome", "Question", "Reader", "Reading", "credit", "earned"]
