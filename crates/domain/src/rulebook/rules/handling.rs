//! In the unit's hands: contact, reply, closure.

use super::{Pending, rules};

rules! {
    /// The unit speaks with the appellant.
    ContactRule |_| "contact" => {
        /// A reply needs a contact before it.
        before_reply: bool,
        /// Calls nobody answered after which writing is enough.
        calls: u32,
    }

    /// What the unit finds incomplete goes back to the centre's desk.
    SupplementRule |_| "supplement" => {
        pending: Pending,
    }

    /// What the unit cannot coordinate is reported upward.
    ReportUpRule |_| "report-up" => {
        to: Vec<String>,
    }

    /// The unit's reply.
    ReplyRule |_| "reply" => {
        /// No blanks and no special characters in the text.
        #[serde(default)]
        plain: bool,
        /// Every point of the appeal is answered.
        #[serde(default)]
        every_point: bool,
        /// The text must tell the date and the phone of the contact.
        #[serde(default)]
        names_contact: bool,
    }

    /// Tickets whose appellant asked for secrecy, or whose matter must not be public.
    ConfidentialRule |_| "confidential" => {
        /// Whether the unit may contact the appellant itself.
        unit_may_contact: bool,
        /// The centre's follow-up clerk gives the reply in the unit's place.
        #[serde(default)]
        clerk_replies: bool,
    }

    /// Closure by application and review.
    ClosureRule |_| "closure" => {
    }

    /// Why a ticket may be closed.
    ClosureGround |r| &r.id => {
        id: String,
        name: String,
        /// The reply must hold measures and an expected date.
        #[serde(default)]
        long_term: bool,
        /// The appellant must have been spoken to and the matter explained.
        #[serde(default)]
        explained: bool,
        /// The centre keeps an eye on it after the closure.
        #[serde(default)]
        tracked: bool,
    }
}
