"""A state's record: who sits at its table, what was observed and when it became known, what is forecast by it."""
