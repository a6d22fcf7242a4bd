"""What is believed about numbers: priors and values with unit, meaning and source; draws of them."""
