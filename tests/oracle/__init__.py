"""Second implementations of every SQL figure: slow, obvious, in plain Python, over rows that are dicts."""
