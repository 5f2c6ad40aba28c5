#!/usr/bin/python3
"""Converts the traces of RFC 8448 (sections 3, 4, 5, 7) from rfc8448_traces.json into vectors/rfc/.

usage: vectors/convert_rfc8448.py ../shared/vectors/rfc/rfc8448_traces.json
"""
import json
import pathlib
import sys

HEAD = """\
# {title}: RFC 8448 section {section}, every step that states a value, in the RFC's order.
# actor and action are the RFC's words, and so are the names of the fields, with _ for spaces.
# Steps that only repeat the other side's ("same as server") are left out.
# `salt =` is the RFC's "0 (all zero octets)", `hash =` in "calculate finished" its empty context.
# Converted in November 2026 by vectors/convert_rfc8448.py from a JSON transcription of the RFC.
"""


def step_lines(step):
    yield 'actor = "%s"' % step["actor"]
    yield 'action = "%s"' % step["action"].rstrip(":")
    for field in step["fields"]:
        data = field.get("hex") or ""
        if field["length"] is not None and len(data) != 2 * field["length"]:
            sys.exit("%s: %s is not %d octets" % (step["action"], field["name"], field["length"]))
        yield "%s = %s" % (field["name"].replace(" ", "_"), data)


def convert(trace, folder):
    path = folder / ("rfc8448_section%s.txt" % trace["section"])
    with open(path, "w", encoding="ascii") as out:
        out.write(HEAD.format(**trace))
        for step in trace["steps"]:
            if step["fields"]:
                lines = (line.rstrip() for line in step_lines(step))
                out.write("\n" + "\n".join(lines) + "\n")


def main():
    folder = pathlib.Path(__file__).parent / "rfc"
    traces = json.load(open(sys.argv[1], encoding="ascii"))["traces"]
    for trace in traces:
        if trace["section"] in ("3", "4", "5", "7"):
            convert(trace, folder)


main()
