//! Accessible SVG charts, each with the table behind it and its words.
