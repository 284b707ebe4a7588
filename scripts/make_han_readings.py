"""Writes Sources/Runtime/Text/Cleaning/HanReadings.swift: how Chinese characters are read in Mandarin.

    pip install pinyin==0.4.0
    python3 scripts/make_han_readings.py

That package carries the field kMandarin of an edition of Unicode's Unihan database in which the readings of a character
stand in the order of how common they are. The first one is taken, but for the few below: characters that older editions
gave another of their readings first, and characters made in Japan, which have none.
"""
import re
import textwrap
from importlib.util import find_spec
from pathlib import Path

TARGET = Path(__file__).parent.parent / "Sources/Runtime/Text/Cleaning/HanReadings.swift"

# Where the second or a later reading came first in Unihan's first editions; common characters only.
EARLIER = """
Mo 万麼嘿脈 Liao 了潦 Jie 价械 Jia 伽 Mou 冒瞀 Han 厂 Xie 叶葉薛 Ai 呆 Chi 哆离 Pei 啡碚 Ke 喀 Wo 喔 Yu 噢汩毹 Pi 坏 Bu 埔扑惚
Zhu 宁寧术朮 Chai 差 Yan 广癌 Gua 括适 Zhuai 拽 Yi 掖曳汉 Xi 携攜猎 Xian 摻癬 Lue 撂 Cheng 晟盯 Gou 枸耩 Bo 柏簿 Ju 柜 Hang 桁 Shu 樗
Kuai 檜 Chen 沈 Qie 沏 Ji 洁 Jiu 湫 Shou 熟 Wen 玟 Fen 玢 Zhen 瑱縝 Bei 痺萆 Pie 癟 Qu 瞿 Huo 硅 Zhi 祇蟄 Chong 种 Zha 紮蜡 Qi 緝薺粞
Mie 羋 Pa 耙 Le 肋 An 腌 Tan 膻 Shuo 芍 Xin 莘 Wan 莞 Tian 蚕 Shui 蛻 Zhe 螫 Ruan 蠕 Zui 觜羧 Ren 賃 Si 賜 Man 蹣 Luo 酪 Xiao 酵
Ba 鈸 Zhan 鉆 Po 陂 Ti 隄 Xu 籲 Shi 豉 Jue 鱖 Mu 鶩 Yin 鰥 Jing 勁黥 Chou 燾 Ying 滎
Ni 嶷 Qin 廑 Hui 悝 Tang 惝 Lei 漯 Cha 痄 Zhou 繇 Gai 胲 Bi 芘 Pang 蒡 Pu 醭 Zhuo 絀 Gong 釭 Min 澠 You 鯈 Ge 郃
"""

# An exclamation, of which the database knows another reading in its other fields.
OTHER = "Ng 嗯"

# Characters of Japan: the reading that Unihan has from Korea or Japan.
JAPANESE = """
Yuan 円 Tako 凧 Ci 凪 Mwun 匁 Nay 匂 Pyeng 塀鋲 Toride 塁 Sang 峠 Waku 枠 Hoy 栃 Masu 桝 Momiji 椛 Sakaki 榊 Hashi 槗 Kashi 槝
Shibui 渋 Tani 渓 Hama 濵 Tatsu 燵 Ikenie 犠 Kari 猟 Swu 獣 Cen 畠 Tatamu 疂 Shaku 癪 Sey 笹 Kago 筺 Yana 簗 Kume 粂 Kouji 糀
Wata 絋 Sok 続 Nawa 縄 Sem 繊 Noy 脳 Yadoru 舎 Usagi 莵 Za 蓙 Ebi 蛯 Yuki 裄 Shitsuke 躾 Suberu 辷 Sip 辻 Ip 込 Yari 鑓 Tomo 鞆
Oroshi 颪 Shachi 鯱 Shigi 鴫 Toki 鵇 Chidori 鵆 Nio 鳰 Ma 麿 Boku 濹 Sugi 杦 Soma 杣 Moku 杢 Matsu 枩 Fumoto 梺 Kunugi 椚檪
Hata 簱籏 Katsura 楿蘰 Kura 峅 Tsuchi 汢 Tsugumi 鶫 Sin 噺 Chang 椙 Aragane 砿
"""

HEAD = '''// Made by scripts/make_han_readings.py; change it there.

/// How Chinese characters are read in Mandarin, without tones.
///
/// From Unicode's Unihan database, © Unicode, Inc., under the Unicode licence (https://www.unicode.org/license.txt).
enum HanReadings {
    static func reading(_ scalar: Unicode.Scalar) -> String? { readings[scalar] }

    private static let readings: [Unicode.Scalar: String] = {
        var readings: [Unicode.Scalar: String] = [:]
        var reading = ""
        for word in list.split(whereSeparator: \\.isWhitespace) {
            if word.utf8.first.map({ $0 < 0x80 }) == true {
                reading = String(word)
            } else {
                for scalar in word.unicodeScalars { readings[scalar] = reading }
            }
        }
        return readings
    }()

    /// A reading, and all characters that have it.
    private static let list = """
'''


def pairs(text):
    words = text.split()
    return [(c, r) for r, characters in zip(words[::2], words[1::2]) for c in characters]


def main():
    readings = {}
    data = Path(find_spec("pinyin").submodule_search_locations[0]) / "Mandarin.dat"
    for line in data.read_text(encoding="utf8").splitlines():
        code, texts = line.split("\t")[:2]
        if 0x4E00 <= int(code, 16) <= 0x9FFF:
            # The package writes V for the vowel U with diaeresis.
            every = [re.sub(r"\d", "", t).replace("V", "U").replace("Ü", "U").capitalize() for t in texts.split()]
            readings[chr(int(code, 16))] = every
    for character, reading in pairs(EARLIER):
        assert reading in readings[character], (character, readings[character])
        readings[character] = [reading]
    readings |= {character: [reading] for character, reading in pairs(OTHER)}
    for character, reading in pairs(JAPANESE):
        readings.setdefault(character, [reading])
    groups = {}
    for character, every in sorted(readings.items()):
        groups.setdefault(every[0], []).append(character)
    text = " ".join(f"{reading} {''.join(characters)}" for reading, characters in sorted(groups.items()))
    lines = textwrap.wrap(text, 108)
    body = "".join(f"        {line}\n" for line in lines)
    TARGET.write_text(HEAD + body + '        """\n}\n', encoding="utf8")
    print(len(readings), "characters")


main()
