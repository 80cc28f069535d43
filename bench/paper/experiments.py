"""The experiments, each a function of the lab and the folder of its results."""

from arena import e9
from rounds import e8
from sweeps import e2, e3, e4, e6
from time_spent import e5, fidelity
from workloads import e1, e7

ALL = {"fidelity": fidelity, "E1": e1, "E2": e2, "E3": e3, "E4": e4, "E5": e5, "E6": e6, "E7": e7,
       "E8": e8, "E9": e9}
