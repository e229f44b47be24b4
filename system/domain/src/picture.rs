//! Pictures of products: drawn, not taken. Each product has its own, always the same.
//!
//! They stand for photographs as far as the shop's machinery is concerned: files of a few kilobytes with
//! a type, an ETag and a name.

use std::fmt::Write as _;

use crate::{ProductId, random};

/// Side of the picture, pixels.
const SIDE: u64 = 320;

/// Shapes of a product's picture: three to seven kilobytes of them.
const SHAPES: std::ops::Range<u64> = 40..90;

/// The picture of `product`, an SVG of 2 to 8 kB.
#[must_use]
pub fn of_product(product: ProductId) -> String {
    let seed = random::mix(u64::from(product.0) ^ 0x9c7);
    let shapes = SHAPES.start + seed % (SHAPES.end - SHAPES.start);
    draw(seed, shapes, &product.to_string())
}

/// The picture of a product that has none.
#[must_use]
pub fn placeholder() -> String {
    draw(0, SHAPES.start, "no picture")
}

fn draw(seed: u64, shapes: u64, label: &str) -> String {
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {SIDE} {SIDE}\" role=\"img\">\n\
         <title>{label}</title>\n<rect width=\"{SIDE}\" height=\"{SIDE}\" fill=\"#{:06x}\"/>\n",
        seed & 0xff_ffff | 0xc0_c0c0
    );
    for shape in 0..shapes {
        let bits = random::mix(seed ^ shape << 32);
        let (x, y, radius) = (bits % SIDE, (bits >> 16) % SIDE, 4 + (bits >> 32) % 40);
        writeln!(
            text,
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"#{:06x}\" opacity=\".6\"/>",
            bits >> 40
        )
        .expect("a string takes all");
    }
    text + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_product_has_a_picture_of_its_own_of_a_few_kilobytes() {
        let pictures: HashSet<String> = (0..500).map(|id| of_product(ProductId(id))).collect();
        assert_eq!(pictures.len(), 500);
        for picture in pictures.iter().chain([&placeholder()]) {
            assert!((2_000..8_000).contains(&picture.len()), "{}", picture.len());
            assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
        }
        assert_eq!(of_product(ProductId(7)), of_product(ProductId(7)));
    }
}
