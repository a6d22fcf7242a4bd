"""A run: how its members lie and are stored, its folder held by hashes, its answers and figures."""
