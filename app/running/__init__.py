"""Running the processes of `make run`: which there are, that they stay up, and that all end together."""
