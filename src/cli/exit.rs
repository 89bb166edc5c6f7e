//! Exit codes: what a scheduler may rely on.

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// The run is published, or was before; the check found nothing; the tests passed.
    Done = 0,
    /// A mistake of this program.
    Internal = 1,
    /// The command line asks for something that is not there.
    Usage = 2,
    /// YAML files, templates or rule tests have findings; nothing was computed.
    Findings = 3,
    /// Exceptions block the run; a draft was made, the published result stands.
    Blocked = 4,
    /// The data cannot be used; nothing was made.
    Refused = 5,
    /// The disk or the machine failed.
    Environment = 6,
    /// Totals or row fates do not add up; nothing was published.
    Unbalanced = 7,
    /// A document could not be made; a draft holds the others.
    Document = 8,
    /// Another run works on the period.
    Locked = 9,
}

impl Exit {
    /// All of them, by number.
    pub const ALL: [Self; 10] = [
        Self::Done,
        Self::Internal,
        Self::Usage,
        Self::Findings,
        Self::Blocked,
        Self::Refused,
        Self::Environment,
        Self::Unbalanced,
        Self::Document,
        Self::Locked,
    ];

    /// The number that the operating system sees.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What it means, for the help.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "published or already published; no findings; all tests passed",
            Self::Internal => "a mistake of this program",
            Self::Usage => "the command line asks for something that is not there",
            Self::Findings => "findings in YAML files, templates or rule tests",
            Self::Blocked => "exceptions block the run: a draft was made, nothing published",
            Self::Refused => "the data cannot be used: nothing was made",
            Self::Environment => "the disk or the machine failed",
            Self::Unbalanced => "it does not add up: nothing was published",
            Self::Document => "a document could not be made: a draft holds the others",
            Self::Locked => "another run works on this period",
        }
    }

    /// The table of the help.
    pub fn table() -> String {
        let lines = Self::ALL.map(|exit| format!("  {}  {}", exit.code(), exit.meaning()));
        format!("Exit codes:\n{}", lines.join("\n"))
    }
}
