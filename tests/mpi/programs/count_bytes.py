"""Counts what really goes through the communicator, over a tenfold range of mean rates."""

from counting import CountingComm, FromKernels
from mpi4py import MPI

from neurocore_nb import HodgkinHuxleyNeuron, Network, PoissonInput, Population, Projection

N = 2000

world = CountingComm(MPI.COMM_WORLD)
for n_driven in (150, 500, 1500):
    cells = Population(HodgkinHuxleyNeuron, N)
    drive = PoissonInput(n_driven, rate_hz=100.0, weight=30.0)
    net = Network(cells, Projection(cells, cells, weight=0.0, probability=0.001), drive)
    CountingComm.sent = 0
    report = net.run(0.2, comm=world)
    counted = sum(MPI.COMM_WORLD.allgather(CountingComm.sent))
    if MPI.COMM_WORLD.Get_rank() == 0:
        assert FromKernels.calls > 0  # or the kernels haven't shared anything
        print(f"{report.spikes} spikes {counted} counted {report.total('bytes_sent')} reported")
