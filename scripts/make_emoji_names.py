"""Writes Sources/Runtime/Text/Cleaning/EmojiNames.swift from the Python package emoji.

    pip install emoji==2.16.0
    python3 scripts/make_emoji_names.py

That is the library whose names the models were trained with. Its data are Unicode's and CLDR's, and it is under the BSD
licence. Skin tones follow a rule and are not listed; the script checks that the rule gives every name.
"""
import sys
import textwrap
from importlib.metadata import version
from itertools import product
from pathlib import Path

from emoji.unicode_codes import EMOJI_DATA

TARGET = Path(__file__).parent.parent / "Sources/Runtime/Text/Cleaning/EmojiNames.swift"
TONES = {c: EMOJI_DATA[c]["en"][1:-1] for c in "🏻🏼🏽🏾🏿"}
HAIR = ["_bald", "_beard", "_blond_hair", "_curly_hair", "_red_hair", "_white_hair"]
HEAD = '''// Made by scripts/make_emoji_names.py; change it there.

/// Names of emoji, without skin tones.
///
/// From the Python package emoji {version}, © 2014-2026 Taehoon Kim, Kevin Wurster, under the BSD licence; the names are
/// from Unicode's CLDR, © Unicode, Inc., under the Unicode licence (https://www.unicode.org/license.txt).
enum EmojiNames {{
    /// An emoji, in which each selector U+FE0F may be missing, and its name. Before the name + stands for each person
    /// that may have a skin tone, ! if each must have one, / if two must differ.
    static let list = """
'''


SELECTOR = "\ufe0f"


def plain(emoji):
    return "".join(c for c in emoji if c != SELECTOR and c not in TONES)


def toned(name, tones):
    """Two equal tones count once, and hair comes last."""
    suffix = "".join("_" + TONES[t] for t in (tones[:1] if len(set(tones)) == 1 else tones))
    hair = next((h for h in HAIR if name.endswith(h)), "")
    return name.removesuffix(hair) + suffix + hair


def forms(emoji, mark, name):
    """All that an entry of the list stands for, as Emoji.swift reads it."""
    made = {} if "!" in mark else {emoji: name}
    for tones in product(TONES, repeat=mark.count("+")):
        if tones and not ("/" in mark and len(set(tones)) == 1):
            # A tone takes the place of the selector; the second one ends the emoji.
            rest = emoji[1:].removeprefix(SELECTOR)
            made[emoji[0] + tones[0] + rest + "".join(tones[1:])] = toned(name, tones)
    result = {}
    for emoji, name in made.items():
        parts = emoji.split(SELECTOR)
        for choice in product((SELECTOR, ""), repeat=len(parts) - 1):
            result["".join(p + c for p, c in zip(parts, choice + ("",)))] = name
    return result


def main():
    entries = {}  # By the emoji without selectors and tones: its longest form, marks, name.
    data = {e: d["en"][1:-1] for e, d in EMOJI_DATA.items()}
    for emoji, name in data.items():
        if emoji in TONES or not set(emoji) & set(TONES):
            key = emoji if emoji in TONES else plain(emoji)
            if len(emoji) > len(entries.get(key, [""])[0]):
                entries[key] = [emoji, "", name]
    pairs = {}
    for emoji, name in data.items():
        tones = [c for c in emoji if c in TONES]
        if not tones or emoji in TONES:
            continue
        entry = entries.setdefault(plain(emoji), ["", "!", ""])
        if "!" in entry[1]:
            bare = "".join(c for c in emoji if c not in TONES)
            entry[0] = max(entry[0], bare, key=len)
            for tone in dict.fromkeys(tones):
                name = name.replace("_" + TONES[tone], "")
            entry[2] = name
        entry[1] = entry[1].rstrip("+") + "+" * len(tones)
        pairs.setdefault(plain(emoji), set()).add(len(set(tones)))
    for key, counts in pairs.items():
        if counts == {2}:
            entries[key][1] += "/"
    made = {}
    for entry in entries.values():
        made |= forms(*entry)
    if made != data:
        wrong = {e for e in made.keys() | data.keys() if made.get(e) != data.get(e)}
        sys.exit("\n".join(f"{e!a}: {made.get(e)}, not {data.get(e)}" for e in sorted(wrong)))
    print(len(entries), "entries stand for", len(made), "emoji")
    text = " ".join(f"{emoji} {marks}{name}" for emoji, marks, name in sorted(entries.values()))
    lines = textwrap.wrap(text, 108, break_long_words=False, break_on_hyphens=False)
    body = "".join(f"        {line}\n" for line in lines)
    TARGET.write_text(HEAD.format(version=version("emoji")) + body + '        """\n}\n', encoding="utf8")


main()
