"""What English abbreviations, units and signs are called."""

from __future__ import annotations

from typing import Final

from pansori.lexicon.numerals import ONES

DIGITS: Final = {str(digit): word for digit, word in enumerate(ONES[:10])}

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

#: Symbol → one, several, a hundredth of it, several of these.
MONEY: Final = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "US$": ("U.S. dollar", "U.S. dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "₩": ("won", "won", "jeon", "jeon"),
    "¥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"),
    "¢": ("cent", "cents", "", ""),
}
CODES: Final = {"USD": "$", "EUR": "€", "GBP": "£", "KRW": "₩", "JPY": "¥", "INR": "₹"}
SCALES: Final = {
    "k": "thousand", "thousand": "thousand", "m": "million", "mn": "million", "million": "million", "b": "billion",
    "bn": "billion", "billion": "billion", "t": "trillion", "tn": "trillion", "trillion": "trillion",
    "hundred": "hundred",
}  # fmt: skip

_UNITS: Final = """
km=kilometer m=meter cm=centimeter mm=millimeter μm=micrometer µm=micrometer nm=nanometer kg=kilogram g=gram
mg=milligram t=ton lb=pound lbs=pound oz=ounce mi=mile ft=foot yd=yard L=liter l=liter mL=milliliter ml=milliliter
kHz=kilohertz Hz=hertz MHz=megahertz GHz=gigahertz dB=decibel KB=kilobyte kB=kilobyte MB=megabyte GB=gigabyte
TB=terabyte KiB=kibibyte MiB=mebibyte GiB=gibibyte Mbps=megabit_per_second Gbps=gigabit_per_second
kbps=kilobit_per_second bps=bit_per_second W=watt kW=kilowatt MW=megawatt kWh=kilowatt_hour V=volt mV=millivolt
mA=milliamp mAh=milliamp_hour s=second sec=second secs=second ms=millisecond μs=microsecond µs=microsecond
ns=nanosecond min=minute mins=minute h=hour hr=hour hrs=hour km²=square_kilometer m²=square_meter cm²=square_centimeter
m³=cubic_meter cm³=cubic_centimeter ha=hectare kcal=kilocalorie cal=calorie kJ=kilojoule Pa=pascal
hPa=hectopascal kPa=kilopascal psi=PSI °C=degree_Celsius ℃=degree_Celsius °F=degree_Fahrenheit ℉=degree_Fahrenheit
°=degree km/h=kilometer_per_hour kph=kilometer_per_hour kmh=kilometer_per_hour mph=mile_per_hour
m/s=meter_per_second m/s²=meter_per_second_squared km/s=kilometer_per_second MB/s=megabyte_per_second
GB/s=gigabyte_per_second rpm=revolution_per_minute bpm=beat_per_minute BPM=beat_per_minute fps=frame_per_second
px=pixel dpi=dot_per_inch ppm=part_per_million mol=mole Ω=ohm kΩ=kilohm LUFS=luff %=percent ‰=per_mille
"""
UNITS: Final = {unit: name.replace("_", " ") for unit, _, name in (one.rpartition("=") for one in _UNITS.split())} | {
    "° C": "degree Celsius", "° F": "degree Fahrenheit",
}  # fmt: skip
_PLURALS: Final = {"foot": "feet", "hertz": "hertz", "percent": "percent", "PSI": "pounds per "
                   "square inch", "per mille": "per mille", "luff": "luffs"}  # fmt: skip
_SINGULARS: Final = {"PSI": "pound per square inch"}


def unit_said(unit: str, one: bool) -> str:
    name = UNITS[unit]
    if one:
        return _SINGULARS.get(name, name)
    if name in _PLURALS:
        return _PLURALS[name]
    head, space, rest = name.partition(" ")
    if head in ("square", "cubic", "kilowatt", "milliamp"):  # square meters, kilowatt hours
        return f"{name}s"
    return (head if head.endswith("hertz") else f"{head}s") + space + rest


#: What stands before a name or anything.
ABBREVIATIONS: Final = {
    "Dr.": "doctor", "Mr.": "mister", "Mrs.": "missus", "Ms.": "miz", "Prof.": "professor", "St.": "saint",
    "Mt.": "mount", "Ft.": "fort", "Rev.": "reverend", "Gen.": "general", "Col.": "colonel", "Capt.": "captain",
    "Lt.": "lieutenant", "Sgt.": "sergeant", "Sen.": "senator", "Rep.": "representative", "Gov.": "governor",
    "Hon.": "honorable", "Pres.": "president", "Jr.": "junior", "Sr.": "senior", "e.g.": "for example",
    "i.e.": "that is", "etc.": "et cetera", "vs.": "versus", "cf.": "compare", "approx.": "approximately",
    "incl.": "including", "excl.": "excluding", "tsp": "teaspoon", "tbsp": "tablespoon", "Rm.": "room", "rm.": "room",
    "dept.": "department", "Dept.": "department", "est.": "estimated", "Inc.": "incorporated", "Ltd.": "limited",
    "Co.": "company", "Corp.": "corporation", "Ave.": "avenue", "Blvd.": "boulevard", "Rd.": "road", "al.": "al",
    "min.": "minimum", "max.": "maximum", "tel.": "telephone", "Tel.": "telephone", "ext.": "extension",
    "Jan.": "January", "Feb.": "February", "Aug.": "August", "Sept.": "September", "Sep.": "September",
    "Oct.": "October", "Mon.": "Monday", "Tue.": "Tuesday", "Tues.": "Tuesday", "Wed.": "Wednesday",
    "Thu.": "Thursday", "Thurs.": "Thursday", "Fri.": "Friday", "tbsp.": "tablespoons", "tsp.": "teaspoons",
    "Nov.": "November", "Dec.": "December", "a.k.a.": "also known as", "w/": "with", "w/o": "without",
    "a.m.": "A-M", "p.m.": "P-M", "P.S.": "P-S", "Ph.D.": "P-H-D", "Assn.": "association", "Mx.": "mix",
    "appt.": "appointment", "misc.": "miscellaneous", "vol.": "volume", "Vol.": "volume", "ASAP": "A-S-A-P",
    "AM": "A-M", "PM": "P-M", "FYI": "for your information",
}  # fmt: skip
#: Said as words though they are written in capitals.
_IN_CAPITALS = (
    "A AIDS AM ASEAN COVID FIFA GIF I JPEG LASER NAFTA NASA NATO NOTE OK OPEC PIN PM RADAR RAM ROM SCUBA SIM "
    "SWAT UNESCO UNICEF WIFI"
)
WORDS_IN_CAPITALS: Final = frozenset(_IN_CAPITALS.split())
OTHERWISE: Final = {"OK": "okay", "JSON": "jason", "SQL": "sequel", "JPEG": "jay peg", "GIF": "gif", "COVID": "covid"}

SIGNS: Final = {
    "&": "and", "+": "plus", "=": "equals", "@": "at", "%": "percent", "×": "times", "÷": "divided by", "±": "plus or "
    "minus", "≤": "is at most", "≥": "is at least", "≠": "is not", "≈": "is about", "→": "to", "←": "from",
    "§": "section", "°": "degrees", "©": "copyright", "®": "", "™": "", "√": "square root of", "∞": "infinity",
    "π": "pi", "‰": "per mille", "№": "number", "$": "dollars", "€": "euros", "£": "pounds", "₩": "won", "¥": "yen",
    "<": "less than", ">": "greater than", "♥": "love", "₿": "bitcoin",
}  # fmt: skip
