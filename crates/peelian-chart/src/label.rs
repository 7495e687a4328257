//! Room for words: how wide they are, how they wrap, and how labels in a
//! column keep out of each other's way.

/// How much wider bold letters run.
pub(crate) const BOLD: f64 = 1.07;

/// The width of a text in pixels at a font size, on the generous side: about
/// what `DejaVu` Sans takes, the widest face that a reader's machine is likely to put in
/// place of ours.
pub(crate) fn text_width(text: &str, font: f64) -> f64 {
    text.chars().map(char_width).sum::<f64>() * font
}

fn char_width(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | '‘' | '’' | '|' => 0.29,
        ' ' | '.' | ',' | ':' | ';' | '!' | 'I' | 'f' | 't' | '-' | '(' | ')' | '/' => 0.38,
        'r' | '“' | '”' => 0.46,
        'm' | 'w' | 'M' | 'W' | '%' | '—' => 0.95,
        'A'..='Z' => 0.72,
        'a'..='z' | '0'..='9' => 0.62,
        _ if c.is_ascii() => 0.7,
        _ => 1.0,
    }
}

/// The text in lines no wider than `width`. A single word that is wider is
/// cut short with an ellipsis.
pub(crate) fn wrap(text: &str, font: f64, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let word = shorten(word, font, width);
        match lines.last_mut() {
            Some(line) if text_width(&format!("{line} {word}"), font) <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// The text, or as much of its beginning as fits, with an ellipsis.
pub(crate) fn shorten(text: &str, font: f64, width: f64) -> String {
    if text_width(text, font) <= width {
        return text.to_owned();
    }
    let room = width - char_width('…') * font;
    let mut used = 0.0;
    let kept: String = text
        .chars()
        .take_while(|&c| {
            used += char_width(c) * font;
            used <= room
        })
        .collect();
    format!("{}…", kept.trim_end())
}

/// Moves the centres of labels of the given sizes as little as needed for
/// them not to overlap, then into `low..high` if they fit there. Order of the
/// wanted centres is kept; equal ones keep the order given.
pub(crate) fn spread(wanted: &[f64], sizes: &[f64], low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
    let mut blocks: Vec<Block> = Vec::new();
    for i in order {
        let mut block = Block {
            members: vec![i],
            size: sizes[i],
            centre: wanted[i],
        };
        while let Some(above) = blocks.pop_if(|above| above.bottom() > block.top()) {
            block = above.join(block);
        }
        blocks.push(block);
    }
    let mut edge = low;
    for block in &mut blocks {
        block.centre = block.centre.max(edge + block.size / 2.0);
        edge = block.bottom();
    }
    let mut edge = high;
    for block in blocks.iter_mut().rev() {
        block.centre = block.centre.min(edge - block.size / 2.0);
        edge = block.top();
    }
    let mut centres = vec![0.0; wanted.len()];
    for block in &blocks {
        let mut top = block.top();
        for &i in &block.members {
            centres[i] = top + sizes[i] / 2.0;
            top += sizes[i];
        }
    }
    centres
}

/// Labels that touch and move as one.
struct Block {
    members: Vec<usize>,
    size: f64,
    centre: f64,
}

impl Block {
    fn top(&self) -> f64 {
        self.centre - self.size / 2.0
    }

    fn bottom(&self) -> f64 {
        self.centre + self.size / 2.0
    }

    /// The two as one, centred so that the total move is shared by size.
    fn join(mut self, below: Self) -> Self {
        let size = self.size + below.size;
        // Where each would centre the joined block so as not to move itself.
        let mine = self.top() + size / 2.0;
        let theirs = below.bottom() - size / 2.0;
        self.centre = (mine * self.size + theirs * below.size) / size;
        self.size = size;
        self.members.extend(below.members);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_that_do_not_touch_stay_where_they_are() {
        assert_eq!(
            spread(&[10.0, 90.0, 50.0], &[18.0; 3], 0.0, 100.0),
            [10.0, 90.0, 50.0]
        );
    }

    #[test]
    fn labels_at_one_height_part_evenly() {
        assert_eq!(
            spread(&[50.0; 3], &[18.0; 3], 0.0, 100.0),
            [32.0, 50.0, 68.0]
        );
        assert_eq!(spread(&[0.0, 0.0], &[20.0; 2], 0.0, 100.0), [10.0, 30.0]);
    }

    #[test]
    fn long_words_are_cut_and_lines_wrapped() {
        assert_eq!(
            wrap("England and Wales average 41.2", 15.0, 130.0),
            ["England and", "Wales average", "41.2"]
        );
        assert!(text_width(&wrap(&"x".repeat(90), 15.0, 100.0)[0], 15.0) <= 100.0);
        assert!(wrap("  ", 15.0, 100.0).is_empty());
    }

    proptest! {
        #[test]
        fn spread_labels_never_overlap_and_stay_inside(
            wanted in proptest::collection::vec(-50.0..350.0_f64, 0..12)
        ) {
            let centres = spread(&wanted, &vec![20.0; wanted.len()], 0.0, 300.0);
            let mut sorted = centres.clone();
            sorted.sort_by(f64::total_cmp);
            prop_assert!(sorted.windows(2).all(|w| w[1] - w[0] >= 20.0 - 1e-6), "{sorted:?}");
            prop_assert!(sorted.iter().all(|c| (10.0 - 1e-6..=290.0 + 1e-6).contains(c)));
        }
    }
}
