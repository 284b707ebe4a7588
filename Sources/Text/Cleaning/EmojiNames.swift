// Made by scripts/make_emoji_names.py; change it there.

/// Names of emoji, without skin tones.
///
/// From the Python package emoji 2.16.0, © 2014-2026 Taehoon Kim, Kevin Wurster, under the BSD licence; the names are
/// from Unicode's CLDR, © Unicode, Inc., under the Unicode licence (https://www.unicode.org/license.txt).
enum EmojiNames {
    /// An emoji, in which each selector U+FE0F may be missing, and its name. Before the name + stands for each person
    /// that may have a skin tone, ! if each must have one, / if two must differ.
    static let list = """
        #️⃣ keycap_# *️⃣ keycap_* 0️⃣ keycap_0 1️⃣ keycap_1 2️⃣ keycap_2 3️⃣ keycap_3 4️⃣ keycap_4 5️⃣ keycap_5 6️⃣
        keycap_6 7️⃣ keycap_7 8️⃣ keycap_8 9️⃣ keycap_9 ©️ copyright ®️ registered ‼️ double_exclamation_mark ⁉️
        exclamation_question_mark ™️ trade_mark ℹ️ information ↔️ left-right_arrow ↕️ up-down_arrow ↖️ up-left_arrow
        ↗️ up-right_arrow ↘️ down-right_arrow ↙️ down-left_arrow ↩️ right_arrow_curving_left ↪️
        left_arrow_curving_right ⌚ watch ⌛ hourglass_done ⌨️ keyboard ⏏️ eject_button ⏩ fast-forward_button ⏪
        fast_reverse_button ⏫ fast_up_button ⏬ fast_down_button ⏭️ next_track_button ⏮️ last_track_button ⏯️
        play_or_pause_button ⏰ alarm_clock ⏱️ stopwatch ⏲️ timer_clock ⏳ hourglass_not_done ⏸️ pause_button ⏹️
        stop_button ⏺️ record_button Ⓜ️ circled_M ▪️ black_small_square ▫️ white_small_square ▶️ play_button ◀️
        reverse_button ◻️ white_medium_square ◼️ black_medium_square ◽ white_medium-small_square ◾
        black_medium-small_square ☀️ sun ☁️ cloud ☂️ umbrella ☃️ snowman ☄️ comet ☎️ telephone ☑️
        check_box_with_check ☔ umbrella_with_rain_drops ☕ hot_beverage ☘️ shamrock ☝️ +index_pointing_up ☠️
        skull_and_crossbones ☢️ radioactive ☣️ biohazard ☦️ orthodox_cross ☪️ star_and_crescent ☮️ peace_symbol ☯️
        yin_yang ☸️ wheel_of_dharma ☹️ frowning_face ☺️ smiling_face ♀️ female_sign ♂️ male_sign ♈ Aries ♉ Taurus ♊
        Gemini ♋ Cancer ♌ Leo ♍ Virgo ♎ Libra ♏ Scorpio ♐ Sagittarius ♑ Capricorn ♒ Aquarius ♓ Pisces ♟️ chess_pawn
        ♠️ spade_suit ♣️ club_suit ♥️ heart_suit ♦️ diamond_suit ♨️ hot_springs ♻️ recycling_symbol ♾️ infinity ♿
        wheelchair_symbol ⚒️ hammer_and_pick ⚓ anchor ⚔️ crossed_swords ⚕️ medical_symbol ⚖️ balance_scale ⚗️
        alembic ⚙️ gear ⚛️ atom_symbol ⚜️ fleur-de-lis ⚠️ warning ⚡ high_voltage ⚧️ transgender_symbol ⚪
        white_circle ⚫ black_circle ⚰️ coffin ⚱️ funeral_urn ⚽ soccer_ball ⚾ baseball ⛄ snowman_without_snow ⛅
        sun_behind_cloud ⛈️ cloud_with_lightning_and_rain ⛎ Ophiuchus ⛏️ pick ⛑️ rescue_worker’s_helmet ⛓️ chains
        ⛓️‍💥 broken_chain ⛔ no_entry ⛩️ shinto_shrine ⛪ church ⛰️ mountain ⛱️ umbrella_on_ground ⛲ fountain ⛳
        flag_in_hole ⛴️ ferry ⛵ sailboat ⛷️ skier ⛸️ ice_skate ⛹️ +person_bouncing_ball ⛹️‍♀️ +woman_bouncing_ball
        ⛹️‍♂️ +man_bouncing_ball ⛺ tent ⛽ fuel_pump ✂️ scissors ✅ check_mark_button ✈️ airplane ✉️ envelope ✊
        +raised_fist ✋ +raised_hand ✌️ +victory_hand ✍️ +writing_hand ✏️ pencil ✒️ black_nib ✔️ check_mark ✖️
        multiply ✝️ latin_cross ✡️ star_of_David ✨ sparkles ✳️ eight-spoked_asterisk ✴️ eight-pointed_star ❄️
        snowflake ❇️ sparkle ❌ cross_mark ❎ cross_mark_button ❓ red_question_mark ❔ white_question_mark ❕
        white_exclamation_mark ❗ red_exclamation_mark ❣️ heart_exclamation ❤️ red_heart ❤️‍🔥 heart_on_fire ❤️‍🩹
        mending_heart ➕ plus ➖ minus ➗ divide ➡️ right_arrow ➰ curly_loop ➿ double_curly_loop ⤴️
        right_arrow_curving_up ⤵️ right_arrow_curving_down ⬅️ left_arrow ⬆️ up_arrow ⬇️ down_arrow ⬛
        black_large_square ⬜ white_large_square ⭐ star ⭕ hollow_red_circle 〰️ wavy_dash 〽️ part_alternation_mark ㊗️
        Japanese_congratulations_button ㊙️ Japanese_secret_button 🀄 mahjong_red_dragon 🃏 joker 🅰️
        A_button_(blood_type) 🅱️ B_button_(blood_type) 🅾️ O_button_(blood_type) 🅿️ P_button 🆎 AB_button_(blood_type)
        🆑 CL_button 🆒 COOL_button 🆓 FREE_button 🆔 ID_button 🆕 NEW_button 🆖 NG_button 🆗 OK_button 🆘 SOS_button 🆙
        UP!_button 🆚 VS_button 🇦🇨 Ascension_Island 🇦🇩 Andorra 🇦🇪 United_Arab_Emirates 🇦🇫 Afghanistan 🇦🇬
        Antigua_&_Barbuda 🇦🇮 Anguilla 🇦🇱 Albania 🇦🇲 Armenia 🇦🇴 Angola 🇦🇶 Antarctica 🇦🇷 Argentina 🇦🇸 American_Samoa
        🇦🇹 Austria 🇦🇺 Australia 🇦🇼 Aruba 🇦🇽 Åland_Islands 🇦🇿 Azerbaijan 🇧🇦 Bosnia_&_Herzegovina 🇧🇧 Barbados 🇧🇩
        Bangladesh 🇧🇪 Belgium 🇧🇫 Burkina_Faso 🇧🇬 Bulgaria 🇧🇭 Bahrain 🇧🇮 Burundi 🇧🇯 Benin 🇧🇱 St._Barthélemy 🇧🇲
        Bermuda 🇧🇳 Brunei 🇧🇴 Bolivia 🇧🇶 Caribbean_Netherlands 🇧🇷 Brazil 🇧🇸 Bahamas 🇧🇹 Bhutan 🇧🇻 Bouvet_Island 🇧🇼
        Botswana 🇧🇾 Belarus 🇧🇿 Belize 🇨🇦 Canada 🇨🇨 Cocos_(Keeling)_Islands 🇨🇩 Congo-Kinshasa 🇨🇫
        Central_African_Republic 🇨🇬 Congo-Brazzaville 🇨🇭 Switzerland 🇨🇮 Côte_d’Ivoire 🇨🇰 Cook_Islands 🇨🇱 Chile 🇨🇲
        Cameroon 🇨🇳 China 🇨🇴 Colombia 🇨🇵 Clipperton_Island 🇨🇶 Sark 🇨🇷 Costa_Rica 🇨🇺 Cuba 🇨🇻 Cape_Verde 🇨🇼 Curaçao 🇨🇽
        Christmas_Island 🇨🇾 Cyprus 🇨🇿 Czechia 🇩🇪 Germany 🇩🇬 Diego_Garcia 🇩🇯 Djibouti 🇩🇰 Denmark 🇩🇲 Dominica 🇩🇴
        Dominican_Republic 🇩🇿 Algeria 🇪🇦 Ceuta_&_Melilla 🇪🇨 Ecuador 🇪🇪 Estonia 🇪🇬 Egypt 🇪🇭 Western_Sahara 🇪🇷 Eritrea
        🇪🇸 Spain 🇪🇹 Ethiopia 🇪🇺 European_Union 🇫🇮 Finland 🇫🇯 Fiji 🇫🇰 Falkland_Islands 🇫🇲 Micronesia 🇫🇴 Faroe_Islands
        🇫🇷 France 🇬🇦 Gabon 🇬🇧 United_Kingdom 🇬🇩 Grenada 🇬🇪 Georgia 🇬🇫 French_Guiana 🇬🇬 Guernsey 🇬🇭 Ghana 🇬🇮
        Gibraltar 🇬🇱 Greenland 🇬🇲 Gambia 🇬🇳 Guinea 🇬🇵 Guadeloupe 🇬🇶 Equatorial_Guinea 🇬🇷 Greece 🇬🇸
        South_Georgia_&_South_Sandwich_Islands 🇬🇹 Guatemala 🇬🇺 Guam 🇬🇼 Guinea-Bissau 🇬🇾 Guyana 🇭🇰
        Hong_Kong_SAR_China 🇭🇲 Heard_Island_&_McDonald_Islands 🇭🇳 Honduras 🇭🇷 Croatia 🇭🇹 Haiti 🇭🇺 Hungary 🇮🇨
        Canary_Islands 🇮🇩 Indonesia 🇮🇪 Ireland 🇮🇱 Israel 🇮🇲 Isle_of_Man 🇮🇳 India 🇮🇴 British_Indian_Ocean_Territory
        🇮🇶 Iraq 🇮🇷 Iran 🇮🇸 Iceland 🇮🇹 Italy 🇯🇪 Jersey 🇯🇲 Jamaica 🇯🇴 Jordan 🇯🇵 Japan 🇰🇪 Kenya 🇰🇬 Kyrgyzstan 🇰🇭
        Cambodia 🇰🇮 Kiribati 🇰🇲 Comoros 🇰🇳 St._Kitts_&_Nevis 🇰🇵 North_Korea 🇰🇷 South_Korea 🇰🇼 Kuwait 🇰🇾
        Cayman_Islands 🇰🇿 Kazakhstan 🇱🇦 Laos 🇱🇧 Lebanon 🇱🇨 St._Lucia 🇱🇮 Liechtenstein 🇱🇰 Sri_Lanka 🇱🇷 Liberia 🇱🇸
        Lesotho 🇱🇹 Lithuania 🇱🇺 Luxembourg 🇱🇻 Latvia 🇱🇾 Libya 🇲🇦 Morocco 🇲🇨 Monaco 🇲🇩 Moldova 🇲🇪 Montenegro 🇲🇫
        St._Martin 🇲🇬 Madagascar 🇲🇭 Marshall_Islands 🇲🇰 North_Macedonia 🇲🇱 Mali 🇲🇲 Myanmar_(Burma) 🇲🇳 Mongolia 🇲🇴
        Macao_SAR_China 🇲🇵 Northern_Mariana_Islands 🇲🇶 Martinique 🇲🇷 Mauritania 🇲🇸 Montserrat 🇲🇹 Malta 🇲🇺 Mauritius
        🇲🇻 Maldives 🇲🇼 Malawi 🇲🇽 Mexico 🇲🇾 Malaysia 🇲🇿 Mozambique 🇳🇦 Namibia 🇳🇨 New_Caledonia 🇳🇪 Niger 🇳🇫
        Norfolk_Island 🇳🇬 Nigeria 🇳🇮 Nicaragua 🇳🇱 Netherlands 🇳🇴 Norway 🇳🇵 Nepal 🇳🇷 Nauru 🇳🇺 Niue 🇳🇿 New_Zealand 🇴🇲
        Oman 🇵🇦 Panama 🇵🇪 Peru 🇵🇫 French_Polynesia 🇵🇬 Papua_New_Guinea 🇵🇭 Philippines 🇵🇰 Pakistan 🇵🇱 Poland 🇵🇲
        St._Pierre_&_Miquelon 🇵🇳 Pitcairn_Islands 🇵🇷 Puerto_Rico 🇵🇸 Palestinian_Territories 🇵🇹 Portugal 🇵🇼 Palau 🇵🇾
        Paraguay 🇶🇦 Qatar 🇷🇪 Réunion 🇷🇴 Romania 🇷🇸 Serbia 🇷🇺 Russia 🇷🇼 Rwanda 🇸🇦 Saudi_Arabia 🇸🇧 Solomon_Islands 🇸🇨
        Seychelles 🇸🇩 Sudan 🇸🇪 Sweden 🇸🇬 Singapore 🇸🇭 St._Helena_Ascension_&_Tristan_da_Cunha 🇸🇮 Slovenia 🇸🇯
        Svalbard_&_Jan_Mayen 🇸🇰 Slovakia 🇸🇱 Sierra_Leone 🇸🇲 San_Marino 🇸🇳 Senegal 🇸🇴 Somalia 🇸🇷 Suriname 🇸🇸
        South_Sudan 🇸🇹 São_Tomé_&_Príncipe 🇸🇻 El_Salvador 🇸🇽 Sint_Maarten 🇸🇾 Syria 🇸🇿 Eswatini 🇹🇦 Tristan_da_Cunha
        🇹🇨 Turks_&_Caicos_Islands 🇹🇩 Chad 🇹🇫 French_Southern_and_Antarctic_Lands 🇹🇬 Togo 🇹🇭 Thailand 🇹🇯 Tajikistan
        🇹🇰 Tokelau 🇹🇱 Timor-Leste 🇹🇲 Turkmenistan 🇹🇳 Tunisia 🇹🇴 Tonga 🇹🇷 Türkiye 🇹🇹 Trinidad_&_Tobago 🇹🇻 Tuvalu 🇹🇼
        Taiwan 🇹🇿 Tanzania 🇺🇦 Ukraine 🇺🇬 Uganda 🇺🇲 U.S._Outlying_Islands 🇺🇳 United_Nations 🇺🇸 United_States 🇺🇾
        Uruguay 🇺🇿 Uzbekistan 🇻🇦 Vatican_City 🇻🇨 St._Vincent_&_Grenadines 🇻🇪 Venezuela 🇻🇬 British_Virgin_Islands 🇻🇮
        U.S._Virgin_Islands 🇻🇳 Vietnam 🇻🇺 Vanuatu 🇼🇫 Wallis_&_Futuna 🇼🇸 Samoa 🇽🇰 Kosovo 🇾🇪 Yemen 🇾🇹 Mayotte 🇿🇦
        South_Africa 🇿🇲 Zambia 🇿🇼 Zimbabwe 🈁 Japanese_here_button 🈂️ Japanese_service_charge_button 🈚
        Japanese_free_of_charge_button 🈯 Japanese_reserved_button 🈲 Japanese_prohibited_button 🈳
        Japanese_vacancy_button 🈴 Japanese_passing_grade_button 🈵 Japanese_no_vacancy_button 🈶
        Japanese_not_free_of_charge_button 🈷️ Japanese_monthly_amount_button 🈸 Japanese_application_button 🈹
        Japanese_discount_button 🈺 Japanese_open_for_business_button 🉐 Japanese_bargain_button 🉑
        Japanese_acceptable_button 🌀 cyclone 🌁 foggy 🌂 closed_umbrella 🌃 night_with_stars 🌄 sunrise_over_mountains 🌅
        sunrise 🌆 cityscape_at_dusk 🌇 sunset 🌈 rainbow 🌉 bridge_at_night 🌊 water_wave 🌋 volcano 🌌 milky_way 🌍
        globe_showing_Europe-Africa 🌎 globe_showing_Americas 🌏 globe_showing_Asia-Australia 🌐 globe_with_meridians 🌑
        new_moon 🌒 waxing_crescent_moon 🌓 first_quarter_moon 🌔 waxing_gibbous_moon 🌕 full_moon 🌖 waning_gibbous_moon
        🌗 last_quarter_moon 🌘 waning_crescent_moon 🌙 crescent_moon 🌚 new_moon_face 🌛 first_quarter_moon_face 🌜
        last_quarter_moon_face 🌝 full_moon_face 🌞 sun_with_face 🌟 glowing_star 🌠 shooting_star 🌡️ thermometer 🌤️
        sun_behind_small_cloud 🌥️ sun_behind_large_cloud 🌦️ sun_behind_rain_cloud 🌧️ cloud_with_rain 🌨️
        cloud_with_snow 🌩️ cloud_with_lightning 🌪️ tornado 🌫️ fog 🌬️ wind_face 🌭 hot_dog 🌮 taco 🌯 burrito 🌰 chestnut
        🌱 seedling 🌲 evergreen_tree 🌳 deciduous_tree 🌴 palm_tree 🌵 cactus 🌶️ hot_pepper 🌷 tulip 🌸 cherry_blossom 🌹
        rose 🌺 hibiscus 🌻 sunflower 🌼 blossom 🌽 ear_of_corn 🌾 sheaf_of_rice 🌿 herb 🍀 four_leaf_clover 🍁 maple_leaf 🍂
        fallen_leaf 🍃 leaf_fluttering_in_wind 🍄 mushroom 🍄‍🟫 brown_mushroom 🍅 tomato 🍆 eggplant 🍇 grapes 🍈 melon 🍉
        watermelon 🍊 tangerine 🍋 lemon 🍋‍🟩 lime 🍌 banana 🍍 pineapple 🍎 red_apple 🍏 green_apple 🍐 pear 🍑 peach 🍒
        cherries 🍓 strawberry 🍔 hamburger 🍕 pizza 🍖 meat_on_bone 🍗 poultry_leg 🍘 rice_cracker 🍙 rice_ball 🍚
        cooked_rice 🍛 curry_rice 🍜 steaming_bowl 🍝 spaghetti 🍞 bread 🍟 french_fries 🍠 roasted_sweet_potato 🍡 dango 🍢
        oden 🍣 sushi 🍤 fried_shrimp 🍥 fish_cake_with_swirl 🍦 soft_ice_cream 🍧 shaved_ice 🍨 ice_cream 🍩 doughnut 🍪
        cookie 🍫 chocolate_bar 🍬 candy 🍭 lollipop 🍮 custard 🍯 honey_pot 🍰 shortcake 🍱 bento_box 🍲 pot_of_food 🍳
        cooking 🍴 fork_and_knife 🍵 teacup_without_handle 🍶 sake 🍷 wine_glass 🍸 cocktail_glass 🍹 tropical_drink 🍺
        beer_mug 🍻 clinking_beer_mugs 🍼 baby_bottle 🍽️ fork_and_knife_with_plate 🍾 bottle_with_popping_cork 🍿
        popcorn 🎀 ribbon 🎁 wrapped_gift 🎂 birthday_cake 🎃 jack-o-lantern 🎄 Christmas_tree 🎅 +Santa_Claus 🎆 fireworks
        🎇 sparkler 🎈 balloon 🎉 party_popper 🎊 confetti_ball 🎋 tanabata_tree 🎌 crossed_flags 🎍 pine_decoration 🎎
        Japanese_dolls 🎏 carp_streamer 🎐 wind_chime 🎑 moon_viewing_ceremony 🎒 backpack 🎓 graduation_cap 🎖️
        military_medal 🎗️ reminder_ribbon 🎙️ studio_microphone 🎚️ level_slider 🎛️ control_knobs 🎞️ film_frames 🎟️
        admission_tickets 🎠 carousel_horse 🎡 ferris_wheel 🎢 roller_coaster 🎣 fishing_pole 🎤 microphone 🎥
        movie_camera 🎦 cinema 🎧 headphone 🎨 artist_palette 🎩 top_hat 🎪 circus_tent 🎫 ticket 🎬 clapper_board 🎭
        performing_arts 🎮 video_game 🎯 bullseye 🎰 slot_machine 🎱 pool_8_ball 🎲 game_die 🎳 bowling 🎴
        flower_playing_cards 🎵 musical_note 🎶 musical_notes 🎷 saxophone 🎸 guitar 🎹 musical_keyboard 🎺 trumpet 🎻
        violin 🎼 musical_score 🎽 running_shirt 🎾 tennis 🎿 skis 🏀 basketball 🏁 chequered_flag 🏂 +snowboarder 🏃
        +person_running 🏃‍♀️ +woman_running 🏃‍♀️‍➡️ +woman_running_facing_right 🏃‍♂️ +man_running 🏃‍♂️‍➡️
        +man_running_facing_right 🏃‍➡️ +person_running_facing_right 🏄 +person_surfing 🏄‍♀️ +woman_surfing 🏄‍♂️
        +man_surfing 🏅 sports_medal 🏆 trophy 🏇 +horse_racing 🏈 american_football 🏉 rugby_football 🏊 +person_swimming
        🏊‍♀️ +woman_swimming 🏊‍♂️ +man_swimming 🏋️ +person_lifting_weights 🏋️‍♀️ +woman_lifting_weights 🏋️‍♂️
        +man_lifting_weights 🏌️ +person_golfing 🏌️‍♀️ +woman_golfing 🏌️‍♂️ +man_golfing 🏍️ motorcycle 🏎️ racing_car
        🏏 cricket_game 🏐 volleyball 🏑 field_hockey 🏒 ice_hockey 🏓 ping_pong 🏔️ snow-capped_mountain 🏕️ camping 🏖️
        beach_with_umbrella 🏗️ building_construction 🏘️ houses 🏙️ cityscape 🏚️ derelict_house 🏛️ classical_building
        🏜️ desert 🏝️ desert_island 🏞️ national_park 🏟️ stadium 🏠 house 🏡 house_with_garden 🏢 office_building 🏣
        Japanese_post_office 🏤 post_office 🏥 hospital 🏦 bank 🏧 ATM_sign 🏨 hotel 🏩 love_hotel 🏪 convenience_store 🏫
        school 🏬 department_store 🏭 factory 🏮 red_paper_lantern 🏯 Japanese_castle 🏰 castle 🏳️ white_flag 🏳️‍⚧️
        transgender_flag 🏳️‍🌈 rainbow_flag 🏴 black_flag 🏴‍☠️ pirate_flag 🏴󠁧󠁢󠁥󠁮󠁧󠁿 England 🏴󠁧󠁢󠁳󠁣󠁴󠁿 Scotland 🏴󠁧󠁢󠁷󠁬󠁳󠁿
        Wales 🏵️ rosette 🏷️ label 🏸 badminton 🏹 bow_and_arrow 🏺 amphora 🏻 light_skin_tone 🏼 medium-light_skin_tone 🏽
        medium_skin_tone 🏾 medium-dark_skin_tone 🏿 dark_skin_tone 🐀 rat 🐁 mouse 🐂 ox 🐃 water_buffalo 🐄 cow 🐅 tiger 🐆
        leopard 🐇 rabbit 🐈 cat 🐈‍⬛ black_cat 🐉 dragon 🐊 crocodile 🐋 whale 🐌 snail 🐍 snake 🐎 horse 🐏 ram 🐐 goat 🐑 ewe
        🐒 monkey 🐓 rooster 🐔 chicken 🐕 dog 🐕‍🦺 service_dog 🐖 pig 🐗 boar 🐘 elephant 🐙 octopus 🐚 spiral_shell 🐛 bug 🐜
        ant 🐝 honeybee 🐞 lady_beetle 🐟 fish 🐠 tropical_fish 🐡 blowfish 🐢 turtle 🐣 hatching_chick 🐤 baby_chick 🐥
        front-facing_baby_chick 🐦 bird 🐦‍⬛ black_bird 🐦‍🔥 phoenix 🐧 penguin 🐨 koala 🐩 poodle 🐪 camel 🐫
        two-hump_camel 🐬 dolphin 🐭 mouse_face 🐮 cow_face 🐯 tiger_face 🐰 rabbit_face 🐱 cat_face 🐲 dragon_face 🐳
        spouting_whale 🐴 horse_face 🐵 monkey_face 🐶 dog_face 🐷 pig_face 🐸 frog 🐹 hamster 🐺 wolf 🐻 bear 🐻‍❄️
        polar_bear 🐼 panda 🐽 pig_nose 🐾 paw_prints 🐿️ chipmunk 👀 eyes 👁️ eye 👁️‍🗨️ eye_in_speech_bubble 👂 +ear 👃
        +nose 👄 mouth 👅 tongue 👆 +backhand_index_pointing_up 👇 +backhand_index_pointing_down 👈
        +backhand_index_pointing_left 👉 +backhand_index_pointing_right 👊 +oncoming_fist 👋 +waving_hand 👌 +OK_hand 👍
        +thumbs_up 👎 +thumbs_down 👏 +clapping_hands 👐 +open_hands 👑 crown 👒 woman’s_hat 👓 glasses 👔 necktie 👕
        t-shirt 👖 jeans 👗 dress 👘 kimono 👙 bikini 👚 woman’s_clothes 👛 purse 👜 handbag 👝 clutch_bag 👞 man’s_shoe 👟
        running_shoe 👠 high-heeled_shoe 👡 woman’s_sandal 👢 woman’s_boot 👣 footprints 👤 bust_in_silhouette 👥
        busts_in_silhouette 👦 +boy 👧 +girl 👨 +man 👨‍⚕️ +man_health_worker 👨‍⚖️ +man_judge 👨‍✈️ +man_pilot 👨‍❤️‍👨
        ++couple_with_heart_man_man 👨‍❤️‍💋‍👨 ++kiss_man_man 👨‍🌾 +man_farmer 👨‍🍳 +man_cook 👨‍🍼 +man_feeding_baby 👨‍🎓
        +man_student 👨‍🎤 +man_singer 👨‍🎨 +man_artist 👨‍🏫 +man_teacher 👨‍🏭 +man_factory_worker 👨‍🐰‍👨
        !++/men_with_bunny_ears 👨‍👦 family_man_boy 👨‍👦‍👦 family_man_boy_boy 👨‍👧 family_man_girl 👨‍👧‍👦
        family_man_girl_boy 👨‍👧‍👧 family_man_girl_girl 👨‍👨‍👦 family_man_man_boy 👨‍👨‍👦‍👦 family_man_man_boy_boy 👨‍👨‍👧
        family_man_man_girl 👨‍👨‍👧‍👦 family_man_man_girl_boy 👨‍👨‍👧‍👧 family_man_man_girl_girl 👨‍👩‍👦
        family_man_woman_boy 👨‍👩‍👦‍👦 family_man_woman_boy_boy 👨‍👩‍👧 family_man_woman_girl 👨‍👩‍👧‍👦
        family_man_woman_girl_boy 👨‍👩‍👧‍👧 family_man_woman_girl_girl 👨‍💻 +man_technologist 👨‍💼 +man_office_worker
        👨‍🔧 +man_mechanic 👨‍🔬 +man_scientist 👨‍🚀 +man_astronaut 👨‍🚒 +man_firefighter 👨‍🤝‍👨 !++/men_holding_hands 👨‍🦯
        +man_with_white_cane 👨‍🦯‍➡️ +man_with_white_cane_facing_right 👨‍🦰 +man_red_hair 👨‍🦱 +man_curly_hair 👨‍🦲
        +man_bald 👨‍🦳 +man_white_hair 👨‍🦼 +man_in_motorized_wheelchair 👨‍🦼‍➡️
        +man_in_motorized_wheelchair_facing_right 👨‍🦽 +man_in_manual_wheelchair 👨‍🦽‍➡️
        +man_in_manual_wheelchair_facing_right 👨‍🫯‍👨 !++/men_wrestling 👩 +woman 👩‍⚕️ +woman_health_worker 👩‍⚖️
        +woman_judge 👩‍✈️ +woman_pilot 👩‍❤️‍👨 ++couple_with_heart_woman_man 👩‍❤️‍👩 ++couple_with_heart_woman_woman
        👩‍❤️‍💋‍👨 ++kiss_woman_man 👩‍❤️‍💋‍👩 ++kiss_woman_woman 👩‍🌾 +woman_farmer 👩‍🍳 +woman_cook 👩‍🍼
        +woman_feeding_baby 👩‍🎓 +woman_student 👩‍🎤 +woman_singer 👩‍🎨 +woman_artist 👩‍🏫 +woman_teacher 👩‍🏭
        +woman_factory_worker 👩‍🐰‍👩 !++/women_with_bunny_ears 👩‍👦 family_woman_boy 👩‍👦‍👦 family_woman_boy_boy 👩‍👧
        family_woman_girl 👩‍👧‍👦 family_woman_girl_boy 👩‍👧‍👧 family_woman_girl_girl 👩‍👩‍👦 family_woman_woman_boy
        👩‍👩‍👦‍👦 family_woman_woman_boy_boy 👩‍👩‍👧 family_woman_woman_girl 👩‍👩‍👧‍👦 family_woman_woman_girl_boy 👩‍👩‍👧‍👧
        family_woman_woman_girl_girl 👩‍💻 +woman_technologist 👩‍💼 +woman_office_worker 👩‍🔧 +woman_mechanic 👩‍🔬
        +woman_scientist 👩‍🚀 +woman_astronaut 👩‍🚒 +woman_firefighter 👩‍🤝‍👨 !++/woman_and_man_holding_hands 👩‍🤝‍👩
        !++/women_holding_hands 👩‍🦯 +woman_with_white_cane 👩‍🦯‍➡️ +woman_with_white_cane_facing_right 👩‍🦰
        +woman_red_hair 👩‍🦱 +woman_curly_hair 👩‍🦲 +woman_bald 👩‍🦳 +woman_white_hair 👩‍🦼
        +woman_in_motorized_wheelchair 👩‍🦼‍➡️ +woman_in_motorized_wheelchair_facing_right 👩‍🦽
        +woman_in_manual_wheelchair 👩‍🦽‍➡️ +woman_in_manual_wheelchair_facing_right 👩‍🫯‍👩 !++/women_wrestling 👪
        family 👫 +woman_and_man_holding_hands 👬 +men_holding_hands 👭 +women_holding_hands 👮 +police_officer 👮‍♀️
        +woman_police_officer 👮‍♂️ +man_police_officer 👯 +people_with_bunny_ears 👯‍♀️ +women_with_bunny_ears 👯‍♂️
        +men_with_bunny_ears 👰 +person_with_veil 👰‍♀️ +woman_with_veil 👰‍♂️ +man_with_veil 👱 +person_blond_hair 👱‍♀️
        +woman_blond_hair 👱‍♂️ +man_blond_hair 👲 +person_with_skullcap 👳 +person_wearing_turban 👳‍♀️
        +woman_wearing_turban 👳‍♂️ +man_wearing_turban 👴 +old_man 👵 +old_woman 👶 +baby 👷 +construction_worker 👷‍♀️
        +woman_construction_worker 👷‍♂️ +man_construction_worker 👸 +princess 👹 ogre 👺 goblin 👻 ghost 👼 +baby_angel 👽
        alien 👾 alien_monster 👿 angry_face_with_horns 💀 skull 💁 +person_tipping_hand 💁‍♀️ +woman_tipping_hand 💁‍♂️
        +man_tipping_hand 💂 +guard 💂‍♀️ +woman_guard 💂‍♂️ +man_guard 💃 +woman_dancing 💄 lipstick 💅 +nail_polish 💆
        +person_getting_massage 💆‍♀️ +woman_getting_massage 💆‍♂️ +man_getting_massage 💇 +person_getting_haircut 💇‍♀️
        +woman_getting_haircut 💇‍♂️ +man_getting_haircut 💈 barber_pole 💉 syringe 💊 pill 💋 kiss_mark 💌 love_letter 💍
        ring 💎 gem_stone 💏 +kiss 💐 bouquet 💑 +couple_with_heart 💒 wedding 💓 beating_heart 💔 broken_heart 💕
        two_hearts 💖 sparkling_heart 💗 growing_heart 💘 heart_with_arrow 💙 blue_heart 💚 green_heart 💛 yellow_heart 💜
        purple_heart 💝 heart_with_ribbon 💞 revolving_hearts 💟 heart_decoration 💠 diamond_with_a_dot 💡 light_bulb 💢
        anger_symbol 💣 bomb 💤 ZZZ 💥 collision 💦 sweat_droplets 💧 droplet 💨 dashing_away 💩 pile_of_poo 💪
        +flexed_biceps 💫 dizzy 💬 speech_balloon 💭 thought_balloon 💮 white_flower 💯 hundred_points 💰 money_bag 💱
        currency_exchange 💲 heavy_dollar_sign 💳 credit_card 💴 yen_banknote 💵 dollar_banknote 💶 euro_banknote 💷
        pound_banknote 💸 money_with_wings 💹 chart_increasing_with_yen 💺 seat 💻 laptop 💼 briefcase 💽 computer_disk 💾
        floppy_disk 💿 optical_disk 📀 dvd 📁 file_folder 📂 open_file_folder 📃 page_with_curl 📄 page_facing_up 📅
        calendar 📆 tear-off_calendar 📇 card_index 📈 chart_increasing 📉 chart_decreasing 📊 bar_chart 📋 clipboard 📌
        pushpin 📍 round_pushpin 📎 paperclip 📏 straight_ruler 📐 triangular_ruler 📑 bookmark_tabs 📒 ledger 📓 notebook
        📔 notebook_with_decorative_cover 📕 closed_book 📖 open_book 📗 green_book 📘 blue_book 📙 orange_book 📚 books 📛
        name_badge 📜 scroll 📝 memo 📞 telephone_receiver 📟 pager 📠 fax_machine 📡 satellite_antenna 📢 loudspeaker 📣
        megaphone 📤 outbox_tray 📥 inbox_tray 📦 package 📧 e-mail 📨 incoming_envelope 📩 envelope_with_arrow 📪
        closed_mailbox_with_lowered_flag 📫 closed_mailbox_with_raised_flag 📬 open_mailbox_with_raised_flag 📭
        open_mailbox_with_lowered_flag 📮 postbox 📯 postal_horn 📰 newspaper 📱 mobile_phone 📲 mobile_phone_with_arrow
        📳 vibration_mode 📴 mobile_phone_off 📵 no_mobile_phones 📶 antenna_bars 📷 camera 📸 camera_with_flash 📹
        video_camera 📺 television 📻 radio 📼 videocassette 📽️ film_projector 📿 prayer_beads 🔀 shuffle_tracks_button 🔁
        repeat_button 🔂 repeat_single_button 🔃 clockwise_vertical_arrows 🔄 counterclockwise_arrows_button 🔅
        dim_button 🔆 bright_button 🔇 muted_speaker 🔈 speaker_low_volume 🔉 speaker_medium_volume 🔊
        speaker_high_volume 🔋 battery 🔌 electric_plug 🔍 magnifying_glass_tilted_left 🔎 magnifying_glass_tilted_right
        🔏 locked_with_pen 🔐 locked_with_key 🔑 key 🔒 locked 🔓 unlocked 🔔 bell 🔕 bell_with_slash 🔖 bookmark 🔗 link 🔘
        radio_button 🔙 BACK_arrow 🔚 END_arrow 🔛 ON!_arrow 🔜 SOON_arrow 🔝 TOP_arrow 🔞 no_one_under_eighteen 🔟
        keycap_10 🔠 input_latin_uppercase 🔡 input_latin_lowercase 🔢 input_numbers 🔣 input_symbols 🔤
        input_latin_letters 🔥 fire 🔦 flashlight 🔧 wrench 🔨 hammer 🔩 nut_and_bolt 🔪 kitchen_knife 🔫 water_pistol 🔬
        microscope 🔭 telescope 🔮 crystal_ball 🔯 dotted_six-pointed_star 🔰 Japanese_symbol_for_beginner 🔱
        trident_emblem 🔲 black_square_button 🔳 white_square_button 🔴 red_circle 🔵 blue_circle 🔶 large_orange_diamond
        🔷 large_blue_diamond 🔸 small_orange_diamond 🔹 small_blue_diamond 🔺 red_triangle_pointed_up 🔻
        red_triangle_pointed_down 🔼 upwards_button 🔽 downwards_button 🕉️ om 🕊️ dove 🕋 kaaba 🕌 mosque 🕍 synagogue 🕎
        menorah 🕐 one_o’clock 🕑 two_o’clock 🕒 three_o’clock 🕓 four_o’clock 🕔 five_o’clock 🕕 six_o’clock 🕖
        seven_o’clock 🕗 eight_o’clock 🕘 nine_o’clock 🕙 ten_o’clock 🕚 eleven_o’clock 🕛 twelve_o’clock 🕜 one-thirty 🕝
        two-thirty 🕞 three-thirty 🕟 four-thirty 🕠 five-thirty 🕡 six-thirty 🕢 seven-thirty 🕣 eight-thirty 🕤
        nine-thirty 🕥 ten-thirty 🕦 eleven-thirty 🕧 twelve-thirty 🕯️ candle 🕰️ mantelpiece_clock 🕳️ hole 🕴️
        +person_in_suit_levitating 🕵️ +detective 🕵️‍♀️ +woman_detective 🕵️‍♂️ +man_detective 🕶️ sunglasses 🕷️ spider
        🕸️ spider_web 🕹️ joystick 🕺 +man_dancing 🖇️ linked_paperclips 🖊️ pen 🖋️ fountain_pen 🖌️ paintbrush 🖍️ crayon
        🖐️ +hand_with_fingers_splayed 🖕 +middle_finger 🖖 +vulcan_salute 🖤 black_heart 🖥️ desktop_computer 🖨️ printer
        🖱️ computer_mouse 🖲️ trackball 🖼️ framed_picture 🗂️ card_index_dividers 🗃️ card_file_box 🗄️ file_cabinet 🗑️
        wastebasket 🗒️ spiral_notepad 🗓️ spiral_calendar 🗜️ clamp 🗝️ old_key 🗞️ rolled-up_newspaper 🗡️ dagger 🗣️
        speaking_head 🗨️ left_speech_bubble 🗯️ right_anger_bubble 🗳️ ballot_box_with_ballot 🗺️ world_map 🗻
        mount_fuji 🗼 Tokyo_tower 🗽 Statue_of_Liberty 🗾 map_of_Japan 🗿 moai 😀 grinning_face 😁
        beaming_face_with_smiling_eyes 😂 face_with_tears_of_joy 😃 grinning_face_with_big_eyes 😄
        grinning_face_with_smiling_eyes 😅 grinning_face_with_sweat 😆 grinning_squinting_face 😇
        smiling_face_with_halo 😈 smiling_face_with_horns 😉 winking_face 😊 smiling_face_with_smiling_eyes 😋
        face_savoring_food 😌 relieved_face 😍 smiling_face_with_heart-eyes 😎 smiling_face_with_sunglasses 😏
        smirking_face 😐 neutral_face 😑 expressionless_face 😒 unamused_face 😓 downcast_face_with_sweat 😔 pensive_face
        😕 confused_face 😖 confounded_face 😗 kissing_face 😘 face_blowing_a_kiss 😙 kissing_face_with_smiling_eyes 😚
        kissing_face_with_closed_eyes 😛 face_with_tongue 😜 winking_face_with_tongue 😝 squinting_face_with_tongue 😞
        disappointed_face 😟 worried_face 😠 angry_face 😡 enraged_face 😢 crying_face 😣 persevering_face 😤
        face_with_steam_from_nose 😥 sad_but_relieved_face 😦 frowning_face_with_open_mouth 😧 anguished_face 😨
        fearful_face 😩 weary_face 😪 sleepy_face 😫 tired_face 😬 grimacing_face 😭 loudly_crying_face 😮
        face_with_open_mouth 😮‍💨 face_exhaling 😯 hushed_face 😰 anxious_face_with_sweat 😱 face_screaming_in_fear 😲
        astonished_face 😳 flushed_face 😴 sleeping_face 😵 face_with_crossed-out_eyes 😵‍💫 face_with_spiral_eyes 😶
        face_without_mouth 😶‍🌫️ face_in_clouds 😷 face_with_medical_mask 😸 grinning_cat_with_smiling_eyes 😹
        cat_with_tears_of_joy 😺 grinning_cat 😻 smiling_cat_with_heart-eyes 😼 cat_with_wry_smile 😽 kissing_cat 😾
        pouting_cat 😿 crying_cat 🙀 weary_cat 🙁 slightly_frowning_face 🙂 slightly_smiling_face 🙂‍↔️
        head_shaking_horizontally 🙂‍↕️ head_shaking_vertically 🙃 upside-down_face 🙄 face_with_rolling_eyes 🙅
        +person_gesturing_NO 🙅‍♀️ +woman_gesturing_NO 🙅‍♂️ +man_gesturing_NO 🙆 +person_gesturing_OK 🙆‍♀️
        +woman_gesturing_OK 🙆‍♂️ +man_gesturing_OK 🙇 +person_bowing 🙇‍♀️ +woman_bowing 🙇‍♂️ +man_bowing 🙈
        see-no-evil_monkey 🙉 hear-no-evil_monkey 🙊 speak-no-evil_monkey 🙋 +person_raising_hand 🙋‍♀️
        +woman_raising_hand 🙋‍♂️ +man_raising_hand 🙌 +raising_hands 🙍 +person_frowning 🙍‍♀️ +woman_frowning 🙍‍♂️
        +man_frowning 🙎 +person_pouting 🙎‍♀️ +woman_pouting 🙎‍♂️ +man_pouting 🙏 +folded_hands 🚀 rocket 🚁 helicopter
        🚂 locomotive 🚃 railway_car 🚄 high-speed_train 🚅 bullet_train 🚆 train 🚇 metro 🚈 light_rail 🚉 station 🚊 tram 🚋
        tram_car 🚌 bus 🚍 oncoming_bus 🚎 trolleybus 🚏 bus_stop 🚐 minibus 🚑 ambulance 🚒 fire_engine 🚓 police_car 🚔
        oncoming_police_car 🚕 taxi 🚖 oncoming_taxi 🚗 automobile 🚘 oncoming_automobile 🚙 sport_utility_vehicle 🚚
        delivery_truck 🚛 articulated_lorry 🚜 tractor 🚝 monorail 🚞 mountain_railway 🚟 suspension_railway 🚠
        mountain_cableway 🚡 aerial_tramway 🚢 ship 🚣 +person_rowing_boat 🚣‍♀️ +woman_rowing_boat 🚣‍♂️
        +man_rowing_boat 🚤 speedboat 🚥 horizontal_traffic_light 🚦 vertical_traffic_light 🚧 construction 🚨
        police_car_light 🚩 triangular_flag 🚪 door 🚫 prohibited 🚬 cigarette 🚭 no_smoking 🚮 litter_in_bin_sign 🚯
        no_littering 🚰 potable_water 🚱 non-potable_water 🚲 bicycle 🚳 no_bicycles 🚴 +person_biking 🚴‍♀️ +woman_biking
        🚴‍♂️ +man_biking 🚵 +person_mountain_biking 🚵‍♀️ +woman_mountain_biking 🚵‍♂️ +man_mountain_biking 🚶
        +person_walking 🚶‍♀️ +woman_walking 🚶‍♀️‍➡️ +woman_walking_facing_right 🚶‍♂️ +man_walking 🚶‍♂️‍➡️
        +man_walking_facing_right 🚶‍➡️ +person_walking_facing_right 🚷 no_pedestrians 🚸 children_crossing 🚹
        men’s_room 🚺 women’s_room 🚻 restroom 🚼 baby_symbol 🚽 toilet 🚾 water_closet 🚿 shower 🛀 +person_taking_bath 🛁
        bathtub 🛂 passport_control 🛃 customs 🛄 baggage_claim 🛅 left_luggage 🛋️ couch_and_lamp 🛌 +person_in_bed 🛍️
        shopping_bags 🛎️ bellhop_bell 🛏️ bed 🛐 place_of_worship 🛑 stop_sign 🛒 shopping_cart 🛕 hindu_temple 🛖 hut 🛗
        elevator 🛘 landslide 🛙 lighthouse 🛜 wireless 🛝 playground_slide 🛞 wheel 🛟 ring_buoy 🛠️ hammer_and_wrench 🛡️
        shield 🛢️ oil_drum 🛣️ motorway 🛤️ railway_track 🛥️ motor_boat 🛩️ small_airplane 🛫 airplane_departure 🛬
        airplane_arrival 🛰️ satellite 🛳️ passenger_ship 🛴 kick_scooter 🛵 motor_scooter 🛶 canoe 🛷 sled 🛸
        flying_saucer 🛹 skateboard 🛺 auto_rickshaw 🛻 pickup_truck 🛼 roller_skate 🟠 orange_circle 🟡 yellow_circle 🟢
        green_circle 🟣 purple_circle 🟤 brown_circle 🟥 red_square 🟦 blue_square 🟧 orange_square 🟨 yellow_square 🟩
        green_square 🟪 purple_square 🟫 brown_square 🟰 heavy_equals_sign 🤌 +pinched_fingers 🤍 white_heart 🤎
        brown_heart 🤏 +pinching_hand 🤐 zipper-mouth_face 🤑 money-mouth_face 🤒 face_with_thermometer 🤓 nerd_face 🤔
        thinking_face 🤕 face_with_head-bandage 🤖 robot 🤗 smiling_face_with_open_hands 🤘 +sign_of_the_horns 🤙
        +call_me_hand 🤚 +raised_back_of_hand 🤛 +left-facing_fist 🤜 +right-facing_fist 🤝 +handshake 🤞
        +crossed_fingers 🤟 +love-you_gesture 🤠 cowboy_hat_face 🤡 clown_face 🤢 nauseated_face 🤣
        rolling_on_the_floor_laughing 🤤 drooling_face 🤥 lying_face 🤦 +person_facepalming 🤦‍♀️ +woman_facepalming
        🤦‍♂️ +man_facepalming 🤧 sneezing_face 🤨 face_with_raised_eyebrow 🤩 star-struck 🤪 zany_face 🤫 shushing_face 🤬
        face_with_symbols_on_mouth 🤭 face_with_hand_over_mouth 🤮 face_vomiting 🤯 exploding_head 🤰 +pregnant_woman 🤱
        +breast-feeding 🤲 +palms_up_together 🤳 +selfie 🤴 +prince 🤵 +person_in_tuxedo 🤵‍♀️ +woman_in_tuxedo 🤵‍♂️
        +man_in_tuxedo 🤶 +Mrs._Claus 🤷 +person_shrugging 🤷‍♀️ +woman_shrugging 🤷‍♂️ +man_shrugging 🤸
        +person_cartwheeling 🤸‍♀️ +woman_cartwheeling 🤸‍♂️ +man_cartwheeling 🤹 +person_juggling 🤹‍♀️ +woman_juggling
        🤹‍♂️ +man_juggling 🤺 person_fencing 🤼 +people_wrestling 🤼‍♀️ +women_wrestling 🤼‍♂️ +men_wrestling 🤽
        +person_playing_water_polo 🤽‍♀️ +woman_playing_water_polo 🤽‍♂️ +man_playing_water_polo 🤾
        +person_playing_handball 🤾‍♀️ +woman_playing_handball 🤾‍♂️ +man_playing_handball 🤿 diving_mask 🥀
        wilted_flower 🥁 drum 🥂 clinking_glasses 🥃 tumbler_glass 🥄 spoon 🥅 goal_net 🥇 1st_place_medal 🥈
        2nd_place_medal 🥉 3rd_place_medal 🥊 boxing_glove 🥋 martial_arts_uniform 🥌 curling_stone 🥍 lacrosse 🥎
        softball 🥏 flying_disc 🥐 croissant 🥑 avocado 🥒 cucumber 🥓 bacon 🥔 potato 🥕 carrot 🥖 baguette_bread 🥗
        green_salad 🥘 shallow_pan_of_food 🥙 stuffed_flatbread 🥚 egg 🥛 glass_of_milk 🥜 peanuts 🥝 kiwi_fruit 🥞
        pancakes 🥟 dumpling 🥠 fortune_cookie 🥡 takeout_box 🥢 chopsticks 🥣 bowl_with_spoon 🥤 cup_with_straw 🥥 coconut
        🥦 broccoli 🥧 pie 🥨 pretzel 🥩 cut_of_meat 🥪 sandwich 🥫 canned_food 🥬 leafy_green 🥭 mango 🥮 moon_cake 🥯 bagel
        🥰 smiling_face_with_hearts 🥱 yawning_face 🥲 smiling_face_with_tear 🥳 partying_face 🥴 woozy_face 🥵 hot_face 🥶
        cold_face 🥷 +ninja 🥸 disguised_face 🥹 face_holding_back_tears 🥺 pleading_face 🥻 sari 🥼 lab_coat 🥽 goggles 🥾
        hiking_boot 🥿 flat_shoe 🦀 crab 🦁 lion 🦂 scorpion 🦃 turkey 🦄 unicorn 🦅 eagle 🦆 duck 🦇 bat 🦈 shark 🦉 owl 🦊 fox
        🦋 butterfly 🦌 deer 🦍 gorilla 🦎 lizard 🦏 rhinoceros 🦐 shrimp 🦑 squid 🦒 giraffe 🦓 zebra 🦔 hedgehog 🦕 sauropod
        🦖 T-Rex 🦗 cricket 🦘 kangaroo 🦙 llama 🦚 peacock 🦛 hippopotamus 🦜 parrot 🦝 raccoon 🦞 lobster 🦟 mosquito 🦠
        microbe 🦡 badger 🦢 swan 🦣 mammoth 🦤 dodo 🦥 sloth 🦦 otter 🦧 orangutan 🦨 skunk 🦩 flamingo 🦪 oyster 🦫 beaver 🦬
        bison 🦭 seal 🦮 guide_dog 🦯 white_cane 🦰 red_hair 🦱 curly_hair 🦲 bald 🦳 white_hair 🦴 bone 🦵 +leg 🦶 +foot 🦷
        tooth 🦸 +superhero 🦸‍♀️ +woman_superhero 🦸‍♂️ +man_superhero 🦹 +supervillain 🦹‍♀️ +woman_supervillain 🦹‍♂️
        +man_supervillain 🦺 safety_vest 🦻 +ear_with_hearing_aid 🦼 motorized_wheelchair 🦽 manual_wheelchair 🦾
        mechanical_arm 🦿 mechanical_leg 🧀 cheese_wedge 🧁 cupcake 🧂 salt 🧃 beverage_box 🧄 garlic 🧅 onion 🧆 falafel 🧇
        waffle 🧈 butter 🧉 mate 🧊 ice 🧋 bubble_tea 🧌 troll 🧍 +person_standing 🧍‍♀️ +woman_standing 🧍‍♂️ +man_standing
        🧎 +person_kneeling 🧎‍♀️ +woman_kneeling 🧎‍♀️‍➡️ +woman_kneeling_facing_right 🧎‍♂️ +man_kneeling 🧎‍♂️‍➡️
        +man_kneeling_facing_right 🧎‍➡️ +person_kneeling_facing_right 🧏 +deaf_person 🧏‍♀️ +deaf_woman 🧏‍♂️ +deaf_man
        🧐 face_with_monocle 🧑 +person 🧑‍⚕️ +health_worker 🧑‍⚖️ +judge 🧑‍✈️ +pilot 🧑‍❤️‍💋‍🧑 !++/kiss_person_person
        🧑‍❤️‍🧑 !++/couple_with_heart_person_person 🧑‍🌾 +farmer 🧑‍🍳 +cook 🧑‍🍼 +person_feeding_baby 🧑‍🎄 +Mx_Claus 🧑‍🎓
        +student 🧑‍🎤 +singer 🧑‍🎨 +artist 🧑‍🏫 +teacher 🧑‍🏭 +factory_worker 🧑‍🐰‍🧑 !++/people_with_bunny_ears 🧑‍💻
        +technologist 🧑‍💼 +office_worker 🧑‍🔧 +mechanic 🧑‍🔬 +scientist 🧑‍🚀 +astronaut 🧑‍🚒 +firefighter 🧑‍🤝‍🧑
        ++people_holding_hands 🧑‍🦯 +person_with_white_cane 🧑‍🦯‍➡️ +person_with_white_cane_facing_right 🧑‍🦰
        +person_red_hair 🧑‍🦱 +person_curly_hair 🧑‍🦲 +person_bald 🧑‍🦳 +person_white_hair 🧑‍🦼
        +person_in_motorized_wheelchair 🧑‍🦼‍➡️ +person_in_motorized_wheelchair_facing_right 🧑‍🦽
        +person_in_manual_wheelchair 🧑‍🦽‍➡️ +person_in_manual_wheelchair_facing_right 🧑‍🧑‍🧒 family_adult_adult_child
        🧑‍🧑‍🧒‍🧒 family_adult_adult_child_child 🧑‍🧒 family_adult_child 🧑‍🧒‍🧒 family_adult_child_child 🧑‍🩰
        +ballet_dancer 🧑‍🫯‍🧑 !++/people_wrestling 🧒 +child 🧓 +older_person 🧔 +person_beard 🧔‍♀️ +woman_beard 🧔‍♂️
        +man_beard 🧕 +woman_with_headscarf 🧖 +person_in_steamy_room 🧖‍♀️ +woman_in_steamy_room 🧖‍♂️
        +man_in_steamy_room 🧗 +person_climbing 🧗‍♀️ +woman_climbing 🧗‍♂️ +man_climbing 🧘 +person_in_lotus_position
        🧘‍♀️ +woman_in_lotus_position 🧘‍♂️ +man_in_lotus_position 🧙 +mage 🧙‍♀️ +woman_mage 🧙‍♂️ +man_mage 🧚 +fairy
        🧚‍♀️ +woman_fairy 🧚‍♂️ +man_fairy 🧛 +vampire 🧛‍♀️ +woman_vampire 🧛‍♂️ +man_vampire 🧜 +merperson 🧜‍♀️
        +mermaid 🧜‍♂️ +merman 🧝 +elf 🧝‍♀️ +woman_elf 🧝‍♂️ +man_elf 🧞 genie 🧞‍♀️ woman_genie 🧞‍♂️ man_genie 🧟 zombie
        🧟‍♀️ woman_zombie 🧟‍♂️ man_zombie 🧠 brain 🧡 orange_heart 🧢 billed_cap 🧣 scarf 🧤 gloves 🧥 coat 🧦 socks 🧧
        red_envelope 🧨 firecracker 🧩 puzzle_piece 🧪 test_tube 🧫 petri_dish 🧬 dna 🧭 compass 🧮 abacus 🧯
        fire_extinguisher 🧰 toolbox 🧱 brick 🧲 magnet 🧳 luggage 🧴 lotion_bottle 🧵 thread 🧶 yarn 🧷 safety_pin 🧸
        teddy_bear 🧹 broom 🧺 basket 🧻 roll_of_paper 🧼 soap 🧽 sponge 🧾 receipt 🧿 nazar_amulet 🩰 ballet_shoes 🩱
        one-piece_swimsuit 🩲 briefs 🩳 shorts 🩴 thong_sandal 🩵 light_blue_heart 🩶 grey_heart 🩷 pink_heart 🩸
        drop_of_blood 🩹 adhesive_bandage 🩺 stethoscope 🩻 x-ray 🩼 crutch 🪀 yo-yo 🪁 kite 🪂 parachute 🪃 boomerang 🪄
        magic_wand 🪅 piñata 🪆 nesting_dolls 🪇 maracas 🪈 flute 🪉 harp 🪊 trombone 🪋 meteor 🪌 eraser 🪍 net_with_handle
        🪎 treasure_chest 🪏 shovel 🪐 ringed_planet 🪑 chair 🪒 razor 🪓 axe 🪔 diya_lamp 🪕 banjo 🪖 military_helmet 🪗
        accordion 🪘 long_drum 🪙 coin 🪚 carpentry_saw 🪛 screwdriver 🪜 ladder 🪝 hook 🪞 mirror 🪟 window 🪠 plunger 🪡
        sewing_needle 🪢 knot 🪣 bucket 🪤 mouse_trap 🪥 toothbrush 🪦 headstone 🪧 placard 🪨 rock 🪩 mirror_ball 🪪
        identification_card 🪫 low_battery 🪬 hamsa 🪭 folding_hand_fan 🪮 hair_pick 🪯 khanda 🪰 fly 🪱 worm 🪲 beetle 🪳
        cockroach 🪴 potted_plant 🪵 wood 🪶 feather 🪷 lotus 🪸 coral 🪹 empty_nest 🪺 nest_with_eggs 🪻 hyacinth 🪼
        jellyfish 🪽 wing 🪾 leafless_tree 🪿 goose 🫀 anatomical_heart 🫁 lungs 🫂 people_hugging 🫃 +pregnant_man 🫄
        +pregnant_person 🫅 +person_with_crown 🫆 fingerprint 🫈 hairy_creature 🫌 monarch_butterfly 🫍 orca 🫎 moose 🫏
        donkey 🫐 blueberries 🫑 bell_pepper 🫒 olive 🫓 flatbread 🫔 tamale 🫕 fondue 🫖 teapot 🫗 pouring_liquid 🫘 beans 🫙
        jar 🫚 ginger_root 🫛 pea_pod 🫜 root_vegetable 🫝 pickle 🫟 splatter 🫠 melting_face 🫡 saluting_face 🫢
        face_with_open_eyes_and_hand_over_mouth 🫣 face_with_peeking_eye 🫤 face_with_diagonal_mouth 🫥
        dotted_line_face 🫦 biting_lip 🫧 bubbles 🫨 shaking_face 🫩 face_with_bags_under_eyes 🫪 distorted_face 🫫
        cracking_face 🫯 fight_cloud 🫰 +hand_with_index_finger_and_thumb_crossed 🫱 +rightwards_hand 🫱‍🫲 !++/handshake
        🫲 +leftwards_hand 🫳 +palm_down_hand 🫴 +palm_up_hand 🫵 +index_pointing_at_the_viewer 🫶 +heart_hands 🫷
        +leftwards_pushing_hand 🫸 +rightwards_pushing_hand 🫹 +leftwards_thumb_sign 🫺 +rightwards_thumb_sign
        """
}
