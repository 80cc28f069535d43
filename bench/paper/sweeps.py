"""E2, E3, E4 and E6: the time to the target as one thing changes."""

import statistics
import types

import runs
import tables
from policies import FEWER, RULE, every_policy


def tuned_policies(lab, names, config="configs/testbed18.toml", settings=()):
    """The policies with learning rates chosen on the given job, for sweeps around it."""
    one = types.SimpleNamespace(**vars(lab))
    one.seeds = 1
    found = runs.Lab.compare(one, "tuning", config, names, settings, [runs.RATES])
    return list(runs.tuned(found).values())


def sweep(lab, out, name, title, intro, knob, values, settings_of, policies):
    """One comparison a value; a table of medians and a plot."""
    found = {v: lab.compare(f"{v}", "configs/testbed18.toml", policies, settings_of(v)) for v in values}
    names = [runs.name_of(p) for p in policies]
    series = {n: [] for n in names}
    lines = []
    for value, comparison in found.items():
        cells = []
        for n, p in zip(names, comparison["policies"]):
            series[n].append(tables.point(value, p))
            cells.append(runs.with_spread(p, "time_to_target_s"))
        lines.append([value, *cells])
    accuracy = [[v, *[runs.percent(runs.median(p, "final_accuracy"), 2) for p in c["policies"]]]
                for v, c in found.items()]
    tables.lines(out / f"{name}.svg", series, knob, "seconds to target", logy=True)
    tables.write(out / f"{name}.md", title, intro, [
        ("Seconds to target", tables.markdown([knob, *names], lines)),
        ("Accuracy when it was reached", tables.markdown([knob, *names], accuracy) +
         f"\n![{title}]({name}.svg)\n")])


def step_times():
    """The step times of the testbed, from `adsp check`."""
    shown = runs.check("configs/testbed18.toml")
    return [float(line.split()[1]) for line in shown if line.startswith("vm-")]


def heterogeneity(times):
    speeds = [1 / t for t in times]
    return statistics.mean(speeds) / min(speeds)


def stretched(times, wanted):
    """The same machines with their speeds spread around the mean until H is as wanted."""
    middle = statistics.geometric_mean(times)
    low, high = 0.0, 10.0
    for _ in range(60):
        power = (low + high) / 2
        if heterogeneity([middle * (t / middle) ** power for t in times]) < wanted:
            low = power
        else:
            high = power
    result = [middle * (t / middle) ** low for t in times]
    # The same number of steps a second in all, whatever H.
    scale = sum(1 / t for t in result) / sum(1 / t for t in times)
    return [round(t * scale, 4) for t in result]


def e2(lab, out):
    times = step_times()
    sweep(lab, out, "e2", "E2: heterogeneity",
          "The step times of configs/testbed18.toml with their spread changed until H = mean speed / least speed "
          "is as given and the steps a second of all 18 together are the same. Learning rates as chosen at "
          "H = 1.97. " + RULE.format(seeds=lab.seeds, rates="0.1, 0.2, 0.4") +
          "\n\nCommand: `./dev bench paper E2`.", "H", [1.0, 1.45, 2.0, 2.6, 3.2, 6.0],
          lambda h: [f"workers.0.step_seconds={stretched(times, h)}"],
          tuned_policies(lab, FEWER))


def e3(lab, out):
    sweep(lab, out, "e3", "E3: network delay",
          "So many seconds are added to every exchange of configs/testbed18.toml, half of them each way. Learning "
          "rates as chosen without. " + RULE.format(seeds=lab.seeds, rates="0.1, 0.2, 0.4") +
          "\n\nCommand: `./dev bench paper E3`.", "seconds added", [0, 2, 5, 10],
          lambda d: [f"workers.0.latency={0.02 + d / 2}"], tuned_policies(lab, FEWER))


def e4(lab, out):
    times = step_times()
    names = [n for n in every_policy() if runs.name_of(n) != "adacomm"]
    lines, series = [], {n: [] for n in names}
    for workers in [18, 36, 100, 1000]:
        steps = [times[i % len(times)] for i in range(workers)]
        found = lab.compare(f"{workers}", "configs/quadratic.toml", names,
                            [f"workers.0.step_seconds={steps}", "evaluation.target_loss=0.01"],
                            ["optimizer.learning_rate=0.05|0.1|0.2|0.4"])
        for n, p in zip(names, found["policies"]):
            series[n].append(tables.point(workers, p))
        lines.append([workers, *[runs.with_spread(p, "time_to_target_s") for p in found["policies"]]])
    tables.lines(out / "e4.svg", series, "workers", "seconds to target", logx=True, logy=True)
    tables.write(out / "e4.md", "E4: scale",
                 "The noisy quadratic of configs/quadratic.toml on the 18 machines, repeated. The parameter "
                 "server's link is shared by all. " + RULE.format(seeds=lab.seeds, rates="0.05, 0.1, 0.2, 0.4") +
                 "\n\nCommand: `./dev bench paper E4`.",
                 [("Seconds to target", tables.markdown(["workers", *names], lines) +
                   "\n![scale](e4.svg)\n")])


def momentum_of(root, directory):
    """The implicit momentum of a run: the median over its check periods."""
    values = [float(r["implicit_momentum"]) for r in runs.rows(root / directory / "workers.csv")]
    return statistics.median(values) if values else None


def e6(lab, out):
    rates = [0.25, 0.5, 1, 2, 3, 4, 6, 8, 10]
    kinds = {"adsp_paper": "adsp+:commit_rate={}:optimizer.learning_rate=0.2",
             "adsp": "adsp:search=none:commit_rate={}:optimizer.learning_rate=0.2"}
    labels = {"adsp_paper": "as published", "adsp": "the default at this rate"}
    series = {k: [] for k in kinds}
    lines = []
    for rate in rates:
        found = lab.compare(f"{rate}", "configs/testbed18.toml", [k.format(rate) for k in kinds.values()])
        cells = []
        for kind, p in zip(kinds, found["policies"]):
            series[kind].append(tables.point(rate, p))
            momentum = [momentum_of(found["root"], r["directory"]) for r in p["runs"]]
            cells += [runs.with_spread(p, "time_to_target_s"), f"{statistics.median(momentum):.4f}",
                      runs.percent(runs.median(p, "final_accuracy"), 2)]
        lines.append([rate, *cells])
    tables.lines(out / "e6.svg", {labels[k]: v for k, v in series.items()}, "commits a check period (60 s)",
                 "seconds to target", logx=True)
    header = ["commits a period"]
    for label in labels.values():
        header += [label + ": seconds to target", "implicit momentum", "accuracy"]
    tables.write(out / "e6.md", "E6: commit rate",
                 "A fixed commit rate for the whole job, configs/testbed18.toml, learning rate 0.2. The implicit "
                 "momentum is the median over check periods and seeds of 1 - 1 / (1 + (1 - 1/M) sum of the steps "
                 "between commits). " + RULE.format(seeds=lab.seeds, rates="0.2 alone") +
                 "\n\nCommand: `./dev bench paper E6`.",
                 [("", tables.markdown(header, lines) + "\n![commit rate](e6.svg)\n")])
