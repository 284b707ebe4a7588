/// Signs and letters that are spelled by how they look or are read, each for itself.
enum SignSpellings {
    static let table: [Unicode.Scalar: String] = {
        var table: [Unicode.Scalar: String] = [:]
        // By scalars: a mark would form one character with the space before it.
        for entry in list.unicodeScalars.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            guard let sign = entry.first else { continue }
            table[sign] = String(scalars: entry.dropFirst()).replacing("␣", with: " ")
        }
        return table
    }()

    /// A character and its spelling, in which ␣ stands for a space.
    private static let list = [latin, letters, punctuation, shapes, asian].joined(separator: "\n")

    private static let latin = #"""
        ¡! ¢C/ £PS ¤$? ¥Y= ¦| §SS ¨" ªa «<< ¬! ¯- °deg ±+- ´' µu ¶P ·* ¸, ºo »>> ¿? ÆAE æae ÐD ðd ×x ØO øo ÞTh þth
        ßss ÷/ đd ĐD ĦH ħh ıi ĸk ŁL łl ŊNG ŋng ŒOE œoe ŦT ŧt ſs ŀl ĿL
        ƀb ƁB ƂB ƃb Ƅ6 ƅ6 ƆO ƇC ƈc ƉD ƊD ƋD ƌd ƍd Ǝ3 Ə@ ƐE ƑF ƒf ƓG ƔG ƕhv ƖI ƗI ƘK ƙk ƚl ƛl ƜW ƝN ƞn ƟO ƢOI ƣoi ƤP ƥp ƦYR
        Ƨ2 ƨ2 ƩSH ƪsh ƫt ƬT ƭt ƮT ƱY ƲV ƳY ƴy ƵZ ƶz ƷZH ƸZH ƹzh ƺzh ƻ2 Ƽ5 ƽ5 ƾts ƿw ǀ| ǁ|| ǂ|= ǃ! ǝ@ ǢAE ǣae ǤG ǥg ǮZH ǯzh
        ǶHV ǷW ǼAE ǽae ȜY ȝy ȠN ȡd ȢOU ȣou ȤZ ȥz ȴl ȵn ȶt ȷj ȸdb ȹqp ȺA ȻC ȼc ȽL ȾT ȿs ɀz ɃB ɄU Ʌ^ ɆE ɇe ɈJ ɉj Ɋq ɋq ɌR ɍr
        ɎY ɏy
        ɓb ɔo ɖd ɗd ə@ ɛe ɣg ɨi ɩi ɲn ɵo ʃS ʈt ʉu ʊU ʋv ʒZ ʔ? ʻ` ʼ' ʽ` ʾ` ʿ' ˆ^ ˇV ˈ' ˉ- ˊ/ ˋ\ ː: ˘V ˙. ˚@ ˛, ˜~ ˝"
        ⱠL ⱡl ⱢL ⱣP ⱤR ⱥa ⱦt ⱧH ⱨh ⱩK ⱪk ⱫZ ⱬz ẞSS
        """#

    private static let letters = #"""
        ʹ' ͵, ΐI ῤR ῥR ϴ ϵ Ϲ ϗ& ΘTh ΞKs ΦPh ΧKh ΨPs ΩO θth ξx φph χkh ψps ωo ϑth ϕph ϖp ϰk ϱr ϲc ϳj ϚSt ϛst ϜW ϝw ϞQ ϟq ϠSp ϡsp ϢSh ϣsh
        ϤF ϥf ϦKh ϧkh ϨH ϩh ϪG ϫg ϬCH ϭch ϮTi ϯti ΑA ΒB ΓG ΔD ΕE ΖZ ΗE ΙI ΚK ΛL ΜM ΝN ΟO ΠP ΡR ΣS ΤT ΥU αa βb γg δd εe ζz
        ηe ιi κk λl μm νn οo πp ρr ςs σs τt υu
        ᾽' ῀~ ῁"~ ῍'` ῎'' ῏'~ ῝`' ῞`' ῟`~ ῭"` `` ´' ῾` ᾿' ҈*100.000* ҉*1.000.000*
        """#

    private static let punctuation = #"""
        ‐- ‑- ‒- –- —-- ―-- ‖|| ‗_ ‘' ’' ‚' ‛' “" ”" „" ‟" †+ ‡++ •* ‣*> ․. ‥.. …... ‧. ‰%0 ‱%00 ′' ″'' ‴''' ‵` ‶`` ‷``` ‸^ ‹<
        ›> ※* ‽!? ‾- ‿_ ⁀- ⁁^ ⁂*** ⁃-- ⁄/ ⁅-[ ⁆]- ⁇?? ⁈?! ⁊& ⁋PP ⁌(] ⁍[) ⁎* ⁒% ⁓~ ⁗''''
        ₠ECU ₡CL ₢Cr ₣FF ₤L ₥mil ₦N ₧Pts ₨Rs ₩W ₪NS ₫D €EUR ₭K ₮T ₯Dr ₰Pf ₱P ₲G ₳A ₴UAH ₵C| ₶L ₷Sm ₸T ₹Rs ₺L ₻M ₼m ₽R ₾l
        ₿BTC ℀␣a/c␣ ℁␣a/s␣ ℅␣c/o␣ ℆␣c/u␣ №No.␣ ℗(p) ℠(sm) ℟R/ ℣V/ ℮e ℲF ⅎF ⅍A/S ℇ ℏ ℵ ℶ ℷ ℸ ℼ ℽ ℾ ℿ ⅟␣1/ ↀ(D ↁD) ↂ((|)) Ↄ) ↉␣0/3␣
        −- ∕/ ∖\ ∗* ∣| ∶: ∼~ ≤<= ≥>= ≦<= ≧>= ⌃^ 〈< 〉>␣ ⩴::= ⩵== ⩶=== ⟦[ ⟨< ⟩>␣ ⦃{ ⦄}␣
        ⸮? ⸺---- ⸻------
        ✱* ❘| ❜' ❝" ❞" ❟, ❠,, ❢! 🙰et 🙱et 🙲et 🙳et 🙴& 🙵& 🙶" 🙷" 🙸,, 🙹!? 🙺!? 🙻!? ♯# ︣~
        """#

    private static let shapes = #"""
        ↜~ ↝~ ↶^ ↷V ↸\ ↹= ↺V ↻^ ⇄= ⇆= ⇇= ⇉= ⇋= ⇌= ⇖\ ⇗/ ⇘\ ⇙/ ⇚= ⇛= ⇜~ ⇝~ ⇱\ ⇲\
        ╱/ ╲\ ╳X ▔- ▕| ◯O
        ♔white␣king ♕white␣queen ♖white␣rook ♗white␣bishop ♘white␣knight ♙white␣pawn ♚black␣king ♛black␣queen ♜black␣rook
        ♝black␣bishop ♞black␣knight ♟black␣pawn ♡hearts ♢diamonds ♤spades ♧clubs
        🄪<S> 🅪(mc) 🅫(md) 🅬(mr) 🆐DJ 🆛[3D] 🆜[2nd-Scr] 🆝[2K] 🆞[4K] 🆟[8K] 🆠[5.1] 🆡[7.1] 🆢[22.2] 🆣[60P] 🆤[120P] 🆥[d]
        🆦[HC] 🆧[HDR] 🆨[Hi-res] 🆩[Lossless] 🆪[SHV] 🆫[UHD] 🆬[VOD] 🆭(m) ⓫11 ⓬12 ⓭13 ⓮14 ⓯15 ⓰16 ⓱17 ⓲18 ⓳19 ⓴20 ⓵1 ⓶2 ⓷3
        ⓸4 ⓹5 ⓺6 ⓻7 ⓼8 ⓽9 ⓾10 ⓿0
        """#

    private static let asian = #"""
        、,␣ 。.␣ 〃" 〄[JIS] 々" 〆/ 〇0 〈< 〉>␣ 《<< 》>>␣ 「[ 」]␣ 『{ 』}␣ 【[( 】)]␣ 〒@ 〓X␣ 〔[ 〕]␣ 〖[[ 〗]]␣ 〘(( 〙))␣
        〚[[ 〛]]␣ 〜~␣ 〝`` 〞'' 〟,, 〠@ 〡1 〢2 〣3 〤4 〥5 〦6 〧7 〨8 〩9 〱+ 〲+ 〳+ 〴+ 〶@ 〷␣//␣ 〸+10+ 〹+20+ 〺+30+ ゝ" ゞ" ゠= ・* ー- ヽ" ヾ"
        ︰.. ︱-- ︲- ︳_ ︴_ ︵( ︶)␣ ︷{ ︸}␣ ︹[ ︺]␣ ︻[( ︼)]␣ ︽<< ︾>>␣ ︿< ﹀>␣ ﹁[ ﹂]␣ ﹃{ ﹄} ﹑, ﹝{ ﹞} ﹇ ﹈ ﹍ ﹎ ﹏ ﹘- ﭏEL ௦0
        ｡.␣ ｢[ ｣]␣ ､,␣ ･* ｰ- ￠C/ ￡PS ￢! ￣␣ ￤| ￥Y= ￦W ￨| ￩- ￪| ￫- ￬| ￭# ￮*
        ㉂<< ㉃>> ㉿KIS␣ ㋏LTD ㋓u ㋿ ㈝ ㈞ ㉐ ㉼ ㉽ ㉾ ㎅kB ㍱hPa ㍲da ㍴bar ㍵oV ㍻Heisei ㍼Syouwa ㍽Taisyou ㍾Meiji ㍿Inc. ㏂a.m. ㏆C/kg ㏇Co. ㏍K.K.
        ㏗pH ㏘p.m.
        """#
}
