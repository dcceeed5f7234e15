/* A program in C that has its own arrays and its own loop through time, and calls neurons by an address.
   neurons.h holds C_DECLARATIONS of neurocore_nb.kernels. */

#include "neurons.h"

/* Takes n neurons through n_steps substeps in two halves, as two threads would; counts the spikes of each in counts,
   and returns how many there were. */
int64_t simulate(
    model_kernel advance, double *states, const double *current, const double *conductance, int64_t *fired,
    const double *constants, int64_t n, int64_t n_steps, int64_t *counts)
{
    int64_t n_spikes = 0;
    for (int64_t step = 0; step < n_steps; step++) {
        /* no noise, and no parameters that vary: there is nothing to point to */
        n_spikes += advance(states, current, conductance, 0, fired, constants, 0, n, 0, n / 2);
        n_spikes += advance(states, current, conductance, 0, fired, constants, 0, n, n / 2, n);
        for (int64_t j = 0; j < n; j++)
            counts[j] += fired[j];
    }
    return n_spikes;
}
