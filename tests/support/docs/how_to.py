#!/usr/bin/env python3
"""how_to.py PAGE: the commands of a how-to as one bash script, which checks what the page shows.

An indented block is what a reader types. A fenced block without a language is what the blocks since the last one print:
its lines stand in the output in this order, with "…" for anything. One that shows an error is of a block that has to fail.
Blocks in a fence with a language are for other places, and are not run."""
import pathlib, re, shlex, sys


def blocks(text):
    """(kind, line number, lines): kind is "type" or "shows"."""
    kind, start, lines = None, 0, []
    for number, line in enumerate(text.split("\n") + [""], 1):
        if kind in ("shows", "other"):
            if line.startswith("```"):
                if kind == "shows":
                    yield kind, start, lines
                kind, lines = None, []
            else:
                lines.append(line)
        elif line.startswith("```"):
            if kind:
                yield kind, start, lines
            kind, start, lines = ("shows" if line == "```" else "other"), number, []
        elif line.startswith("    ") or (kind == "type" and not line):
            if not kind:
                kind, start = "type", number
            lines.append(line[4:])
        elif kind:
            yield kind, start, lines
            kind, lines = None, []


def script(page):
    found = list(blocks(pathlib.Path(page).read_text()))
    name = pathlib.Path(page).name
    yield "set -euo pipefail; : >$OUT"
    for at, (kind, line, lines) in enumerate(found):
        where = f"{name}:{line}"
        if kind == "shows":
            yield f"python3 {shlex.quote(__file__)} --match {where} $OUT {shlex.quote(chr(10).join(lines))}; : >$OUT"
            continue
        body = "\n".join(lines)
        fails = at + 1 < len(found) and found[at + 1][0] == "shows" and found[at + 1][2][0].startswith("reburst: error: ")
        yield f"WHERE={where}"
        if fails:
            yield f"if (set -e\n{body}\n) >>$OUT 2>&1 </dev/null; then echo '{where}: it was not refused' >&2; exit 1; fi"
        else:
            yield f"{{ {body}\n}} >>$OUT 2>&1 </dev/null"


def match(where, out, shown):
    lines = [line.rstrip() for line in pathlib.Path(out).read_text().split("\n")]
    at = 0
    for wanted in shown.split("\n"):
        pattern = ".*".join(re.escape(part) for part in wanted.rstrip().split("…"))
        while at < len(lines) and not re.fullmatch(pattern, lines[at]):
            at += 1
        if at == len(lines):
            sys.exit(f"{where}: nothing printed, or not here: {wanted}\n--- printed:\n" + "\n".join(lines))
        at += 1


if sys.argv[1] == "--match":
    match(*sys.argv[2:])
else:
    print("\n".join(script(sys.argv[1])))
