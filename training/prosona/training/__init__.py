"""Training: models of our own, from data of one's own."""

from prosona.training.command import train

__all__ = ["train"]
