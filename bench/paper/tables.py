"""Markdown tables and SVG plots, the same look for every experiment."""

import textwrap

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

# Okabe and Ito's palette: told apart by colour-blind eyes too.
COLOURS = {
    "bsp": "#000000", "ssp": "#0072b2", "tap": "#56b4e9", "fixed_adacomm": "#e69f00",
    "adacomm": "#f0e442", "adsp_paper": "#009e73", "adsp": "#d55e00", "adsp+": "#cc79a7",
}
OTHERS = ["#999999", "#882255", "#117733", "#332288"]  # policies that have no colour of their own yet


def colour(name):
    """Of a policy: the same in every plot of one program."""
    if name not in COLOURS:
        COLOURS[name] = OTHERS[sum(map(ord, name)) % len(OTHERS)]
    return COLOURS[name]


plt.rcParams.update({"svg.hashsalt": "adsp", "font.size": 10, "axes.grid": True, "grid.alpha": 0.3,
                     "axes.spines.top": False, "axes.spines.right": False})


WIDTH = 120  # columns of a line of the documentation
LONGEST_LABEL = 40  # of a row; a longer one is named below its table


def row(cells):
    return "| " + " | ".join(str(x) for x in cells) + " |\n"


def parts(rows):
    """Splits the columns behind the first into runs, so that each fits into WIDTH beside the first."""
    widths = [len(row([line[0], line[i]])) - len(row([line[0]])) for line in rows
              for i in range(len(line))]
    columns = len(rows[0])
    first = max(len(row([line[0]])) for line in rows)
    widest = [max(widths[i::columns]) for i in range(columns)]
    found, used = [[]], first
    for i in range(1, columns):
        if found[-1] and used + widest[i] > WIDTH + 1:
            found.append([])
            used = first
        found[-1].append(i)
        used += widest[i]
    return found


def named_below(labels):
    """Labels as they stand in a table, those that are long as letters, and the lines that say which."""
    letters = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    shown, notes = [], ""
    for label in map(str, labels):
        if len(label) > LONGEST_LABEL:
            letter = next(letters)
            notes += f"- {letter}: {label}\n"
            label = letter
        shown.append(label)
    return shown, notes


def markdown(header, lines):
    """One table, or where it would be too wide several, each with the first column."""
    labels, notes = named_below([line[0] for line in lines])
    rows = [list(header)] + [[label, *line[1:]] for label, line in zip(labels, lines)]
    tables = []
    for chosen in parts(rows):
        shown = [[line[0]] + [line[i] for i in chosen] for line in rows]
        tables.append(row(shown[0]) + "|" + "---|" * len(shown[0]) + "\n" + "".join(map(row, shown[1:])))
    return "\n".join(tables + ([notes] if notes else []))


def write(path, title, intro, blocks):
    """`blocks`: (heading, text) pairs."""
    intro = "\n\n".join(textwrap.fill(part, WIDTH - 2, break_on_hyphens=False) for part in intro.split("\n\n"))
    text = f"# {title}\n\n{intro}\n"
    for heading, block in blocks:
        text += f"\n## {heading}\n\n{block}" if heading else f"\n{block}"
    path.write_text(text)
    print(f"paper: {path}")


def save(figure, path):
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    print(f"paper: {path}")


def lines(path, series, xlabel, ylabel, logx=False, logy=False):
    """`series`: {name: [(x, median, low, high), ...]}."""
    figure, axes = plt.subplots(figsize=(7, 4))
    for name, points in series.items():
        points = [p for p in points if p[1] is not None]
        if not points:
            continue
        xs, ys, low, high = zip(*points)
        colour = COLOURS.get(name.split(":")[0])
        axes.plot(xs, ys, marker="o", label=name, color=colour)
        axes.fill_between(xs, low, high, alpha=0.15, color=colour)
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    if logx:
        axes.set_xscale("log")
    if logy:
        axes.set_yscale("log")
    axes.legend(frameon=False)
    save(figure, path)


def point(x, policy, key="time_to_target_s"):
    """A point of `lines` with its spread over seeds."""
    found = policy[key]
    if found is None:
        return (x, None, None, None)
    high = found["max"] if found["max"] is not None else found["median"]
    return (x, found["median"], found["min"], high)
