"""Chaos: the desk's real processes under load and killed at random; in the end nothing is lost and nothing doubled."""
