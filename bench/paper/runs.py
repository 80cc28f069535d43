"""Runs `adsp compare` and reads what it leaves."""

import csv
import json
import pathlib
import subprocess

ADSP = "build/release/apps/adsp"
RATES = "optimizer.learning_rate=0.1|0.2|0.4"


class Lab:
    """Where an experiment's runs go, and how many seeds it takes."""

    def __init__(self, folder, data, seeds):
        self.folder = folder
        self.data = data
        self.seeds = seeds

    def compare(self, name, config, policies, settings=(), tune=()):
        """One comparison; returns the parsed compare.json, with the folder under "root"."""
        root = self.folder / name
        command = [ADSP, "compare", config, "--simulate", "--seeds", str(self.seeds), "--out", str(root),
                   "--policies", ",".join(policies)]
        for x in settings:
            command += ["--set", x]
        for x in tune:
            command += ["--tune", x]
        subprocess.run(command, check=True)
        found = json.loads((root / "compare.json").read_text())
        found["root"] = root
        return found

    def single(self, command, config, settings):
        """One run in real ("run") or virtual time ("simulate"); returns its summary."""
        root = self.folder / command
        arguments = [ADSP, command, config, "--quiet", "--out", str(root)]
        for x in settings:
            arguments += ["--set", x]
        subprocess.run(arguments, check=True)
        return json.loads((root / "summary.json").read_text())


def check(config):
    """The lines of `adsp check`."""
    return subprocess.run([ADSP, "check", config], check=True, capture_output=True,
                          text=True).stdout.splitlines()


def policies():
    """The names of all policies, from `adsp policies`: lines that do not begin with a space."""
    lines = subprocess.run([ADSP, "policies"], check=True, capture_output=True, text=True).stdout.splitlines()
    return [line.split()[0] for line in lines if line and not line.startswith(" ")]


def tuned(comparison):
    """Policies of a comparison, each with the settings chosen for it: "bsp:optimizer.learning_rate=0.2"."""
    return {p["policy"]: ":".join([p["policy"], *p["settings"]]) for p in comparison["policies"]}


def name_of(policy):
    """"bsp:optimizer.learning_rate=0.2" without its settings."""
    return policy.split(":")[0]


def rows(path):
    """A CSV file as dictionaries."""
    with pathlib.Path(path).open() as file:
        return list(csv.DictReader(file))


def median(policy, key):
    """A figure's median over seeds, None when the target was not reached."""
    return policy[key]["median"] if policy[key] else None


def with_spread(policy, key, digits=0):
    """"median (min to max)"."""
    x = policy[key]
    if x is None:
        return "not reached"
    most = "never" if x["max"] is None else f"{x['max']:,.{digits}f}"
    return f"{x['median']:,.{digits}f} ({x['min']:,.{digits}f} to {most})"


def percent(x, digits=1):
    return "-" if x is None else f"{100 * x:.{digits}f} %"
