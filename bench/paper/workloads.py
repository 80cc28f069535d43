"""E1 and E7: the policies, and what each improvement brings, on the paper's workloads."""

import matplotlib.pyplot as plt

import runs
import tables
from policies import RULE, every_policy, less_than, policy_table


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


def loss_plot(path, comparison):
    figure, axes = plt.subplots(figsize=(7, 4))
    for p in comparison["policies"]:
        middle = sorted(p["runs"], key=lambda r: r["time_to_target_s"] or float("inf"))[len(p["runs"]) // 2]
        rows = runs.rows(comparison["root"] / middle["directory"] / "metrics.csv")
        axes.plot([max(1, float(r["seconds"])) for r in rows], [float(r["loss"]) for r in rows],
                  label=p["policy"], color=tables.colour(runs.name_of(p["policy"])), linewidth=1.2)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("virtual seconds")
    axes.set_ylabel("test loss")
    axes.legend(frameon=False)
    tables.save(figure, path)


def e1(lab, out):
    blocks = []
    for name, (config, settings, rates) in workloads(lab).items():
        found = lab.compare(name, config, every_policy(), settings, [f"optimizer.learning_rate={rates}"])
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
