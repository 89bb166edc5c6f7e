//! Frames of sections that only some stores have rows of: their columns, for a store without.

/// Frames of sections that the sample's store has no rows of: what only some stores keep.
pub(super) const KEPT_BY_OTHERS: &[(&str, &str)] = &[
    (
        "net-pay.settled",
        "store_id: text, employee_id: text, year_source: text, year_income_before: ratio, month_income: ratio, \
         year_income: ratio, year_exempt: ratio, months: ratio, year_allowance: ratio, year_insurance_before: ratio, \
         pension: ratio, medical: ratio, unemployment: ratio, housing_fund: ratio, year_insurance: ratio, \
         year_special_before: ratio, month_special: ratio, year_special: ratio, taxable: ratio, tax_rate: ratio, \
         quick_deduction: ratio, year_tax: ratio, withheld: ratio, income_tax: ratio, year_withheld: ratio, \
         fines_left: ratio, shortfall: ratio",
    ),
    ("department.insurance", "store_id: text, kind: text, proposals: ratio, premium: ratio, profit: ratio"),
    ("group.sales", "store_id: text, output: ratio, cars: ratio"),
    ("group-pay.stores", "store_id: text, pay: ratio, output: ratio"),
    (
        "office.managers",
        "store_id: text, employee_id: text, name: text, paid_with: text, base: text, target: text, \
         base_attainment: text, score: ratio, held_share: text, bonus: text",
    ),
    (
        "margin-pool-report.advisors",
        "store_id: text, employee_id: text, name: text, output_base: ratio, output_rate: text, \
         output_item: ratio, package_item: ratio, care_item: ratio, insurance_item: ratio, \
         maintenance_item: ratio, sets_base: ratio, package_factor: text, output_short: text, \
         full_covers: ratio, cover_short: ratio, maintenance_base: ratio, maintenance_short: ratio",
    ),
    (
        "margin-pool-report.complaints",
        "store_id: text, employee_id: text, name: text, reception_orders: ratio, raised_orders: \
         ratio, overall_orders: ratio",
    ),
    (
        "margin-pool-report.pools",
        "store_id: text, output_base: text, revenue: text, cost: text, margin: text, pool_rate: \
         ratio, pool_rate_held_by: text, pool: text, car_wash_wages: text, relations_wages: text, \
         charges: text, bound: text, performance_total: text, adjustment_total: text, headroom: text, \
         bound_rule: text",
    ),
    (
        "margin-pool-report.adjustments",
        "store_id: text, entry_no: text, employee_id: text, amount: ratio, reason: text, document: \
         text, approver: text",
    ),
    (
        "margin-pool-report.managers",
        "store_id: text, employee_id: text, role: text, name: text, output_base: text, output_rate: \
         text, cars_base: text, score: ratio",
    ),
    (
        "margin-pool-report.supervisors",
        "store_id: text, employee_id: text, role: text, name: text, hours_base: text, hour_rate: \
         ratio, score: ratio",
    ),
    (
        "margin-pool-report.trainers",
        "store_id: text, employee_id: text, name: text, sessions: ratio, short_sessions: ratio, \
         attended: ratio",
    ),
    (
        "margin-pool-report.staffing",
        "store_id: text, role: text, post: text, heads: ratio, actual: ratio, missing: ratio, \
         average_heads: ratio, output_per_head: ratio, output_expected: ratio",
    ),
    (
        "service.times",
        "store_id: text, orders: text, kept: text, response_mean: ratio, in_time_share: text, completion_share: \
         text, kept_share: text, estimate_share: text, papers_share: text, consent_share: text",
    ),
    (
        "service.completions",
        "store_id: text, vehicle_class: text, complexity: text, orders: ratio, mean_target: ratio, \
         mean_hours: ratio",
    ),
    (
        "service.trackers",
        "store_id: text, tracker_id: text, tracker_name: text, visits: ratio, file_share: ratio, \
         files: ratio, firsts: ratio, second_share: ratio, seconds: ratio",
    ),
    (
        "returning-customers.stores",
        "store_id: text, customers: text, came_back: text, returning_share: text, reach: text, months_seen: text",
    ),
    ("fault-resolved.stores", "store_id: text, repairs: text, external: text, resolved: text, resolved_share: text"),
    ("service.customers", "store_id: text, customers: text, one_tracker: text, one_tracker_share: text"),
    (
        "service.calls",
        "store_id: text, calls: text, incoming: text, complaints: text, logged_share: text, \
         reported_share: text, told_share: text, substituted_share: text",
    ),
    (
        "service.events",
        "store_id: text, event_no: text, event: text, held_on: text, invited: ratio, told: ratio, \
         told_share: ratio",
    ),
    (
        "service.surveys_of_month",
        "store_id: text, channel: text, sent: ratio, answered: ratio, answered_share: ratio, \
         satisfaction_mean: ratio, satisfaction_sum: ratio, scored: ratio",
    ),
    (
        "service.trainings",
        "store_id: text, session_no: text, topic: text, held_on: text, invited: ratio, came: ratio, \
         attended_share: ratio",
    ),
];
