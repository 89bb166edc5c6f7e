//! The people of the exactness test: facts of a month as whole numbers, and nothing computed from them.

/// Who pays and how: the plan's two kinds of advisors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    General,
    Accident,
}

/// A stretch of days of the month, in a group where the role has groups, with what was settled in it.
#[derive(Clone, Debug)]
pub struct Part {
    /// Index into the groups of the store.
    pub group: Option<usize>,
    /// First day.
    pub from: i64,
    /// Last day.
    pub to: i64,
    /// Output in fen.
    pub output: i64,
    pub cars: i64,
    /// Bottles of care products, in hundredths.
    pub bottles: i64,
}

impl Part {
    pub fn days(&self) -> i64 {
        self.to - self.from + 1
    }
}

/// An advisor's month.
#[derive(Clone, Debug)]
pub struct Advisor {
    pub id: String,
    pub role: Role,
    pub regular: bool,
    /// Weight of the target, in ten-thousandths.
    pub weight: i64,
    /// In the order of days; a general advisor has one.
    pub parts: Vec<Part>,
    /// A trainee's own output target for a whole month, in fen.
    pub own_output_target: Option<i64>,
    pub cars_target: i64,
    pub care_target: i64,
    /// In hundredths of a point.
    pub score: i64,
    pub renewed_cars: i64,
    pub commercial_policies: i64,
    pub prospects: i64,
    pub opening: Opening,
}

/// What the month before left below zero; it is part of the figures of the advisor, not added to them.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// Of a general advisor, in fen.
    pub output: i64,
    pub cars: i64,
    /// In hundredths.
    pub bottles: i64,
    pub policies: i64,
}

/// A balance of the month before: pipeline, entry, owner, value and its decimals.
pub type Balance<'a> = (&'static str, &'static str, &'a str, i64, u8);

impl Advisor {
    pub fn days(&self) -> i64 {
        self.parts.iter().map(Part::days).sum()
    }

    /// Bottles of the month, in hundredths.
    pub fn bottles(&self) -> i64 {
        self.parts.iter().map(|part| part.bottles).sum()
    }
}

/// An accident group.
#[derive(Clone, Debug)]
pub struct Group {
    pub name: String,
    /// Output target in fen.
    pub target: i64,
    /// What the month before left below zero, in fen; part of the group's output.
    pub opening: i64,
}

/// A store's month.
#[derive(Clone, Debug)]
pub struct Store {
    pub id: String,
    /// Output task in fen, the accident groups' included.
    pub task: i64,
    pub groups: Vec<Group>,
    pub people: Vec<Advisor>,
}

impl Store {
    /// Advisors of a role.
    pub fn of(&self, role: Role) -> impl Iterator<Item = &Advisor> {
        self.people.iter().filter(move |person| person.role == role)
    }

    /// The parts of a group, with who has them.
    pub fn parts(&self, group: usize) -> impl Iterator<Item = (&Advisor, &Part)> {
        let parts = self.of(Role::Accident).flat_map(|person| person.parts.iter().map(move |part| (person, part)));
        parts.filter(move |(_, part)| part.group == Some(group))
    }

    /// Output, cars and bottles of a part as the month itself shows them: the first part of a person, and of a group,
    /// carries what came over from the month before.
    pub fn of_month(&self, person: &Advisor, part: &Part) -> (i64, i64, i64) {
        let first = std::ptr::eq(&raw const person.parts[0], part);
        let of_group =
            part.group.filter(|group| self.parts(*group).next().is_some_and(|(_, other)| std::ptr::eq(other, part)));
        let group = of_group.map_or(0, |group| self.groups[group].opening);
        let Opening { output, cars, bottles, .. } = if first { person.opening.clone() } else { Opening::default() };
        (part.output - output - group, part.cars - cars, part.bottles - bottles)
    }

    /// Everything that came over from the month before.
    pub fn carried(&self) -> Vec<Balance<'_>> {
        let mut found = Vec::new();
        for Advisor { id, role, opening, .. } in &self.people {
            let plan = if *role == Role::General { "advisor-output" } else { "accident-output" };
            found.extend([
                (plan, "output-below-zero", id.as_str(), opening.output, 2),
                (plan, "cars-below-zero", id.as_str(), opening.cars, 0),
                (plan, "bottles-below-zero", id.as_str(), opening.bottles, 2),
                ("advisor-renewals", "policies-below-zero", id.as_str(), opening.policies, 0),
            ]);
        }
        let groups = self.groups.iter();
        let groups = groups.map(|group| (&*group.name, group.opening));
        found.extend(groups.map(|(name, value)| ("accident-groups", "group-output-below-zero", name, value, 2)));
        found.retain(|balance| balance.3 != 0);
        found
    }
}

/// Days of the month that is paid, 2026-10.
pub const DAYS: i64 = 31;
