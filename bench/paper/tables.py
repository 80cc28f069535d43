"""Markdown tables and SVG plots, the same look for every experiment."""

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

# Okabe and Ito's palette: told apart by colour-blind eyes too.
COLOURS = {
    "bsp": "#000000", "ssp": "#0072b2", "tap": "#56b4e9", "fixed_adacomm": "#e69f00",
    "adacomm": "#f0e442", "adsp_paper": "#009e73", "adsp": "#d55e00", "adsp+": "#cc79a7",
}
plt.rcParams.update({"svg.hashsalt": "adsp", "font.size": 10, "axes.grid": True, "grid.alpha": 0.3,
                     "axes.spines.top": False, "axes.spines.right": False})


def markdown(header, lines):
    text = "| " + " | ".join(header) + " |\n|" + "---|" * len(header) + "\n"
    return text + "".join("| " + " | ".join(str(x) for x in line) + " |\n" for line in lines)


def write(path, title, intro, blocks):
    """`blocks`: (heading, text) pairs."""
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
