//! Held against maps and plain sorting.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

type Row = (Option<String>, Option<i64>, Option<String>);

fn columns(rows: &[Row]) -> Vec<Column> {
    let texts = |at: &dyn Fn(&Row) -> Option<String>| rows.iter().map(at).collect::<Vec<_>>();
    vec![
        Column::new("0".into(), texts(&|row| row.0.clone())),
        Column::new("1".into(), rows.iter().map(|row| row.1).collect::<Vec<_>>()),
        Column::new("2".into(), texts(&|row| row.2.clone())),
    ]
}

fn slow_firsts(rows: &[Row], meeting: bool) -> Vec<u32> {
    let mut known: BTreeMap<&Row, u32> = BTreeMap::new();
    let mut firsts = Vec::new();
    for (at, row) in (0..).zip(rows) {
        let lacks = row.0.is_none() || row.1.is_none() || row.2.is_none();
        firsts.push(if meeting && lacks { NONE } else { *known.entry(row).or_insert(at) });
    }
    firsts
}

fn slow_order(rows: &[Row]) -> Vec<u32> {
    let mut order: Vec<u32> = super::rows(rows.len()).collect();
    order.sort_by_key(|row| &rows[*row as usize]);
    order
}

fn holds(rows: &[Row]) {
    let columns = columns(rows);
    let keyed = Keyed::new(&[(&columns, rows.len())]).unwrap();
    for meeting in [false, true] {
        assert_eq!(keyed.firsts(meeting), slow_firsts(rows, meeting), "{rows:?}");
    }
    let order = keyed.order().unwrap_or_else(|| super::rows(rows.len()).collect());
    assert_eq!(order, slow_order(rows), "{rows:?}");
}

/// Texts that share beginnings of every length, end early, hold a zero byte, or are absent.
fn text() -> impl Strategy<Value = Option<String>> {
    let tail = prop::sample::select(vec!["", "\0", "a", "b", "甲", "aaaaaaa", "aaaaaaaab"]);
    let shared = prop::sample::select(vec![0_usize, 3, 7, 8, 15, 16, 17, 32, 140]);
    prop::option::weighted(0.9, (shared, tail).prop_map(|(shared, tail)| "x".repeat(shared) + tail))
}

/// Rows of two frames below each other find the same firsts as the map.
fn holds_of_two(rows: &[Row], at: usize) {
    let (left, right) = rows.split_at(at.min(rows.len()));
    let (one, two) = (columns(left), columns(right));
    let keyed = Keyed::new(&[(&one, left.len()), (&two, right.len())]).unwrap();
    for meeting in [false, true] {
        assert_eq!(keyed.firsts(meeting), slow_firsts(rows, meeting), "{rows:?} cut at {at}");
    }
}

proptest! {
    #[test]
    fn rows_in_order_find_their_firsts_side_by_side(
        rows in prop::collection::vec((text(), prop::option::weighted(0.9, 0_i64..3), text()), 0..120),
        at in 0_usize..120,
        by_all in any::<bool>(),
    ) {
        let mut rows = rows;
        let at = at.min(rows.len());
        let (left, right) = rows.split_at_mut(at);
        for part in [left, right] {
            if by_all { part.sort() } else { part.sort_by(|one, other| one.0.cmp(&other.0)) }
        }
        holds(&rows);
        holds_of_two(&rows, at);
    }

    #[test]
    fn texts_that_are_all_there_are_told_apart_at_a_glance_too(
        rows in prop::collection::vec((text(), prop::option::weighted(0.9, 0_i64..3), text()), 0..120),
        at in 0_usize..120,
    ) {
        let present = |text: Option<String>| Some(text.unwrap_or_default());
        let rows: Vec<Row> = rows.into_iter().map(|(one, number, two)| (present(one), number, present(two))).collect();
        holds(&rows);
        holds_of_two(&rows, at);
    }

    #[test]
    fn equal_rows_find_their_first_and_all_stand_in_order(
        rows in prop::collection::vec((text(), prop::option::weighted(0.9, 0_i64..3), text()), 0..120),
    ) {
        holds(&rows);
    }
}

#[test]
fn many_rows_in_parts_and_in_order_are_those_of_a_map() {
    let number = |at: i64| (at * 7_919) % 50_021;
    let row = |at: i64| (Some(format!("S{}", number(at) % 3)), Some(number(at)), Some(format!("{:020}", at % 1_000)));
    let mut rows: Vec<Row> = (0..120_000).map(row).collect();
    holds(&rows);
    rows.sort();
    let columns = columns(&rows);
    let keyed = Keyed::new(&[(&columns, rows.len())]).unwrap();
    assert_eq!((keyed.order(), keyed.firsts(false)), (None, slow_firsts(&rows, false)));
}

/// Who meets whom, pair by pair.
fn slow_meetings(rows: &[Row], at: usize) -> Vec<(usize, usize)> {
    let (first, second) = rows.split_at(at);
    let lacks = |row: &Row| row.0.is_none() || row.1.is_none() || row.2.is_none();
    let of = |(one, row): (usize, &Row)| {
        let met = second.iter().enumerate().filter(|(_, other)| *other == row && !lacks(row));
        met.map(|(other, _)| (one, at + other)).collect::<Vec<_>>()
    };
    first.iter().enumerate().flat_map(of).collect()
}

proptest! {
    #[test]
    fn few_rows_meet_the_same_of_many_as_by_looking_at_every_pair(
        few in prop::collection::vec((text(), prop::option::weighted(0.9, 0_i64..3), text()), 0..12),
        many in prop::collection::vec((text(), prop::option::weighted(0.9, 0_i64..3), text()), 0..120),
        turned in any::<bool>(),
        in_order in any::<bool>(),
    ) {
        let (mut first, mut second) = if turned { (many, few) } else { (few, many) };
        if in_order {
            first.sort();
            second.sort();
        }
        let (one, two) = (columns(&first), columns(&second));
        let keyed = Keyed::new(&[(&one, first.len()), (&two, second.len())]).unwrap();
        let at = first.len();
        let partners = keyed.partners();
        prop_assert_eq!(partners.len(), at + second.len());
        let meet = |one: usize, other: usize| partners[one] != NONE && partners[one] == partners[other];
        let pairs = (0..at).flat_map(|one| (at..partners.len()).map(move |other| (one, other)));
        let found: Vec<(usize, usize)> = pairs.filter(|(one, other)| meet(*one, *other)).collect();
        let rows = [first, second].concat();
        prop_assert_eq!(&found, &slow_meetings(&rows, at));
        for (one, _) in found {
            prop_assert_eq!(partners[one] as usize, rows.iter().position(|row| row == &rows[one]).unwrap());
        }
    }
}
