"""What is compared, by which rule, and the table of a comparison."""

import runs
import tables


# What has knobs that have to be tuned beside the learning rate, each with as many trials as the others.
RIVALS = ["esync", "diloco", "fedopt", "async_local_sgd", "heloco", "fedbuff", "wbsp",
          "ringmaster", "rennala"]


def every_policy():
    """Those of the paper and their kind, ADSP also as published."""
    names = [n for n in runs.policies() if n != "adsp" and n not in RIVALS] + ["adsp_paper", "adsp"]
    return ["adacomm:adapt_interval=10min" if n == "adacomm" else n for n in names]


# For sweeps, where each policy costs a tuning and a job a value: a policy of each kind. Left out are TAP, which never
# waits; DSSP, which is SSP with another bound; and ADACOMM, which is FIXED_ADACOMM with another number of local steps.
FEWER = ["bsp", "ssp", "fixed_adacomm", "adsp_paper", "adsp"]
RULE = ("Time to target: the first time that the mean of five consecutive losses on the test data is at or "
        "below the target, the same rule for every policy; median (min to max) over {seeds} seeds. Learning "
        "rates: the best of {rates} for each policy, tried once with a seed that is not measured with. All in "
        "virtual time, gradients really computed.")


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
