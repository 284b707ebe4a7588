"""How many characters are spelled as dalle-mini's libraries spell them: by block, and with Unidecode's table for all.

    python3 -m venv venv
    venv/bin/pip install ftfy==6.3.1 emoji==2.16.0 Unidecode==1.4.0 fonttools unicodedata2
    swift build -c release --product text-agreement
    venv/bin/python Benchmarks/text_agreement.py .build/release/text-agreement [--all] [--write]

Every character is a text of its own. --all lists also the blocks that agree in full, and some characters of the others;
--write makes Sources/Runtime/Text/Cleaning/UnsureSpellings.swift anew, the characters that a prompt is warned of.
"""
import argparse
import html
import json
import subprocess
import sys
import textwrap
import warnings
from collections import Counter
from pathlib import Path

import emoji
import ftfy
import unicodedata2
import unidecode
from fontTools.unicodedata import block

TARGET = Path(__file__).parent.parent / "Sources/Runtime/Text/Cleaning/UnsureSpellings.swift"
HEAD = '''// Made by Benchmarks/text_agreement.py --write; change it there.

/// Characters that were measured to be spelled otherwise than by ftfy, emoji and Unidecode, which models were trained with.
///
/// Measured with ftfy 6.3.1, emoji 2.16.0 and Unidecode 1.4.0, each character as a text of its own.
enum UnsureSpellings {
    static func contain(_ scalar: Unicode.Scalar) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < scalar.value { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(scalar.value)
    }

    private static let ranges: [ClosedRange<UInt32>] = list.split(whereSeparator: \\.isWhitespace).compactMap { entry in
        let ends = entry.split(separator: "-").compactMap { UInt32($0, radix: 16) }
        guard let first = ends.first, let last = ends.last, first <= last else { return nil }
        return first...last
    }

    /// Code points and ranges of them, in order.
    private static let list = """
'''


def upstream(text):
    text = ftfy.fix_text(text)
    for _ in range(2):
        text = html.unescape(text)
    return unidecode.unidecode(emoji.demojize(text))


def ours(program, texts, *arguments):
    run = subprocess.run([program, *arguments], input=json.dumps(texts), capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def write(wrong):
    ranges = []
    for code in sorted(wrong):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    text = " ".join(f"{a:X}" if a == b else f"{a:X}-{b:X}" for a, b in ranges)
    lines = textwrap.wrap(text, 108, break_on_hyphens=False)
    TARGET.write_text(HEAD + "".join(f"        {line}\n" for line in lines) + '        """\n}\n', encoding="utf8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    texts = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    expected = [upstream(text) for text in texts]
    spelled = ours(options.program, texts)
    if options.write:
        write([ord(t) for t, e, s in zip(texts, expected, spelled) if e != s])
    total, right, examples = Counter(), Counter(), {}
    for text, e, s in zip(texts, expected, spelled):
        # Characters that are assigned; the private ones belong to nobody.
        if unicodedata2.category(text) in ("Cn", "Co"):
            continue
        # A block counts if something in it has a spelling.
        name = block(text)
        for key in ("all", name) + (("spelled",) if e.strip() else ()):
            total[key] += 1
            right[key] += e == s
        if e != s:
            examples.setdefault(name, []).append(f"{text} {s!r}, not {e!r}")
    for name in total:
        if options.all or right[name] < total[name] or name in ("all", "spelled"):
            print(f"{100 * right[name] / total[name]:6.2f} %  {right[name]:6} of {total[name]:6}  {name}")
            if options.all:
                print("".join(f"            {line}\n" for line in examples.get(name, [])[:10]), end="")
    with_table = ours(options.program, texts, unidecode.__path__[0])
    wrong = [t for t, e, s in zip(texts, expected, with_table) if e != s]
    print(f"{len(texts) - len(wrong)} of all {len(texts)} code points with Unidecode's table")
    for text in wrong[:20]:
        print(f"    U+{ord(text):04X}: {with_table[texts.index(text)]!r}, not {upstream(text)!r}")
    sys.exit(bool(wrong))


main()
