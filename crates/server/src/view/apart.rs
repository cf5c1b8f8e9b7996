//! A confidential ticket's page as its unit reads it. People say who they are in what they tell, and clerks repeat it: phones, numbers,
//! plates and names are masked in what the appellant and the centre wrote. What the unit wrote itself it reads as it is.

use jiesu_domain::ticket::{Rating, Told};

use super::{ticket::TicketView, viewer::Viewer};

/// Masks the page, unless its viewer may know who appeals.
pub(super) fn masked_for(viewer: &Viewer, view: &mut TicketView) {
    if !viewer.kept_apart() {
        return;
    }
    let mask = |text: &mut String| *text = viewer.text(text);
    let told = |list: &mut Vec<Told>| list.iter_mut().for_each(|t| mask(&mut t.text));
    let rated = |rating: &mut Rating| mask(&mut rating.comment);
    mask(&mut view.line.title);
    view.line.place.iter_mut().for_each(mask);
    mask(&mut view.content);
    view.difficult.iter_mut().chain(&mut view.major).for_each(mask);
    view.points.iter_mut().chain(&mut view.supplements).for_each(mask);
    view.ratings.iter_mut().for_each(rated);
    for appeal in &mut view.appeals {
        appeal.first_rating.iter_mut().chain(&mut appeal.final_rating).for_each(rated);
    }
    if let Some(work) = &mut view.work {
        mask(&mut work.note);
        work.relayed.iter_mut().for_each(|attempt| mask(&mut attempt.note));
    }
    if let Some(closed) = &mut view.closed {
        closed.attempts.iter_mut().for_each(|attempt| mask(&mut attempt.note));
    }
    told(&mut view.instructions);
    told(&mut view.media);
    view.urgings.iter_mut().for_each(|urging| mask(&mut urging.note));
    view.timeline.iter_mut().for_each(|moment| mask(&mut moment.text));
}
