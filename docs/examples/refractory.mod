: Passes a spike on unless one has been passed within the last t_ref.
NEURON {
    ARTIFICIAL_CELL Refractory
    RANGE t_ref
}
PARAMETER {
    t_ref = 3 (ms)
}
ASSIGNED {
    free (ms)
}
INITIAL {
    free = 0
}
NET_RECEIVE (w) {
    if (t >= free) {
        free = t + t_ref
        net_event(t)
    }
}
