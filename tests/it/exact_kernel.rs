//! The columnar kernel against the slow reference: random trees over random columns, constructed ties,
//! and a negative control that shows what an intermediate of 18 places would pay.

use jixiao::money::allocate::{Claim, allocate};
use jixiao::money::kernel::{Cmp, Op, Reduce, Test, evaluate, evaluate_test, reduce_groups};
use jixiao::money::ladder::{Interval, Ladder, Row};
use jixiao::money::{Exact, Rounding};
use polars::prelude::{Column, Int128Chunked, IntoColumn, NewChunkedArray};
use proptest::prelude::*;

use crate::slow_exact::{Cell, Slow, number, truth};

/// One row of the five input columns of the random trees.
#[derive(Clone, Debug)]
struct InputRow {
    whole: Option<i64>,
    cents: Option<i128>,
    fine: Option<i128>,
    fraction: Option<(i128, i128)>,
    flag: Option<bool>,
}

fn columns(rows: &[InputRow]) -> Vec<Column> {
    let decimal = |name: &str, digits: Vec<Option<i128>>, scale| {
        let digits = Int128Chunked::from_iter_options(name.into(), digits.into_iter());
        digits.into_decimal(38, scale).unwrap().into_column()
    };
    let fractions: Vec<Option<String>> =
        rows.iter().map(|row| row.fraction.map(|(num, den)| Slow::new(num, den).text())).collect();
    vec![
        Column::new("whole".into(), rows.iter().map(|row| row.whole).collect::<Vec<_>>()),
        decimal("cents", rows.iter().map(|row| row.cents).collect(), 2),
        decimal("fine", rows.iter().map(|row| row.fine).collect(), 30),
        Column::new("fraction".into(), fractions),
        Column::new("flag".into(), rows.iter().map(|row| row.flag).collect::<Vec<_>>()),
    ]
}

fn cells(row: &InputRow) -> [Cell; 5] {
    [
        Cell::Number(row.whole.map(|whole| Slow::new(whole, 1))),
        Cell::Number(row.cents.map(|cents| Slow::new(cents, 100))),
        Cell::Number(row.fine.map(|fine| Slow::new(fine, 10_i128.pow(30)))),
        Cell::Number(row.fraction.map(|(num, den)| Slow::new(num, den))),
        Cell::Bool(row.flag),
    ]
}

/// Small numbers, so that zeros, equals and ties occur, and numbers at the edges of the word sizes.
fn digits() -> impl Strategy<Value = i128> {
    let edges = prop::sample::select(vec![
        i128::from(i64::MAX),
        i128::from(i64::MIN),
        i128::from(u64::MAX),
        1 << 64,
        1 << 32,
        10_i128.pow(18),
        99_999_999_999_999_999_999_999_999_999_999_999_999,
    ]);
    prop_oneof![
        8 => -20_i128..=20,
        4 => -100_000_000_i128..=100_000_000,
        2 => any::<i64>().prop_map(i128::from),
        1 => (edges, -2_i128..=0).prop_map(|(edge, step)| edge.saturating_add(step)),
        1 => -(10_i128.pow(38) - 1)..10_i128.pow(38),
    ]
}

fn input_row() -> impl Strategy<Value = InputRow> {
    let whole = prop_oneof![3 => -20_i64..=20, 1 => any::<i64>()];
    let fraction = (digits(), digits()).prop_map(|(num, den)| (num, if den == 0 { 1 } else { den }));
    (
        prop::option::weighted(0.95, whole),
        prop::option::weighted(0.95, digits()),
        prop::option::weighted(0.95, digits()),
        prop::option::weighted(0.95, fraction),
        any::<Option<bool>>(),
    )
        .prop_map(|(whole, cents, fine, fraction, flag)| InputRow { whole, cents, fine, fraction, flag })
}

fn rounding() -> impl Strategy<Value = Rounding> {
    prop::sample::select(Rounding::ALL.to_vec())
}

fn op() -> BoxedStrategy<Op> {
    let constant = prop_oneof![
        Just(Exact::from(100)),
        (-6_i128..=6, 1_i128..=6).prop_map(|(num, den)| Exact::ratio(num, den).unwrap()),
        (digits(), 1_i128..).prop_map(|(num, den)| Exact::ratio(num, den).unwrap()),
    ];
    let leaf =
        prop_oneof![8 => (0_usize..4).prop_map(Op::Input), 4 => constant.prop_map(Op::Const), 1 => Just(Op::Null)];
    leaf.prop_recursive(5, 48, 4, |op| {
        let boxed = op.clone().prop_map(Box::new);
        let pair = (boxed.clone(), boxed.clone());
        let some = prop::collection::vec(op.clone(), 1..4);
        let arms = prop::collection::vec((test_over(op), boxed.clone().prop_map(|op| *op)), 1..3);
        prop_oneof![
            pair.clone().prop_map(|(x, y)| Op::Add(x, y)),
            pair.clone().prop_map(|(x, y)| Op::Sub(x, y)),
            pair.clone().prop_map(|(x, y)| Op::Mul(x, y)),
            pair.clone().prop_map(|(x, y)| Op::Div(x, y)),
            pair.prop_map(|(x, y)| Op::NullIf(x, y)),
            boxed.clone().prop_map(Op::Neg),
            boxed.clone().prop_map(Op::Abs),
            (boxed.clone(), 0_u8..5, rounding()).prop_map(|(x, places, rounding)| Op::Round(x, places, rounding)),
            some.clone().prop_map(Op::Greatest),
            some.clone().prop_map(Op::Least),
            some.prop_map(Op::Coalesce),
            (arms, boxed).prop_map(|(arms, otherwise)| Op::Case { arms, otherwise }),
        ]
    })
    .boxed()
}

fn test_over(op: impl Strategy<Value = Op> + Clone + 'static) -> impl Strategy<Value = Test> {
    let cmp = prop::sample::select(vec![Cmp::Eq, Cmp::Ne, Cmp::Lt, Cmp::Le, Cmp::Gt, Cmp::Ge]);
    let leaf = prop_oneof![
        1 => Just(Test::Input(4)),
        1 => any::<bool>().prop_map(Test::Const),
        4 => (cmp, op.clone(), op.clone()).prop_map(|(cmp, x, y)| Test::Compare(cmp, x, y)),
        1 => op.clone().prop_map(Test::IsNull),
        2 => (op.clone(), op.clone(), op.clone()).prop_map(|(value, low, high)| Test::Between { value, low, high }),
        2 => (op.clone(), prop::collection::vec(op, 0..3)).prop_map(|(value, list)| Test::In(value, list)),
    ];
    leaf.prop_recursive(2, 6, 3, |test| {
        prop_oneof![
            prop::collection::vec(test.clone(), 0..3).prop_map(Test::And),
            prop::collection::vec(test.clone(), 0..3).prop_map(Test::Or),
            test.clone().prop_map(|test| Test::Not(Box::new(test))),
            test.prop_map(|test| Test::IsUnknown(Box::new(test))),
        ]
    })
}

fn texts(column: &Column) -> Vec<Option<String>> {
    column.str().unwrap().iter().map(|text| text.map(str::to_owned)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn columns_of_random_formulas_equal_the_slow_reference(op in op(), rows in prop::collection::vec(input_row(), 0..6)) {
        let (column, faults) = evaluate(&op, &columns(&rows), rows.len());
        let found = texts(&column);
        let mut faults = faults.into_iter().peekable();
        prop_assert_eq!(found.len(), rows.len());
        for (index, row) in rows.iter().enumerate() {
            let fault = faults.next_if(|fault| fault.row == index).map(|fault| fault.cause);
            match number(&op, &cells(row)) {
                Ok(wanted) => {
                    prop_assert_eq!(&found[index], &wanted.map(|number| number.text()));
                    prop_assert_eq!(fault, None);
                }
                Err(cause) => {
                    prop_assert_eq!(&found[index], &None);
                    prop_assert_eq!(fault.as_deref(), Some(cause));
                }
            }
        }
        prop_assert!(faults.next().is_none());
    }

    #[test]
    fn columns_of_random_conditions_equal_the_slow_reference(test in test_over(op()), rows in prop::collection::vec(input_row(), 0..6)) {
        let (column, faults) = evaluate_test(&test, &columns(&rows), rows.len());
        let found: Vec<Option<bool>> = column.bool().unwrap().iter().collect();
        prop_assert_eq!(found.len(), rows.len());
        for (index, row) in rows.iter().enumerate() {
            let fault = faults.iter().find(|fault| fault.row == index).map(|fault| fault.cause.as_str());
            match truth(&test, &cells(row)) {
                Ok(wanted) => prop_assert_eq!((found[index], fault), (wanted, None)),
                Err(cause) => prop_assert_eq!((found[index], fault), (None, Some(cause))),
            }
        }
    }

    #[test]
    fn sums_and_extremes_of_groups_equal_the_slow_reference(
        rows in prop::collection::vec((0_u32..4, prop::option::weighted(0.9, (digits(), 1_i128..=1_000_000))), 0..30),
    ) {
        let numbers: Vec<Option<Slow>> = rows.iter().map(|(_, n)| n.map(|(num, den)| Slow::new(num, den))).collect();
        let values = Column::new("x".into(), numbers.iter().map(|n| n.as_ref().map(Slow::text)).collect::<Vec<_>>());
        let group_of: Vec<u32> = rows.iter().map(|(group, _)| *group).collect();
        for (kind, start) in [(Reduce::Sum, Some(Slow::new(0, 1))), (Reduce::Min, None), (Reduce::Max, None)] {
            let (column, faults) = reduce_groups(kind, &values, &group_of, 4);
            prop_assert_eq!(faults, vec![]);
            let wanted: Vec<Option<String>> = (0..4).map(|group| {
                let members = numbers.iter().zip(&group_of).filter(|(_, of)| **of == group).filter_map(|(n, _)| n.clone());
                start.clone().into_iter().chain(members).reduce(|so_far, next| match kind {
                    Reduce::Sum => so_far.plus(&next),
                    Reduce::Min if next.compare(&so_far).is_lt() => next,
                    Reduce::Max if next.compare(&so_far).is_gt() => next,
                    _ => so_far,
                }).map(|number| number.text())
            }).collect();
            prop_assert_eq!(texts(&column), wanted);
        }
    }

    #[test]
    fn rounding_moves_to_a_neighbour_on_the_grid(
        num in digits(), den in prop_oneof![1_i128..=20, 1_i128..=1_000_000], places in 0_u8..20, rounding in rounding()) {
        let rounded = Exact::ratio(num, den).unwrap().round(places, rounding);
        prop_assert_eq!(rounded.to_canonical(), Slow::new(num, den).rounded(places, rounding).text());
        prop_assert_eq!(rounded.round(places, Rounding::HalfUp), rounded);
    }

    #[test]
    fn order_is_the_order_of_cross_products(a in digits(), b in 1_i128.., c in digits(), d in 1_i128..) {
        let order = Exact::ratio(a, b).unwrap().cmp(&Exact::ratio(c, d).unwrap());
        prop_assert_eq!(order, Slow::new(a, b).compare(&Slow::new(c, d)));
        prop_assert_eq!(order.is_eq(), Exact::ratio(a, b) == Exact::ratio(c, d));
    }

    #[test]
    fn canonical_text_reads_back(num in digits(), den in 1_i128..) {
        let number = Exact::ratio(num, den).unwrap();
        prop_assert_eq!(number.to_canonical(), Slow::new(num, den).text());
        prop_assert_eq!(Exact::parse_canonical(&number.to_canonical()), Some(number));
    }

    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in "\\PC{0,12}|[-+0-9.,/%‰万亿０％ _()\\[\\]inf∞]{0,16}") {
        let _ = Exact::parse_canonical(&text);
        let _ = Exact::parse_number(&text);
        if let Err(fault) = Exact::parse_human(&text) {
            prop_assert!(text.get(fault.span).is_some());
        }
        if let Err(fault) = Interval::parse(&text) {
            prop_assert!(text.get(fault.span).is_some());
        }
    }

    #[test]
    fn shares_are_within_a_fen_of_the_ideal_and_sum_to_the_pool(
        fen in -10_000_000_i128..10_000_000,
        weights in prop::collection::vec((0_i128..50, 1_i128..8), 1..12),
    ) {
        let pool = Exact::from_decimal_parts(fen, 2);
        let claims: Vec<Claim> = weights.iter().enumerate()
            .map(|(index, (num, den))| Claim { id: format!("A{index:02}"), weight: Exact::ratio(*num, *den).unwrap() })
            .collect();
        let total: Exact = claims.iter().map(|claim| &claim.weight).sum();
        prop_assume!(!total.is_zero());
        let shares = allocate(&pool, &claims).unwrap();
        prop_assert_eq!(shares.iter().sum::<Exact>(), pool.clone());
        let mut backwards = claims.clone();
        backwards.reverse();
        let mut again = allocate(&pool, &backwards).unwrap();
        again.reverse();
        prop_assert_eq!(&again, &shares);
        for (claim, share) in claims.iter().zip(&shares) {
            let ideal = pool.mul(&claim.weight).div(&total).unwrap();
            prop_assert!(share.sub(&ideal).abs() < Exact::from_decimal_parts(1, 2));
            prop_assert!(share.to_amount().is_some());
        }
    }

    #[test]
    fn ladders_are_what_a_walk_over_their_rows_finds(
        mut bounds in prop::collection::vec((-100_i128..100, any::<bool>()), 1..6),
        rates in prop::collection::vec(-5_i64..20, 7),
        number in (-240_i128..240).prop_map(|halves| Exact::ratio(halves, 2).unwrap()),
    ) {
        bounds.sort_unstable();
        bounds.dedup_by_key(|(bound, _)| *bound);
        let lower = bounds.iter().map(|(bound, below)| format!("{}{bound}", if *below { '(' } else { '[' }));
        let upper = bounds.iter().map(|(bound, below)| format!("{bound}{}", if *below { ']' } else { ')' }));
        let rows: Vec<Row> = ["(-inf".to_owned()].into_iter().chain(lower).zip(upper.chain(["inf)".to_owned()]))
            .zip(&rates)
            .map(|((lower, upper), rate)| Row {
                interval: Interval::parse(&format!("{lower}, {upper}")).unwrap(),
                value: Exact::from(*rate),
                words: String::new(),
            })
            .collect();
        let ladder = Ladder::new(rows).unwrap();
        let reached = bounds.iter().filter(|(bound, below)| {
            let bound = Exact::from_i128(*bound);
            if *below { number > bound } else { number >= bound }
        }).count();
        prop_assert_eq!(ladder.lookup(&number).map(|(index, _)| index), Some(reached));

        // Half by half from 0 upward, each at the rate of the row that its middle lies in.
        let half = Exact::ratio(1, 2).unwrap();
        let quarter = Exact::ratio(1, 4).unwrap();
        let mut paid = Exact::zero();
        let mut from = Exact::zero();
        while from < number {
            paid = paid.add(&half.mul(&ladder.lookup(&from.add(&quarter)).unwrap().1.value));
            from = from.add(&half);
        }
        prop_assert_eq!(ladder.marginal(&number).ok(), (!number.is_negative()).then_some(paid));
    }
}

/// cars × 2 × (cars ÷ target) × score ÷ 100, rounded half-up to the fen.
fn cars_term() -> Op {
    let two = || Box::new(Op::Const(Exact::from(2)));
    let hundred = || Box::new(Op::Const(Exact::from(100)));
    let attainment = Op::Div(Box::new(Op::Input(0)), Box::new(Op::Input(1)));
    let paid = Op::Mul(Box::new(Op::Mul(Box::new(Op::Input(0)), two())), Box::new(attainment));
    let scored = Op::Div(Box::new(Op::Mul(Box::new(paid), Box::new(Op::Input(2)))), hundred());
    Op::Round(Box::new(scored), 2, Rounding::HalfUp)
}

/// The same with the attainment held at 18 places, as a decimal column would hold it.
fn cars_term_at_scale_18(cars: i64, target: i64, score: i64) -> Slow {
    let attainment = Slow::new(cars, target).rounded(18, Rounding::HalfUp);
    Slow::new(cars * 2, 1).times(&attainment).times(&Slow::new(score, 100)).rounded(2, Rounding::HalfUp)
}

#[test]
fn a_tie_that_passes_through_a_ratio_is_rounded_up() {
    let inputs = [
        Column::new("cars".into(), [255_i64]),
        Column::new("target".into(), [132_i64]),
        Column::new("score".into(), [99_i64]),
    ];
    let Op::Round(unrounded, ..) = cars_term() else { panic!("the term is rounded last") };
    assert_eq!(texts(&evaluate(&unrounded, &inputs, 1).0), [Some("7803/8".to_owned())]);
    let paid = texts(&evaluate(&cars_term(), &inputs, 1).0).remove(0).unwrap();
    assert_eq!(Exact::parse_canonical(&paid).unwrap().to_amount().unwrap().to_string(), "975.38");
    assert_eq!(cars_term_at_scale_18(255, 132, 99).text(), Slow::new(97_537, 100).text());
}

#[test]
fn every_tie_of_a_store_is_paid_exactly_and_scale_18_would_miss_many() {
    let tie = |cars: i64, target: i64, score: i64| {
        // 2 cars² score ÷ (100 target), in thousandths of a yuan, ends in 5; the attainment never ends.
        let thousandths = 2 * cars * cars * score * 10;
        thousandths % target == 0
            && (thousandths / target) % 10 == 5
            && 10_i128.pow(18) * i128::from(cars) % i128::from(target) != 0
    };
    let ties: Vec<(i64, i64, i64)> = (1..=300)
        .flat_map(|cars| (1..=200).flat_map(move |target| (60..=100).map(move |score| (cars, target, score))))
        .filter(|(cars, target, score)| tie(*cars, *target, *score))
        .collect();
    assert!(ties.len() > 1_000, "{} ties", ties.len());
    let inputs = [
        Column::new("cars".into(), ties.iter().map(|tie| tie.0).collect::<Vec<_>>()),
        Column::new("target".into(), ties.iter().map(|tie| tie.1).collect::<Vec<_>>()),
        Column::new("score".into(), ties.iter().map(|tie| tie.2).collect::<Vec<_>>()),
    ];
    let (paid, faults) = evaluate(&cars_term(), &inputs, ties.len());
    assert_eq!(faults, []);
    let mut missed = 0;
    for ((cars, target, score), paid) in ties.iter().zip(texts(&paid)) {
        let exact = Slow::new(2 * cars * cars * score, 100 * target).rounded(2, Rounding::HalfUp).text();
        assert_eq!(paid.as_deref(), Some(exact.as_str()), "cars {cars}, target {target}, score {score}");
        missed += usize::from(cars_term_at_scale_18(*cars, *target, *score).text() != exact);
    }
    assert!(missed * 5 > ties.len(), "scale 18 misses {missed} of {} ties", ties.len());
    assert!(missed < ties.len(), "the control differs where it must not");
}
