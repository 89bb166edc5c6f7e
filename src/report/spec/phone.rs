//! What of a report a phone shows: long tables and small print stand on A4 alone, where the file says so.

use super::{ReportSpec, SectionSpec, TableSpec};

impl ReportSpec {
    /// The report as a phone shows it: without the sections under `a4_only`, tables with the columns under their
    /// `phone` and without the month before. What is left out is named under `elsewhere`, what is cut is counted.
    pub(in crate::report) fn on_phone(&self) -> Self {
        let mut report = self.clone();
        report.sections.retain_mut(|section| {
            let title = section.heading().0.to_owned();
            let stays = !self.a4_only.contains(&title);
            let cut = match section {
                SectionSpec::Table(table) => table.cut(),
                _ => false,
            };
            if !stays {
                report.elsewhere.push(title);
            } else if cut {
                report.shortened += 1;
            }
            stays
        });
        report
    }
}

impl TableSpec {
    /// Leaves the columns that a phone shows; whether it was cut.
    fn cut(&mut self) -> bool {
        if self.phone.is_empty() {
            return false;
        }
        self.columns.retain(|column| self.phone.contains(&column.column));
        self.columns.iter_mut().for_each(|column| column.before = false);
        true
    }
}
