#!/bin/bash
# 64 ranks on four nodes. Submit with: sbatch slurm_job.sh my_network.py
#SBATCH --job-name=neurocore_nb
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=16
#SBATCH --time=01:00:00
set -euo pipefail

module load python/3.12 openmpi
source venv/bin/activate # a virtual environment with: pip install "neurocore_nb[mpi]", built with this openmpi

# Ranks on a node share its cores: 16 ranks on 64 cores use 4 threads each, unless run(threads=...) says otherwise.
srun --mpi=pmix python "${1:-scripts/mpi_demo.py}"
