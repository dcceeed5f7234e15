"""Noisy currents and conductances."""

from __future__ import annotations

from typing import Any

from . import checks
from .population import Neurons, Population
from .stimulus_base import Stimulus, name_of_target


class NoiseStimulus(Stimulus):
    r"""Base of Ornstein-Uhlenbeck processes, independent for each neuron of the target.

    .. math:: \tau\, \dot x = \mu - x + \sigma \sqrt{2 \tau}\, \xi(t)

    exact at the network's steps, between which x is constant, and stationary from the start.
    """

    conductance = False

    def __init__(
        self, mean: Any, sd: Any, tau: Any, target: Neurons | None, seed: int | None, e_rev: Any = 0.0
    ) -> None:
        name = type(self).__name__
        self._set_target(target)
        unit = "uA/cm2 (or the unit of the target's model)"
        if self.target is not None and isinstance(self.target.parent, Population):
            units = self.target.parent.model.units
            unit = units.conductance if self.conductance else units.current
        self.mean = checks.real_array(mean, f"{name}: mean", unit, **({"low": 0.0} if self.conductance else {}))
        self.sd = checks.real_array(sd, f"{name}: sd", unit, low=0.0)
        self.tau = checks.real_array(tau, f"{name}: tau", "s", above=0.0)
        self.e_rev = checks.real_array(e_rev, f"{name}: e_rev", "mV")
        self._common_size(mean=self.mean, sd=self.sd, tau=self.tau, e_rev=self.e_rev)
        self.seed = None if seed is None else checks.seed(seed, f"{name}: seed")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} onto {name_of_target(self.target)}>"


class OUCurrent(NoiseStimulus):
    """A noisy current: an Ornstein-Uhlenbeck process, independent for each neuron, held during each network step.

    Parameters
    ----------
    mean, sd : float or array of shape (n_target,)
        Mean and standard deviation, in the model's unit of current.
    tau : float or array of shape (n_target,)
        Correlation time in s.
    target : Population or part of one, optional
        By default the network's first population with membranes.
    seed : int, optional
        Replaces what the network's seed gives this stimulus, also after ``Network.reset(seed=...)``.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal.

    References
    ----------
    Uhlenbeck GE, Ornstein LS (1930), Phys Rev 36:823-841; Gillespie DT (1996), Phys Rev E 54:2084-2091.

    Examples
    --------
    >>> from neurocore_nb import OUCurrent
    >>> OUCurrent(mean=5.0, sd=2.0, tau=5e-3)
    <OUCurrent onto the first population>
    """

    def __init__(self, mean: Any, sd: Any, tau: Any, target: Neurons | None = None, *, seed: int | None = None) -> None:
        super().__init__(mean, sd, tau, target, seed)


class OUConductance(NoiseStimulus):
    """A noisy conductance, the point-conductance model of synaptic background activity.

    An Ornstein-Uhlenbeck process, independent for each neuron, held during each network step; where it is below 0 the
    conductance is 0.

    Parameters
    ----------
    mean, sd : float or array of shape (n_target,)
        Mean and standard deviation, in the model's unit of conductance.
    tau : float or array of shape (n_target,)
        Correlation time in s.
    e_rev : float or array of shape (n_target,)
        Reversal potential in mV.
    target : Population or part of one, optional
        By default the network's first population with membranes.
    seed : int, optional
        Replaces what the network's seed gives this stimulus, also after ``Network.reset(seed=...)``.

    Raises
    ------
    TypeError, ValueError
        If a value is not legal.

    References
    ----------
    Destexhe A, Rudolph M, Fellous JM, Sejnowski TJ (2001), Neuroscience 107:13-24.

    Examples
    --------
    >>> from neurocore_nb import OUConductance
    >>> OUConductance(mean=0.05, sd=0.01, tau=2.7e-3, e_rev=0.0)
    <OUConductance onto the first population>
    """

    conductance = True

    def __init__(
        self, mean: Any, sd: Any, tau: Any, e_rev: Any, target: Neurons | None = None, *, seed: int | None = None
    ) -> None:
        super().__init__(mean, sd, tau, target, seed, e_rev)
