"""Will Serbia go from ally to opponent of the Kremlin? Scenarios, simulation and forecasts."""

__version__ = "0.1.0"
