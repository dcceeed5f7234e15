"""Pretends that the launcher of another MPI family has started four ranks."""

import os

from mpi4py import MPI

other = "PMI_SIZE" if "Open MPI" in MPI.Get_library_version() else "OMPI_COMM_WORLD_SIZE"
os.environ[other] = "4"

from neurocore_nb import HodgkinHuxleyNeuron, LaunchError, Network, Population  # noqa: E402

try:
    Network(Population(HodgkinHuxleyNeuron, 4)).run(0.01)
except LaunchError as error:
    print(f"LaunchError {error}")
