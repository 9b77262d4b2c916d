"""The least that the same work takes on the same libraries and the same server."""
