"""E5 and fidelity: where the time goes, and whether virtual time is as long as real time."""

import matplotlib.pyplot as plt

import runs
import tables
from policies import RULE, every_policy, number

# Share of time not computing and steps to the target: three workers with step times 1 : 1 : 3.
PUBLISHED = {"bsp": (0.953, 5420, 30336), "ssp": (0.906, 5909, 16308), "adacomm": (0.543, 6392, 3579),
             "fixed_adacomm": (0.563, 8400, 4901), "adsp_paper": (0.062, 12709, 2449)}


def e5(lab, out):
    found = lab.compare("three", "configs/testbed18.toml", every_policy(),
                        ["workers.0.step_seconds=[0.6, 0.6, 1.8]"], [runs.RATES])
    lines = []
    for p in found["policies"]:
        published = PUBLISHED.get(runs.name_of(p["policy"]))
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
