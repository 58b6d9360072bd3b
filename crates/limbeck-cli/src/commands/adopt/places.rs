//! The places a database can be at in a history with branches: sets of revisions of which each has all that it needs. Which of them look most like a
//! database is told from what each revision changed in one replay; the numbers of the facts say nothing here.
//!
//! A guess: a revision may do something else where others have not run. So the nearest places are only where to look first.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

/// What one revision changed.
#[derive(Debug, Clone, Default)]
pub struct Effect {
    pub adds: Vec<usize>,
    pub takes: Vec<usize>,
}

/// A history after one replay; revisions go by their numbers in the order of the replay.
#[derive(Debug, Default)]
pub struct Branches {
    /// The revisions right below each.
    pub needs: Vec<Vec<usize>>,
    /// What each changed.
    pub effects: Vec<Effect>,
    /// For each fact, whether it was there before the first revision.
    pub start: Vec<bool>,
    /// For each fact, whether the database has it.
    pub live: Vec<bool>,
}

/// A set of revisions, and in how many facts it seems to differ from the database.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub distance: usize,
    /// In the order of the replay.
    pub revisions: Vec<usize>,
}

/// How much is tried: facts gone through, and places.
const WORK: usize = 50_000_000;
const PLACES: usize = 4_000;

impl Branches {
    /// Whether each revision needs the one before it: then there are no places but those of the replay.
    pub fn is_a_line(&self) -> bool {
        (1..self.needs.len()).all(|at| self.needs[at].contains(&(at - 1)))
    }

    /// The places that look most like the database, the nearest first, and whether all places were tried.
    pub fn nearest(&self, limit: usize) -> (Vec<Place>, bool) {
        let followers = self.followers();
        let cost = self.live.len() + self.effects.iter().map(|effect| effect.adds.len() + effect.takes.len()).sum::<usize>() + 1;
        let mut allowed = (WORK / cost).clamp(50, PLACES);
        let mut tried: HashSet<Vec<bool>> = HashSet::new();
        let mut near: BinaryHeap<Reverse<(usize, Vec<bool>)>> = BinaryHeap::new();
        let mut places = Vec::new();
        let mut queue: Vec<Vec<bool>> = self.seeds();
        loop {
            for set in queue.drain(..) {
                if tried.contains(&set) {
                    continue;
                }
                if allowed == 0 {
                    break;
                }
                allowed -= 1;
                let distance = self.distance(&set);
                places.push(Place {
                    distance,
                    revisions: (0..set.len()).filter(|at| set[*at]).collect(),
                });
                tried.insert(set.clone());
                near.push(Reverse((distance, set)));
            }
            match near.pop() {
                Some(Reverse((_, set))) if allowed > 0 => queue = self.beside(&set, &followers),
                _ => break,
            }
        }
        places.sort_by(|one, other| (one.distance, one.revisions.len(), &one.revisions).cmp(&(other.distance, other.revisions.len(), &other.revisions)));
        places.truncate(limit);
        (places, allowed > 0)
    }

    fn followers(&self) -> Vec<Vec<usize>> {
        let mut followers = vec![Vec::new(); self.needs.len()];
        for (at, needs) in self.needs.iter().enumerate() {
            for need in needs {
                followers[*need].push(at);
            }
        }
        followers
    }

    /// Where the search begins: what seems to have run, cautiously and boldly; each revision with what it needs.
    fn seeds(&self) -> Vec<Vec<bool>> {
        let total = self.needs.len();
        let seems = |at: usize| {
            let effect = &self.effects[at];
            let done = effect.adds.iter().filter(|fact| self.live[**fact]).count() + effect.takes.iter().filter(|fact| !self.live[**fact]).count();
            let all = effect.adds.len() + effect.takes.len();
            (all > 0).then_some(2 * done > all)
        };
        let (mut cautious, mut bold) = (vec![false; total], vec![false; total]);
        for at in 0..total {
            cautious[at] = seems(at) != Some(false) && self.needs[at].iter().all(|need| cautious[*need]);
        }
        for at in (0..total).rev() {
            if bold[at] || seems(at) == Some(true) {
                self.take(&mut bold, at);
            }
        }
        let alone = (0..total).take(PLACES / 4).map(|at| {
            let mut set = vec![false; total];
            self.take(&mut set, at);
            set
        });
        let seeds = [cautious, bold].into_iter().chain(alone);
        seeds.filter(|set| set.contains(&true)).collect()
    }

    /// Puts a revision into a set with all that it needs.
    fn take(&self, set: &mut [bool], at: usize) {
        let mut open = vec![at];
        while let Some(at) = open.pop() {
            set[at] = true;
            open.extend(self.needs[at].iter().filter(|need| !set[**need]));
        }
    }

    /// The places one revision further or less far.
    fn beside(&self, set: &[bool], followers: &[Vec<usize>]) -> Vec<Vec<bool>> {
        let may_change = |at: &usize| {
            if set[*at] {
                followers[*at].iter().all(|follower| !set[*follower])
            } else {
                self.needs[*at].iter().all(|need| set[*need])
            }
        };
        let others = (0..set.len()).filter(may_change).map(|at| {
            let mut other = set.to_vec();
            other[at] = !other[at];
            other
        });
        others.filter(|set| set.contains(&true)).collect()
    }

    fn distance(&self, set: &[bool]) -> usize {
        let mut facts = self.start.clone();
        for (at, effect) in self.effects.iter().enumerate() {
            if set[at] {
                effect.takes.iter().for_each(|fact| facts[*fact] = false);
                effect.adds.iter().for_each(|fact| facts[*fact] = true);
            }
        }
        facts.iter().zip(&self.live).filter(|(one, other)| one != other).count()
    }
}

/// Puts places that contain one another together, so that one replay passes all of them; the group of the nearest is the first. Each group from the
/// smallest place to the largest.
pub fn replays(places: &[Place]) -> Vec<Vec<&Place>> {
    let mut groups: Vec<Vec<&Place>> = Vec::new();
    for place in places {
        let fits = |group: &&mut Vec<&Place>| group.iter().all(|other| is_within(other, place) || is_within(place, other));
        match groups.iter_mut().find(fits) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    for group in &mut groups {
        group.sort_by_key(|place| place.revisions.len());
    }
    groups
}

fn is_within(small: &Place, large: &Place) -> bool {
    small.revisions.iter().all(|at| large.revisions.binary_search(at).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A root and two branches of two; revision `n` adds fact `n`, the last one (4) none.
    fn two_branches(live: &[usize]) -> Branches {
        let effect = |at: usize| Effect {
            adds: if at < 4 { vec![at] } else { Vec::new() },
            takes: Vec::new(),
        };
        Branches {
            needs: vec![vec![], vec![0], vec![1], vec![0], vec![3]],
            effects: (0..5).map(effect).collect(),
            start: vec![false; 4],
            live: (0..4).map(|fact| live.contains(&fact)).collect(),
        }
    }

    fn nearest(branches: &Branches) -> Vec<(usize, Vec<usize>)> {
        branches.nearest(3).0.into_iter().map(|place| (place.distance, place.revisions)).collect()
    }

    #[test]
    fn a_place_that_is_no_prefix_is_found() {
        let branches = two_branches(&[0, 3]);
        assert!(!branches.is_a_line());
        assert_eq!(nearest(&branches)[..2], [(0, vec![0, 3]), (0, vec![0, 3, 4])]);
        assert!(branches.nearest(3).1, "all places were tried");
        assert_eq!(nearest(&two_branches(&[0, 1, 3]))[0], (0, vec![0, 1, 3]));
    }

    #[test]
    fn what_fits_nowhere_has_a_nearest_place() {
        assert_eq!(nearest(&two_branches(&[0, 2, 3]))[0], (1, vec![0, 3]));
        assert_eq!(nearest(&two_branches(&[]))[0], (1, vec![0]));
    }

    #[test]
    fn all_places_are_tried_once_each() {
        // Below the root nothing; above it 3 positions on each branch.
        assert_eq!(two_branches(&[]).nearest(100).0.len(), 9);
    }

    #[test]
    fn many_branches_are_bounded_and_still_found() {
        // 40 branches of one revision, 2^40 places.
        let effect = |at: usize| Effect {
            adds: vec![at],
            takes: Vec::new(),
        };
        let branches = Branches {
            needs: (0..40).map(|at| if at == 0 { vec![] } else { vec![0] }).collect(),
            effects: (0..40).map(effect).collect(),
            start: vec![false; 40],
            live: (0..40).map(|at| at % 3 == 0).collect(),
        };
        let (places, all) = branches.nearest(1);
        assert_eq!((places[0].distance, all), (0, false));
    }

    #[test]
    fn a_line_has_no_other_places() {
        let branches = Branches {
            needs: vec![vec![], vec![0], vec![1]],
            ..Branches::default()
        };
        assert!(branches.is_a_line());
    }

    #[test]
    fn one_replay_passes_places_that_contain_one_another() {
        let place = |revisions: &[usize]| Place {
            distance: 0,
            revisions: revisions.to_vec(),
        };
        let places = [place(&[0, 3]), place(&[0, 1]), place(&[0, 3, 4]), place(&[0])];
        let groups: Vec<Vec<Vec<usize>>> = replays(&places)
            .into_iter()
            .map(|group| group.into_iter().map(|place| place.revisions.clone()).collect())
            .collect();
        assert_eq!(groups, [vec![vec![0], vec![0, 3], vec![0, 3, 4]], vec![vec![0, 1]]]);
    }
}
