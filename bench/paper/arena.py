"""E9: every policy on the same jobs, tuned alike, beside one machine as fast as all workers."""

import statistics

import runs
import tables
from policies import RULE

# The knobs that are tried for each policy beside the learning rate, three values of one. The default has one trial
# for each learning rate and no more.
KNOBS = {
    "bsp": "ps.momentum=0|0.5|0.9", "tap": "ps.momentum=0|0.5|0.9", "wbsp": "ps.momentum=0|0.5|0.9",
    "esync": "ps.momentum=0|0.5|0.9", "ssp": "staleness=3|10|40", "dssp": "staleness_max=5|15|60",
    "fixed_adacomm": "local_steps=4|16|40", "adacomm": "local_steps=4|16|40:adapt_interval=60",
    "diloco": "local_steps=4|16|64", "async_local_sgd": "local_steps=4|16|50",
    "fedopt": "ps.learning_rate=0.01|0.03|0.1:local_steps=10", "heloco": "ps.learning_rate=0.1|0.3|0.7:local_steps=10",
    "fedbuff": "ps.learning_rate=0.1|0.3|0.7:local_steps=10", "ringmaster": "delay_bound=4|16|64",
    "rennala": "buffer=4|9|18", "adsp_paper": "ps.learning_rate=0|0.2|0.5", "adsp": "",
}
RATES = "0.1|0.2|0.4"


def cells(lab):
    """name: (config, settings)."""
    found = {
        "mlp": ("bench/paper/cases/fast_link.toml", ["job.max_time=300s"]),
        "mlp, exchanges of 4 s": ("bench/paper/cases/slow_link.toml", ["job.max_time=300s"]),
        "mlp, Dirichlet 0.1": ("bench/paper/cases/skewed.toml", ["job.max_time=500s"]),
        "mlp, pauses": ("bench/paper/cases/pauses.toml", ["job.max_time=300s"]),
        "mlp, churn": ("bench/paper/cases/churn.toml", ["job.max_time=300s"]),
        "mlp, 100 workers": ("bench/paper/cases/hundred.toml", ["job.max_time=200s"]),
    }
    for workers in [18, 100, 1000]:
        found[f"quadratic, {workers} workers"] = (
            "configs/quadratic.toml", [f"workers.0.step_seconds={step_times(workers)}",
                                       "evaluation.target_loss=0.01",
                                       f"job.max_time={600 if workers == 18 else 200}s"])
    if lab.data:
        lstm = [f"data.path={lab.data}/rail_stress.txt", "job.max_time=400s"]
        svm = [f"data.path={lab.data}/chiller_cop.csv", "evaluation.target_loss=1.45", "job.max_time=400s"]
        found["lstm"] = ("configs/testbed18-lstm.toml", lstm)
        found["svm"] = ("configs/testbed18-svm.toml", svm)
        found["svm, Dirichlet 0.1"] = ("configs/testbed18-svm.toml",
                                       [*svm, "evaluation.target_loss=1.7", "data.partition=dirichlet",
                                        "data.alpha=0.1"])
    return found


def step_times(workers):
    """Those of the testbed, from `adsp check`, repeated."""
    shown = runs.check("configs/testbed18.toml")
    times = [float(line.split()[1]) for line in shown if line.startswith("vm-")]
    return [times[i % len(times)] for i in range(workers)]


def entries():
    """The policies of `adsp compare`, each with its trials."""
    names = [n for n in runs.policies() if n != "adsp"] + ["adsp_paper", "adsp"]
    return ["ideal", *[":".join(filter(None, [n, KNOBS[n]])) for n in names]]


def ranks(times):
    """name: 1, 2, ... by time; those that do not reach the target share the last rank."""
    ordered = sorted(t for t in times.values() if t is not None)
    return {n: 1 + ordered.index(t) if t is not None else len(times) for n, t in times.items()}


def e9(lab, out):
    blocks, all_ranks, best = [], {}, []
    for name, (config, settings) in cells(lab).items():
        found = lab.compare(name.replace(", ", "-").replace(" ", "-"), config, entries(), settings,
                            [f"optimizer.learning_rate={RATES}"])
        by_name = {runs.name_of(p["policy"]): p for p in found["policies"]}
        times = {n: runs.median(p, "time_to_target_s") for n, p in by_name.items()}
        ideal = times.pop("ideal")
        placed = ranks(times)
        lines = []
        for n in sorted(times, key=lambda n: (placed[n], n)):
            p = by_name[n]
            all_ranks.setdefault(n, []).append(placed[n])
            sent = runs.median(p, "bytes") if times[n] is not None else None
            share = ideal / times[n] if ideal and times[n] else None
            lines.append([n, placed[n], runs.with_spread(p, "time_to_target_s"), runs.percent(share, 0),
                          "-" if sent is None else f"{sent / 1e6:,.1f}",
                          ", ".join(s.split(".", 1)[1] for s in p["settings"])])
        rival = min((t for n, t in times.items() if n != "adsp" and t is not None), default=None)
        second = next((n for n, t in times.items() if n != "adsp" and t == rival), "-")
        mine = times["adsp"]
        best.append([name, "-" if mine is None else f"{mine:,.0f}", second,
                     "-" if rival is None else f"{rival:,.0f}",
                     runs.percent(1 - mine / rival, 0) if mine and rival else "-",
                     runs.percent(ideal / mine, 0) if ideal and mine else "-"])
        limit = "not reached" if ideal is None else f"{ideal:,.0f} s"
        blocks.append((f"{name} ({found['target']}; ideal {limit})",
                       tables.markdown(["policy", "rank", "seconds to target", "of the possible", "MB", "chosen"],
                                       lines)))
    order = sorted(all_ranks, key=lambda n: statistics.mean(all_ranks[n]))
    summary = tables.markdown(["job", "adsp, s", "best rival", "its s", "adsp needs less by", "of the possible"], best)
    placed = tables.markdown(["policy", "mean rank", "best", "worst"],
                             [[n, f"{statistics.mean(all_ranks[n]):.1f}", min(all_ranks[n]), max(all_ranks[n])]
                              for n in order])
    tables.write(out / "e9.md", "E9: the arena",
                 "Every policy on the same jobs. Each but the default has nine trials: three learning rates times three "
                 "values of a knob of its own; the default has three. `ideal` is one machine as fast as all workers "
                 "together, without a network, tuned alike: \"of the possible\" is its time by the policy's. "
                 "A job ends, and has not reached its target, after 200 to 600 s, two to ten times the default's time. " +
                 RULE.format(seeds=lab.seeds, rates=RATES.replace("|", ", ") + " and of the knob") +
                 "\n\nCommand: `./dev bench paper E9 --data FOLDER`.",
                 [("The default beside the best of the others", summary), ("Ranks over all jobs", placed), *blocks])
