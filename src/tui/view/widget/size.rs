//! The breakpoints: which form a screen takes at a size.

use ratatui::layout::Size;

/// By width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Width {
    /// 40–59: list rows of two lines, the fewest columns.
    Slim,
    /// 60–79: one pane, list rows of two lines, dialogs fill the screen.
    Narrow,
    /// 80–119: one column, a strip under the list.
    Usual,
    /// From 120: a side panel of 56.
    Wide,
}

/// By height.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Height {
    /// 10–15: row 1, list, toast or hints.
    Flat,
    /// 16–23: rows 1 and 2 join, a strip of one line, no legend.
    Short,
    /// 24–39: as the 80×24 pictures.
    Usual,
    /// From 40: everything.
    Tall,
}

/// The form of a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    pub width: Width,
    pub height: Height,
}

impl Form {
    /// The smallest size drawn.
    pub const LEAST: Size = Size { width: 40, height: 10 };

    /// The form at a size, or nothing when the terminal is too small.
    #[must_use]
    pub const fn of(size: Size) -> Option<Self> {
        if size.width < Self::LEAST.width || size.height < Self::LEAST.height {
            return None;
        }
        let width = match size.width {
            120.. => Width::Wide,
            80.. => Width::Usual,
            60.. => Width::Narrow,
            _ => Width::Slim,
        };
        let height = match size.height {
            40.. => Height::Tall,
            24.. => Height::Usual,
            16.. => Height::Short,
            _ => Height::Flat,
        };
        Some(Self { width, height })
    }

    /// Whether list rows take two lines and one pane fills the body.
    #[must_use]
    pub fn is_narrow(self) -> bool {
        self.width < Width::Usual
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breakpoints() {
        let cases = [
            ((39, 24), None),
            ((80, 9), None),
            ((40, 10), Some((Width::Slim, Height::Flat))),
            ((59, 15), Some((Width::Slim, Height::Flat))),
            ((60, 16), Some((Width::Narrow, Height::Short))),
            ((79, 23), Some((Width::Narrow, Height::Short))),
            ((80, 24), Some((Width::Usual, Height::Usual))),
            ((119, 39), Some((Width::Usual, Height::Usual))),
            ((120, 40), Some((Width::Wide, Height::Tall))),
        ];
        for ((width, height), want) in cases {
            let form = Form::of(Size { width, height }).map(|form| (form.width, form.height));
            assert_eq!(form, want, "{width}x{height}");
        }
    }
}
