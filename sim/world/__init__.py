"""What agents and all else in the world have at hand, and what they see of one another."""
