//! Pictures of the program's own screen: a terminal screen as SVG, and as PNG.
//!
//! Backgrounds, lines and blocks are rectangles merged over equal neighbours, so that no hairlines show between cells;
//! text is one run per style.

use std::fmt::Write as _;

use vt100::Color;

use crate::pty::Screen;

/// The size of a cell in pixels. The font size makes a column of DejaVu Sans Mono (1233/2048 em) exactly this wide.
const WIDE: f32 = 10.0;
const HIGH: f32 = 20.0;
const FONT_SIZE: f32 = WIDE * 2048.0 / 1233.0;
const FONT: &str = "DejaVu Sans Mono";
const FONT_FILES: [&str; 2] = [
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf",
];

/// The colours of a terminal where the program leaves them to it.
#[derive(Clone, Copy)]
pub struct Paper {
    pub background: u32,
    pub text: u32,
}

/// A dark terminal.
pub const DARK: Paper = Paper { background: 0x1e_1e_1e, text: 0xd4_d4_d4 };
/// A light terminal.
pub const LIGHT: Paper = Paper { background: 0xfd_f6_e3, text: 0x28_2c_34 };

#[derive(Clone, Copy, PartialEq, Eq)]
struct Style {
    text: u32,
    background: u32,
    bold: bool,
    underline: bool,
}

/// A filled rectangle in cells and fractions of them.
#[derive(Clone, Copy, PartialEq)]
struct Block {
    x: f32,
    y: f32,
    w: f32,
    h: f32,
    colour: u32,
    opacity: f32,
}

/// The screen as an SVG document.
pub fn svg(screen: &Screen, paper: Paper) -> String {
    let (rows, columns) = screen.0.size();
    let (width, height) = (f32::from(columns.get()) * WIDE, f32::from(rows.get()) * HIGH);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
         font-family=\"'{FONT}', 'DejaVu Sans Mono', monospace\" font-size=\"{FONT_SIZE:.4}\">\n\
         <rect width=\"{w}\" height=\"{h}\" fill=\"#{:06x}\"/>\n",
        paper.background,
        w = width + 2.0 * WIDE,
        h = height + HIGH,
    );
    let _ = writeln!(out, "<g transform=\"translate({WIDE} {})\">", HIGH / 2.0);
    out.push_str("<g shape-rendering=\"crispEdges\">\n");
    for block in merged(blocks(screen, paper)) {
        let opacity =
            if block.opacity < 1.0 { format!(" fill-opacity=\"{}\"", block.opacity) } else { String::new() };
        let _ = writeln!(
            out,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"#{:06x}\"{opacity}/>",
            block.x * WIDE,
            block.y * HIGH,
            block.w * WIDE,
            block.h * HIGH,
            block.colour,
        );
    }
    out.push_str("</g>\n<g style=\"white-space:pre\">\n");
    for row in 0..rows.get() {
        text_runs(screen, paper, row, columns.get(), &mut out);
    }
    out.push_str("</g>\n</g>\n</svg>\n");
    out
}

/// The screen as a PNG; nothing where the font is not installed.
pub fn png(svg: &str) -> Option<Vec<u8>> {
    use resvg::{tiny_skia, usvg};
    let mut options = usvg::Options::default();
    for file in FONT_FILES {
        options.fontdb_mut().load_font_data(std::fs::read(file).ok()?);
    }
    options.fontdb_mut().set_monospace_family(FONT);
    let tree = usvg::Tree::from_str(svg, &options).unwrap();
    let size = tree.size().to_int_size();
    let mut picture = tiny_skia::Pixmap::new(size.width(), size.height()).unwrap();
    resvg::render(&tree, tiny_skia::Transform::identity(), &mut picture.as_mut());
    Some(picture.encode_png().unwrap())
}

fn style_of(cell: &vt100::Cell, paper: Paper) -> Style {
    let text = colour(cell.fgcolor(), paper.text);
    let background = colour(cell.bgcolor(), paper.background);
    let (text, background) = if cell.inverse() { (background, text) } else { (text, background) };
    Style { text, background, bold: cell.bold(), underline: cell.underline() }
}

fn blocks(screen: &Screen, paper: Paper) -> Vec<Block> {
    let (rows, columns) = screen.0.size();
    let mut found = Vec::new();
    for y in 0..rows.get() {
        for x in 0..columns.get() {
            let Some(cell) = screen.0.cell(y, x) else { continue };
            let style = style_of(cell, paper);
            let (x, y) = (f32::from(x), f32::from(y));
            if style.background != paper.background {
                found.push(Block { x, y, w: 1.0, h: 1.0, colour: style.background, opacity: 1.0 });
            }
            for (part, opacity) in drawn(cell.contents()).unwrap_or_default() {
                let [px, py, w, h] = part;
                found.push(Block { x: x + px, y: y + py, w, h, colour: style.text, opacity });
            }
        }
    }
    found
}

/// The rectangles of a line or block glyph within its cell: x, y, width, height, opacity.
fn drawn(glyph: &str) -> Option<Vec<([f32; 4], f32)>> {
    const THIN: f32 = 0.06;
    const THICK: f32 = 0.16;
    // Across at half height, down at half width; a column is half as wide as it is high.
    let across = |from: f32, to: f32, thick: f32| [from, 0.5 - thick / 2.0, to - from, thick];
    let down = |from: f32, to: f32, thick: f32| [0.5 - thick, from, thick * 2.0, to - from];
    let dashes = |count: u8, thick: f32| {
        let step = 1.0 / f32::from(count);
        (0..count)
            .map(|i| (across(f32::from(i) * step, f32::from(i) * step + step * 0.6, thick), 1.0))
            .collect()
    };
    let corner = |right: bool, below: bool| {
        let half = THICK / 2.0;
        let (from, to) = if right { (0.5 - THICK, 1.0) } else { (0.0, 0.5 + THICK) };
        let (top, bottom) = if below { (0.5 - half, 1.0) } else { (0.0, 0.5 + half) };
        vec![(across(from, to, THICK), 1.0), (down(top, bottom, THICK), 1.0)]
    };
    Some(match glyph {
        "─" => vec![(across(0.0, 1.0, THIN), 1.0)],
        "━" => vec![(across(0.0, 1.0, THICK), 1.0)],
        "╍" => dashes(2, THICK),
        "┄" => dashes(3, THIN),
        "┈" => dashes(4, THIN),
        "│" => vec![(down(0.0, 1.0, THIN), 1.0)],
        "┃" => vec![(down(0.0, 1.0, THICK), 1.0)],
        "┏" => corner(true, true),
        "┓" => corner(false, true),
        "┗" => corner(true, false),
        "┛" => corner(false, false),
        "░" => vec![([0.0, 0.0, 1.0, 1.0], 0.3)],
        "█" => vec![([0.0, 0.0, 1.0, 1.0], 1.0)],
        _ => return None,
    })
}

/// Joins rectangles that touch, first along rows, then down columns.
fn merged(mut blocks: Vec<Block>) -> Vec<Block> {
    let close = |a: f32, b: f32| (a - b).abs() < 0.001;
    blocks.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.h.total_cmp(&b.h)).then(a.x.total_cmp(&b.x)));
    let mut rows: Vec<Block> = Vec::new();
    for block in blocks {
        let same = |last: &Block| last.colour == block.colour && close(last.opacity, block.opacity);
        match rows.last_mut() {
            Some(last)
                if same(last)
                    && close(last.y, block.y)
                    && close(last.h, block.h)
                    && close(last.x + last.w, block.x) =>
            {
                last.w += block.w;
            }
            _ => rows.push(block),
        }
    }
    rows.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.w.total_cmp(&b.w)).then(a.y.total_cmp(&b.y)));
    let mut joined: Vec<Block> = Vec::new();
    for block in rows {
        let same = |last: &Block| last.colour == block.colour && close(last.opacity, block.opacity);
        match joined.last_mut() {
            Some(last)
                if same(last)
                    && close(last.x, block.x)
                    && close(last.w, block.w)
                    && close(last.y + last.h, block.y) =>
            {
                last.h += block.h;
            }
            _ => joined.push(block),
        }
    }
    // Fills first, so that lines stand on them.
    joined.sort_by_key(|block| std::cmp::Reverse(block.w * block.h >= 1.0));
    joined
}

/// One `<text>` per run of equal style; blanks are left out of it.
fn text_runs(screen: &Screen, paper: Paper, row: u16, columns: u16, out: &mut String) {
    let mut run: Option<(u16, u16, Style, String)> = None;
    for x in 0..=columns {
        let cell = screen.0.cell(row, x);
        let glyph = cell.map_or("", vt100::Cell::contents);
        let shown = !glyph.trim().is_empty() && drawn(glyph).is_none();
        let style = cell.map(|cell| style_of(cell, paper));
        let joins = matches!((&run, style), (Some((_, _, known, _)), Some(style)) if *known == style);
        let blank = cell.is_some() && glyph.trim().is_empty() && style.is_some_and(|style| !style.underline);
        match &mut run {
            Some((_, wide, _, text)) if joins && shown => {
                text.push_str(glyph);
                *wide += 1;
            }
            Some((_, wide, _, text)) if joins && blank && !text.ends_with("  ") => {
                text.push(' ');
                *wide += 1;
            }
            _ => {
                write_run(run.take(), row, out);
                if let Some(style) = style.filter(|_| shown) {
                    run = Some((x, 1, style, glyph.to_owned()));
                }
            }
        }
    }
    write_run(run, row, out);
}

fn write_run(run: Option<(u16, u16, Style, String)>, row: u16, out: &mut String) {
    let Some((x, _, style, text)) = run else { return };
    let text = text.trim_end();
    let columns = text.chars().count();
    let bold = if style.bold { " font-weight=\"bold\"" } else { "" };
    let line = if style.underline { " text-decoration=\"underline\"" } else { "" };
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"{}\" textLength=\"{}\" fill=\"#{:06x}\"{bold}{line}>{escaped}</text>",
        f32::from(x) * WIDE,
        f32::from(row) * HIGH + HIGH * 0.76,
        columns * 10,
        style.text,
    );
}

fn colour(colour: Color, own: u32) -> u32 {
    const BASIC: [u32; 16] = [
        0x00_00_00, 0xcd_31_31, 0x0d_bc_79, 0xe5_e5_10, 0x24_72_c8, 0xbc_3f_bc, 0x11_a8_cd, 0xe5_e5_e5,
        0x66_66_66, 0xf1_4c_4c, 0x23_d1_8b, 0xf5_f5_43, 0x3b_8e_ea, 0xd6_70_d6, 0x29_b8_db, 0xff_ff_ff,
    ];
    const STEPS: [u32; 6] = [0, 95, 135, 175, 215, 255];
    match colour {
        Color::Default => own,
        Color::Rgb(r, g, b) => u32::from_be_bytes([0, r, g, b]),
        Color::Idx(i @ 0..=15) => BASIC[usize::from(i)],
        Color::Idx(i @ 232..) => (8 + 10 * (u32::from(i) - 232)) * 0x01_01_01,
        Color::Idx(i) => {
            let i = usize::from(i - 16);
            STEPS[i / 36] << 16 | STEPS[i / 6 % 6] << 8 | STEPS[i % 6]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(text: &str, columns: u16, rows: u16) -> Screen {
        let size = |n| std::num::NonZeroU16::new(n).unwrap();
        let mut parser = vt100::Parser::new(size(rows), size(columns), 0);
        parser.process(text.as_bytes());
        Screen(parser.screen().clone())
    }

    #[test]
    fn lines_and_backgrounds_are_merged_and_text_is_escaped() {
        let svg =
            svg(&screen("━━━━ a<b \x1b[1mbold\x1b[0m\r\n\x1b[7m  \x1b[0m\r\n\x1b[7m  \x1b[0m", 20, 3), DARK);
        assert_eq!(svg.matches("<rect").count(), 3, "paper, line, one reversed block\n{svg}");
        assert!(svg.contains(">a&lt;b</text>"), "{svg}");
        assert!(svg.contains("font-weight=\"bold\">bold</text>"), "{svg}");
    }

    #[test]
    fn pictures_are_drawn_where_the_font_is() {
        let svg = svg(&screen("▸ CHG0030042 ░░ ╳", 20, 2), LIGHT);
        match png(&svg) {
            Some(png) => assert_eq!(&png[1..4], b"PNG"),
            None => eprintln!("skipped: {FONT} is not installed (fonts-dejavu-core)"),
        }
    }
}
