#!/bin/bash
# 64 ranks on four nodes, for longer than a job may take: when its time is nearly over, or the nodes are wanted for
# something else, the network writes a checkpoint and the job is queued again, to go on from there.
# Submit with: sbatch slurm_job.sh my_network.py
#SBATCH --job-name=neurocore_nb
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=16
#SBATCH --time=24:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@300
set -uo pipefail

# my_network.py describes the network, and then does
#     if os.path.exists("run.ckpt"):
#         net.restore("run.ckpt")
#     net.run(100.0 - net.t, checkpoint="run.ckpt", checkpoint_every=1800.0)

module load python/3.12 openmpi
source venv/bin/activate # a virtual environment with: pip install "neurocore_nb[mpi]", built with this openmpi

# Ranks on a node share its cores: 16 ranks on 64 cores use 4 threads each, unless run(threads=...) says otherwise.
srun --mpi=pmix python "${1:-scripts/mpi_demo.py}" &
job=$!
trap 'kill -USR1 $job' USR1 # Slurm signals this script alone, 300 s before the end; srun passes it on to all ranks
while kill -0 $job 2> /dev/null; do # a signal ends a wait before the job has ended
    wait $job
done
wait $job
status=$?
if [ $status -eq 75 ]; then # the network has written a checkpoint and is to go on
    scontrol requeue "$SLURM_JOB_ID"
fi
exit $status
