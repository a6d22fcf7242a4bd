"""What other programs read: members' values and tables as CSV or Parquet, forecasts as a hub's folder."""

from sim.exports.hub import write_hub as write_hub
from sim.exports.tables import (
    ExportError as ExportError,
    as_csv as as_csv,
    differences_as_csv as differences_as_csv,
    values_of as values_of,
    write as write,
)
