// Made by scripts/make_emoji_names.py; change it there.

/// Short names of emoji where they differ from the character's name, without the selector U+FE0F.
///
/// The names are from Unicode's emoji-test.txt 15.0, © 2022 Unicode, Inc., used under the Unicode licence
/// (https://www.unicode.org/license.txt).
enum EmojiNames {
    static let exceptional: [Unicode.Scalar: String] = {
        var names: [Unicode.Scalar: String] = [:]
        // By scalars: a skin tone would form one character with the space before it.
        for entry in list.unicodeScalars.split(whereSeparator: \.properties.isWhitespace) {
            if let emoji = entry.first { names[emoji] = String(entry.dropFirst()) }
        }
        return names
    }()

    /// An emoji followed by its name.
    private static let list = """
        ©copyright ®registered ™trade_mark ℹinformation ↔left-right_arrow ↕up-down_arrow ↖up-left_arrow
        ↗up-right_arrow ↘down-right_arrow ↙down-left_arrow ↩right_arrow_curving_left
        ↪left_arrow_curving_right ⌛hourglass_done ⏏eject_button ⏩fast-forward_button ⏪fast_reverse_button
        ⏫fast_up_button ⏬fast_down_button ⏭next_track_button ⏮last_track_button ⏯play_or_pause_button
        ⏳hourglass_not_done ⏸pause_button ⏹stop_button ⏺record_button Ⓜcircled_M ▶play_button
        ◀reverse_button ◽white_medium-small_square ◾black_medium-small_square ☀sun ☎telephone
        ☑check_box_with_check ☝index_pointing_up ☢radioactive ☣biohazard ☹frowning_face ☺smiling_face
        ♏Scorpio ♟chess_pawn ♠spade_suit ♣club_suit ♥heart_suit ♦diamond_suit ♻recycling_symbol ♾infinity
        ⚕medical_symbol ⚖balance_scale ⚠warning ⚡high_voltage ⚧transgender_symbol ⚪white_circle
        ⚫black_circle ⛈cloud_with_lightning_and_rain ⛑rescue_worker’s_helmet ⛹person_bouncing_ball ✂scissors
        ✅check_mark_button ✔check_mark ✖multiply ✳eight-spoked_asterisk ✴eight-pointed_star
        ❎cross_mark_button ❓red_question_mark ❔white_question_mark ❕white_exclamation_mark
        ❗red_exclamation_mark ❣heart_exclamation ❤red_heart ➕plus ➖minus ➗divide ➡right_arrow
        ⤴right_arrow_curving_up ⤵right_arrow_curving_down ⬅left_arrow ⬆up_arrow ⬇down_arrow ⭐star
        ⭕hollow_red_circle ㊗Japanese_congratulations_button ㊙Japanese_secret_button 🀄mahjong_red_dragon
        🃏joker 🅰A_button_(blood_type) 🅱B_button_(blood_type) 🅾O_button_(blood_type) 🅿P_button
        🆎AB_button_(blood_type) 🆑CL_button 🆒COOL_button 🆓FREE_button 🆔ID_button 🆕NEW_button 🆖NG_button
        🆗OK_button 🆘SOS_button 🆙UP!_button 🆚VS_button 🈁Japanese_here_button 🈂Japanese_service_charge_button
        🈚Japanese_free_of_charge_button 🈯Japanese_reserved_button 🈲Japanese_prohibited_button
        🈳Japanese_vacancy_button 🈴Japanese_passing_grade_button 🈵Japanese_no_vacancy_button
        🈶Japanese_not_free_of_charge_button 🈷Japanese_monthly_amount_button 🈸Japanese_application_button
        🈹Japanese_discount_button 🈺Japanese_open_for_business_button 🉐Japanese_bargain_button
        🉑Japanese_acceptable_button 🌇sunset 🌍globe_showing_Europe-Africa 🌎globe_showing_Americas
        🌏globe_showing_Asia-Australia 🌑new_moon 🌒waxing_crescent_moon 🌓first_quarter_moon
        🌔waxing_gibbous_moon 🌕full_moon 🌖waning_gibbous_moon 🌗last_quarter_moon 🌘waning_crescent_moon
        🌚new_moon_face 🌛first_quarter_moon_face 🌜last_quarter_moon_face 🌝full_moon_face
        🌤sun_behind_small_cloud 🌥sun_behind_large_cloud 🌦sun_behind_rain_cloud 🌪tornado 🌬wind_face
        🌽ear_of_corn 🌾sheaf_of_rice 🍆eggplant 🍕pizza 🍛curry_rice 🍥fish_cake_with_swirl 🍶sake 🎁wrapped_gift
        🎅Santa_Claus 🎇sparkler 🎒backpack 🎣fishing_pole 🎯bullseye 🎱pool_8_ball 🎶musical_notes 🎽running_shirt
        🎾tennis 🎿skis 🏀basketball 🏃person_running 🏄person_surfing 🏊person_swimming 🏋person_lifting_weights
        🏌person_golfing 🏍motorcycle 🏏cricket_game 🏑field_hockey 🏒ice_hockey 🏓ping_pong 🏔snow-capped_mountain
        🏘houses 🏚derelict_house 🏠house 🏤post_office 🏧ATM_sign 🏮red_paper_lantern 🏰castle 🏳white_flag
        🏴black_flag 🏸badminton 🏻light_skin_tone 🏼medium-light_skin_tone 🏽medium_skin_tone
        🏾medium-dark_skin_tone 🏿dark_skin_tone 🐑ewe 🐪camel 🐫two-hump_camel 🐸frog 🐹hamster 🐺wolf 🐻bear 🐼panda
        👆backhand_index_pointing_up 👇backhand_index_pointing_down 👈backhand_index_pointing_left
        👉backhand_index_pointing_right 👊oncoming_fist 👋waving_hand 👌OK_hand 👍thumbs_up 👎thumbs_down
        👏clapping_hands 👐open_hands 👒woman’s_hat 👓glasses 👚woman’s_clothes 👝clutch_bag 👞man’s_shoe
        👟running_shoe 👡woman’s_sandal 👢woman’s_boot 👫woman_and_man_holding_hands 👬men_holding_hands
        👭women_holding_hands 👯people_with_bunny_ears 👰person_with_veil 👱person_blond_hair
        👲person_with_skullcap 👳person_wearing_turban 👴old_man 👵old_woman 👹ogre 👺goblin 👽alien
        👿angry_face_with_horns 💁person_tipping_hand 💂guard 💃woman_dancing 💆person_getting_massage
        💇person_getting_haircut 💠diamond_with_a_dot 💡light_bulb 💤ZZZ 💥collision 💦sweat_droplets
        💨dashing_away 💫dizzy 💯hundred_points 💴yen_banknote 💵dollar_banknote 💶euro_banknote 💷pound_banknote
        💹chart_increasing_with_yen 💻laptop 💽computer_disk 💿optical_disk 📈chart_increasing 📉chart_decreasing
        📢loudspeaker 📣megaphone 📧e-mail 📩envelope_with_arrow 📲mobile_phone_with_arrow 📶antenna_bars
        🔀shuffle_tracks_button 🔁repeat_button 🔂repeat_single_button 🔃clockwise_vertical_arrows
        🔄counterclockwise_arrows_button 🔅dim_button 🔆bright_button 🔇muted_speaker 🔈speaker_low_volume
        🔉speaker_medium_volume 🔊speaker_high_volume 🔍magnifying_glass_tilted_left
        🔎magnifying_glass_tilted_right 🔏locked_with_pen 🔐locked_with_key 🔒locked 🔓unlocked 🔕bell_with_slash
        🔗link 🔙BACK_arrow 🔚END_arrow 🔛ON!_arrow 🔜SOON_arrow 🔝TOP_arrow 🔞no_one_under_eighteen 🔟keycap_10
        🔠input_latin_uppercase 🔡input_latin_lowercase 🔢input_numbers 🔣input_symbols 🔤input_latin_letters
        🔦flashlight 🔪kitchen_knife 🔫water_pistol 🔯dotted_six-pointed_star 🔴red_circle 🔵blue_circle
        🔺red_triangle_pointed_up 🔻red_triangle_pointed_down 🔼upwards_button 🔽downwards_button 🕉om 🕊dove
        🕎menorah 🕐one_o’clock 🕑two_o’clock 🕒three_o’clock 🕓four_o’clock 🕔five_o’clock 🕕six_o’clock
        🕖seven_o’clock 🕗eight_o’clock 🕘nine_o’clock 🕙ten_o’clock 🕚eleven_o’clock 🕛twelve_o’clock 🕜one-thirty
        🕝two-thirty 🕞three-thirty 🕟four-thirty 🕠five-thirty 🕡six-thirty 🕢seven-thirty 🕣eight-thirty
        🕤nine-thirty 🕥ten-thirty 🕦eleven-thirty 🕧twelve-thirty 🕴person_in_suit_levitating 🕵detective
        🕶sunglasses 🖊pen 🖋fountain_pen 🖌paintbrush 🖍crayon 🖐hand_with_fingers_splayed 🖕middle_finger
        🖖vulcan_salute 🖱computer_mouse 🖼framed_picture 🗒spiral_notepad 🗓spiral_calendar 🗜clamp 🗡dagger
        🗣speaking_head 🗾map_of_Japan 🗿moai 😁beaming_face_with_smiling_eyes 😃grinning_face_with_big_eyes
        😄grinning_face_with_smiling_eyes 😅grinning_face_with_sweat 😆grinning_squinting_face
        😋face_savoring_food 😍smiling_face_with_heart-eyes 😓downcast_face_with_sweat 😘face_blowing_a_kiss
        😛face_with_tongue 😜winking_face_with_tongue 😝squinting_face_with_tongue 😡enraged_face
        😤face_with_steam_from_nose 😥sad_but_relieved_face 😰anxious_face_with_sweat
        😵face_with_crossed-out_eyes 😸grinning_cat_with_smiling_eyes 😹cat_with_tears_of_joy 😺grinning_cat
        😻smiling_cat_with_heart-eyes 😼cat_with_wry_smile 😽kissing_cat 😾pouting_cat 😿crying_cat 🙀weary_cat
        🙅person_gesturing_NO 🙆person_gesturing_OK 🙇person_bowing 🙋person_raising_hand 🙌raising_hands
        🙎person_pouting 🙏folded_hands 🚂locomotive 🚅bullet_train 🚙sport_utility_vehicle 🚣person_rowing_boat
        🚧construction 🚨police_car_light 🚩triangular_flag 🚫prohibited 🚬cigarette 🚭no_smoking
        🚮litter_in_bin_sign 🚯no_littering 🚰potable_water 🚱non-potable_water 🚴person_biking
        🚵person_mountain_biking 🚶person_walking 🚹men’s_room 🚺women’s_room 🛀person_taking_bath 🛌person_in_bed
        🛑stop_sign 🛒shopping_cart 🛜wireless 🛬airplane_arrival 🛴kick_scooter 🟠orange_circle 🟡yellow_circle
        🟢green_circle 🟣purple_circle 🟤brown_circle 🟥red_square 🟦blue_square 🟧orange_square 🟨yellow_square
        🟩green_square 🟪purple_square 🟫brown_square 🤖robot 🤗smiling_face_with_open_hands 🤞crossed_fingers
        🤟love-you_gesture 🤠cowboy_hat_face 🤦person_facepalming 🤨face_with_raised_eyebrow 🤩star-struck
        🤪zany_face 🤫shushing_face 🤬face_with_symbols_on_mouth 🤭face_with_hand_over_mouth 🤮face_vomiting
        🤯exploding_head 🤵person_in_tuxedo 🤶Mrs._Claus 🤷person_shrugging 🤸person_cartwheeling
        🤹person_juggling 🤺person_fencing 🤼people_wrestling 🤽person_playing_water_polo
        🤾person_playing_handball 🥁drum 🥇1st_place_medal 🥈2nd_place_medal 🥉3rd_place_medal 🥍lacrosse
        🥝kiwi_fruit 🥰smiling_face_with_hearts 🥳partying_face 🥴woozy_face 🥵hot_face 🥶cold_face 🥺pleading_face
        🦁lion 🦄unicorn 🦊fox 🦒giraffe 🦓zebra 🦯white_cane 🦰red_hair 🦱curly_hair 🦲bald 🦳white_hair 🧂salt 🧉mate
        🧊ice 🧍person_standing 🧎person_kneeling 🧑person 🧓older_person 🧔person_beard 🧕woman_with_headscarf
        🧧red_envelope 🧩puzzle_piece 🧬dna 🧵thread 🧶yarn 🧼soap 🩵light_blue_heart 🩶grey_heart 🩷pink_heart
        🪅piñata 🪇maracas 🪈flute 🪭folding_hand_fan 🪮hair_pick 🪯khanda 🪻hyacinth 🪼jellyfish 🪽wing 🪿goose
        🫎moose 🫏donkey 🫚ginger_root 🫛pea_pod 🫨shaking_face 🫷leftwards_pushing_hand 🫸rightwards_pushing_hand
        """
}
