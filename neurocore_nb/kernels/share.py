"""The spikes of an interval from each rank to all, by one Allgather, in compiled code.

Where neurons are coupled, the values that others feel travel at the end of the messages.

What the ranks tell each other in one interval says for how many spikes there is room in the messages of the next: so
they agree on the length. Who has more tells only how many, and sends them afterwards (``engine.exchange``).
"""

from __future__ import annotations

from functools import cache

import numpy as np

from .intrinsics import array_at, call_c
from .jit import address_of, kernel
from .wire import FAILED, N_HEADER, read_messages, write_message

MOST = 128  # spikes of a rank that travel with its header: more are worth a message of their own

# What is known of the mail between the ranks, one number each.
(
    SHARE,  # address of the function below; 0: calls of the stepper end where spikes have to be shared
    ALLGATHER,  # address of MPI_Allgather
    INT32,  # MPI's handle of a type ...
    COMM,  # ... and of the ranks
    N_RANKS,
    LONGEST,  # steps of an interval at most
    ROOM,  # for so many spikes of each rank in a message of the present interval ...
    LENGTH,  # ... and the message's length
    MESSAGE,  # address of this rank's message ...
    RECEIVED,  # ... of those of all ranks ...
    ARRIVED,  # ... and of the spikes of all: ids, then steps
    TOLD,  # whether the stepper has told the others of the present interval, rather than leave it to Python
    ASKS,  # this rank's status, unless it fails, see ``kernels.wire`` ...
    ASKED,  # ... and that of all ranks
    LARGEST,  # how many spikes the busiest of them has ...
    TOTAL,  # ... and all have
    ALL_HERE,  # whether no rank has failed, and all spikes came with the messages
    WAITING,  # whether this rank is sharing just now
    CODE,  # what MPI_Allgather returned
    SENT,  # bytes sent to other ranks, until someone takes note of them
    TAIL,  # length of what stands at the end of each message: values of neurons that are coupled ...
    OWN,  # ... address of this rank's, ...
    VALUES,  # ... and of those of all ranks
    N_MAIL,
) = range(24)


@kernel
def _make_room(mail):
    """Agree on the length of messages: room for up to twice as many spikes as the busiest rank had last time."""
    wanted = 1 if mail[LARGEST] > 0 else 0
    while 0 < wanted <= mail[LARGEST]:
        wanted *= 2
    mail[ROOM] = max(wanted, mail[ROOM] // 2) if wanted <= MOST else 0
    mail[LENGTH] = N_HEADER + (mail[ROOM] + mail[LONGEST] if mail[ROOM] > 0 else 0) + mail[TAIL]


@kernel
def write_mail(spikes, n_steps, failed, mail):
    """Write this rank's message.

    Parameters
    ----------
    spikes : int32[:, :]
        Ids and steps (from 0) in the first two rows.
    n_steps : int64
        Length of the interval.
    failed : bool
    mail : int64[:], modified in place
    """
    _make_room(mail)
    message = array_at(mail[MESSAGE], mail[LENGTH], np.int32)
    write_message(spikes, n_steps, FAILED if failed else mail[ASKS], mail[ROOM], message)
    own = array_at(mail[OWN], mail[TAIL], np.int32)
    for k in range(mail[TAIL]):
        message[mail[LENGTH] - mail[TAIL] + k] = own[k]


@kernel
def read_mail(n_steps, mail):
    """Read the messages of all ranks.

    Parameters
    ----------
    n_steps : int64
    mail : int64[:], modified in place
    """
    received = array_at(mail[RECEIVED], (mail[N_RANKS], mail[LENGTH]), np.int32)
    spikes = array_at(mail[ARRIVED], 2 * mail[N_RANKS] * MOST, np.int32)
    values = array_at(mail[VALUES], (mail[N_RANKS], mail[TAIL]), np.int32)
    for rank in range(mail[N_RANKS]):
        for k in range(mail[TAIL]):
            values[rank, k] = received[rank, mail[LENGTH] - mail[TAIL] + k]
    mail[ASKED], mail[LARGEST], mail[TOTAL] = read_messages(received, n_steps, mail[ROOM], spikes)
    mail[ALL_HERE] = mail[ASKED] != FAILED and mail[LARGEST] <= mail[ROOM]


def share(found, n_found, n_to_share, n_steps, failed, mail):
    """Send spikes of this rank to all ranks, and receive theirs; in ``ALL_HERE``, whether they have come.

    Parameters
    ----------
    found : int64
        Address of the spikes found: ids, steps and substeps, one row after the other.
    n_found : int64
        Length of a row.
    n_to_share : int64
        Of the spikes, the first so many are to be sent.
    n_steps, failed : int64
        As for :func:`write_mail`.
    mail : int64
        Address.
    """
    now = array_at(mail, N_MAIL, np.int64)
    spikes = array_at(found, (2, n_found), np.int32)[:, :n_to_share]
    write_mail(spikes, n_steps, failed != 0, now)
    length, int32 = now[LENGTH], now[INT32]
    now[TOLD] = now[WAITING] = 1
    now[CODE] = call_c(now[ALLGATHER], (now[MESSAGE], length, int32, now[RECEIVED], length, int32, now[COMM]))
    now[WAITING] = 0
    if now[CODE] == 0:
        now[SENT] += 4 * length * (now[N_RANKS] - 1)
        read_mail(n_steps, now)


@cache
def address_of_share() -> int:
    """Address of the compiled :func:`share`, which programs on one rank needn't compile."""
    return address_of(share, 6)
