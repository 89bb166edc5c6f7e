#!/usr/bin/env python3
"""Cut the fonts of the reports out of Debian's fonts-noto-cjk.

Takes the simplified Chinese faces of Noto Sans CJK and keeps the 8,105 characters of the general
standard list (field kTGH of Unihan), the characters of GB 2312 that stand outside it, and the
punctuation, symbols and Latin letters that reports print; then the letters that these faces lack
(most of Latin Extended-A) from Noto Sans. Writes static OpenType files without hints, the same bytes
on every machine with the same input, and `characters.txt`, the list of what must be there, which a
test of the program reads.

Usage: python3 subset.py [FOLDER OF NOTO SANS]
Needs python3-fonttools, fonts-noto-cjk, fonts-noto-core and unicode-data of Debian.
"""

import bz2
import pathlib
import sys

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = pathlib.Path("/usr/share/fonts/opentype/noto")
UNIHAN = pathlib.Path("/usr/share/unicode/Unihan_OtherMappings.txt.bz2")
LATIN = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/fonts/truetype/noto")
FACE = "Noto Sans CJK SC"
WEIGHTS = ["Regular", "Bold"]

# Beside the ideographs: (first, last), inclusive.
RANGES = [
    (0x0020, 0x007E),  # ASCII
    (0x00A0, 0x00FF),  # Latin-1
    (0x0100, 0x017F),  # Latin Extended-A
    (0x1E9E, 0x1E9E),  # capital ß
    (0x2010, 0x2027),  # dashes, quotation marks, dagger, ellipsis
    (0x2030, 0x203E),  # per mille, primes
    (0x20A0, 0x20C0),  # currency
    (0x2100, 0x214F),  # letterlike: ℃ № ™
    (0x2150, 0x218B),  # fractions and Roman numerals
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # mathematical operators: − × ÷ ≈ ≤ ≥
    (0x2460, 0x24FF),  # enclosed digits
    (0x2500, 0x257F),  # box drawing
    (0x2580, 0x259F),  # blocks
    (0x25A0, 0x25FF),  # geometric shapes
    (0x2600, 0x266F),  # stars, notes
    (0x2700, 0x27BF),  # dingbats
    (0x27E8, 0x27E9),  # angle brackets around the code point of a control character
    (0x3000, 0x303F),  # CJK punctuation
    (0x3105, 0x312F),  # bopomofo
    (0x3200, 0x32FF),  # enclosed CJK
    (0x3300, 0x33FF),  # units of measure in one cell: ㎡ ㎞
    (0xFE30, 0xFE4F),  # compatibility forms
    (0xFF01, 0xFF5E),  # full-width forms
    (0xFFE0, 0xFFE6),  # full-width currency
]
# Without these a report cannot be printed; the script stops when the face lacks one.
NEEDED = "−×÷≈≤≥＝（）〔〕【】《》「」，。、：；？！％￥¥€→↑↓①②③⟨⟩†‡·—–…“”‘’〇○●□■△▲▽▼√"
# Drawn by another glyph of the same face where it has none of its own.
STAND_IN = {0x27E8: 0x3008, 0x27E9: 0x3009}
# Alternates kept: composition, kerning, proportional and half-width forms of punctuation and signs.
FEATURES = ["ccmp", "kern", "palt", "halt", "hwid", "pwid", "mark", "mkmk"]


def standard_list():
    """The 8,105 characters, in the order of the list (the number behind `2013:`)."""
    numbered = []
    with bz2.open(UNIHAN, "rt", encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#") and "\tkTGH\t" in line:
                code, _, place = line.rstrip("\n").split("\t")
                numbered.append((int(place.split(":")[1]), int(code[2:], 16)))
    characters = [code for _, code in sorted(numbered)]
    assert len(characters) == 8105, len(characters)
    return characters


def gb2312():
    """The 6,763 ideographs of GB 2312: what older exports are written in."""
    for lead in range(0xB0, 0xF8):
        for trail in range(0xA1, 0xFF):
            try:
                yield ord(bytes([lead, trail]).decode("gb2312"))
            except UnicodeDecodeError:
                continue


def options_for(tables):
    options = subset.Options()
    options.layout_features = FEATURES
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17]
    options.name_languages = [0x0409]
    options.notdef_outline = True
    options.recalc_timestamp = False
    options.drop_tables += tables
    return options


def cut(font, target, characters, tables):
    """Keeps `characters` of `font` and writes it."""
    font.recalcTimestamp = False
    subsetter = subset.Subsetter(options=options_for(tables))
    subsetter.populate(unicodes=sorted(characters))
    subsetter.subset(font)
    font.flavor = None
    font.save(HERE / target, reorderTables=True)
    print(f"{target}: {len(characters)} characters, {(HERE / target).stat().st_size:,} bytes")


def chinese(weight, wanted):
    """The characters that the Chinese face prints."""
    collection = TTCollection(SOURCE / f"NotoSansCJK-{weight}.ttc", lazy=True)
    font = next(face for face in collection.fonts if FACE in (face["name"].getDebugName(1), face["name"].getDebugName(16)))
    for table in font["cmap"].tables:
        if table.isUnicode() and table.format in (4, 12):
            for code, instead in STAND_IN.items():
                if code not in table.cmap and instead in table.cmap:
                    table.cmap[code] = table.cmap[instead]
    has = set(font.getBestCmap()) & wanted
    cut(font, f"NotoSansCJKsc-{weight}.otf", has, ["vhea", "vmtx", "VORG", "BASE", "DSIG"])
    return has


def latin(weight, wanted):
    """The letters that the Latin face adds."""
    font = TTFont(LATIN / f"NotoSans-{weight}.ttf")
    has = set(font.getBestCmap()) & wanted
    cut(font, f"NotoSans-{weight}.ttf", has, ["DSIG", "GDEF", "GPOS", "GSUB", "MVAR", "STAT"])
    return has


def main():
    standard = standard_list()
    older = sorted(set(gb2312()) - set(standard))
    symbols = [code for first, last in RANGES for code in range(first, last + 1)]
    wanted = set(standard) | set(older) | set(symbols)
    letters = {code for code in symbols if 0x00A0 <= code <= 0x017F or code == 0x1E9E}
    has = None
    for weight in WEIGHTS:
        here = chinese(weight, wanted)
        here |= latin(weight, letters - here)
        has = here if has is None else has & here
    lacking = [f"U+{code:04X}" for code in sorted(set(standard) | set(older) | letters | set(map(ord, NEEDED))) if code not in has]
    if lacking:
        sys.exit(f"the face lacks {' '.join(lacking)}")
    kept = [code for code in symbols if code in has and code not in (0x20, 0xA0, 0x3000)]
    with open(HERE / "characters.txt", "w", encoding="utf-8", newline="\n") as file:
        for title, codes in [
            ("general standard list, 8,105 characters (kTGH)", standard),
            ("GB 2312 outside that list", older),
            ("punctuation, symbols, letters", kept),
        ]:
            file.write(f"# {title}\n")
            for start in range(0, len(codes), 50):
                file.write("".join(map(chr, codes[start : start + 50])) + "\n")


if __name__ == "__main__":
    main()
