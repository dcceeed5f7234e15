# mpi_demo.py
from neurocore_nb.network.monitor import SpikeMonitor
from neurocore_nb.network.network import Network
from neurocore_nb.network.population import Population
from neurocore_nb.network.projection import Projection
from neurocore_nb.network.stimulus import PoissonInput
from neurocore_nb.neurons.models.hodgkin_huxley import HodgkinHuxleyNeuron

exc = Population(HodgkinHuxleyNeuron, n=10000, label="exc")
inh = Population(HodgkinHuxleyNeuron, n=2500, label="inh")
exc_exc = Projection(exc, exc, weight=0.02, topology="random", probability=0.02)
exc_inh = Projection(exc, inh, weight=0.05, topology="random", probability=0.05)
inh_exc = Projection(inh, exc, weight=-0.1, topology="random", probability=0.05)
drive = PoissonInput(n=10000, rate_hz=50.0, weight=1.0, dt=0.001)
mon = SpikeMonitor(exc)
net = Network(exc, inh, exc_exc, exc_inh, inh_exc, drive, mon)
net.run(duration=1.0, dt=0.001, backend="mpi")

from mpi4py import MPI  # noqa: E402

if MPI.COMM_WORLD.Get_rank() == 0:
    print(f"Total spikes: {mon.count}")
