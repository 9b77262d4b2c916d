"""Traffic: orders through every flow, faults on the way, and the proof that none of their failures was lost."""
