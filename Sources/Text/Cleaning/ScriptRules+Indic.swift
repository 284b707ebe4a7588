extension ScriptRules {
    /// The scripts of southern Asia that have the same letters: consonants are named with the vowel they are read with.
    static let indic: [ScriptRule] = [
        // Devanagari.
        rule(
            0x0900,
            """
            CANDRA E = eN; CANDRA O = oN; LETTER LLA = l; OM = AUM; STRESS SIGN UDATTA|STRESS SIGN ANUDATTA = ';
            GRAVE ACCENT = `; ACUTE ACCENT = '; DANDA = ␣/␣; DOUBLE DANDA = ␣//␣; ABBREVIATION SIGN = .; QA = k';
            KHHA = kh'; GHHA = g'; ZA = j'; DDDHA = dd'; RHA = ddh'; FA = ph'; YYA = y'; LETTER SHORT A =
            """),
        // Bengali.
        rule(
            0x0980,
            """
            LETTER VOCALIC L = RR; RRA = dd'; RHA = ddh'; YYA = y'; LETTER RA WITH MIDDLE DIAGONAL = r';
            LETTER RA WITH LOWER DIAGONAL = r`; RUPEE MARK|RUPEE SIGN = Rs; CURRENCY NUMERATOR ONE = 1/;
            CURRENCY NUMERATOR TWO = 2/; CURRENCY NUMERATOR THREE = 3/; CURRENCY NUMERATOR FOUR = 4/;
            CURRENCY NUMERATOR ONE LESS THAN THE DENOMINATOR = ␣1␣-␣1/; CURRENCY DENOMINATOR SIXTEEN = /16
            """),
        // Gurmukhi.
        rule(
            0x0A00,
            """
            LETTER BHA = bb; LLA = l'; SHA = s'; KHHA = kh'; GHHA = g'; ZA = j'; FA = ph'; TIPPI = N; ADDAK = H;
            EK ONKAR = G.E.O.; IRI|URA =
            """),
        // Gujarati.
        rule(0x0A80, "VOWEL CANDRA E|CANDRA E = eN; VOWEL CANDRA O|CANDRA O = oN; LETTER YA = ya; OM = AUM"),
        // Oriya.
        rule(0x0B00, "LETTER RRA = dd'; LETTER RHA = ddh'; LETTER VA ="),
        // Tamil.
        rule(
            0x0B80, "NUMBER TEN = +10+; NUMBER ONE HUNDRED = +100+; NUMBER ONE THOUSAND = +1000+"),
        // Telugu, Kannada, Malayalam.
        rule(0x0C00), rule(0x0C80, "LETTER FA = lll"), rule(0x0D00),
        sinhala,
    ]

    private static func rule(_ start: UInt32, _ own: String = "") -> ScriptRule {
        ScriptRule(start...(start + 0x7F), .consonants, common + own)
    }

    private static let common = """
        VOCALIC R = R; VOCALIC RR = RR; VOCALIC L = L; VOCALIC LL = LL; SIGN CANDRABINDU|SIGN ANUSVARA|SIGN BINDI = N;
        SIGN VISARGA = H; SIGN NUKTA|SIGN AVAGRAHA = '; LENGTH MARK|AI LENGTH MARK|AU LENGTH MARK = +;
        """

    private static let sinhala = ScriptRule(
        0x0D80...0x0DFF, .listed,
        """
        SIGN ANUSVARAYA = N; SIGN VISARGAYA = H; AYANNA = a; AAYANNA = aa; AEYANNA = ae; AEEYANNA = aae; IYANNA = i;
        IIYANNA = ii; UYANNA = u; UUYANNA = uu; IRUYANNA = R; IRUUYANNA = RR; ILUYANNA = L; ILUUYANNA = LL; EYANNA = e;
        EEYANNA = ee; AIYANNA = ai; OYANNA = o; OOYANNA = oo; AUYANNA = au; ALPAPRAANA KAYANNA = k;
        MAHAAPRAANA KAYANNA = kh; ALPAPRAANA GAYANNA = g; MAHAAPRAANA GAYANNA = gh; KANTAJA NAASIKYAYA = ng;
        SANYAKA GAYANNA = nng; ALPAPRAANA CAYANNA = c; MAHAAPRAANA CAYANNA = ch; ALPAPRAANA JAYANNA = j;
        MAHAAPRAANA JAYANNA = jh; TAALUJA NAASIKYAYA = ny; TAALUJA SANYOOGA NAAKSIKYAYA = jny; SANYAKA JAYANNA = nyj;
        ALPAPRAANA TTAYANNA = tt; MAHAAPRAANA TTAYANNA = tth; ALPAPRAANA DDAYANNA = dd; MAHAAPRAANA DDAYANNA = ddh;
        MUURDHAJA NAYANNA = nn; SANYAKA DDAYANNA = nndd; ALPAPRAANA TAYANNA = t; MAHAAPRAANA TAYANNA = th;
        ALPAPRAANA DAYANNA = d; MAHAAPRAANA DAYANNA = dh; DANTAJA NAYANNA = n; SANYAKA DAYANNA = nd;
        ALPAPRAANA PAYANNA = p; MAHAAPRAANA PAYANNA = ph; ALPAPRAANA BAYANNA = b; MAHAAPRAANA BAYANNA = bh; MAYANNA = m;
        AMBA BAYANNA = mb; YAYANNA = y; RAYANNA = r; DANTAJA LAYANNA = l; VAYANNA = v; TAALUJA SAYANNA = sh;
        MUURDHAJA SAYANNA = ss; DANTAJA SAYANNA = s; HAYANNA = h; MUURDHAJA LAYANNA = ll; FAYANNA = f; AELA-PILLA = aa;
        KETTI AEDA-PILLA = ae; DIGA AEDA-PILLA = aae; KETTI IS-PILLA = i; DIGA IS-PILLA = ii; KETTI PAA-PILLA = u;
        DIGA PAA-PILLA = uu; GAETTA-PILLA = R; KOMBUVA = e; DIGA KOMBUVA = ee; KOMBU DEKA = ai;
        KOMBUVA HAA AELA-PILLA = o; KOMBUVA HAA DIGA AELA-PILLA = oo; KOMBUVA HAA GAYANUKITTA = au; GAYANUKITTA = L;
        DIGA GAETTA-PILLA = RR; DIGA GAYANUKITTA = LL; PUNCTUATION KUNDDALIYA = ␣.␣
        """)
}
