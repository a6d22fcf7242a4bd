"""Work on a Dask cluster, where `sim.workers` works on processes of this machine.

Dask pickles what it sends between its processes, so that who reaches the scheduler may run anything there: a cluster
belongs into a network that is trusted, or behind TLS (``docs/cluster.md``). No file is unpickled.
"""

from sim.cluster.crew import LOCAL as LOCAL, Cluster as Cluster, connected as connected
from sim.cluster.sharing import ClusterError as ClusterError
