"""What has been published for the nine benchmarks: accuracy in percent, reader Qwen3-8B, thinking off.

From "Text as a Universal Interface for Transferable Personalization" (arXiv 2601.04963). HiCUPID is
a judge's score. Figures of another reader or other data do not compare with these. Two averages (full
AlignXplore, streaming DeepSeek-R1) are not the mean of their figures; they are kept as published.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CROSS_TASK", "ROWS", "SETS", "TRANSFERS", "PublishedRow", "PublishedTransfer", "published_set"]

SETS = (
    "MIND", "Amazon", "AlignX", "MovieLens", "PersonaMem",
    "P-Soups info", "P-Soups style", "P-Soups expertise", "HiCUPID",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """One row of the published table, in the order of `SETS`."""

    setting: str
    profiler: str
    figures: tuple[float, ...]
    average: float


# fmt: off
ROWS = (
    PublishedRow("direct", "Qwen3-8B",
                 (63.03, 84.05, 59.63, 88.57, 61.40, 46.84, 42.33, 38.33, 47.02), 59.02),
    PublishedRow("direct", "TALLRec",
                 (81.96, 94.91, 66.30, 97.90, 64.36, 51.66, 70.16, 60.16, 47.41), 70.53),
    PublishedRow("full", "DeepSeek-R1-671B",
                 (65.53, 82.15, 65.90, 82.76, 61.44, 72.59, 85.66, 82.33, 63.90), 73.58),
    PublishedRow("full", "Qwen3-32B thinking",
                 (67.63, 85.69, 64.93, 75.43, 57.36, 73.25, 88.00, 83.66, 63.44), 73.26),
    PublishedRow("full", "GPT-OSS-20B",
                 (64.16, 83.75, 55.63, 74.46, 61.74, 68.77, 86.00, 81.66, 62.00), 70.90),
    PublishedRow("full", "Qwen3-8B thinking",
                 (66.10, 84.68, 62.73, 75.13, 54.36, 75.08, 87.50, 83.50, 60.05), 72.12),
    PublishedRow("full", "AlignXplore",
                 (61.23, 78.58, 66.60, 69.93, 53.98, 76.24, 78.00, 72.66, 53.50), 66.07),
    PublishedRow("full", "AlignXplore+",
                 (71.36, 86.39, 75.03, 75.80, 58.08, 78.07, 86.33, 82.50, 62.42), 75.10),
    PublishedRow("streaming", "DeepSeek-R1-671B",
                 (64.30, 80.54, 64.06, 83.63, 58.96, 66.61, 85.00, 79.00, 60.32), 72.93),
    PublishedRow("streaming", "Qwen3-8B thinking",
                 (66.13, 83.58, 62.90, 75.97, 51.68, 74.08, 85.00, 82.66, 59.17), 71.24),
    PublishedRow("streaming", "AlignXplore+",
                 (71.80, 85.35, 73.67, 77.23, 54.58, 76.57, 80.33, 78.50, 60.51), 73.17),
)
# fmt: on


@dataclass(frozen=True, slots=True)
class PublishedTransfer:
    """AlignXplore+ read by another model: averages over eight sets, and that reader on raw history."""

    reader: str
    full: float
    streaming: float
    raw_history: float


TRANSFERS = (
    PublishedTransfer("Qwen2.5-7B-Instruct", 72.41, 71.86, 55.96),
    PublishedTransfer("GPT-OSS-20B", 76.41, 75.02, 72.01),
)
CROSS_TASK = {
    "AlignXplore+": {"dialogue to recommendation": 74.90, "recommendation to dialogue": 51.10},
    "Qwen3-8B thinking": {"dialogue to recommendation": 57.90, "recommendation to dialogue": 50.40},
    "TALLRec": {"dialogue to recommendation": 49.90, "recommendation to dialogue": 49.80},
}
"""Cross-task: the profile comes from one task and is used for another."""


# The published files are called after the two sides of a choice.
_ALSO_CALLED = {
    "concisedetail": "psoupsinfo",
    "friendlyunfriendly": "psoupsstyle",
    "studentphd": "psoupsexpertise",
}


def published_set(name: str) -> str | None:
    """The published benchmark a set's name stands for: `psoups_info` is "P-Soups info". None for others."""
    bare = _letters(name)
    bare = _ALSO_CALLED.get(bare, bare)
    return next((known for known in SETS if _letters(known) == bare), None)


def _letters(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalpha())
