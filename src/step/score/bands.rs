//! The bands of announced scores: the ladder that a scorecard names, its value and the words of the step reached.

use polars::prelude::*;

use super::apply::{Rows, exception};
use crate::diag::Fault;
use crate::diag::text::text;
use crate::expr::types::Name;
use crate::expr::types::Schema;
use crate::expr::unit::Unit;
use crate::money::exact::Exact;
use crate::money::kernel::{Values, exact_column};
use crate::step::columns::fault;
use crate::step::context::{CardType, CheckCx, LadderType, RunCx};
use crate::step::frames::index;
use crate::step::ladder::{LADDER_UNIT, OFF_LADDER, UNKNOWN_LADDER};
use crate::step::output::{StepError, StepFault};
use crate::step::versions::{Choice, Versions};

/// The ladder of a card's bands.
pub(super) struct Bands {
    pub table: Name,
    pub ladder: LadderType,
}

impl Bands {
    /// The ladder that a card names; nothing where it names none.
    pub(super) fn find(card: &CardType, schema: &Schema, cx: &CheckCx<'_>) -> Result<Option<Self>, Box<StepFault>> {
        let Some(table) = &card.bands else { return Ok(None) };
        let wrong = |code, message: String, hint: &str| {
            Err(Box::new(fault(&["card"], Fault::new(code, 0..0, message).hint(hint))))
        };
        let label = &card.label;
        let Some(ladder) = cx.tables.ladder(table) else {
            let message = format!("the bands of {label} are `param.{table}`, which is no ladder");
            return wrong(UNKNOWN_LADDER, message, "name a ladder by points under `bands:` of the scorecard");
        };
        if ladder.by != Unit::base("points") {
            let message = format!("{} is looked up by {}, and scores are points", ladder.label, ladder.by);
            return wrong(LADDER_UNIT, message, "name a ladder by points under `bands:` of the scorecard");
        }
        let found = Self { table: table.clone(), ladder };
        match found.choice().check("card", UNKNOWN_LADDER, schema) {
            Some(fault) => Err(Box::new(fault)),
            None => Ok(Some(found)),
        }
    }

    /// How rows choose a version of the ladder.
    pub(super) fn choice(&self) -> Choice<'_> {
        let LadderType { label, dated_by, by_store, .. } = &self.ladder;
        Choice { label, dated_by: dated_by.as_ref(), by_store: *by_store }
    }
}

impl Rows<'_> {
    /// Looks the announced scores up in the ladder of the bands, for the columns of its values and words.
    pub(super) fn bands(
        &mut self,
        table: &Name,
        [value, words]: [&str; 2],
        input: &DataFrame,
        cx: &RunCx<'_>,
    ) -> Result<(), StepError> {
        let dated = cx.tables.ladder(table).ok_or_else(|| StepError::MissingTable(table.clone()))?;
        let versions = Versions::of(&dated, input)?;
        let scores = Values::read(self.frame.column(&self.score.into)?);
        let gone = self.gone();
        let mut found: Vec<Option<(Exact, String)>> = Vec::with_capacity(input.height());
        for row in 0..input.height() {
            let score = scores.number(row).ok().flatten().filter(|_| !gone.contains(&index(row)));
            let band = score.map(|score| {
                let (_, rung) = versions.of_row(row)?.value.lookup(score)?;
                Some((rung.value.clone(), rung.words.clone()))
            });
            if let (Some(None), Some(score)) = (&band, score) {
                let (card, score) = (&*self.score.label, score.shown(2));
                let cause = text!("{card}: no band holds the score {score}", card, score);
                self.unscored.insert(index(row));
                self.exceptions.push(exception(&self.score.from, row, OFF_LADDER, cause));
            }
            found.push(band.flatten());
        }
        let values = exact_column(value, found.iter().map(|band| band.as_ref().map(|(value, _)| value)));
        let texts: StringChunked = found.iter().map(|band| band.as_ref().map(|(_, words)| words.as_str())).collect();
        let texts = texts.with_name(PlSmallStr::from_str(words)).into_series().into();
        self.frame = self.frame.hstack(&[values, texts])?;
        Ok(())
    }
}
