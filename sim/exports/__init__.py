"""What other programs read: members' values and tables as CSV or Parquet, forecasts as a hub's folder."""

from sim.exports.hub import write_hub
from sim.exports.tables import ExportError, as_csv, differences_as_csv, values_of, write

__all__ = ["ExportError", "as_csv", "differences_as_csv", "values_of", "write", "write_hub"]
