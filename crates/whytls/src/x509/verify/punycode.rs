//! Writes a label of a domain name as it goes over the wire.
//!
//! In:  one label, in lower case.
//! Out: the label itself where it is ASCII, else `xn--…` (RFC 3492).
//! Not here: which characters a registry allows. Whoever typed the name reached a server with it.

const BASE: u32 = 36;
const MOST: u32 = 26;

/// A label that cannot be written stays as it is.
pub(super) fn label(label: &str) -> String {
    if label.is_ascii() || label.len() > 256 {
        return label.to_owned();
    }
    encode(label).map_or_else(|| label.to_owned(), |encoded| format!("xn--{encoded}"))
}

fn encode(label: &str) -> Option<String> {
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(out.len()).ok()?;
    if basic > 0 {
        out.push('-');
    }
    let (mut next, mut delta, mut bias, mut done) = (128_u32, 0_u32, 72_u32, basic);
    let total = u32::try_from(label.chars().count()).ok()?;
    while done < total {
        let smallest = label.chars().map(u32::from).filter(|c| *c >= next).min()?;
        delta = delta.checked_add((smallest - next).checked_mul(done + 1)?)?;
        next = smallest;
        for c in label.chars().map(u32::from) {
            if c < next {
                delta = delta.checked_add(1)?;
            }
            if c == next {
                let (mut rest, mut k) = (delta, BASE);
                loop {
                    let threshold = if k <= bias { 1 } else { (k - bias).min(MOST) };
                    if rest < threshold {
                        break;
                    }
                    out.push(digit(threshold + (rest - threshold) % (BASE - threshold))?);
                    rest = (rest - threshold) / (BASE - threshold);
                    k += BASE;
                }
                out.push(digit(rest)?);
                bias = adapt(delta, done + 1, done == basic);
                delta = 0;
                done += 1;
            }
        }
        delta = delta.checked_add(1)?;
        next += 1;
    }
    Some(out)
}

fn adapt(delta: u32, points: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut k = 0;
    while delta > (BASE - 1) * MOST / 2 {
        delta /= BASE - 1;
        k += BASE;
    }
    k + BASE * delta / (delta + 38)
}

fn digit(value: u32) -> Option<char> {
    char::from_digit(if value < 26 { value + 10 } else { value - 26 }, 36)
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn writes_labels() {
        assert_eq!(label("münchen"), "xn--mnchen-3ya");
        assert_eq!(label("例え"), "xn--r8jz45g");
        assert_eq!(label("example"), "example");
    }
}
