"""Every quantity, declared once: meaning, unit, bounds, place in the model, how it is forecast and scored."""
