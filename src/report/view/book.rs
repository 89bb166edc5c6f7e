//! A book for printing: the slips of a team one behind the other, in the order of the roster's employee ids.

use serde_json::{Map, Value, json};

use super::{Context, Section, Team, View, finished, head, payslip, period_words};
use crate::run::outcome::{Person, Store};

/// The slips of a team, or of the people of a store without one; each as it stands alone, with its own pages.
pub(super) fn view(
    cx: Context<'_>,
    store: &Store,
    team: Team<'_>,
    mut data: Map<String, Value>,
) -> Result<View, String> {
    let duplex = cx.spec.duplex;
    let Some(slip) = cx.spec.slip.as_deref() else {
        return Err("a book names under `slips` a report per person".to_owned());
    };
    let cx = Context { spec: slip, ..cx };
    let period = period_words(cx);
    let own = cx.index.store(&store.store_id).people.iter().copied();
    let people: Vec<&Person> = own.filter(|person| Team::of(person) == team).collect();
    let (mut shapes, mut slips) = (Vec::new(), Vec::new());
    for person in people {
        let mut own = head(cx, Some(store), &period);
        let sections = payslip::sections(cx, person, &mut own)?;
        shapes.push(json!({ "sections": sections.iter().map(Section::shape).collect::<Vec<_>>() }));
        // Bookmarks are names, with the number beside it: two people may share one.
        own.insert("heading".into(), json!(format!("{} {} {}", slip.title, person.name, person.employee_id)));
        own.insert("sections".into(), sections.into_iter().map(Section::data).collect());
        slips.push(Value::Object(own));
    }
    let whose = team.name().unwrap_or(cx.messages.get("no_team"));
    data.insert("title".into(), json!(format!("{} {period} {} {whose}", store.name, slip.title)));
    data.insert("attachments".into(), json!([]));
    data.insert("elsewhere".into(), json!([]));
    data.insert("shortened".into(), json!(""));
    data.insert("slips".into(), Value::Array(slips));
    Ok(finished(cx, json!({ "draft": cx.outcome.is_draft(), "duplex": duplex, "slips": shapes }), data))
}
