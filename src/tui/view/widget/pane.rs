//! Pane heads: `━ title counts ━━━ right ━`, heavy with the focus, light without. Panes have no other border.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{pen::Pen, text};
use crate::tui::theme::Look;

/// What a pane head says.
#[derive(Debug, Clone, Default)]
pub struct Head<'a> {
    title: &'a str,
    facts: Vec<String>,
    right: String,
    focused: bool,
}

impl<'a> Head<'a> {
    /// A head with a title, which is cut if it must be; `focused` makes the rule heavy.
    #[must_use]
    pub fn new(title: &'a str, focused: bool) -> Self {
        Self { title, facts: Vec::new(), right: String::new(), focused }
    }

    /// The count that follows the title.
    #[must_use]
    pub fn count(mut self, count: impl std::fmt::Display) -> Self {
        self.facts.insert(0, format!(" {count}"));
        self
    }

    /// A further fact after ` · `; the last facts are the first to go.
    #[must_use]
    pub fn fact(mut self, fact: impl std::fmt::Display) -> Self {
        self.facts.push(format!(" · {fact}"));
        self
    }

    /// What stands at the right end: sort, period, position.
    #[must_use]
    pub fn right(mut self, right: impl Into<String>) -> Self {
        self.right = right.into();
        self
    }

    /// Draws the head into the first row of `area` and gives the rest.
    pub fn draw(&self, buf: &mut Buffer, look: &Look, area: Rect) -> Rect {
        if area.height == 0 {
            return area;
        }
        let rule = if self.focused { look.glyphs.head_heavy } else { look.glyphs.head_light };
        let (title, facts, right) = self.fit(usize::from(area.width), look);
        let mut pen = Pen::new(buf, look, area, 0);
        pen.put(rule, look.rule(self.focused)).text(" ");
        pen.put(&title, look.title(self.focused)).text(&facts).text(" ");
        let tail = if right.is_empty() { 0 } else { text::width(&right) + 3 };
        let fill = pen.left().saturating_sub(tail);
        pen.put(&rule.repeat(fill), look.rule(self.focused));
        if !right.is_empty() {
            pen.text(" ").put(&right, look.muted()).text(" ").put(rule, look.rule(self.focused));
        }
        Rect { y: area.y + 1, height: area.height - 1, ..area }
    }

    /// What fits: facts go from the last, then the title is cut, then the right part goes.
    fn fit(&self, columns: usize, look: &Look) -> (String, String, String) {
        let mut facts = self.facts.len();
        let mut right = self.right.as_str();
        loop {
            let tail = if right.is_empty() { 1 } else { text::width(right) + 4 };
            let shown = self.facts[..facts].concat();
            let room = columns.saturating_sub(3 + tail + text::width(&shown));
            if text::width(self.title) <= room || (facts <= 1 && room >= 10) {
                return (text::cut(self.title, room, look.glyphs), shown, right.to_owned());
            }
            match (facts, right.is_empty()) {
                (2.., _) => facts -= 1,
                (_, false) => right = "",
                (1, true) if text::width(&shown) > columns => facts = 0,
                (0 | 1, true) => return (text::cut(self.title, room, look.glyphs), shown, String::new()),
            }
        }
    }
}

/// Splits a body into the left part and a side panel of `columns`, with the pane line between them drawn.
pub fn split_side(buf: &mut Buffer, look: &Look, area: Rect, columns: u16) -> (Rect, Rect) {
    let side = columns.min(area.width.saturating_sub(1));
    let left = Rect { width: area.width.saturating_sub(side + 1), ..area };
    let line = Rect { x: left.right(), width: 1, ..area };
    for row in 0..area.height {
        Pen::new(buf, look, line, row).put(look.glyphs.pane, look.rule(false));
    }
    (left, Rect { x: line.right(), width: side.min(area.width), ..area })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::{glyph::UNICODE, theme::Styles};

    const LOOK: Look = Look { styles: Styles::plain(), glyphs: &UNICODE };

    fn drawn(head: &Head<'_>, columns: u16) -> String {
        let mut buf = Buffer::empty(Rect::new(0, 0, columns, 2));
        let area = buf.area;
        assert_eq!(head.draw(&mut buf, &LOOK, area), Rect::new(0, 1, columns, 1));
        (0..columns).map(|x| buf[(x, 0)].symbol()).collect()
    }

    #[test]
    fn heads_give_up_facts_then_the_title_then_the_right() {
        let queue = Head::new("To decide", true)
            .count(7)
            .fact("3 wait for you")
            .fact("2 by consent")
            .right("by due ▾");
        let page = Head::new("CHG1 Upgrade core switch firmware", false).right("2 of 7");
        let cases = [
            (&queue, 64, "━ To decide 7 · 3 wait for you · 2 by consent ━━━━━━ by due ▾ ━"),
            (&queue, 50, "━ To decide 7 · 3 wait for you ━━━━━━━ by due ▾ ━"),
            (&queue, 30, "━ To decide 7 ━━━━━━ by due ▾ ━"),
            (&queue, 18, "━ To decide 7 ━━━━"),
            (&page, 50, "─ CHG1 Upgrade core switch firmware ──── 2 of 7 ─"),
            (&page, 36, "─ CHG1 Upgrade core switc… ─ 2 of 7 ─"),
            (&page, 16, "─ CHG1 Upgrad… ─"),
        ];
        for (head, columns, want) in cases {
            let columns = u16::try_from(text::width(want)).unwrap_or(columns);
            assert_eq!(drawn(head, columns), want);
        }
        for columns in 0..70 {
            drawn(&queue, columns);
            drawn(&page, columns);
        }
    }

    #[test]
    fn the_side_panel_keeps_its_width() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 160, 3));
        let area = buf.area;
        let (left, right) = split_side(&mut buf, &LOOK, area, 56);
        assert_eq!((left.width, right.x, right.width), (103, 104, 56));
        assert_eq!(buf[(103, 2)].symbol(), "│");
    }
}
