"""`pansori doctor`: what this machine has, what it lacks, and the cure."""

from pansori.cli.doctor.report import examine

__all__ = ["examine"]
