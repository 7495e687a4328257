"""Counts the Essex files by another road: Python's csv module and nothing else.

Usage: tally.py FOLDER, the folder being a copy of data.police.uk's layout.
Prints, for each measure, each month's numerator (and denominator where it is
made of records) as JSON.
"""

import collections
import csv
import glob
import gzip
import json
import os
import sys


def rows(folder, kind):
    for path in sorted(glob.glob(os.path.join(folder, kind, "*", f"*-essex-{kind}.csv*"))):
        month = os.path.basename(path)[:7]
        opened = gzip.open if path.endswith(".gz") else open
        with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield month, row


def main(folder):
    rates = {
        "burglary-rate": "Burglary",
        "robbery-rate": "Robbery",
        "violence-rate": "Violence and sexual offences",
        "vehicle-crime-rate": "Vehicle crime",
        "asb-rate": "Anti-social behaviour",
    }
    answer = collections.defaultdict(dict)
    types = collections.defaultdict(collections.Counter)
    for month, row in rows(folder, "street"):
        types[month][row["Crime type"]] += 1
    for month, counts in types.items():
        for measure, crime_type in rates.items():
            answer[measure][month] = {"numerator": counts[crime_type]}
        crimes = sum(counts.values()) - counts["Anti-social behaviour"]
        answer["crime-rate"][month] = {"numerator": crimes}

    outcomes = collections.defaultdict(set)
    for month, row in rows(folder, "outcomes"):
        outcomes[month].add((row["Crime ID"], row["Outcome type"]))
    kinds = {
        "street-charged-pct": {"Suspect charged", "Suspect charged as part of another case"},
        "street-unable-to-prosecute-pct": {"Unable to prosecute suspect"},
        "street-no-suspect-pct": {"Investigation complete; no suspect identified"},
    }
    for month, distinct in outcomes.items():
        for measure, names in kinds.items():
            answer[measure][month] = {
                "numerator": sum(outcome in names for _, outcome in distinct),
                "denominator": len(distinct),
            }

    for month, row in rows(folder, "stop-and-search"):
        searches = answer["sns-rate"].setdefault(month, {"numerator": 0})
        searches["numerator"] += 1
        link = row["Outcome linked to object of search"]
        if link:
            counts = answer["sns-linked-outcome-pct"].setdefault(
                month, {"numerator": 0, "denominator": 0}
            )
            counts["denominator"] += 1
            found = row["Outcome"] != "A no further action disposal"
            counts["numerator"] += link == "True" and found
    json.dump(answer, sys.stdout)


main(sys.argv[1])
