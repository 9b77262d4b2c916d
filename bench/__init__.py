"""Benchmarks: each figure of ours beside its floor, measured in the same run."""
