#!/usr/bin/env python3
"""Checks that includes run downwards only, in the order that docs/architecture.md states, and that no
files include each other in a circle. Usage: check_includes.py [ROOT]; exit code 1 names each offence."""

import re
import sys
from pathlib import Path

root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent)
INCLUDE = re.compile(r'^\s*#include "([^"]+)"', re.M)


def stated_order():
    """The folders of the list below "## Order of includes", from the lowest to the highest."""
    text = (root / "docs/architecture.md").read_text().split("## Order of includes", 1)[1]
    block = re.search(r"^(?:    .*\n)+", text, re.M).group(0)
    return block.split()


def place(path, order):
    """Index in `order` of the deepest stated folder that `path` is in."""
    fitting = [f for f in order if path.startswith(f + "/")]
    return order.index(max(fitting, key=len)) if fitting else None


def circles(graph):
    """Each circle of files once, as a list of paths."""
    found, done = [], set()

    def visit(file, way):
        if file in way:
            found.append(way[way.index(file):] + [file])
        elif file not in done:
            for other in graph.get(file, ()):
                visit(other, way + [file])
            done.add(file)

    for file in sorted(graph):
        visit(file, [])
    return found


def main():
    order = stated_order()
    offences = []
    graph = {}
    tops = sorted({folder.split("/")[0] for folder in order})
    files = [f for top in tops for f in sorted((root / top).rglob("*.[ch]pp"))]
    for file in files:
        name = file.relative_to(root).as_posix()
        here = place(name, order)
        if here is None:
            offences.append(f"{name}: its folder is not in the order of docs/architecture.md")
            continue
        graph[name] = [i for i in INCLUDE.findall(file.read_text()) if (root / i).is_file()]
        for other in graph[name]:
            there = place(other, order)
            if there is None:
                offences.append(f"{name}: includes {other}, which is in no folder of the order")
            elif there > here:
                offences.append(f"{name}: includes {other}, but {order[there]} is above {order[here]}")
    offences += ["a circle: " + " -> ".join(way) for way in circles(graph)]
    for offence in offences:
        print(f"check_includes: {offence}")
    if not files:
        print("check_includes: no sources found")
    print(f"check_includes: {len(files)} files, {len(offences)} offences")
    sys.exit(1 if offences or not files else 0)


main()
