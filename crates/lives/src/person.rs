//! Who appeals: invented people, some of whom come back year after year.

use crate::{
    matter,
    rng::{Rng, mix},
};

/// Somebody, as the desk writes them down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    pub phone: String,
    pub email: Option<String>,
    pub address: Option<String>,
}

/// The person of this number in a city: always the same.
pub fn person(seed: u64, number: u64) -> Person {
    let mut rng = Rng::new(mix(seed ^ 0x9e75) ^ number);
    let phone = matter::phone(&mut rng);
    let email = rng.odds(600).then(|| format!("{phone}@example.com"));
    let address = rng.odds(2_500).then(|| {
        let (floor, door) = (1 + rng.below(28), 1 + rng.below(4));
        format!("{}{}栋{floor}0{door}室", matter::community(&mut rng), 1 + rng.below(38))
    });
    Person { name: matter::person(&mut rng), phone, email, address }
}

/// Which person calls: of a city that has seven for each ten calls, with some who call very often.
pub fn caller(calls: u64, rng: &mut Rng) -> u64 {
    let people = (calls * 7 / 10).max(1);
    let often = rng.odds(1_200);
    let among = if often { (people / 50).max(1) } else { people };
    rng.below(usize::try_from(among).unwrap_or(usize::MAX)) as u64
}
