//! Frames of a store's days, hours and parts, from which charts of its report are drawn.

/// Name, columns, rows of the month and of the month before.
type Frame = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

/// Frames with rows of the sample's store.
pub(super) const OF_A_STORE: &[Frame] = &[
    (
        "department.days",
        "store_id: text, settled_on: text, day: days, output: yuan, cars: cars, task_per_day: yuan",
        &["S01 2026-10-01 1 213345 131 7097", "S01 2026-10-02 2 345000 141 7097"],
        &["S01 2026-09-01 1 198000 130 7097"],
    ),
    (
        "department.hours",
        "store_id: text, team: text, labour: yuan, hours: hours, assigned: hours, cars: cars, labour_rate: ratio, \
         hours_per_car: ratio",
        &["S01 机电一组 113000 600 590 448 565/3 75/56"],
        &["S01 机电一组 100000 500 490 522 200 250/261"],
    ),
    (
        "department.parts_by_category",
        "store_id: text, category: text, sales: yuan, cost: yuan, gross: yuan, gross_share: ratio",
        &["S01 油品 800 480 320 2/5", "S01 车身件 200 150 50 1/4"],
        &["S01 油品 500 300 200 2/5"],
    ),
];
