"""The experiments, each a function of the lab and the folder of its results."""

import statistics
import types

import matplotlib.pyplot as plt

import runs
import tables

POLICIES = ["bsp", "ssp", "tap", "fixed_adacomm", "adacomm", "adsp_paper", "adsp"]
FEWER = ["bsp", "ssp", "fixed_adacomm", "adsp_paper", "adsp"]
RULE = ("Time to target: the first time that the mean of five consecutive losses on the test data is at or "
        "below the target, the same rule for every policy; median (min to max) over {seeds} seeds. Learning "
        "rates: the best of {rates} for each policy, tried once with a seed that is not measured with. All in "
        "virtual time, gradients really computed.")


def workloads(lab):
    """name: (config, settings, learning rates)."""
    found = {"cnn": ("configs/testbed18-cnn.toml", ["job.max_time=2h"], "0.025|0.05|0.1|0.2"),
             "mlp": ("configs/testbed18.toml", ["evaluation.target_loss=0.38", "job.max_time=3h"], "0.1|0.2|0.4|0.8")}
    if lab.data:
        found["lstm"] = ("configs/testbed18-lstm.toml", [f"data.path={lab.data}/rail_stress.txt"],
                         "0.025|0.05|0.1|0.2|0.4|0.8")
        found["svm"] = ("configs/testbed18-svm.toml",
                        [f"data.path={lab.data}/chiller_cop.csv", "evaluation.target_loss=1.45"],
                        "0.05|0.1|0.2|0.4|0.8")
    return found


def chosen(settings, grid):
    """What was chosen for a policy, marked where it is the least or the largest of the grid."""
    ends = {grid.split("|")[0], grid.split("|")[-1]} if grid else set()
    return ", ".join(x.split(".", 1)[1] + (" (end of the grid)" if x.split("=")[1] in ends else "")
                     for x in settings)


def number(policy, key, scale=1, form=",.0f"):
    """The median, or "-" where no run has one."""
    value = runs.median(policy, key)
    return "-" if value is None else format(value * scale, form)


def policy_table(comparison, grid=""):
    base = runs.median(comparison["policies"][0], "time_to_target_s")
    lines = []
    for p in comparison["policies"]:
        time = runs.median(p, "time_to_target_s")
        less = "-" if time is None or base is None else f"{100 * (1 - time / base):.0f} %"
        lines.append([p["policy"], f"{p['reached']}/{len(p['runs'])}",
                      runs.with_spread(p, "time_to_target_s"), less, number(p, "steps"), number(p, "commits"),
                      number(p, "bytes", 1e-6, ",.1f"), runs.percent(runs.median(p, "compute")),
                      runs.percent(runs.median(p, "communicate")), runs.percent(runs.median(p, "wait")),
                      runs.percent(runs.median(p, "search")),
                      runs.with_spread(p, "final_loss", 4),
                      runs.percent(runs.median(p, "final_accuracy"), 2),
                      chosen(p["settings"], grid)])
    return tables.markdown(["policy", "reached", "seconds to target", "less than the first", "steps", "commits",
                            "MB", "computing", "communicating", "waiting", "search", "final loss",
                            "final accuracy", "chosen"], lines)


def less_than(comparison, policy, other):
    by_name = {p["policy"]: runs.median(p, "time_to_target_s") for p in comparison["policies"]}
    a, b = by_name.get(policy), by_name.get(other)
    return None if not a or not b else 1 - a / b


def loss_plot(path, comparison):
    figure, axes = plt.subplots(figsize=(7, 4))
    for p in comparison["policies"]:
        middle = sorted(p["runs"], key=lambda r: r["time_to_target_s"] or float("inf"))[len(p["runs"]) // 2]
        rows = runs.rows(comparison["root"] / middle["directory"] / "metrics.csv")
        axes.plot([max(1, float(r["seconds"])) for r in rows], [float(r["loss"]) for r in rows],
                  label=p["policy"], color=tables.COLOURS[runs.name_of(p["policy"])], linewidth=1.2)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("virtual seconds")
    axes.set_ylabel("test loss")
    axes.legend(frameon=False)
    tables.save(figure, path)


def e1(lab, out):
    blocks = []
    for name, (config, settings, rates) in workloads(lab).items():
        found = lab.compare(name, config, POLICIES, settings, [f"optimizer.learning_rate={rates}"])
        loss_plot(out / f"e1-{name}.svg", found)
        aims = [("adsp_paper", "bsp", 0.80), ("adsp_paper", "ssp", 0.53), ("adsp_paper", "fixed_adacomm", 0.33),
                ("adsp", "adsp_paper", 0.30)]
        lines = [[f"{a} against {b}", runs.percent(less_than(found, a, b), 0), runs.percent(aim, 0)]
                 for a, b, aim in aims]
        blocks.append((f"{name} ({found['target']}, learning rates {rates.replace('|', ', ')})",
                       policy_table(found, rates) + "\n" +
                       tables.markdown(["time to target", "less by", "aim"], lines) +
                       f"\n![test loss over time](e1-{name}.svg)\n"))
    tables.write(out / "e1.md", "E1: policies on the paper's workloads",
                 RULE.format(seeds=lab.seeds, rates="those named") +
                 "\n\nTestbed: configs/testbed18.toml. Command: `./dev bench paper E1 --data FOLDER`.", blocks)


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
    names = ["bsp", "ssp", "tap", "fixed_adacomm", "adsp_paper", "adsp"]
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


# Share of time not computing and steps to the target: three workers with step times 1 : 1 : 3.
PUBLISHED = {"bsp": (0.953, 5420, 30336), "ssp": (0.906, 5909, 16308), "adacomm": (0.543, 6392, 3579),
             "fixed_adacomm": (0.563, 8400, 4901), "adsp_paper": (0.062, 12709, 2449)}


def e5(lab, out):
    found = lab.compare("three", "configs/testbed18.toml", POLICIES,
                        ["workers.0.step_seconds=[0.6, 0.6, 1.8]"], [runs.RATES])
    lines = []
    for p in found["policies"]:
        published = PUBLISHED.get(p["policy"])
        lines.append([p["policy"], runs.with_spread(p, "time_to_target_s"), number(p, "steps"),
                      runs.percent(runs.median(p, "compute")), runs.percent(runs.median(p, "communicate")),
                      runs.percent(runs.median(p, "wait")),
                      runs.percent(1 - runs.median(p, "compute")),
                      runs.percent(published[0]) if published else "-",
                      f"{published[2]:,}" if published else "-"])
    figure, axes = plt.subplots(figsize=(7, 3.5))
    names = [p["policy"] for p in found["policies"]][::-1]
    left = [0.0] * len(names)
    for key, colour in [("compute", "#009e73"), ("communicate", "#e69f00"), ("wait", "#d55e00")]:
        widths = [100 * runs.median(p, key) for p in found["policies"]][::-1]
        axes.barh(names, widths, left=left, label=key, color=colour)
        left = [a + b for a, b in zip(left, widths)]
    axes.set_xlabel("share of the workers' time, %")
    axes.legend(frameon=False, ncol=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    tables.save(figure, out / "e5.svg")
    tables.write(out / "e5.md", "E5: where the time goes",
                 "Three workers with step times 0.6, 0.6 and 1.8 s, the setting of the paper's table; the rest as in "
                 "configs/testbed18.toml. The published figures are of another model, data set and network: only "
                 "their order and shares can be compared. " +
                 RULE.format(seeds=lab.seeds, rates="0.1, 0.2, 0.4") + "\n\nCommand: `./dev bench paper E5`.",
                 [("", tables.markdown(["policy", "seconds to target", "steps", "computing", "communicating",
                                        "waiting", "not computing", "published", "published seconds"], lines) +
                   "\n![where the time goes](e5.svg)\n")])


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


def e7(lab, out):
    with_rest = ":reward=robust:overlap=true:rollback=true:damping=true:average=true"
    names = ["adsp+", "adsp+:overlap=true",
             "adsp_paper", "adsp_paper:probe_barrier=true", "adsp_paper:commit_rule=equal",
             "adsp_paper:overlap=true", "adsp_paper:reward=robust", "adsp_paper:rollback=true",
             "adsp_paper:damping=true", "adsp_paper:average=true", "adsp_paper:damping=true:average=true",
             "adsp:overlap=false:reward=curve:rollback=false:damping=false:average=false",
             "adsp", "adsp:search=paper" + with_rest, "adsp:reward=curve",
             "adsp:overlap=false", "adsp:rollback=false", "adsp:damping=false", "adsp:average=false",
             "adsp:damping=false:average=false", "fixed_adacomm", "fixed_adacomm:average=true"]
    blocks = []
    for name, (config, settings, _) in workloads(lab).items():
        if name not in ("mlp", "svm"):
            continue
        found = lab.compare(name, config, names, [*settings, "optimizer.learning_rate=0.2"])
        blocks.append((f"{name} ({found['target']})", policy_table(found, "0.25|32")))
    edge = lab.compare("edge", "configs/quadratic.toml",
                       ["adsp", "adsp:rollback=false", "adsp:overlap=false", "adsp:damping=false:average=false", "adsp_paper"],
                       ["optimizer.learning_rate=1.9", "job.max_time=10min"])
    blocks.append((f"quadratic at a learning rate of 1.9, just below the 2 at which it diverges ({edge['target']})",
                   policy_table(edge)))
    tables.write(out / "e7.md", "E7: near-optimality, and what each improvement brings",
                 "`adsp+` is ADSP as published with the best of eight commit rates, 0.25 to 32, found by trying, "
                 "the trying not counted; with `overlap=true` the same for an exchange that does not block. Below them the published "
                 "form with one improvement each, and with the two that only work together, "
                 "damping and averages; `adsp` without all others is its search alone. Then the default with one taken "
                 "back, or these two; and Fixed ADACOMM with averages, which every policy can have. " +
                 RULE.format(seeds=lab.seeds, rates="0.2 alone, what E1 chose for both forms of ADSP") +
                 "\n\nCommand: `./dev bench paper E7 --data FOLDER`.", blocks)


def fidelity(lab, out):
    settings = ["sync.commit_rate=4", "evaluation.target_loss=0.305", "job.max_time=300", "evaluation.interval=1", "data.test_limit=2000",
                "workers.0.step_seconds=0.02", "workers.1.step_seconds=0.04", "workers.2.step_seconds=0.1"]
    real = lab.single("run", "configs/fashion-adsp.toml", settings)
    simulated = lab.single("simulate", "configs/fashion-adsp.toml", settings)

    def line(name, a, b):
        return [name, f"{a:,.1f}", f"{b:,.1f}", f"{100 * (b / a - 1):+.1f} %"]

    lines = [line("seconds to target", real["time_to_target_s"], simulated["time_to_target_s"])]
    by_name = {w["name"]: w for w in simulated["workers"]}
    for w in sorted(real["workers"], key=lambda w: w["name"]):
        for key in ["steps", "commits"]:
            # A second of training each: the runs do not end at the same time.
            lines.append(line(f"{w['name']}: {key} a second", w[key] / real["duration_s"],
                              by_name[w["name"]][key] / simulated["duration_s"]))
            lines.append(line(f"{w['name']}: {key}", w[key], by_name[w["name"]][key]))
    tables.write(out / "fidelity.md", "Simulated and real",
                 "configs/fashion-adsp.toml with step times of 20, 40 and 100 ms, once in real time on two cores and "
                 "once in virtual time, until the test loss is at or below 0.305; one seed, a fixed rate of 4 "
                 "commits a second (what the search decides hangs on noise). Nothing else ran on the machine.\n\nCommand: `./dev bench paper fidelity`.",
                 [("", tables.markdown(["", "real", "simulated", "difference"], lines))])


ALL = {"fidelity": fidelity, "E1": e1, "E2": e2, "E3": e3, "E4": e4, "E5": e5, "E6": e6, "E7": e7}
