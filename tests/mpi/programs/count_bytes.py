"""Counts what really goes through the communicator, over a tenfold range of mean rates."""

import numpy as np
from mpi4py import MPI

from neurocore_nb import HodgkinHuxleyNeuron, Network, PoissonInput, Population, Projection

N = 2000


class CountingComm(MPI.Intracomm):
    """Adds up the bytes this rank sends to all; duplicates count, too."""

    sent = 0

    def Allgather(self, sendbuf, recvbuf):  # noqa: N802
        CountingComm.sent += np.asarray(sendbuf).nbytes
        super().Allgather(sendbuf, recvbuf)

    def Allgatherv(self, sendbuf, recvbuf):  # noqa: N802
        CountingComm.sent += np.asarray(sendbuf).nbytes
        super().Allgatherv(sendbuf, recvbuf)


world = CountingComm(MPI.COMM_WORLD)
for n_driven in (150, 500, 1500):
    cells = Population(HodgkinHuxleyNeuron, N)
    drive = PoissonInput(n_driven, rate_hz=100.0, weight=30.0)
    net = Network(cells, Projection(cells, cells, weight=0.0, probability=0.001), drive)
    CountingComm.sent = 0
    report = net.run(0.2, comm=world)
    counted = sum(MPI.COMM_WORLD.allgather(CountingComm.sent))
    if MPI.COMM_WORLD.Get_rank() == 0:
        print(f"{report.spikes} spikes {counted} counted {report.total('bytes_sent')} reported")
