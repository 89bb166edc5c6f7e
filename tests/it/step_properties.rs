//! Columnar joins, aggregates and look-ups against a reference that goes row by row, and nothing lost on the way.

use std::collections::BTreeMap;

use jixiao::diag::text::Language;
use jixiao::diag::yaml::{self, OrderedMap};
use jixiao::expr::types::Schema;
use jixiao::step::{self, CheckCx, RunCx, Step, StepOutput, StepSpec};
use proptest::prelude::*;

use crate::step_cases::{Bench, Cells, MatrixSpec, MatrixVersion, cells, frame, number, period, schema};
use crate::steps::{fates, layout};

/// A row of facts: store, person (absent for some), day of the month, fen.
type Fact = (u8, Option<u8>, i8, i64);

/// A row of intervals: store, person, first day, last day (absent for open), fen.
type Interval = (u8, u8, i8, Option<i8>, i64);

fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let fact = (0..2_u8, prop::option::weighted(0.9, 0..4_u8), 1..=31_i8, -500..500_i64);
    prop::collection::vec(fact, 0..40)
}

fn intervals() -> impl Strategy<Value = Vec<Interval>> {
    let interval = (0..2_u8, 0..4_u8, 1..=31_i8, prop::option::weighted(0.7, 1..=31_i8), 0..900_i64);
    prop::collection::vec(interval, 0..10)
}

fn store(store: u8) -> String {
    format!("S{store}")
}

fn person(person: u8) -> String {
    format!("A{person}")
}

fn day(day: i8) -> String {
    format!("2026-10-{day:02}")
}

fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", fen.abs() / 100, fen.abs() % 100)
}

fn fact_cells(fact: &Fact) -> Cells {
    vec![Some(store(fact.0)), fact.1.map(person), Some(day(fact.2)), Some(yuan(fact.3))]
}

fn interval_cells(interval: &Interval) -> Cells {
    let (at, who, first, last, fen) = *interval;
    vec![Some(store(at)), Some(person(who)), Some(day(first)), last.map(day), Some(yuan(fen))]
}

fn bench(facts: &[Fact], intervals: &[Interval]) -> Bench {
    let columns = |entries: &[(&str, &str)]| {
        schema(&OrderedMap(entries.iter().map(|(name, ty)| ((*name).to_owned(), (*ty).to_owned())).collect()))
    };
    let mut bench = Bench::default();
    let mut add = |name: &str, schema: Schema, rows: Vec<Cells>| {
        let mut frame = frame(&schema, &rows);
        number(&mut frame, name);
        bench.add(name, schema, frame);
    };
    let fact_columns = [("store_id", "text"), ("who", "text?"), ("sold_on", "date"), ("amount", "money")];
    add("facts", columns(&fact_columns), facts.iter().map(fact_cells).collect());
    let roster = [("store_id", "text"), ("who", "text"), ("first", "date"), ("last", "date?"), ("base", "money")];
    add("roster", columns(&roster), intervals.iter().map(interval_cells).collect());
    bench.set_interval("roster", "first", "last");
    bench
}

fn run(text: &str, bench: &Bench) -> (Step, StepOutput) {
    let spec: StepSpec = yaml::read_text("step.yaml", text).unwrap();
    let cx = CheckCx { frames: bench, params: bench, tables: bench, units: &[], language: Language::Chinese };
    let step = step::check(&spec, &cx).unwrap();
    let period = period();
    let output = step::apply(&step, bench, &RunCx { params: bench, tables: bench, period: &period }).unwrap();
    layout(&step, &output).unwrap();
    fates(&step, &output, bench).unwrap();
    (step, output)
}

/// A row of a random matrix: low and high ends in tens on both axes, each end in or out, and the value.
type Cell = ([(i64, bool); 2], [(i64, bool); 2], u8);

fn cells_of_a_matrix() -> impl Strategy<Value = Vec<Cell>> {
    let end = || (-3..=3_i64, any::<bool>());
    let ends = || [end(), end()].prop_map(|[one, other]| if one.0 <= other.0 { [one, other] } else { [other, one] });
    prop::collection::vec((ends(), ends(), 1..9_u8), 0..5)
}

fn interval([low, high]: [(i64, bool); 2]) -> String {
    let (open, close) = (if low.1 { '[' } else { '(' }, if high.1 { ']' } else { ')' });
    format!("{open}{}, {}{close}", low.0 * 10, high.0 * 10)
}

/// Whether a number of tenths lies between two ends in tens, by the signs alone.
fn lies([low, high]: [(i64, bool); 2], tenths: i64) -> bool {
    let (low, high) = ((low.0 * 100, low.1), (high.0 * 100, high.1));
    (tenths > low.0 || (low.1 && tenths == low.0)) && (tenths < high.0 || (high.1 && tenths == high.0))
}

/// Whether no number lies between two ends.
fn empty([low, high]: [(i64, bool); 2]) -> bool {
    low.0 == high.0 && !(low.1 && high.1)
}

const CARD: &str = "\
parameters:
  card:
    title: 评分表
    clause: C1
    dated_by: period
    source: stated
    indicators:
      quick: { label: 响应, unit: minutes, rule: control }
      sold: { label: 销售, unit: yuan, rule: growth, target: row }
      kind: { label: 态度, unit: points, rule: rating }
    cards:
      - from: 2020-01-01
        pass: 60
        between: [0, 100]
        rows: { quick: { target: 10, weight: 1/2 }, sold: { weight: 1/3 }, kind: { weight: 1/6 } }
      - from: 2026-10-01
        stores: [S02]
        pass: 60
        between: [0, 90]
        rows: { sold: { weight: 75% }, kind: { weight: 25%, by: rater } }
";

fn meets(fact: &Fact, interval: &Interval) -> bool {
    (fact.0, fact.1) == (interval.0, Some(interval.1))
}

fn holds(interval: &Interval, day: i8) -> bool {
    interval.2 <= day && interval.3.is_none_or(|last| day <= last)
}

fn rows_left(output: &StepOutput, frame: &str) -> Vec<usize> {
    let mut rows: Vec<usize> = output
        .dropped
        .iter()
        .filter(|one| &*one.frame == frame)
        .flat_map(|one| &one.rows)
        .map(|row| *row as usize)
        .collect();
    rows.sort_unstable();
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn an_aggregate_for_each_person_equals_nested_loops(facts in facts(), roster in intervals()) {
        let bench = bench(&facts, &roster);
        let (step, output) = run(
            "aggregate:
               from: facts
               for_each: roster
               keys: [store_id, who]
               where: sold_on >= roster.first AND sold_on <= COALESCE(roster.last, DATE '2026-12-31')
               columns: { total: SUM(amount), rows: COUNT(*), best: MAX(amount), least: MIN(amount * 2) }",
            &bench,
        );
        let expected: Vec<Cells> = roster
            .iter()
            .map(|one| {
                let own: Vec<i64> =
                    facts.iter().filter(|fact| meets(fact, one) && holds(one, fact.2)).map(|fact| fact.3).collect();
                let mut row = interval_cells(one);
                row.push(Some(yuan(own.iter().sum())));
                row.push(Some(own.len().to_string()));
                row.push(own.iter().max().copied().map(yuan));
                row.push(own.iter().min().map(|fen| yuan(fen * 2)));
                row
            })
            .collect();
        prop_assert_eq!(cells(&step.schema, &output.frame), expected);
        let nobody: Vec<usize> = (0..facts.len())
            .filter(|&row| !roster.iter().any(|one| meets(&facts[row], one) && holds(one, facts[row].2)))
            .collect();
        prop_assert_eq!(rows_left(&output, "facts"), nobody);
    }

    #[test]
    fn an_aggregate_by_keys_equals_a_map_and_keeps_every_fen(facts in facts()) {
        let bench = bench(&facts, &[]);
        let (step, output) = run(
            "aggregate:
               from: facts
               keys: [store_id, sold_on]
               where: amount > -300
               columns: { total: SUM(amount), named: COUNT(who), people: COUNT(DISTINCT who), mean: AVG(amount) }",
            &bench,
        );
        let mut groups: BTreeMap<(u8, i8), Vec<&Fact>> = BTreeMap::new();
        for fact in facts.iter().filter(|fact| fact.3 > -30_000) {
            groups.entry((fact.0, fact.2)).or_default().push(fact);
        }
        let found = cells(&step.schema, &output.frame);
        prop_assert_eq!(found.len(), groups.len());
        for (row, ((at, on), group)) in found.iter().zip(&groups) {
            let total: i64 = group.iter().map(|fact| fact.3).sum();
            let named: Vec<u8> = group.iter().filter_map(|fact| fact.1).collect();
            let people: std::collections::BTreeSet<u8> = named.iter().copied().collect();
            let mean = jixiao::money::Exact::ratio(i128::from(total), 100 * group.len() as i128).unwrap();
            let expected = [store(*at), day(*on), yuan(total), named.len().to_string(), people.len().to_string(), mean.to_canonical()];
            prop_assert_eq!(row, &expected.map(Some).to_vec());
        }
        let left: i64 = rows_left(&output, "facts").into_iter().map(|row| facts[row].3).sum();
        let kept: i64 = groups.values().flatten().map(|fact| fact.3).sum();
        prop_assert_eq!(left + kept, facts.iter().map(|fact| fact.3).sum::<i64>());
    }

    #[test]
    fn a_join_equals_nested_loops(
        facts in facts(),
        roster in intervals(),
        expect in prop::sample::select(vec!["one-to-one", "many-to-one", "one-to-many", "many-to-many"]),
        unmatched in prop::sample::select(vec!["exception", "hold", "keep", "drop"]),
    ) {
        let bench = bench(&facts, &roster);
        let (step, output) = run(
            &format!(
                "join:
                   from: facts
                   with: [roster]
                   keys: [store_id, who]
                   take: [base]
                   expect: {expect}
                   unmatched: {unmatched}
                   who: who
                   stake: amount"
            ),
            &bench,
        );
        let (left_unique, right_unique) = (expect.starts_with("one-"), expect.ends_with("-one"));
        let (mut expected, mut gone) = (Vec::new(), Vec::new());
        for (row, fact) in facts.iter().enumerate() {
            let partners: Vec<&Interval> = roster.iter().filter(|one| meets(fact, one)).collect();
            let twins = facts.iter().filter(|other| (other.0, other.1) == (fact.0, fact.1)).count();
            let breaks = (left_unique && twins > 1) || (right_unique && partners.len() > 1);
            if breaks || (partners.is_empty() && unmatched != "keep") {
                gone.push(row);
                continue;
            }
            let bases: Vec<Option<String>> = partners.iter().map(|one| Some(yuan(one.4))).collect();
            for base in if bases.is_empty() { vec![None] } else { bases } {
                let mut row = fact_cells(fact);
                row.push(base);
                expected.push(row);
            }
        }
        prop_assert_eq!(cells(&step.schema, &output.frame), expected);
        prop_assert_eq!(rows_left(&output, "facts"), gone.clone());
        let told: jixiao::money::Exact = output
            .exceptions
            .iter()
            .filter_map(|one| one.stake.clone())
            .fold(jixiao::money::Exact::zero(), |sum, stake| sum.add(&stake));
        if unmatched != "drop" && expect == "many-to-many" {
            let at_stake: i64 = gone.iter().map(|row| facts[*row].3).sum();
            prop_assert_eq!(told, jixiao::money::Exact::ratio(i128::from(at_stake), 100).unwrap());
        }
    }

    #[test]
    fn a_join_as_of_a_day_equals_nested_loops(facts in facts(), roster in intervals()) {
        let bench = bench(&facts, &roster);
        let (step, output) = run(
            "join:
               from: facts
               with: [roster]
               keys: [store_id, who]
               take: [base]
               as_of: sold_on
               unmatched: exception
               who: who
               stake: amount",
            &bench,
        );
        let (mut expected, mut at_stake) = (Vec::new(), 0);
        for fact in &facts {
            let partners: Vec<&Interval> =
                roster.iter().filter(|one| meets(fact, one) && holds(one, fact.2)).collect();
            match partners.as_slice() {
                [only] => {
                    let mut row = fact_cells(fact);
                    row.push(Some(yuan(only.4)));
                    expected.push(row);
                }
                _ => at_stake += fact.3,
            }
        }
        prop_assert_eq!(cells(&step.schema, &output.frame), expected);
        let told = output
            .exceptions
            .iter()
            .filter_map(|one| one.stake.clone())
            .fold(jixiao::money::Exact::zero(), |sum, stake| sum.add(&stake));
        prop_assert_eq!(told, jixiao::money::Exact::ratio(i128::from(at_stake), 100).unwrap());
        let names: Vec<_> = output.exceptions.iter().map(|one| (one.code, one.who.clone(), one.row.map(|row| facts[row as usize].0))).collect();
        let once: std::collections::BTreeSet<_> = names.iter().collect();
        prop_assert_eq!(once.len(), names.len(), "one exception for a name of a store");
    }

    /// Against the printed rule read row by row, numbers and bounds as whole tenths.
    #[test]
    fn a_matrix_equals_going_through_its_rows(
        rows in cells_of_a_matrix(),
        print in [(0..3_i64, any::<bool>()), (0..3_i64, any::<bool>())],
        asked in prop::collection::vec([-45..45_i64, -45..45_i64], 1..30),
    ) {
        let rows: Vec<Cell> = rows.into_iter().filter(|row| !empty(row.0) && !empty(row.1)).collect();
        // The first row holds everywhere, so that there is no gap; rows in the shade of others are left out.
        let printed = print.map(|(tens, closed)| [(-tens - 1, closed), (tens + 1, closed)]);
        let spec = |rows: &[Cell]| MatrixSpec {
            axes: OrderedMap(vec![("one".to_owned(), "ratio".to_owned()), ("two".to_owned(), "ratio".to_owned())]),
            value: "ratio".to_owned(),
            dated_by: None,
            versions: OrderedMap(vec![("2020-01-01".to_owned(), MatrixVersion {
                printed: printed.map(interval).to_vec(),
                rows: std::iter::once(vec!["(-inf, inf)".to_owned(), "(-inf, inf)".to_owned(), "1/2".to_owned()])
                    .chain(rows.iter().map(|row| vec![interval(row.0), interval(row.1), row.2.to_string()]))
                    .collect(),
            })]),
        };
        let mut kept: Vec<Cell> = Vec::new();
        for row in &rows {
            kept.push(*row);
            let all: Vec<Vec<String>> = spec(&kept).versions.0.remove(0).1.rows;
            let parse = |text: &String| jixiao::money::ladder::Interval::parse(text).unwrap();
            let made = all.iter().map(|cells| jixiao::money::matrix::Row {
                conditions: cells[..2].iter().map(parse).collect(),
                value: jixiao::money::Exact::parse_human(&cells[2]).unwrap(),
                words: String::new(),
            });
            let printed = printed.map(|one| parse(&interval(one))).to_vec();
            if jixiao::money::matrix::Matrix::new(&["one", "two"], printed, made.collect()).is_err() {
                kept.pop();
            }
        }
        let mut bench = Bench::default();
        let columns = OrderedMap(vec![("a".to_owned(), "exact".to_owned()), ("b".to_owned(), "exact".to_owned())]);
        let schema = schema(&columns);
        let tenth = |tenths: i64| jixiao::money::Exact::ratio(i128::from(tenths), 10).unwrap().to_canonical();
        let cell = |[a, b]: &[i64; 2]| vec![Some(tenth(*a * 10)), Some(tenth(*b * 10))];
        let mut asked_frame = frame(&schema, &asked.iter().map(cell).collect::<Vec<_>>());
        number(&mut asked_frame, "asked");
        bench.add("asked", schema, asked_frame);
        bench.add_matrix("table", &spec(&kept));
        let (step, output) = run("matrix: { from: asked, table: param.table, by: { one: a, two: b }, into: v }", &bench);
        // Brought to the nearest printed number, in tenths of tenths: a bound left out gives way by the least step.
        let near = |axis: usize, number: i64| {
            let [low, high] = printed[axis];
            let least = low.0 * 10_000 + i64::from(!low.1);
            let most = high.0 * 10_000 - i64::from(!high.1);
            (number * 1_000).clamp(least, most)
        };
        let inside = |ends: [(i64, bool); 2], fine: i64| {
            let [low, high] = ends.map(|(tens, closed)| (tens * 10_000, closed));
            (fine > low.0 || (low.1 && fine == low.0)) && (fine < high.0 || (high.1 && fine == high.0))
        };
        let mut expected = Vec::new();
        let mut beyond = 0;
        for [a, b] in &asked {
            let at = [near(0, *a), near(1, *b)];
            beyond += usize::from(!lies(printed[0], a * 10) || !lies(printed[1], b * 10));
            let holds = |row: &Cell| [inside(row.0, at[0]), inside(row.1, at[1])];
            let taken = kept.iter().rposition(|row| holds(row) == [true, true]);
            let value = taken.map_or(jixiao::money::Exact::ratio(1, 2).unwrap(), |at| i64::from(kept[at].2).into());
            let next = kept[taken.map_or(0, |at| at + 1)..].iter().find(|row| value < i64::from(row.2).into());
            let held: Vec<&str> = next.map(holds).into_iter().flatten().zip(["one", "two"])
                .filter(|(held, _)| !held).map(|(_, axis)| axis).collect();
            expected.push(vec![
                Some(tenth(*a * 10)), Some(tenth(*b * 10)), Some(value.to_canonical()),
                Some(held.join("、")).filter(|held| !held.is_empty()),
            ]);
        }
        prop_assert_eq!(cells(&step.schema, &output.frame), expected);
        prop_assert_eq!(output.exceptions.len(), beyond);
    }

    /// Against the rules of D1-4.3.1 and D1-4.3.2, indicator by indicator, in exact fractions.
    #[test]
    fn a_score_equals_its_rules_applied_one_by_one(
        rows in prop::collection::vec((0..2_u8, -20..200_i64, -20..200_i64, -5..20_i64, 0..=110_i64, 0..40_i64), 1..20),
    ) {
        let exact = |num: i64, den: i64| jixiao::money::Exact::ratio(num.into(), den.into()).unwrap();
        let columns = [("store_id", "text"), ("minutes", "exact minutes"), ("sales", "money"), ("task", "money?"), ("rated", "int points"), ("taken", "int points")];
        let columns = OrderedMap(columns.iter().map(|(name, ty)| ((*name).to_owned(), (*ty).to_owned())).collect());
        let schema = schema(&columns);
        let cell = |row: &(u8, i64, i64, i64, i64, i64)| -> Cells {
            let text = |text: String| Some(text);
            vec![text(format!("S0{}", row.0 + 1)), text(exact(row.1, 7).to_canonical()), text(yuan(row.2)), text(yuan(row.3)), text(row.4.to_string()), text(row.5.to_string())]
        };
        let mut measured = frame(&schema, &rows.iter().map(cell).collect::<Vec<_>>());
        number(&mut measured, "measured");
        let mut bench = Bench::default();
        bench.add("measured", schema, measured);
        bench.read_parameters(CARD);
        let (step, output) = run(
            "score: { from: measured, card: param.card, actuals: { quick: minutes, sold: sales, kind: rated }, targets: { sold: task }, ratings: { kind: rated }, deduct: taken, into: score }",
            &bench,
        );
        let mut expected = Vec::new();
        let mut gone = Vec::new();
        for (at, (own, minutes, sales, task, rated, taken)) in rows.iter().enumerate() {
            if *task <= 0 || *rated > 100 {
                gone.push(at);
                continue;
            }
            let hundred = exact(100, 1);
            let quick = exact(*minutes, 7);
            let quick = if quick <= exact(10, 1) { hundred.clone() } else {
                let beyond = exact(2, 1).sub(&quick.div(&exact(10, 1)).unwrap()).mul(&hundred);
                if beyond.is_negative() { exact(0, 1) } else { beyond }
            };
            let sold = exact((*sales).max(0) * 100, *task);
            let kind = exact(*rated, 1);
            // The store of its own leaves the minutes out and ends at 90.
            let (sum, cap) = if *own == 1 {
                (sold.mul(&exact(3, 4)).add(&kind.mul(&exact(1, 4))), exact(90, 1))
            } else {
                (quick.mul(&exact(1, 2)).add(&sold.mul(&exact(1, 3))).add(&kind.mul(&exact(1, 6))), hundred)
            };
            let less = sum.sub(&exact(*taken, 1));
            let limited = if less.is_negative() { exact(0, 1) } else if less > cap { cap } else { less };
            let announced = limited.round(2, jixiao::money::Rounding::HalfUp);
            let text = announced.to_unscaled(2).unwrap();
            expected.push(vec![
                Some(sum.to_canonical()), Some(limited.to_canonical()),
                Some(format!("{}.{:02}", text / 100, text % 100)), Some((announced >= exact(60, 1)).to_string()),
            ]);
        }
        let found: Vec<Cells> = cells(&step.schema, &output.frame)
            .into_iter()
            .map(|row| ["score_sum", "score_exact", "score", "score_passed"].map(|name| {
                row[step.schema.names().position(|known| known == name).unwrap()].clone()
            }).to_vec())
            .collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(rows_left(&output, "measured"), gone);
    }
}
