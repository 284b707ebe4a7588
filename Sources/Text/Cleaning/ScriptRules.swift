/// The scripts whose letters have a spelling, in the order of their characters.
enum ScriptRules {
    static func rule(_ scalar: Unicode.Scalar) -> ScriptRule? {
        let index = all.partitioningIndex { $0.characters.upperBound >= scalar.value }
        return index < all.count && all[index].characters.contains(scalar.value) ? all[index] : nil
    }

    private static let all: [ScriptRule] =
        [cyrillic, armenian, hebrew, arabic, syriac, thaana] + indic
        + [
            thai, lao, tibetan, myanmar, georgian, ethiopic, cherokee, canadian, ogham, runic, khmer, mongolian,
            hiragana, katakana, bopomofo, bopomofoExtended,
            // Yi.
            ScriptRule(0xA000...0xA48F, .lastWord),
        ]

    private static let cyrillic = ScriptRule(
        0x0400...0x04FF, .listed,
        """
        A = a; BE = b; VE = v; GHE = g; DE = d; IE = e;
        ZHE = zh; ZE = z; I|SHORT I = i; KA = k; EL = l; EM = m; EN = n;
        O = o; PE = p; ER = r; ES = s; TE = t; U|SHORT U = u; EF = f;
        HA = kh; TSE = ts; CHE = ch; SHA = sh; SHCHA = shch; HARD SIGN = ';
        YERU = y; SOFT SIGN = '; E = e; YU = iu; YA = ia;
        SMALL LETTER IE WITH GRAVE = ie; IO = io; DJE = dj; GJE = gj; UKRAINIAN IE = ie;
        DZE = dz; BYELORUSSIAN-UKRAINIAN I = i; YI = yi; JE = j; LJE = lj; NJE = nj;
        TSHE = tsh; KJE = kj; DZHE = dzh;
        OMEGA|BIG YUS|ROUND OMEGA|BARRED O|OMEGA WITH TITLO = o;
        YAT|LITTLE YUS = e; IOTIFIED E|IOTIFIED LITTLE YUS = ie; IOTIFIED BIG YUS = io;
        KSI = ks; PSI = ps; FITA = f; IZHITSA = y; CAPITAL LETTER UK|UK = u; OT = ot;
        KOPPA = q; THOUSANDS SIGN = *1000*;  SEMISOFT SIGN = ";
        SMALL LETTER ER WITH TICK = r'; SMALL LETTER GHE WITH UPTURN|SMALL LETTER GHE WITH STROKE = g';
        SMALL LETTER GHE WITH MIDDLE HOOK = g'; SMALL LETTER ZHE WITH DESCENDER = zh';
        SMALL LETTER ZE WITH DESCENDER = z';
        SMALL LETTER KA WITH DESCENDER|SMALL LETTER KA WITH VERTICAL STROKE|SMALL LETTER KA WITH STROKE = k';
        SMALL LETTER KA WITH HOOK|BASHKIR KA = k'; SMALL LETTER EN WITH DESCENDER|SMALL LETTER EN WITH HOOK = n';
        SMALL LIGATURE EN GHE = ng; SMALL LETTER PE WITH MIDDLE HOOK = p'; ABKHASIAN HA = kh;
        SMALL LETTER ES WITH DESCENDER = s'; SMALL LETTER TE WITH DESCENDER = t'; STRAIGHT U = u;
        SMALL LETTER STRAIGHT U WITH STROKE = u'; SMALL LETTER HA WITH DESCENDER = kh'; SMALL LIGATURE TE TSE = tts;
        SMALL LETTER CHE WITH DESCENDER|SMALL LETTER CHE WITH VERTICAL STROKE = ch'; SHHA = h;
        ABKHASIAN CHE = ch; SMALL LETTER ABKHASIAN CHE WITH DESCENDER = ch'; LETTER PALOCHKA = `;
        KHAKASSIAN CHE = ch; CAPITAL LETTER A WITH BREVE = a; SMALL LIGATURE A IE = ae;
        SMALL LETTER IE WITH BREVE = ie; SCHWA = @; ABKHASIAN DZE = dz
        """)

    private static let armenian = ScriptRule(
        0x0530...0x058F, .listed,
        """
        AYB = a; BEN = b; GIM = g; DA = d; ECH|EH|ET = e; ZA = z;
        TO = t`; ZHE = zh; INI = i; LIWN = l; XEH = kh; CA = ts; KEN = k;
        HO = h; JA = dz; GHAD = gh; CHEH = ch; MEN = m; YI = y; NOW = n;
        SHA = sh; VO|OH = o; CHA = ch`; PEH = p; JHEH = j; RA = rh;
        SEH = s; VEW = v; TIWN = t; REH = r; CO = ts`; YIWN = w; PIWR = p`;
        KEH = k`; FEH = f; SMALL LIGATURE ECH YIWN = ew; MODIFIER LETTER LEFT HALF RING = <; APOSTROPHE = ';
        EMPHASIS MARK = /; EXCLAMATION MARK = !; COMMA = ,; QUESTION MARK = ?; ABBREVIATION MARK = .; FULL STOP = :;
        HYPHEN = -
        """)

    private static let hebrew = ScriptRule(
        0x0590...0x05FF, .listed, edition: 11,
        """
        ALEF = A; BET = b; GIMEL = g; DALET = d; HE = h; VAV = v; ZAYIN = z; HET = H; TET = T; YOD = y; FINAL KAF|KAF = KH;
        LAMED = l; FINAL MEM|MEM = m; FINAL NUN|NUN = n; SAMEKH = s; AYIN = `; FINAL PE|PE = p; FINAL TSADI|TSADI = TS;
        QOF = k; RESH = r; SHIN = SH; TAV = t; YOD TRIANGLE = YYY; LIGATURE YIDDISH DOUBLE VAV = V;
        LIGATURE YIDDISH VAV YOD = OY; LIGATURE YIDDISH DOUBLE YOD = EY; PUNCTUATION GERESH = '; PUNCTUATION GERSHAYIM = ";
        PUNCTUATION MAQAF = -; PUNCTUATION PASEQ = ∣; PUNCTUATION SOF PASUQ = .; PUNCTUATION NUN HAFUKHA = n;
        POINT HATAF SEGOL|POINT TSERE|POINT SEGOL = e; POINT HATAF PATAH|POINT PATAH|POINT QAMATS = a;
        POINT HATAF QAMATS|POINT HOLAM|POINT HOLAM HASER FOR VAV|POINT QAMATS QATAN = o; POINT HIRIQ = i;
        POINT QUBUTS = u
        """)

    private static let arabic = ScriptRule(
        0x0600...0x06FF, .listed,
        """
        COMMA = ,; SEMICOLON = ⁏; QUESTION MARK = ?; PERCENT SIGN = %; DECIMAL SEPARATOR = .; THOUSANDS SEPARATOR = ,;
        FIVE POINTED STAR = *; FULL STOP = .; END OF AYAH = @; START OF RUB EL HIZB = #; PLACE OF SAJDAH = ^;
        SIGN SINDHI AMPERSAND = &; SIGN SINDHI POSTPOSITION MEN = +m;
        FATHATAN = an; DAMMATAN = un; KASRATAN = in; FATHA = a; DAMMA = u; KASRA = i; SHADDA = W;
        HAMZA ABOVE|HAMZA BELOW = '; LETTER ALEF WITH MADDA ABOVE = a; ALEF WITH HAMZA ABOVE|ALEF WASLA = ';
        WAW WITH HAMZA ABOVE = w'; YEH WITH HAMZA ABOVE = y'; HIGH HAMZA ALEF = '; HIGH HAMZA WAW = 'w;
        HIGH HAMZA YEH = 'y;
        ALEF WITH WAVY HAMZA ABOVE|ALEF WITH WAVY HAMZA BELOW = '; U WITH HAMZA ABOVE = 'u;
        ALEF WITH HAMZA BELOW|ALEF|HAMZA|HIGH HAMZA|TATWEEL|E|YEH WITH THREE DOTS BELOW =;
        BEH|BEEH = b; TEH MARBUTA|TEH MARBUTA GOAL = @; TEH|TEH WITH RING = t; TEH WITH THREE DOTS ABOVE DOWNWARDS = T;
        THEH|TEHEH = th; TTEH = tt; TTEHEH = tth; PEH = p; BEHEH = bh; NYEH = ny; DYEH = dy; TCHEH = ch; TCHEHEH = cch;
        TCHEH WITH DOT ABOVE = Ch; JEEM|JEH = j; HAH = H; HAH WITH HAMZA ABOVE = 'h; KHAH = kh; DAL|DUL = d; DDAL = dd;
        DAHAL|THAL = dh; DDAHAL = ddh; DAL WITH DOT BELOW AND SMALL TAH = Dt; REH = r; RREH = rr; ZAIN = z; SEEN = s;
        SHEEN = sh; SHEEN WITH DOT BELOW = Sh; SAD = S; DAD = D; TAH = T; ZAH = Z; AIN = `; AIN WITH THREE DOTS ABOVE = GH;
        GHAIN = G; GHAIN WITH DOT BELOW = Gh; FEH|FEH WITH THREE DOTS BELOW = f; DOTLESS FEH = F;
        FEH WITH DOT MOVED BELOW|FEH WITH DOT BELOW = F; VEH|VE = v; PEHEH = ph; QAF = q; KAF|SWASH KAF = k; KEHEH = kh;
        NG = ng; GAF = g; NGOEH|NOON GHUNNA|RNOON = N; GUEH = G; LAM = l; MEEM = m; NOON = n; HEH|HEH DOACHASHMEE = h;
        HEH WITH YEH ABOVE = hy; HEH GOAL = h; HEH GOAL WITH HAMZA ABOVE = H; WAW = w; KIRGHIZ OE|OE = oe; U = u;
        YU|KIRGHIZ YU = yu; ALEF MAKSURA = ~; YEH|FARSI YEH|YEH BARREE = y; YEH BARREE WITH HAMZA ABOVE = y'; AE = ae;
        HAH WITH TWO DOTS VERTICAL ABOVE|HAH WITH THREE DOTS ABOVE = H;
        DAL WITH RING|DAL WITH DOT BELOW|DAL WITH THREE DOTS ABOVE DOWNWARDS|DAL WITH FOUR DOTS ABOVE = D;
        REH WITH SMALL V|REH WITH RING|REH WITH DOT BELOW|REH WITH SMALL V BELOW|REH WITH TWO DOTS ABOVE = R;
        REH WITH DOT BELOW AND DOT ABOVE|REH WITH FOUR DOTS ABOVE = R;
        SEEN WITH DOT BELOW AND DOT ABOVE|SEEN WITH THREE DOTS BELOW = S;
        SEEN WITH THREE DOTS BELOW AND THREE DOTS ABOVE = S; QAF WITH DOT ABOVE|QAF WITH THREE DOTS ABOVE = Q;
        KAF WITH RING|KAF WITH DOT ABOVE|KAF WITH THREE DOTS BELOW = K;
        GAF WITH RING|GAF WITH TWO DOTS BELOW|GAF WITH THREE DOTS ABOVE = G;
        LAM WITH SMALL V|LAM WITH DOT ABOVE|LAM WITH THREE DOTS ABOVE|LAM WITH THREE DOTS BELOW = L;
        NOON WITH DOT BELOW|NOON WITH RING|NOON WITH THREE DOTS ABOVE = N;
        WAW WITH RING|WAW WITH TWO DOTS ABOVE|WAW WITH DOT ABOVE = W; YEH WITH TAIL|YEH WITH SMALL V = Y
        """)

    private static let syriac = ScriptRule(
        0x0700...0x074F, .listed,
        """
        END OF PARAGRAPH = //; SUPRALINEAR FULL STOP = /; SUBLINEAR FULL STOP = ,; SUPRALINEAR COLON|SUBLINEAR COLON = !;
        HORIZONTAL COLON = -; COLON SKEWED LEFT|COLON SKEWED RIGHT = ,; SUPRALINEAR COLON SKEWED LEFT = ⁏;
        SUBLINEAR COLON SKEWED RIGHT = ?; CONTRACTION = ~; HARKLEAN OBELUS = {; HARKLEAN METOBELUS = };
        HARKLEAN ASTERISCUS = *; ALAPH = '; BETH = b; GAMAL|GAMAL GARSHUNI = g; DALATH|DOTLESS DALATH RISH = d; HE = h;
        WAW = w; ZAIN = z; HETH = H; TETH|TETH GARSHUNI = t; YUDH = y; YUDH HE = yh; KAPH = k; LAMADH = l; MIM = m;
        NUN = n; SEMKATH|FINAL SEMKATH = s; E = `; PE|REVERSED PE = p; SADHE = S; QAPH = q; RISH = r; SHIN = sh; TAW = t;
        PTHAHA ABOVE|PTHAHA BELOW|PTHAHA DOTTED = a; ZQAPHA ABOVE|ZQAPHA BELOW|ZQAPHA DOTTED = A;
        RBASA ABOVE|RBASA BELOW|DOTTED ZLAMA HORIZONTAL = e; DOTTED ZLAMA ANGULAR = E; HBASA ABOVE|HBASA BELOW = i;
        HBASA-ESASA DOTTED|ESASA ABOVE|ESASA BELOW = u; RWAHA = o; QUSHSHAYA = `; RUKKAKHA = '; THREE DOTS ABOVE = X;
        THREE DOTS BELOW = Q; OBLIQUE LINE ABOVE|OBLIQUE LINE BELOW = @; MUSIC = ∣; BARREKH = +
        """)

    private static let thaana = ScriptRule(
        0x0780...0x07BF, .listed,
        """
        HAA|HHAA = h; SHAVIYANI|SHEENU = sh; NOONU = n; RAA = r; BAA = b; LHAVIYANI = L; KAAFU = k; ALIFU = '; VAAVU = v;
        MEEMU = m; FAAFU = f; DHAALU = dh; THAA|THAALU = th; LAAMU = l; GAAFU = g; GNAVIYANI = ny; SEENU|SAADHU = s;
        DAVIYANI|DAADHU = d; ZAVIYANI|ZAA|ZO = z; TAVIYANI|TO = t; YAA = y; PAVIYANI = p; JAVIYANI = j; CHAVIYANI = ch;
        TTAA = tt; HHAA = hh; KHAA = kh; AINU = `; GHAINU = gh; QAAFU = q; WAAVU = w; ABAFILI = a; AABAAFILI = aa;
        IBIFILI = i; EEBEEFILI = ee; UBUFILI = u; OOBOOFILI = oo; EBEFILI = e; EYBEYFILI = ey; OBOFILI = o;
        OABOAFILI = oa
        """)

    private static let thai = ScriptRule(
        0x0E00...0x0E7F, .listed,
        """
        KO KAI = k; KHO KHAI|KHO KHUAT|KHO KHWAI|KHO KHON|KHO RAKHANG = kh; NGO NGU = ng; CHO CHAN = cch;
        CHO CHING|CHO CHANG|CHO CHOE|SO SO = ch; YO YING|YO YAK = y; DO CHADA|DO DEK = d; TO PATAK|TO TAO = t;
        THO THAN|THO NANGMONTHO|THO PHUTHAO|THO THUNG|THO THAHAN|THO THONG = th; NO NEN|NO NU = n; BO BAIMAI = b;
        PO PLA = p; PHO PHUNG|PHO PHAN|PHO SAMPHAO = ph; FO FA|FO FAN = f; MO MA = m; RO RUA = r; RU = R; LO LING = l;
        LU = L; WO WAEN = w; SO SALA|SO RUSI|SO SUA = s; HO HIP|HO NOKHUK = h; LO CHULA = l; O ANG = `; PAIYANNOI = ~;
        SARA A|MAI HAN-AKAT = a; SARA AA = aa; SARA AM = am; SARA I = i; SARA II = ii; SARA UE = ue; SARA UEE = uue;
        SARA U = u; SARA UU = uu; PHINTHU = '; CURRENCY SYMBOL BAHT = Bh.; SARA E = e; SARA AE = ae; SARA O = o;
        SARA AI MAIMUAN|SARA AI MAIMALAI = ai; LAKKHANGYAO = ao; MAIYAMOK = +; NIKHAHIT = M; FONGMAN = ␣*␣;
        ANGKHANKHU = ␣//␣; KHOMUT = ␣///␣
        """)

    private static let lao = ScriptRule(
        0x0E80...0x0EFF, .listed,
        """
        KO = k; KHO SUNG|KHO TAM = kh; NGO = ng; CO = ch; SO TAM|SO SUNG = s; NYO|SEMIVOWEL SIGN NYO = ny; DO = d; TO = h;
        THO SUNG|THO TAM = th; NO = n; BO = b; PO = p; PHO SUNG|PHO TAM = ph; FO TAM|FO SUNG = f; MO = m; YO = y;
        LO LING = r; LO LOOT|SEMIVOWEL SIGN LO = l; WO = w; HO SUNG = h; O = `; ELLIPSIS = ~; VOWEL SIGN A = a;
        VOWEL SIGN AA = aa; VOWEL SIGN AM = am; VOWEL SIGN I = i; VOWEL SIGN II = ii; VOWEL SIGN Y = y; VOWEL SIGN YY = yy;
        VOWEL SIGN U = u; VOWEL SIGN UU = uu; VOWEL SIGN MAI KON|VOWEL SIGN O = o; VOWEL SIGN E = e; VOWEL SIGN EI = ei;
        VOWEL SIGN AY = ay; VOWEL SIGN AI = ai; KO LA = +; NIGGAHITA = M; HO NO = hn; HO MO = hm
        """)

    private static let tibetan = ScriptRule(
        0x0F00...0x0FFF, .consonants,
        """
        SYLLABLE OM = AUM; MARK SBRUL SHAD|MARK NYIS SHAD = ␣//␣; MARK BSKUR YIG MGO = ␣*␣; MARK INTERSYLLABIC TSHEG = -;
        MARK DELIMITER TSHEG BSTAR|MARK SHAD = ␣/␣; MARK TSHEG SHAD = ␣-/␣; MARK NYIS TSHEG SHAD = ␣+/␣;
        MARK RIN CHEN SPUNGS SHAD = ␣X/␣; MARK RGYA GRAM SHAD = ␣/XX/␣; MARK CARET -DZUD RTAGS ME LONG CAN = ␣/X/␣;
        MARK GTER TSHEG = ,␣; DIGIT HALF ONE = .5; DIGIT HALF TWO = 1.5; DIGIT HALF THREE = 2.5; DIGIT HALF FOUR = 3.5;
        DIGIT HALF FIVE = 4.5; DIGIT HALF SIX = 5.5; DIGIT HALF SEVEN = 6.5; DIGIT HALF EIGHT = 7.5;
        DIGIT HALF NINE = 8.5; DIGIT HALF ZERO = -.5; MARK BSDUS RTAGS = +; MARK NGAS BZUNG NYI ZLA = *;
        MARK CARET -DZUD RTAGS BZHI MIG CAN = ^; MARK NGAS BZUNG SGOR RTAGS = _; MARK TSA -PHRU = ~;
        MARK GUG RTAGS GYAS = ]; MARK ANG KHANG GYON = [[; MARK ANG KHANG GYAS = ]]; -A = '; LETTER SSA = ssh; SUBJOINED LETTER SSA = ss; KSSA = kss;
        VOWEL SIGN II|VOWEL SIGN REVERSED II = aai; VOWEL SIGN UU = aau; VOWEL SIGN VOCALIC R = ri;
        VOWEL SIGN VOCALIC RR = RR; VOWEL SIGN VOCALIC L = li; VOWEL SIGN VOCALIC LL = LL; SIGN RJES SU NGA RO = M;
        SIGN RNAM BCAD = H; KU RU KHA = X; KU RU KHA BZHI MIG CAN = ␣:X:␣; CANTILLATION SIGN HEAVY BEAT = ␣/O/␣;
        CANTILLATION SIGN LIGHT BEAT = ␣/o/␣; CANTILLATION SIGN CANG TE-U = ␣\\o\\␣; CANTILLATION SIGN SBUB -CHAL = ␣(O)␣
        """)

    private static let myanmar = ScriptRule(
        0x1000...0x109F, .consonants,
        """
        LETTER TA = tt; SIGN ANUSVARA = N; SIGN DOT BELOW = '; SIGN VISARGA = :; SIGN LITTLE SECTION = ␣/␣;
        SIGN SECTION = ␣//␣; SYMBOL LOCATIVE = n*; SYMBOL COMPLETED = r*; SYMBOL AFOREMENTIONED = l*; SYMBOL GENITIVE = e*;
        VOCALIC R = R; VOCALIC RR = RR; VOCALIC L = L; VOCALIC LL = LL
        """)

    private static let georgian = ScriptRule(
        0x10A0...0x10FF, .listed,
        """
        AN = a; BAN = b; GAN = g; DON = d; EN|HE = e; VIN = v; ZEN = z;
        TAN = t`; IN = i; KAN = k; LAS = l; MAN = m; NAR = n; ON = o;
        PAR = p; ZHAR = zh; RAE = r; SAN = s; TAR = t; UN = u; PHAR = p`;
        KHAR = k`; GHAN = g'; QAR = q; SHIN = sh; CHIN = ch`; CAN = c`;
        JIL = z'; CIL = c; CHAR = ch; XAN = x; JHAN = j; HAE = h; HIE = y;
        WE = w; HAR = xh; HOE = oe; CAPITAL LETTER HOE = OE; FI = f;
        PARAGRAPH SEPARATOR = ␣//␣
        """)

    private static let ethiopic = ScriptRule(
        0x1200...0x137F, .lastWord,
        """
        GLOTTAL A = 'a; GLOTTAL U = 'u; GLOTTAL I =; GLOTTAL AA = 'aa; GLOTTAL EE = 'ee; GLOTTAL E = 'e; GLOTTAL O = 'o;
        GLOTTAL WA = 'wa; PHARYNGEAL A = `a; PHARYNGEAL U = `u; PHARYNGEAL I = `i; PHARYNGEAL AA = `aa;
        PHARYNGEAL EE = `ee; PHARYNGEAL E = `e; PHARYNGEAL O = `o; WORDSPACE = ␣; FULL STOP = .; COMMA = ,; SEMICOLON = ⁏;
        COLON = :; PREFACE COLON = ::␣; QUESTION MARK = ?; PARAGRAPH SEPARATOR = //; DIGIT ONE = 1; DIGIT TWO = 2;
        DIGIT THREE = 3; DIGIT FOUR = 4; DIGIT FIVE = 5; DIGIT SIX = 6; DIGIT SEVEN = 7; DIGIT EIGHT = 8; DIGIT NINE = 9;
        NUMBER TEN = 10+; NUMBER TWENTY = 20+; NUMBER THIRTY = 30+; NUMBER FORTY = 40+; NUMBER FIFTY = 50+;
        NUMBER SIXTY = 60+; NUMBER SEVENTY = 70+; NUMBER EIGHTY = 80+; NUMBER NINETY = 90+; NUMBER HUNDRED = 100+;
        NUMBER TEN THOUSAND = 10,000+
        """)

    private static let cherokee = ScriptRule(0x13A0...0x13F4, .lastWord)

    private static let canadian = ScriptRule(
        0x1400...0x167F, .lastWord,
        """
        GLOTTAL STOP = '; FINAL ACUTE = t; FINAL GRAVE = k; FINAL BOTTOM HALF RING = sh; FINAL TOP HALF RING = s;
        FINAL RIGHT HALF RING|FINAL DOUBLE ACUTE = n; FINAL RING|FINAL MIDDLE DOT = w;
        FINAL DOUBLE SHORT VERTICAL STROKES =; FINAL SHORT HORIZONTAL STROKE = c; FINAL PLUS = ?; FINAL DOWN TACK = l;
        NASKAPI S-W = sW; CHI SIGN = X; FULL STOP = .
        """)

    private static let ogham = ScriptRule(
        0x1680...0x169F, .listed,
        """
        SPACE MARK = ␣; BEITH = b; LUIS = l; FEARN = f; SAIL = s; NION = n; UATH = h; DAIR = d; TINNE = t; COLL = c;
        CEIRT = q; MUIN = m; GORT = g; NGEADAL = ng; STRAIF = z; RUIS = r; AILM = a; ONN = o; UR = u; EADHADH = e;
        IODHADH = i; EABHADH = ch; OR = th; UILLEANN = ph; IFIN|PEITH = p; EAMHANCHOLL = x; FEATHER MARK = <;
        REVERSED FEATHER MARK = >
        """)

    private static let runic = ScriptRule(
        0x16A0...0x16FF, .lastWord,
        """
        THURISAZ THURS THORN = th; ETH = th; AC A = ac; AESC = ae; KAUNA = k; CEN = c; ENG|INGWAZ|ING = ng; GAR|GER = g;
        DOTTED-N = n; LONG-BRANCH-AR AE = ae; IWAZ EOH = eo; ALGIZ EOLHX = z; DOTTED-P|OPEN-P = p; DOTTED-L = l;
        SHORT-TWIG-NAUD = n; SHORT-TWIG-AR A = a; ISAZ IS ISS I = i;
        CWEORTH|CALC|CEALC = qu; STAN = s; LONG-BRANCH-YR|SHORT-TWIG-YR|ICELANDIC-YR = yr; SINGLE PUNCTUATION = .;
        MULTIPLE PUNCTUATION = :; CROSS PUNCTUATION = +; ARLAUG SYMBOL = 17; TVIMADUR SYMBOL = 18; BELGTHOR SYMBOL = 19
        """)

    private static let khmer = ScriptRule(
        0x1780...0x17FF, .lastWord,
        """
        KA = k; KHA = kh; KO = g; KHO = gh; NGO = ng; CA = c; CHA = ch; CO = j; CHO = jh; NYO = ny; DA|LETTER TA = t;
        TTHA = tth; DO|TO = d; TTHO = ddh; NNO = nn; THA = th; THO = dh; NO = n; BA = p; PHA = ph; PO = b; PHO = bh;
        MO = m; YO = y; RO = r; LO|LA = l; VO = v; SHA = sh; SSO = ss; SA = s; HA = h; QA = q; VOWEL SIGN YA = ya;
        INDEPENDENT VOWEL QAQ|VOWEL INHERENT AQ = a; INDEPENDENT VOWEL QAA|VOWEL INHERENT AA = aa; INDEPENDENT VOWEL QI = i;
        INDEPENDENT VOWEL QII = ii; INDEPENDENT VOWEL QU = u; INDEPENDENT VOWEL QUK = uk; INDEPENDENT VOWEL QUU = uu;
        INDEPENDENT VOWEL QUUV = uuv; INDEPENDENT VOWEL RY = ry; INDEPENDENT VOWEL RYY = ryy; INDEPENDENT VOWEL LY = ly;
        INDEPENDENT VOWEL LYY = lyy; INDEPENDENT VOWEL QE = e; INDEPENDENT VOWEL QAI = ai; INDEPENDENT VOWEL QAU = au;
        INDEPENDENT VOWEL QOO TYPE ONE|INDEPENDENT VOWEL QOO TYPE TWO = oo; SIGN NIKAHIT = M; SIGN REAHMUK = H;
        SIGN YUUKALEAPINTU = a`; SIGN ROBAT = r; SIGN KAKABAT = !; SIGN KHAN = .; SIGN BARIYOOSAN = ␣//␣;
        SIGN CAMNUC PII KUUH = :; SIGN LEK TOO = +; SIGN BEYYAL = ++; SIGN PHNAEK MUAN = ␣*␣; SIGN KOOMUUT = ␣///␣;
        CURRENCY SYMBOL RIEL = KR; SIGN AVAKRAHASANYA = '
        """)

    private static let mongolian = ScriptRule(
        0x1800...0x18AF, .consonants,
        """
        BIRGA = ␣@␣; ELLIPSIS = ␣...␣; COMMA|MANCHU COMMA = ,␣; FULL STOP|MANCHU FULL STOP = .␣; COLON = :␣;
        FOUR DOTS = ␣//␣; SIBE SYLLABLE BOUNDARY MARKER = -; LETTER OE|LETTER TODO OE = O;
        LETTER UE|LETTER TODO UE|LETTER SIBE UE = U; ANG|TODO ANG|SIBE ANG = ng; LETTER KHA = kha;
        HAA|TODO HAA|SIBE HAA = h; TODO GAA|SIBE GAA = g; SIBE RAA = r; ZHI = zh; CHI = ch; TODO LONG VOWEL SIGN = -;
        TODO JIA = jy; TODO NIA = ny; ALI GALI ANUSVARA ONE =; ALI GALI VISARGA ONE = H; ALI GALI DAMARU = X;
        ALI GALI UBADAMA = W; ALI GALI INVERTED UBADAMA = M; ALI GALI BALUDA = ␣3␣; ALI GALI THREE BALUDA = ␣333␣;
        ALI GALI AH = a; MANCHU ALI GALI TTA = tta; ALI GALI DAGALGA = '
        """)

    private static let hiragana = ScriptRule(
        0x3041...0x309F, .lastWord, edition: 1.1,
        "LETTER SI = shi; LETTER TI = chi; LETTER TU = tsu; LETTER SMALL TU = tsu")
    private static let katakana = ScriptRule(
        0x30A0...0x30FF, .lastWord, edition: 1.1,
        "LETTER SI = shi; LETTER TI = chi; LETTER TU = tsu; LETTER SMALL TU = tsu")

    private static let bopomofo = ScriptRule(
        0x3105...0x312F, .listed, edition: 5.1,
        upperCase(
            """
            B P M F D T N L G K H J Q X ZH CH SH R Z C S A O E EH AI EI AU OU AN EN ANG ENG ER I U IU V NG GN
            """))
    private static let bopomofoExtended = ScriptRule(
        0x31A0...0x31BF, .listed, edition: 3.0,
        upperCase(
            """
            BU ZI JI GU EE ENN OO ONN IR ANN INN UNN IM NGG AINN AUNN AM OM ONG INNN
            """) + ";FINAL LETTER P = P; FINAL LETTER T = T; FINAL LETTER K = K; FINAL LETTER H = H")

    private static func upperCase(_ names: String) -> String {
        names.split(whereSeparator: \.isWhitespace).map { "LETTER \($0) = \($0)" }.joined(separator: ";")
    }
}

extension Array {
    /// The first index whose element and all after it belong to the second part of a partitioned array.
    fileprivate func partitioningIndex(_ belongs: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if belongs(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
