//! Finds RSA moduli that small primes divide, and the fingerprint of ROCA.
//!
//! In:  a modulus, big-endian.
//! Out: yes or no, in about a microsecond.
//! Not here: factoring anything that takes longer.

/// Odd primes below 752, packed into products of 64 bits.
const GROUPS: [Group; COUNT] = groups();

/// How many products they make; checked when this is compiled.
const COUNT: usize = 18;

#[derive(Clone, Copy)]
struct Group {
    product: u64,
    /// The inverse of the product modulo 2^64.
    inverse: u64,
    /// The first prime in it and the one behind the last.
    first: u64,
    end: u64,
}

/// Whether a prime below 752 divides it.
pub(super) fn has(modulus: &[u8]) -> bool {
    if modulus.last().is_none_or(|last| last & 1 == 0) {
        return !modulus.is_empty();
    }
    GROUPS.iter().filter(|group| group.product > 1).any(|group| {
        let rest = group.rest(modulus);
        (group.first..group.end).step_by(2).any(|prime| is_prime(prime) && rest % prime == 0)
    })
}

/// Whether the modulus has the form that CVE-2017-15361 leaves behind: modulo each of the first
/// primes it is a power of 65537.
pub(super) fn is_roca(modulus: &[u8]) -> bool {
    // The primes of which few residues are such powers first: most keys end at one of these.
    [11, 37].into_iter().chain((3..168).step_by(2).filter(|prime| is_prime(*prime))).all(|prime| {
        let rest = remainder(modulus, prime);
        let mut power = 1;
        (0..prime).any(|_| {
            let found = power == rest;
            power = power * 65_537 % prime;
            found
        })
    })
}

/// The remainder by a small prime, four bytes at a time.
fn remainder(modulus: &[u8], prime: u64) -> u64 {
    let (head, words) = modulus.split_at(modulus.len() % 4);
    let number = |bytes: &[u8]| bytes.iter().fold(0, |value, byte| (value << 8) | u64::from(*byte));
    words.chunks_exact(4).fold(number(head) % prime, |rest, word| ((rest << 32) | number(word)) % prime)
}

impl Group {
    /// A number that the same primes of this group divide (Hensel's exact division, lowest limb
    /// first: no division by the product is needed).
    fn rest(&self, modulus: &[u8]) -> u64 {
        let mut carry = 0_u64;
        for limb in modulus.rchunks(8) {
            let limb = limb.iter().fold(0, |value, byte| (value << 8) | u64::from(*byte));
            let (difference, borrow) = limb.overflowing_sub(carry);
            let quotient = difference.wrapping_mul(self.inverse);
            let high = (u128::from(quotient) * u128::from(self.product)) >> 64;
            carry = u64::try_from(high).unwrap_or_default() + u64::from(borrow);
        }
        carry
    }
}

const fn is_prime(number: u64) -> bool {
    let mut divisor = 3;
    while divisor * divisor <= number {
        if number.is_multiple_of(divisor) {
            return false;
        }
        divisor += 2;
    }
    number > 2
}

#[allow(clippy::indexing_slicing, reason = "runs while this is compiled, where a panic is an error")]
const fn groups() -> [Group; COUNT] {
    let mut groups = [Group { product: 1, inverse: 1, first: 3, end: 3 }; COUNT];
    let mut at = 0;
    let mut prime = 3;
    while prime < 752 {
        if is_prime(prime) {
            let group = &mut groups[at];
            match group.product.checked_mul(prime) {
                Some(product) => {
                    group.product = product;
                    group.end = prime + 1;
                }
                None => {
                    at += 1;
                    groups[at] = Group { product: prime, inverse: 1, first: prime, end: prime + 1 };
                }
            }
        }
        prime += 2;
    }
    let mut at = 0;
    while at < COUNT {
        // Newton's iteration doubles the bits that are right, beginning with three.
        let product = groups[at].product;
        let mut inverse = product;
        let mut round = 0;
        while round < 5 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(product.wrapping_mul(inverse)));
            round += 1;
        }
        groups[at].inverse = inverse;
        at += 1;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_small_factors() {
        // 2^127 - 1 is prime; times a small prime it is not.
        let mersenne: u128 = (1 << 127) - 1;
        assert!(!has(&mersenne.to_be_bytes()));
        let big: u128 = (1 << 107) - 1;
        for prime in (3..752).step_by(2).filter(|prime| is_prime(*prime)) {
            assert!(has(&(big * u128::from(prime)).to_be_bytes()), "{prime}");
        }
        assert!(!has(&(big * 757).to_be_bytes()));
        assert!(has(&(big * 2).to_be_bytes()));
    }

    #[test]
    fn finds_powers_of_65537() {
        assert!(is_roca(&[1]));
        assert!(is_roca(&[1, 0, 1]));
        assert!(!is_roca(&[2]));
        assert_eq!(remainder(&[1, 2, 3, 4, 5], 167), 0x01_02_03_04_05 % 167);
    }
}
