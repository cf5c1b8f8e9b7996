//! After the closure: asking, verifying, settling, tracking, archiving.

use jiesu_domain::{
    ticket::{Action, Command, Finding},
    words::Contact,
};

use super::{Said, Speaker};
use crate::{duties::to_ask, mood::Mood};

impl Speaker<'_> {
    pub(super) fn afterwards(&mut self, action: Action) -> Said {
        use Action as A;
        let said = match action {
            A::FollowUp => self.follow_up(),
            A::VerifyRating => Some(self.verify()),
            A::AskSettlement => self.ctx.rulebook.no_redo.iter().find(|g| g.settles).map(|g| Command::AskSettlement {
                ground: g.id.clone(),
                proof: "现场照片与送达回证".into(),
                opinion: "已按政策办理完毕，重复反映按此答复".into(),
            }),
            A::ReviewSettlement => Some(Command::ReviewSettlement { approve: self.rng.odds(6_500), note: self.note() }),
            A::EndTracking => {
                let solved = self.rng.odds(7_500);
                Some(Command::EndTracking { solved, note: self.result() })
            }
            A::Archive => Some(Command::Archive {}),
            A::Hold => Some(Command::Hold { reason: "涉及诉讼，保留档案".into() }),
            A::LiftHold => Some(Command::LiftHold { reason: "诉讼已终结".into() }),
            _ => return Said::NotMine,
        };
        said.into()
    }

    fn follow_up(&mut self) -> Option<Command> {
        let left: Vec<u32> = to_ask(self.ticket, self.ctx.rulebook).collect();
        if left.is_empty() {
            return None;
        }
        let no = *self.rng.pick(&left);
        let appeal = self.ticket.appeals.iter().find(|a| a.no == no)?;
        let tried = self.ticket.closed()?.attempts.iter().any(|a| a.appeal == no);
        let by = if tried || self.rng.odds(200) { Contact::Phone } else { appeal.follow_up_by };
        let mood = Mood::of(self.ticket, no);
        let reached = self.rng.odds(if mood == Mood::Away { 1_000 } else { 8_500 });
        let rating = (reached && self.rng.odds(9_000)).then(|| mood.rating(self.rng, self.ticket, no));
        let note = match (reached, &rating) {
            (false, _) => "无人接听".to_owned(),
            (true, None) => "诉求人不便评价".to_owned(),
            (true, Some(_)) => String::new(),
        };
        Some(Command::FollowUp { appeal: Some(no), by, reached, note, rating })
    }

    fn verify(&mut self) -> Command {
        let book = self.ctx.rulebook;
        let finding = match self.rng.below(10) {
            _ if self.ticket.redos > 3 => Finding::NoFault,
            0..=4 => Finding::UnitFault,
            5..=8 => Finding::NoFault,
            _ => Finding::Exempt,
        };
        let (mut ground, mut exempt) = (None, None);
        match finding {
            Finding::UnitFault if !book.redo_ground.is_empty() => {
                ground = Some(self.rng.pick(&book.redo_ground).id.clone());
            }
            Finding::NoFault if !book.no_redo.is_empty() => ground = Some(self.rng.pick(&book.no_redo).id.clone()),
            Finding::Exempt if !book.exempt.is_empty() => exempt = Some(self.rng.pick(&book.exempt).id.clone()),
            _ => {}
        }
        let reason =
            self.one(&["经核实，问题未解决", "已按政策办理，诉求人期望过高", "现场复核，整改到位", "答复与实际不符"]);
        Command::VerifyRating { appeal: None, finding, ground, exempt, reason }
    }
}
