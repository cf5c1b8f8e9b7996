//! Persons are counted, not calls (Qidong I (vi) 2 (3): ten persons on one matter). Who somebody is stands elsewhere: here there are only
//! numbers, made of a phone or an identity number. Whoever shares one is one person; a name is never asked.

use std::collections::BTreeMap;

/// How many different persons made these appeals; each appeal tells the numbers of its appellant, at least one.
pub fn distinct<'a>(appellants: impl IntoIterator<Item = &'a [u64]>) -> usize {
    // A person is known by the first number that was seen of them; a later appeal may show that two were one.
    let mut first: BTreeMap<u64, u64> = BTreeMap::new();
    for numbers in appellants {
        let Some(one) = numbers.first().map(|n| root(&first, *n)) else { continue };
        for number in numbers {
            let other = root(&first, *number);
            first.insert(other, one);
        }
    }
    first.iter().filter(|(number, first)| number == first).count()
}

fn root(first: &BTreeMap<u64, u64>, mut number: u64) -> u64 {
    while let Some(up) = first.get(&number).filter(|up| **up != number) {
        number = *up;
    }
    number
}

/// Whether two appeals were made by one person.
pub fn same(one: &[u64], other: &[u64]) -> bool {
    one.iter().any(|number| other.contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn persons(appeals: &[&[u64]]) -> usize {
        distinct(appeals.iter().copied())
    }

    #[test]
    fn a_person_is_one_however_often_they_call() {
        assert_eq!(persons(&[]), 0);
        let same: [&[u64]; 10] = [&[7]; 10];
        assert_eq!(persons(&same), 1);
        let ten: Vec<[u64; 1]> = (0..10).map(|n| [n]).collect();
        assert_eq!(distinct(ten.iter().map(<[u64; 1]>::as_slice)), 10);
    }

    #[test]
    fn who_shares_a_number_is_the_same_whatever_the_order() {
        // A phone and an identity number, the phone alone, the identity number alone, and another phone with that identity number.
        let of_one: [&[u64]; 4] = [&[1], &[2], &[1, 2], &[3, 2]];
        assert_eq!(persons(&of_one), 1);
        let [a, b, c, d] = of_one;
        for order in [[d, c, b, a], [b, d, a, c], [a, d, c, b], [c, a, d, b]] {
            assert_eq!(persons(&order), 1, "{order:?}");
        }
        assert_eq!(persons(&[&[1], &[2], &[3]]), 3);
        assert!(same(&[1, 2], &[2]) && !same(&[1], &[2]) && !same(&[], &[]));
    }
}
