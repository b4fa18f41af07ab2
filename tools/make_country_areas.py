#!/usr/bin/env python3
"""Writes data/country_areas.tsv: cells of one degree in which each country has land.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    tools/make_country_areas.py package/countries-10m.json > data/country_areas.tsv

The table serves one question: can a point lie in that country? So it errs to the country's side. Each cell within a
tenth of a degree of a shape counts; a territory counts to its country too; and land that several hold or claim counts
to each of them. Codes are those of Debian's package iso-codes.
"""
import json
import math
import sys

CODES = "/usr/share/iso-codes/json/iso_3166-1.json"
NEAR = 0.1  # degrees

# Territories with a code of their own count to the country as well.
TERRITORIES = {
    "AU": "CC CX HM NF", "CN": "HK MO TW", "DK": "FO GL", "FI": "AX", "FR": "BL GF GP MF MQ NC PF PM RE TF WF YT",
    "GB": "AI BM FK GG GI GS IM IO JE KY MS PN SH TC VG", "IL": "PS", "MA": "EH", "NL": "AW BQ CW SX", "NO": "BV SJ",
    "NZ": "CK NU TK", "US": "AS GU MP PR UM VI", "AR": "FK GS", "ES": "GI",
}
# Shapes without a code, and to whom they count.
UNCODED = {
    "Dhekelia": "GB CY", "Akrotiri": "GB CY", "Somaliland": "SO", "Kosovo": "XK RS", "USNB Guantanamo Bay": "US CU",
    "N. Cyprus": "CY TR", "Cyprus U.N. Buffer Zone": "CY", "Siachen Glacier": "IN PK CN", "Baikonur": "KZ RU",
    "Indian Ocean Ter.": "AU CC CX", "Coral Sea Is.": "AU", "Spratly Is.": "BN CN MY PH TW VN", "Clipperton I.": "FR",
    "Bajo Nuevo Bank": "CO HN JM NI US", "Serranilla Bank": "CO HN JM NI US", "Scarborough Reef": "CN PH TW",
}
# Land that others claim or hold: south, west, north, east, and to whom it counts beside the shape's own country.
CLAIMED = [
    (44, 32, 47, 37, "UA RU"),  # Crimea
    (45, 31, 51, 41, "UA RU"),  # the south and east of Ukraine
    (32, 35, 34, 36, "SY IL"),  # Golan
    (32, 72, 37, 81, "IN PK CN"),  # Kashmir
    (26, 91, 30, 98, "IN CN"),  # Arunachal Pradesh
    (43, 145, 47, 151, "JP RU"),  # Kuril Islands
    (41, 40, 44, 46, "GE RU"),  # Abkhazia, South Ossetia
]
# Parts of a country with a code of their own that Natural Earth draws within it.
WITHIN = {"GF": (2, -55, 6, -51), "GP": (15, -62, 17, -60), "MQ": (14, -62, 15, -60), "RE": (-22, 55, -20, 56),
          "YT": (-14, 44, -12, 46), "SJ": (70, -10, 81, 35), "BV": (-55, 3, -54, 4), "BQ": (12, -69, 18, -62),
          "CC": (-13, 96, -11, 97), "CX": (-11, 105, -10, 106), "TK": (-10, -173, -8, -171)}


def rings(topology, geometry):
    scale, move = topology["transform"]["scale"], topology["transform"]["translate"]

    def arc(index):
        x = y = 0
        points = []
        for dx, dy in topology["arcs"][index if index >= 0 else ~index]:
            x, y = x + dx, y + dy
            points.append((x * scale[0] + move[0], y * scale[1] + move[1]))
        return points if index >= 0 else points[::-1]

    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    for polygon in polygons:
        for ring in polygon:
            points = []
            for index in ring:
                points += arc(index)[1 if points else 0:]
            yield points


def cells_near(longitude, latitude):
    for dx in (-NEAR, NEAR):
        for dy in (-NEAR, NEAR):
            row = min(max(math.floor(latitude + dy), -90), 89)
            yield row, (math.floor(longitude + dx) + 180) % 360 - 180


def cells(topology, geometry):
    found, crossings = set(), {}
    for ring in rings(topology, geometry):
        for (x0, y0), (x1, y1) in zip(ring, ring[1:]):
            steps = max(1, math.ceil(max(abs(x1 - x0), abs(y1 - y0)) / (NEAR / 2)))
            for step in range(steps + 1):
                found.update(cells_near(x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps))
            for row in range(math.ceil(min(y0, y1) - 0.5), math.ceil(max(y0, y1) - 0.5)):
                crossings.setdefault(row, []).append(x0 + (row + 0.5 - y0) * (x1 - x0) / (y1 - y0))
    # No boundary crosses a cell that is not found yet, so that its middle speaks for all of it.
    for row, where in crossings.items():
        where.sort()
        for west, east in zip(where[::2], where[1::2]):
            found.update((row, column) for column in range(math.ceil(west - 0.5), math.ceil(east - 0.5)))
    return found


def box(south, west, north, east):
    return {(row, column) for row in range(south, north) for column in range(west, east)}


def runs(columns):
    columns, result = sorted(columns), []
    for column in columns:
        if result and result[-1][1] == column:
            result[-1][1] = column + 1
        else:
            result.append([column, column + 1])
    return result


def main():
    with open(sys.argv[1]) as file:
        topology = json.load(file)
    with open(CODES) as file:
        codes = {each["numeric"]: each["alpha_2"] for each in json.load(file)["3166-1"]}
    areas = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        if geometry.get("type") is None:
            continue
        name = geometry["properties"]["name"]
        for code in [codes[geometry["id"]]] if "id" in geometry else UNCODED[name].split():
            areas.setdefault(code, set()).update(cells(topology, geometry))
    for south, west, north, east, claimants in CLAIMED:
        for code in claimants.split():
            areas[code] |= box(south, west, north, east)
    for code, corners in WITHIN.items():
        areas.setdefault(code, set()).update(box(*corners))
    whole = {code: set(area) for code, area in areas.items()}
    for country, territories in TERRITORIES.items():
        for territory in territories.split():
            whole[country] |= areas[territory]
    print("# Where each country (ISO 3166-1 alpha-2) has land: rows of cells of one degree, SOUTH/WEST/EAST, in degrees; a row\n"
          "# reaches one degree north of SOUTH. With its territories, with land that it holds or claims, and with what is\n"
          "# within a tenth of a degree: made to say where a country surely is not, not where it is.\n"
          "# source: Natural Earth 4.1.0, 1:10 million, Admin 0 countries (public domain), from the npm package\n"
          "# world-atlas 2.0.2; codes from iso-codes. Islands too small for that scale are not in it.\n"
          "# date: 2018-05; written by tools/make_country_areas.py")
    for code in sorted(whole):
        rows = {}
        for row, column in whole[code]:
            rows.setdefault(row, []).append(column)
        text = " ".join(f"{row}/{west}/{east}" for row in sorted(rows) for west, east in runs(rows[row]))
        print(f"{code}\t{text}")


if __name__ == "__main__":
    main()
