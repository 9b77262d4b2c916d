"""Our retries beside what others would take instead: the same UPDATE, the same server, the same kills."""
