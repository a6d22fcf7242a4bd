"""The equations, by subject: arrays in, arrays out, one entry per ensemble member. No state, no luck of their own."""
