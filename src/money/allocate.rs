//! Splitting a pool to the last fen: largest remainder, so that the shares sum to the pool.
//!
//! The pool is rounded before it comes here; a pool that is not whole fen is refused, because rounding
//! it is a decision of the plan. Equal remainders go to the larger weight, then to the lower id (compared
//! as text, byte by byte). A negative pool is split by magnitude and negated.

use std::cmp::Ordering;
use std::fmt;

use super::exact::Exact;
use super::rounding::Rounding;

/// Somebody with a part in the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Employee id, unique among the claims.
    pub id: String,
    /// Weight, 0 or more.
    pub weight: Exact,
}

/// Why a pool cannot be split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllocateFault {
    /// The pool has more than two places.
    PoolNotInFen,
    /// The weights sum to 0, or there are no claims.
    NoWeight,
    /// A weight below 0.
    NegativeWeight {
        /// Whose.
        id: String,
    },
    /// Two claims of one id: the order of ties would depend on the order of rows.
    SameId {
        /// The id.
        id: String,
    },
}

impl fmt::Display for AllocateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PoolNotInFen => f.write_str("a pool is rounded to the fen before it is split"),
            Self::NoWeight => f.write_str("the weights of the pool sum to 0"),
            Self::NegativeWeight { id } => write!(f, "the weight of {id} is below 0"),
            Self::SameId { id } => write!(f, "{id} has two claims on one pool"),
        }
    }
}

/// The shares in whole fen, in the order of the claims; they sum to the pool.
///
/// # Errors
/// See [`AllocateFault`].
pub fn allocate(pool: &Exact, claims: &[Claim]) -> Result<Vec<Exact>, AllocateFault> {
    let fen = pool.abs().mul(&Exact::from(100));
    if !fen.is_whole() {
        return Err(AllocateFault::PoolNotInFen);
    }
    if let Some(claim) = claims.iter().find(|claim| claim.weight.is_negative()) {
        return Err(AllocateFault::NegativeWeight { id: claim.id.clone() });
    }
    let mut ids: Vec<&str> = claims.iter().map(|claim| claim.id.as_str()).collect();
    ids.sort_unstable();
    if let Some(id) = ids.windows(2).find_map(|pair| (pair.first() == pair.last()).then(|| pair.first()).flatten()) {
        return Err(AllocateFault::SameId { id: (*id).to_owned() });
    }
    let weights: Exact = claims.iter().map(|claim| &claim.weight).sum();
    let Some(fen_per_weight) = fen.div(&weights) else {
        return Err(AllocateFault::NoWeight);
    };

    let mut shares: Vec<Share> = claims
        .iter()
        .enumerate()
        .map(|(index, claim)| {
            let ideal = claim.weight.mul(&fen_per_weight);
            let fen = ideal.round(0, Rounding::Floor);
            Share { index, claim, rest: ideal.sub(&fen), fen }
        })
        .collect();
    shares.sort_by(Share::by_claim_to_a_left_fen);
    let mut left = shares.iter().fold(fen, |left, share| left.sub(&share.fen));
    for share in &mut shares {
        if left.is_zero() {
            break;
        }
        share.fen = share.fen.add(&Exact::one());
        left = left.sub(&Exact::one());
    }
    shares.sort_by_key(|share| share.index);
    let yuan = Exact::from_decimal_parts(if pool.is_negative() { -1 } else { 1 }, 2);
    Ok(shares.iter().map(|share| share.fen.mul(&yuan)).collect())
}

struct Share<'a> {
    index: usize,
    claim: &'a Claim,
    fen: Exact,
    rest: Exact,
}

impl Share<'_> {
    /// Larger remainder, then larger weight, then lower id.
    fn by_claim_to_a_left_fen(&self, other: &Self) -> Ordering {
        (&other.rest, &other.claim.weight)
            .cmp(&(&self.rest, &self.claim.weight))
            .then(self.claim.id.cmp(&other.claim.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(pool: &str, claims: &[(&str, &str)]) -> Result<Vec<String>, AllocateFault> {
        let exact = |text: &str| Exact::parse_human(text).unwrap();
        let claims: Vec<Claim> =
            claims.iter().map(|(id, weight)| Claim { id: (*id).to_owned(), weight: exact(weight) }).collect();
        allocate(&exact(pool), &claims).map(|shares| shares.iter().map(super::super::show::amount).collect())
    }

    #[test]
    fn shares_sum_to_the_pool() {
        assert_eq!(split("100", &[("A", "1"), ("B", "1"), ("C", "1")]).unwrap(), ["33.34", "33.33", "33.33"]);
        assert_eq!(split("0.01", &[("A", "1"), ("B", "99")]).unwrap(), ["0.00", "0.01"]);
        assert_eq!(split("0", &[("A", "1"), ("B", "2")]).unwrap(), ["0.00", "0.00"]);
        assert_eq!(split("10", &[("A", "0"), ("B", "1/3"), ("C", "2/3")]).unwrap(), ["0.00", "3.33", "6.67"]);
    }

    #[test]
    fn equal_remainders_go_to_the_larger_weight_then_the_lower_id() {
        assert_eq!(split("0.01", &[("B", "1"), ("A", "1")]).unwrap(), ["0.00", "0.01"]);
        assert_eq!(
            split("0.05", &[("A", "1"), ("B", "3"), ("C", "1"), ("D", "1")]).unwrap(),
            ["0.01", "0.02", "0.01", "0.01"]
        );
        // 0.5 and 1.5 fen: equal remainders, the larger weight wins although its id is higher.
        assert_eq!(split("0.02", &[("A", "1"), ("B", "3")]).unwrap(), ["0.00", "0.02"]);
    }

    #[test]
    fn a_negative_pool_is_split_by_magnitude() {
        assert_eq!(split("-100", &[("A", "1"), ("B", "1"), ("C", "1")]).unwrap(), ["-33.34", "-33.33", "-33.33"]);
    }

    #[test]
    fn refuses_what_it_cannot_split() {
        assert_eq!(split("1", &[("A", "0"), ("B", "0")]), Err(AllocateFault::NoWeight));
        assert_eq!(split("0", &[]), Err(AllocateFault::NoWeight));
        assert_eq!(split("0.005", &[("A", "1")]), Err(AllocateFault::PoolNotInFen));
        assert_eq!(split("1", &[("A", "2"), ("B", "-1")]), Err(AllocateFault::NegativeWeight { id: "B".to_owned() }));
        assert_eq!(split("1", &[("A", "2"), ("A", "1")]), Err(AllocateFault::SameId { id: "A".to_owned() }));
    }
}
