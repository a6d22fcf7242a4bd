"""How work is done: on processes or a cluster, with bars, a cache, and one caller at a time."""
