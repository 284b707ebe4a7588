"""Writes Sources/Runtime/Text/Cleaning/EmojiNames.swift from Unicode's emoji-test.txt.

    python3 scripts/make_emoji_names.py emoji-test.txt

The file is at https://unicode.org/Public/emoji/ and, on Debian, in the package unicode-data. Only the emoji are listed
whose name is not the character's own.
"""
import re
import sys
import textwrap
import unicodedata
from pathlib import Path

TARGET = Path(__file__).parent.parent / "Sources/Runtime/Text/Cleaning/EmojiNames.swift"

HEAD = '''// Made by scripts/make_emoji_names.py; change it there.

/// Short names of emoji where they differ from the character's name, without the selector U+FE0F.
///
/// The names are from Unicode's emoji-test.txt {version}, © 2022 Unicode, Inc., used under the Unicode licence
/// (https://www.unicode.org/license.txt).
enum EmojiNames {{
    static let exceptional: [Unicode.Scalar: String] = {{
        var names: [Unicode.Scalar: String] = [:]
        // By scalars: a skin tone would form one character with the space before it.
        for entry in list.unicodeScalars.split(whereSeparator: \\.properties.isWhitespace) {{
            if let emoji = entry.first {{ names[emoji] = String(entry.dropFirst()) }}
        }}
        return names
    }}()

    /// An emoji followed by its name.
    private static let list = """
'''


def main(path):
    text = Path(path).read_text(encoding="utf8")
    version = re.search(r"^# Version: (\S+)", text, re.M)[1]
    names = {}
    for codes, name in re.findall(r"^([0-9A-F ]+?) *; \S+ +# \S+ E[\d.]+ (.+)$", text, re.M):
        emoji = "".join(chr(int(code, 16)) for code in codes.split()).replace("\ufe0f", "")
        if len(emoji) == 1:
            names[emoji] = re.sub(r"[ :,“”]+", "_", name).strip("_")
    entries = [e + n for e, n in sorted(names.items()) if unicodedata.name(e, "").lower().replace(" ", "_") != n.lower()]
    lines = textwrap.wrap(" ".join(entries), 100, break_long_words=False, break_on_hyphens=False)
    body = "".join(f"        {line}\n" for line in lines)
    TARGET.write_text(HEAD.format(version=version) + body + '        """\n}\n', encoding="utf8")


main(sys.argv[1])
