//! From numbers to places: the ends of an axis, its round steps, and how they are written.

use super::super::super::spec::Format;
use super::super::{Context, cells};
use super::Tick;
use crate::money::{Exact, Rounding, show};

/// From which value on an axis of yuan counts in ten thousands.
const TEN_THOUSANDS_FROM: i128 = 20_000;

/// The ends of an axis; zero always lies between them.
#[derive(Clone, Debug)]
pub(super) struct Scale {
    low: Exact,
    high: Exact,
    step: Exact,
}

impl Scale {
    /// From the least value to the greatest.
    pub(super) fn tight<'a>(values: impl Iterator<Item = &'a Exact>) -> Self {
        let (low, high) = ends(values);
        let step = high.sub(&low);
        Self { low, high, step }
    }

    /// The same, out to the next round step; about so many of them.
    pub(super) fn round<'a>(values: impl Iterator<Item = &'a Exact>, steps: i128) -> Self {
        let (low, high) = ends(values);
        let step = nice(&high.sub(&low), steps);
        let out = |end: &Exact| {
            let count = end.div(&step).unwrap_or_else(Exact::zero);
            let toward = if end.is_negative() { Rounding::Floor } else { Rounding::Ceiling };
            count.round(0, toward).mul(&step)
        };
        Self { low: out(&low), high: out(&high), step }
    }

    /// The same, a tenth of the span further than the greatest value.
    pub(super) fn beyond(values: &[Exact], steps: i128) -> Self {
        let (low, high) = ends(values.iter());
        let beyond = high.sub(&low).div(&Exact::from_i128(10)).map_or_else(|| high.clone(), |tenth| high.add(&tenth));
        Self::round([low, beyond].iter(), steps)
    }

    /// Where a number lies, as a share of the whole.
    pub(super) fn share(&self, number: &Exact) -> String {
        let clamped = number.max(&self.low).min(&self.high);
        let share = clamped.sub(&self.low).div(&self.high.sub(&self.low)).unwrap_or_else(Exact::zero);
        show::fixed(&share, 4)
    }

    /// A bar from zero to a value: where it begins and ends; nowhere without a value.
    pub(super) fn extent(&self, value: Option<&Exact>) -> (String, String) {
        let zero = Exact::zero();
        let value = value.unwrap_or(&zero);
        (self.share(value.min(&zero)), self.share(value.max(&zero)))
    }

    /// Its round steps, written out.
    pub(super) fn ticks(&self, format: Format) -> Vec<Tick> {
        self.ticks_over(&Exact::one(), format)
    }

    /// What the axis is called and its steps; yuan in ten thousands where they are many.
    pub(super) fn axis(&self, cx: Context<'_>, label: &str, format: Format) -> (String, Vec<Tick>) {
        let yuan = cx.messages.get("axis_yuan");
        let many = self.high.clone().max(self.low.abs()) >= Exact::from_i128(TEN_THOUSANDS_FROM);
        match label.strip_suffix(yuan).filter(|_| many) {
            Some(plain) => {
                let ticks = self.ticks_over(&Exact::from_i128(10_000), Format::Text);
                (format!("{plain}{}", cx.messages.get("axis_ten_thousand_yuan")), ticks)
            }
            None => (label.to_owned(), self.ticks(format)),
        }
    }

    fn ticks_over(&self, divisor: &Exact, format: Format) -> Vec<Tick> {
        let mut ticks = Vec::new();
        let mut at = self.low.clone();
        // Twenty steps would be a fault of the arithmetic; no more are ever written.
        while at <= self.high && ticks.len() < 20 {
            let number = at.div(divisor).unwrap_or_else(Exact::zero);
            let label = match format {
                Format::Percent => show::number(&number.mul(&Exact::from_i128(100)), 2) + "%",
                _ => show::number(&number, 2),
            };
            ticks.push(Tick { at: self.share(&at), label: cells::minus(label) });
            at = at.add(&self.step);
        }
        ticks
    }
}

/// Bounds of classes of one width from below the least number to above the greatest.
pub(super) fn classes(least: &Exact, most: &Exact, about: i128) -> Vec<Exact> {
    let step = nice(&most.sub(least), about);
    let first = least.div(&step).unwrap_or_else(Exact::zero).round(0, Rounding::Floor).mul(&step);
    let mut bounds = vec![first];
    while let Some(last) = bounds.last().filter(|last| *last <= most && bounds.len() < 40) {
        bounds.push(last.add(&step));
    }
    bounds
}

fn ends<'a>(values: impl Iterator<Item = &'a Exact>) -> (Exact, Exact) {
    values.fold((Exact::zero(), Exact::zero()), |(low, high), value| (low.min(value.clone()), high.max(value.clone())))
}

/// 1, 2 or 5 of a power of ten, so that about `steps` of them make a span; 1 where there is no span.
fn nice(span: &Exact, steps: i128) -> Exact {
    let raw = span.div(&Exact::from_i128(steps.max(1))).unwrap_or_else(Exact::zero);
    if raw.is_zero() || raw.is_negative() {
        return Exact::one();
    }
    let ten = Exact::from_i128(10);
    let mut power = Exact::one();
    while power.mul(&ten) <= raw {
        power = power.mul(&ten);
    }
    while power > raw {
        power = power.div(&ten).unwrap_or_else(Exact::one);
    }
    let steps = [1, 2, 5].map(|times| power.mul(&Exact::from_i128(times)));
    steps.into_iter().find(|step| *step >= raw).unwrap_or_else(|| power.mul(&ten))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        Exact::parse_human(text).unwrap()
    }

    #[test]
    fn steps_are_round_and_enclose_all_values_and_zero() {
        let values = ["-35.5", "409.2"].map(exact);
        let scale = Scale::round(values.iter(), 4);
        assert_eq!(
            (scale.low.clone(), scale.high.clone(), scale.step.clone()),
            (exact("-200"), exact("600"), exact("200"))
        );
        assert_eq!(scale.share(&Exact::zero()), "0.2500");
        let labels: Vec<String> = scale.ticks(Format::Count).into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels, ["−200", "0", "200", "400", "600"]);
        assert_eq!(nice(&exact("0.97"), 4), exact("0.5"));
        assert_eq!(nice(&exact("0.07"), 4), exact("0.02"));
    }

    #[test]
    fn a_bar_goes_from_zero_to_its_value_either_way() {
        let values = ["-25", "75"].map(exact);
        let scale = Scale::tight(values.iter());
        assert_eq!(scale.extent(Some(&values[0])), ("0.0000".into(), "0.2500".into()));
        assert_eq!(scale.extent(Some(&values[1])), ("0.2500".into(), "1.0000".into()));
        assert_eq!(scale.extent(None), ("0.2500".into(), "0.2500".into()));
    }

    #[test]
    fn nothing_but_zeros_is_an_axis_too() {
        let scale = Scale::round([Exact::zero()].iter(), 4);
        assert_eq!(scale.share(&Exact::zero()), "0.0000");
        assert_eq!(scale.ticks(Format::Count).len(), 1);
        assert_eq!(Scale::tight(std::iter::empty()).share(&exact("3")), "0.0000");
    }

    #[test]
    fn classes_hold_every_value_once() {
        let bounds = classes(&exact("2999.99"), &exact("9000"), 8);
        assert_eq!(bounds.first(), Some(&exact("2000")));
        assert_eq!(bounds.last(), Some(&exact("10000")));
        assert_eq!(classes(&exact("5"), &exact("5"), 8), [exact("5"), exact("6")]);
    }
}
