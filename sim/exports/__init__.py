"""What other programs read: members' values and tables as CSV or Parquet, forecasts as a hub's folder."""

from sim.exports.hub import write_hub as write_hub
from sim.exports.tables import ExportError as ExportError
from sim.exports.tables import as_csv as as_csv
from sim.exports.tables import differences_as_csv as differences_as_csv
from sim.exports.tables import values_of as values_of
from sim.exports.tables import write as write
