//! Running an aggregate.

use super::Aggregate;
use crate::step::context::{Frames, RunCx};
use crate::step::output::{Step, StepError, StepOutput};

/// Runs an aggregate.
pub(in crate::step) fn apply(
    _aggregate: &Aggregate,
    _step: &Step,
    _frames: &dyn Frames,
    _cx: &RunCx<'_>,
) -> Result<StepOutput, StepError> {
    Ok(StepOutput::default())
}
