//! A document in the making, as Markdown or as plain text: titles, named facts, lists. Text of others is never markup.

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Markdown,
    Plain,
}

/// A document in the making.
#[derive(Debug)]
pub struct Document {
    form: Form,
    out: String,
}

impl Document {
    /// An empty document that will be written in this form.
    #[must_use]
    pub fn new(form: Form) -> Self {
        Self { form, out: String::new() }
    }

    /// The heading of the whole.
    pub fn title(&mut self, text: &str) {
        self.head(text, 1, '=');
    }

    /// A heading of a part.
    pub fn section(&mut self, text: &str) {
        self.head(text, 2, '-');
    }

    /// A heading inside a part.
    pub fn heading(&mut self, text: &str) {
        self.head(text, 3, ' ');
    }

    fn head(&mut self, text: &str, level: usize, under: char) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        match self.form {
            Form::Markdown => {
                self.out.push_str(&"#".repeat(level));
                self.out.push(' ');
                self.push(text);
                self.out.push('\n');
            }
            Form::Plain => {
                self.push(text);
                if under != ' ' {
                    self.out.extend(std::iter::repeat_n(under, text.chars().count()));
                    self.out.push('\n');
                }
            }
        }
    }

    /// One named fact.
    pub fn fact(&mut self, name: &str, value: &str) {
        match self.form {
            Form::Markdown => self.out.push_str(&format!("- **{name}:** ")),
            Form::Plain => self.out.push_str(&format!("{name}: ")),
        }
        self.push(value);
    }

    /// A line for each row.
    pub fn list(&mut self, rows: &[String]) {
        for row in rows {
            self.out.push_str(match self.form {
                Form::Markdown => "- ",
                Form::Plain => "  ",
            });
            self.push(row);
        }
    }

    /// A paragraph of its own.
    pub fn line(&mut self, text: &str) {
        self.push(text);
    }

    /// A table; plain text gets a row a line, each cell behind its heading, and leaves empty ones out.
    pub fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        match self.form {
            Form::Markdown => {
                self.out.push_str(&format!("\n| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len())));
                for row in rows {
                    let cells: Vec<String> = row.iter().map(|cell| escape(cell)).collect();
                    self.out.push_str(&format!("| {} |\n", cells.join(" | ")));
                }
            }
            Form::Plain => {
                for row in rows {
                    let headed = head.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
                    let said: Vec<String> = headed
                        .map(
                            |(head, cell)| {
                                if head.is_empty() { cell.clone() } else { format!("{head}: {cell}") }
                            },
                        )
                        .collect();
                    self.out.push_str(&said.join(", "));
                    self.out.push('\n');
                }
            }
        }
    }

    fn push(&mut self, text: &str) {
        match self.form {
            Form::Markdown => self.out.push_str(&escape(text)),
            Form::Plain => self.out.push_str(text),
        }
        self.out.push('\n');
    }

    /// What was written so far.
    #[must_use]
    pub fn text(self) -> String {
        self.out
    }
}

/// Characters that mean something in Markdown lose their meaning.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '_' | '`' | '[' | ']' | '<' | '>' | '|' | '\\' | '#') {
            out.push('\\');
        }
        out.push(if c == '\n' { ' ' } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_is_no_markup() {
        let mut page = Document::new(Form::Markdown);
        page.title("Swap *disk* <b>");
        page.fact("Said", "# not | a [link](x)");
        assert_eq!(page.text(), "# Swap \\*disk\\* \\<b\\>\n\n- **Said:** \\# not \\| a \\[link\\](x)\n");
        let mut page = Document::new(Form::Plain);
        page.title("Swap *disk*");
        page.table(
            &["a", "b", ""],
            &[vec!["1".into(), String::new(), String::new()], vec!["2".into(), "x".into(), "y".into()]],
        );
        assert_eq!(page.text(), "Swap *disk*\n===========\na: 1\na: 2, b: x, y\n");
    }
}
