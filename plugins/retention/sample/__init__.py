"""Sample stores: invented data in which every edge case has its own rows, with what a person expects of them."""

from retention.sample.generate import Sample, generate
from retention.sample.labels import Instruction, Label, write_labels

__all__ = ["Instruction", "Label", "Sample", "generate", "write_labels"]
