//! The themes against their design: roles, contrast, depths.

use super::{depth::luminance, file::Cell, *};

/// The roles as they were designed: 16 colours / 256 / true colour, then the lower contrast of the last two.
const DESIGNED: &str = "
text | Reset / default / default | Reset / default / default | White / 231 / #ffffff 21.0 | White / 254 / #e6e6e6 14.5
muted | Reset / 248 / #a8a8a8 5.9 | Reset / 59 / #5c5c5c 5.5 | White / 252 / #d0d0d0 13.6 | White / 145 / #a9b1ba 8.4
accent | Cyan / 75 / #6cb6ff 6.0 | Blue / 25 / #0550ae 5.6 | LightCyan / 117 / #8fd3ff 12.9 | LightCyan / 75 / #7cc0f4 8.0
rule | Reset / 244 / #7a7f87 3.5 | Reset / 244 / #808080 3.4 | White / 145 / #b0b0b0 9.6 | Gray / 244 / #78818c 4.7
mark | Magenta / 183 / #d7afff 7.6 | Magenta / 92 / #6f3bb8 6.0 | LightMagenta / 219 / #ffb3ff 12.8 | White / 231 / #ffffff 18.5
you | Yellow / 221 / #ffdf5f 10.1 | Magenta / 90 / #86007d 7.6 | LightYellow / 226 / #ffff00 19.6 | LightYellow / 184 / #f0e442 12.0
ok | Green / 79 / #4fd1b5 7.4 | Reset / 23 / #006650 6.0 | LightGreen / 86 / #5ff0d0 14.9 | LightCyan / 74 / #56b4e9 7.6
bad | Red / 210 / #ff8a80 6.0 | Red / 124 / #b00020 6.3 | LightRed / 217 / #ff9d9d 10.6 | Yellow / 202 / #e8762c 6.1
caution | Yellow / 215 / #f5a742 7.0 | Magenta / 94 / #7d4e00 4.9 | LightYellow / 214 / #ffc24d 11.4 | LightYellow / 222 / #ffd9a0 13.5
info | Reset / 110 / #9fb8c8 6.1 | Reset / 24 / #3f5a6b 6.1 | White / 153 / #c0e4f5 14.0 | White / 251 / #b4c4d2 10.4
pending | Reset / default / default | Reset / default / default | White / 231 / #ffffff 21.0 | White / 254 / #e6e6e6 14.5
running | Cyan / 81 / #5fd7ff 8.4 | Blue / 24 / #00587a 6.1 | LightCyan / 87 / #66ffff 17.2 | LightCyan / 117 / #a8e4ff 11.6
change | Reset / 111 / #86a8ff 6.0 | Blue / 61 / #2f49a8 4.8 | White / 111 / #9db8ff 9.6 | LightBlue / 75 / #6aa5ee 7.2
release | Magenta / 225 / #f0c6ff 9.5 | Magenta / 91 / #8f2fb4 5.6 | LightMagenta / 225 / #ffd0ff 15.7 | White / 188 / #e2d6c4 12.9
maint | Green / 108 / #7fae8c 5.6 | Blue / 29 / #3f7f5f 3.9 | LightGreen / 115 / #8fd8a8 12.4 | LightBlue / 67 / #5d8fb0 4.9
freeze | Magenta / 175 / #e08fc4 5.3 | Red / 126 / #a8328c 5.2 | LightMagenta / 212 / #ff9be8 9.7 | Yellow / 173 / #d98f5a 6.6
now | Reset / default / default | Reset / default / default | White / 231 / #ffffff 21.0 | White / 231 / #ffffff 18.5
";

fn designed() -> Vec<(Role, [String; 4])> {
    let rows: Vec<_> = DESIGNED
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            let mut cells = line.split(" | ").map(str::to_owned);
            let name = cells.next().unwrap();
            let role = *Role::ALL.iter().find(|role| role.name() == name).unwrap();
            (role, [(); 4].map(|()| cells.next().unwrap()))
        })
        .collect();
    assert_eq!(rows.len(), Role::ALL.len());
    rows
}

/// The four columns of the table: theme, half, backgrounds its contrast is the worst over.
const COLUMNS: [(&str, Background, &[[u8; 3]]); 4] = [
    ("default", Background::Dark, &[[0, 0, 0], [0x1e, 0x1e, 0x1e], [0x28, 0x2c, 0x34]]),
    ("default", Background::Light, &[[255, 255, 255], [0xfd, 0xf6, 0xe3], [0xee, 0xee, 0xee]]),
    ("high-contrast", Background::Unknown, &[[0, 0, 0]]),
    ("deuteranopia", Background::Unknown, &[[0x10, 0x14, 0x18]]),
];

fn theme(name: &str) -> Theme {
    Theme::load(name, None).unwrap()
}

/// The colour xterm gives to an index of 256, from 16 up.
fn indexed(index: u8) -> [u8; 3] {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    match index {
        232.. => [8 + 10 * (index - 232); 3],
        16.. => {
            let i = usize::from(index - 16);
            [STEPS[i / 36], STEPS[i / 6 % 6], STEPS[i % 6]]
        }
        _ => panic!("the palette of {index} is the user's"),
    }
}

fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn worst(cell: Cell, backgrounds: &[[u8; 3]]) -> Option<f64> {
    let shown = [cell.index.map(indexed), cell.rgb];
    let pairs =
        shown.into_iter().flatten().flat_map(|fg| backgrounds.iter().map(move |bg| contrast(fg, *bg)));
    pairs.min_by(f64::total_cmp)
}

#[test]
fn the_theme_files_are_the_designed_table_and_reach_its_contrast() {
    for (role, cells) in designed() {
        for (text, (name, half, backgrounds)) in cells.iter().zip(COLUMNS) {
            let cell = theme(name).cell(role, half).unwrap();
            let index = cell.index.map_or("default".to_owned(), |i| i.to_string());
            let rgb = cell.rgb.map_or("default".to_owned(), |[r, g, b]| format!("#{r:02x}{g:02x}{b:02x}"));
            let mut want = text.split(" / ");
            assert_eq!(want.next(), Some(cell.ansi.to_string().as_str()), "{name} {}", role.name());
            assert_eq!(want.next(), Some(index.as_str()), "{name} {}", role.name());
            let mut last = want.next().unwrap().split(' ');
            assert_eq!(last.next(), Some(rgb.as_str()), "{name} {}", role.name());
            let stated: Option<f64> = last.next().map(|number| number.parse().unwrap());
            let found = worst(cell, backgrounds);
            match (stated, found) {
                (Some(stated), Some(found)) => {
                    assert!((stated - found).abs() < 0.06, "{name} {}: {stated} {found}", role.name());
                }
                (None, None) => {}
                other => panic!("{name} {}: {other:?}", role.name()),
            }
        }
    }
}

#[test]
fn text_and_fills_can_be_read() {
    let fills = [Role::Rule, Role::Change, Role::Release, Role::Maint, Role::Freeze, Role::Now];
    for (i, (name, half, backgrounds)) in COLUMNS.into_iter().enumerate() {
        let (text, fill) = [(5.9, 3.5), (4.8, 3.4), (9.6, 9.6), (6.1, 4.7)][i];
        for role in Role::ALL {
            let Some(found) = worst(theme(name).cell(*role, half).unwrap(), backgrounds) else { continue };
            let least = if fills.contains(role) { fill } else { text };
            assert!(found + 0.06 >= least, "{name} {}: {found:.2} < {least}", role.name());
        }
    }
}

#[test]
fn depth_comes_from_the_environment_and_unknown_is_sixteen() {
    type Case = (&'static str, &'static [(&'static str, &'static str)], Depth);
    let cases: [Case; 9] = [
        ("truecolor", &[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], Depth::True),
        ("over ssh", &[("TERM", "xterm-256color")], Depth::Indexed),
        ("bare xterm", &[("TERM", "xterm")], Depth::Sixteen),
        ("nothing known", &[], Depth::Sixteen),
        ("a direct terminal", &[("TERM", "xterm-direct")], Depth::True),
        ("odd COLORTERM", &[("TERM", "xterm"), ("COLORTERM", "yes")], Depth::Sixteen),
        ("NO_COLOR wins", &[("COLORTERM", "truecolor"), ("NO_COLOR", "1")], Depth::None),
        ("empty NO_COLOR does not", &[("TERM", "xterm"), ("NO_COLOR", "")], Depth::Sixteen),
        ("vt220", &[("TERM", "vt220")], Depth::None),
    ];
    for (name, vars, want) in cases {
        let env = |key: &str| vars.iter().find(|(k, _)| *k == key).map(|(_, v)| (*v).to_owned());
        assert_eq!(Depth::detect(env), want, "{name}");
    }
}

#[test]
fn the_background_is_read_from_colorfgbg() {
    let cases = [
        (Some("15;0"), Background::Dark),
        (Some("0;15"), Background::Light),
        (Some("0;default;15"), Background::Light),
        (Some("12;8"), Background::Dark),
        (Some("15;default"), Background::Unknown),
        (Some(""), Background::Unknown),
        (None, Background::Unknown),
    ];
    for (value, want) in cases {
        assert_eq!(colorfgbg(value), want, "{value:?}");
    }
    assert_eq!(Background::of_rgb([0xfd, 0xf6, 0xe3]), Background::Light);
    assert_eq!(Background::of_rgb([0x28, 0x2c, 0x34]), Background::Dark);
}

#[test]
fn an_unknown_background_gets_three_colours_only() {
    let styles = Styles::new(&theme("default"), Background::Unknown, Depth::True);
    assert_eq!(styles.depth(), Depth::Sixteen);
    for role in Role::ALL {
        let want = match role {
            Role::Bad => Color::Red,
            Role::Freeze | Role::Release => Color::Magenta,
            _ => Color::Reset,
        };
        assert_eq!(styles.glyph(*role).fg, Some(want), "{}", role.name());
        assert_eq!(styles.word(*role).fg, Some(Color::Reset), "{}", role.name());
    }
}

#[test]
fn without_colour_attributes_still_tell() {
    for (name, _) in EMBEDDED {
        let styles = Styles::new(&theme(name), Background::Dark, Depth::None);
        for role in Role::ALL {
            assert_eq!(styles.glyph(*role).fg, Some(Color::Reset), "{name} {}", role.name());
        }
        assert_eq!(styles.base().bg, Some(Color::Reset), "{name}");
        assert!(styles.selected().add_modifier.contains(Modifier::REVERSED));
        assert!(styles.glyph(Role::Bad).add_modifier.contains(Modifier::BOLD));
        assert_ne!(styles.title(true), styles.title(false));
        assert_ne!(styles.partner(), styles.text());
    }
}

#[test]
fn a_user_theme_overrides_and_its_faults_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let mono = EMBEDDED.iter().find(|(name, _)| *name == "mono").unwrap().1;
    std::fs::write(dir.path().join("mine.toml"), mono.replace("\"mono\"", "\"mine\"")).unwrap();
    assert_eq!(Theme::load("mine", Some(dir.path())).unwrap().name, "mine");
    assert_eq!(Theme::load("mono", Some(dir.path())).unwrap().name, "mono");

    let cases = [
        ("unknown", Theme::load("nope", Some(dir.path())), "use one of default, high-contrast"),
        ("outside", Theme::load("../mine", Some(dir.path())), "not known"),
        ("role missing", Theme::parse("t", &mono.replace("freeze ", "frost ")), "lacks the role `freeze`"),
        ("bad hex", Theme::parse("t", &mono.replacen("\"default\"]", "\"red\"]", 1)), "#rrggbb"),
        ("bad ansi", Theme::parse("t", &mono.replacen("Reset", "Mauve", 1)), "`Mauve`"),
        ("bad index", Theme::parse("t", &mono.replacen("\"default\",", "300,", 1)), "0 to 255"),
    ];
    for (name, found, want) in cases {
        let message = found.unwrap_err().to_string();
        assert!(message.contains(want), "{name}: {message}");
    }
}

/// Load is coloured in five steps that read as well as text does; without colours the attributes tell, and a theme that has no
/// ramp keeps the colour of text.
#[test]
fn load_has_a_ramp_of_its_own_and_needs_none() {
    for (i, (name, half, backgrounds)) in COLUMNS.into_iter().enumerate() {
        let theme = theme(name);
        // These two paint their own background, so that it is known.
        let half = if i < 2 { half } else { Background::Dark };
        let ramp = theme.load_ramp(half).unwrap_or_else(|| panic!("{name} has a ramp"));
        let least = [5.8, 4.8, 9.6, 6.1][i];
        for (step, cell) in ramp.iter().enumerate() {
            let found = worst(*cell, backgrounds).unwrap();
            assert!(found + 0.06 >= least, "{name} step {step}: {found:.2} < {least}");
        }
        let styles = Styles::new(&theme, half, Depth::True);
        let mut colours: Vec<_> = (1..=9).map(|digit| styles.heat(digit).fg).collect();
        colours.dedup();
        assert_eq!(colours.len(), LOAD_STEPS, "{name}: nine digits in five steps, each once");
    }
    for (name, _) in EMBEDDED {
        for depth in [Depth::None, Depth::Sixteen] {
            let styles = Styles::new(&theme(name), Background::Dark, depth);
            let kinds: Vec<_> = [2, 5, 8].map(|digit| styles.heat(digit).add_modifier).into();
            assert!(kinds[0] != kinds[1] && kinds[1] != kinds[2] && kinds[0] != kinds[2], "{name} {depth:?}");
            assert_eq!(styles.heat(2).fg, styles.heat(5).fg, "{name} {depth:?}: no colour of its own");
        }
    }
    let unknown = Styles::new(&theme("default"), Background::Unknown, Depth::True);
    assert_eq!(unknown.heat(1).fg, unknown.text().fg);
    let mono = Styles::new(&theme("mono"), Background::Dark, Depth::True);
    assert_eq!(mono.heat(3).fg, mono.text().fg);
}
