#!/usr/bin/python3
"""Repeats the experiments of the ADSP paper (Hu, Wang, Wu, AAAI-20) in virtual time and writes their tables
and plots to docs/results. One command an experiment:

    ./dev bench paper E1 --data FOLDER

E1 policies on three workloads     E2 heterogeneity      E3 network delay      E4 scale
E5 where the time goes             E6 commit rate        E7 near-optimality
E8 rounds by time                  E9 the arena: all policies, tuned alike
fidelity: a real run beside its simulation, about two minutes
"""

import argparse
import pathlib
import shutil
import sys

import experiments
import runs


def main():
    parser = argparse.ArgumentParser(prog="./dev bench paper", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("experiment", choices=sorted(experiments.ALL), help="which one")
    parser.add_argument("--data", type=pathlib.Path, metavar="FOLDER",
                        help="folder of rail_stress.txt and chiller_cop.csv; without it E1, E7 and E9 "
                             "leave those workloads out")
    parser.add_argument("--seeds", type=int, default=5, help="runs of each policy (5)")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("docs/results"),
                        help="where the table and the plot go (docs/results)")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("runs/paper"),
                        help="where the runs go (runs/paper)")
    x = parser.parse_args()
    if x.data and not x.data.is_dir():
        sys.exit(f"paper: {x.data} is no folder")
    folder = x.work / x.experiment
    shutil.rmtree(folder, ignore_errors=True)
    x.out.mkdir(parents=True, exist_ok=True)
    lab = runs.Lab(folder, x.data, x.seeds)
    experiments.ALL[x.experiment](lab, x.out)


if __name__ == "__main__":
    main()
