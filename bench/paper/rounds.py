"""E8: a server that moves once a round beside one that moves on every commit."""

import runs
import tables
from policies import RULE, policy_table

CASES = ["fast_link", "slow_link", "skewed", "hundred", "three", "six"]
POLICIES = ["adsp:server_step=commit", "adsp"]
RATES = "0.05|0.1|0.2|0.4"


def e8(lab, out):
    found = {name: lab.compare(name, f"bench/paper/cases/{name}.toml", POLICIES,
                               tune=[f"optimizer.learning_rate={RATES}"]) for name in CASES}
    found["testbed18"] = lab.compare("testbed18", "configs/testbed18.toml", POLICIES,
                                     ["evaluation.target_loss=0.38", "job.max_time=3h"],
                                     [f"optimizer.learning_rate={RATES}"])
    lines = []
    for name, comparison in found.items():
        commit, rounds = comparison["policies"]
        times = [runs.median(p, "time_to_target_s") for p in (commit, rounds)]
        sent = [runs.median(p, "bytes") for p in (commit, rounds)]
        lines.append([name, runs.with_spread(commit, "time_to_target_s"), runs.with_spread(rounds, "time_to_target_s"),
                      runs.percent(1 - times[1] / times[0], 0) if all(times) else "-",
                      f"{sent[1] / sent[0]:.2f}" if all(sent) else "-"])
    blocks = [("All cases", tables.markdown(["case", "commit by commit, s", "by rounds, s", "less by", "bytes, ratio"],
                                            lines))]
    blocks += [(f"{name} ({c['target']})", policy_table(c, RATES)) for name, c in found.items()]
    tables.write(out / "e8.md", "E8: rounds by time with an outer momentum",
                 "ADSP with its server moving on every commit (`server_step = \"commit\"`), beside the default: everybody "
                 "commits at the same moments, nobody waits, and the server makes one step of Nesterov's momentum by the "
                 "mean of all. The cases are the configs in bench/paper/cases. " +
                 RULE.format(seeds=lab.seeds, rates=RATES.replace("|", ", ")) +
                 "\n\nCommand: `./dev bench paper E8`.", blocks)
