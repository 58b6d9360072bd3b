//! The order of a walk: newest first, exactly as Alembic orders it, in linear time.
//!
//! Alembic keeps a list of *slots*, each holding the head of a line. It follows one line downwards; where the line's
//! next revision is still an ancestor of another slot's head, it jumps to the first such slot. Alembic asks "is it
//! an ancestor" of whole ancestor sets; here the question is answered by counting:
//!
//! - a revision is still needed by another slot exactly if one of its followers has not been put out yet;
//! - the first slot that covers a revision only ever moves to the right, because a slot covers less and less and new
//!   slots are added at the end. So an answer can be kept until its slot ends or forks.
//!
//! This holds when the chosen revisions have no gap (nothing chosen above and below something not chosen). A range
//! of `history` across dependencies can have gaps; those take the literal way.

use crate::error::ErrorKind;
use crate::graph::{Graph, Index};
use crate::links::Marks;
use crate::reach::Known;
use crate::work;

const NONE: u32 = u32::MAX;

impl Graph {
    /// Orders `revisions`, starting from those of `heads` that are among them.
    pub(crate) fn order(&self, revisions: &Marks, heads: &[Index]) -> Result<Vec<Index>, ErrorKind> {
        let mut heads: Vec<Index> = heads.iter().copied().filter(|at| revisions.has(*at)).collect();
        heads.sort();
        heads.dedup();
        if self.has_gap(revisions) {
            let order = self.order_with_gaps(revisions, heads);
            return self.check_complete(revisions, order);
        }
        let mut reached = Marks::none(self.len());
        let mut todo = heads.clone();
        while let Some(at) = todo.pop() {
            work::tick(1);
            if reached.insert(at) {
                todo.extend(self.normalized_downs.of(at).iter().filter(|down| revisions.has(**down)));
            }
        }
        if reached != *revisions {
            return self.check_complete(revisions, reached.iter().collect());
        }
        Ok(Walk::new(self, revisions, &heads).run())
    }

    fn check_complete(&self, revisions: &Marks, order: Vec<Index>) -> Result<Vec<Index>, ErrorKind> {
        let mut missing = revisions.clone();
        missing.remove_all(&Marks::of(self.len(), order.iter().copied()));
        if missing.is_empty() {
            return Ok(order);
        }
        Err(ErrorKind::Unreachable {
            revisions: missing.iter().map(|at| self.id(at).to_owned()).collect(),
        })
    }

    /// Returns whether something not chosen has chosen revisions both above and below it.
    fn has_gap(&self, revisions: &Marks) -> bool {
        let mut above_chosen = Marks::none(self.len());
        for at in &self.topological {
            work::tick(1);
            let is_chosen = |down: &Index| revisions.has(*down) || above_chosen.has(*down);
            if self.normalized_downs.of(*at).iter().any(is_chosen) {
                above_chosen.insert(*at);
            }
        }
        let mut below_chosen = Marks::none(self.len());
        for at in self.topological.iter().rev() {
            let is_chosen = |next: &Index| revisions.has(*next) || below_chosen.has(*next);
            if self.normalized_next.of(*at).iter().any(is_chosen) {
                below_chosen.insert(*at);
                if above_chosen.has(*at) && !revisions.has(*at) {
                    return true;
                }
            }
        }
        false
    }

    /// The literal way: each slot with all ancestors of its head.
    fn order_with_gaps(&self, revisions: &Marks, heads: Vec<Index>) -> Vec<Index> {
        let below = |at: Index| self.normalized_downs.sweep([at]);
        let mut slots: Vec<(Index, Marks)> = heads.into_iter().map(|at| (at, below(at))).collect();
        let mut todo = revisions.clone();
        let mut order = Vec::new();
        let mut current = 0;
        while !slots.is_empty() {
            let at = slots[current].0;
            let covers = |(slot, (_, below)): (usize, &(Index, Marks))| slot != current && below.has(at);
            if let Some(slot) = slots.iter().enumerate().position(covers) {
                current = slot;
                continue;
            }
            if todo.has(at) {
                order.push(at);
                todo.remove(at);
            }
            let is_new = |down: &Index| todo.has(*down) && !slots.iter().any(|(head, _)| head == down);
            let downs: Vec<Index> = self.normalized_downs.of(at).iter().copied().filter(is_new).collect();
            match downs.split_first() {
                None => {
                    slots.remove(current);
                    current = current.saturating_sub(1);
                }
                Some((first, rest)) => {
                    slots[current] = (*first, below(*first));
                    slots.extend(rest.iter().map(|at| (*at, below(*at))));
                }
            }
        }
        order
    }
}

/// One line being followed. Slots are a linked list in order of their number; an ended one still points onwards.
#[derive(Debug, Clone, Copy)]
struct Slot {
    head: Index,
    previous: u32,
    next: u32,
    /// Counts forks, after which the slot covers less than its head's last revision did.
    forks: u32,
    ended: bool,
}

/// The first slot that covers a revision, as last looked up.
#[derive(Debug, Clone, Copy)]
struct Cover {
    slot: u32,
    forks: u32,
}

struct Walk<'g> {
    graph: &'g Graph,
    revisions: &'g Marks,
    slots: Vec<Slot>,
    /// The last slot that has not ended.
    last_slot: u32,
    /// The slot whose head a revision is.
    slot_of: Vec<u32>,
    done: Marks,
    /// Followers that have not been put out yet.
    waiting: Vec<u32>,
    cover: Vec<Cover>,
}

impl<'g> Walk<'g> {
    fn new(graph: &'g Graph, revisions: &'g Marks, heads: &[Index]) -> Self {
        let mut walk = Walk {
            graph,
            revisions,
            slots: Vec::new(),
            last_slot: NONE,
            slot_of: vec![NONE; graph.len()],
            done: Marks::none(graph.len()),
            waiting: vec![0; graph.len()],
            cover: vec![Cover { slot: NONE, forks: 0 }; graph.len()],
        };
        for at in revisions.iter() {
            for down in graph.normalized_downs.of(at) {
                walk.waiting[down.as_usize()] += 1;
            }
        }
        for head in heads {
            walk.add_slot(*head);
        }
        walk
    }

    fn run(mut self) -> Vec<Index> {
        let graph = self.graph;
        let mut order = Vec::new();
        let mut current = if self.slots.is_empty() { NONE } else { 0 };
        while current != NONE {
            work::tick(1);
            let at = self.slots[current as usize].head;
            if self.waiting[at.as_usize()] > 0 {
                current = self.first_cover(at);
                continue;
            }
            order.push(at);
            self.done.insert(at);
            self.slot_of[at.as_usize()] = NONE;
            let downs = graph.normalized_downs.of(at);
            let mut follows = false;
            for down in downs {
                self.waiting[down.as_usize()] -= 1;
                if !self.is_open(*down) || self.slot_of[down.as_usize()] != NONE {
                    continue;
                }
                if follows {
                    self.add_slot(*down);
                } else {
                    follows = true;
                    self.slots[current as usize].head = *down;
                    self.slot_of[down.as_usize()] = current;
                }
            }
            if !follows {
                current = self.end_slot(current);
            } else if downs.len() > 1 {
                self.slots[current as usize].forks += 1;
            }
        }
        order
    }

    fn is_open(&self, at: Index) -> bool {
        self.revisions.has(at) && !self.done.has(at)
    }

    fn add_slot(&mut self, head: Index) {
        let number = self.slots.len() as u32;
        let previous = std::mem::replace(&mut self.last_slot, number);
        if previous != NONE {
            self.slots[previous as usize].next = number;
        }
        self.slots.push(Slot {
            head,
            previous,
            next: NONE,
            forks: 0,
            ended: false,
        });
        self.slot_of[head.as_usize()] = number;
    }

    /// Takes a slot out; returns the one to go on with, which is the one before it or else the first.
    fn end_slot(&mut self, number: u32) -> u32 {
        let Slot { previous, next, .. } = self.slots[number as usize];
        self.slots[number as usize].ended = true;
        if previous != NONE {
            self.slots[previous as usize].next = next;
        }
        if next != NONE {
            self.slots[next as usize].previous = previous;
        } else {
            self.last_slot = previous;
        }
        if previous != NONE { previous } else { next }
    }

    /// Returns the first slot whose head is above `at`. There is one, as a follower of `at` is still open.
    fn first_cover(&mut self, at: Index) -> u32 {
        if let Some(slot) = self.kept_cover(at).or_else(|| self.guess_cover(at)) {
            return slot;
        }
        // Each revision is covered by the slots that its open followers head or are covered by.
        let graph = self.graph;
        let mut stack = vec![(at, 0, NONE)];
        loop {
            let (at, position, best) = *stack.last().expect("the loop ends with its first entry");
            work::tick(1);
            let Some(next) = graph.normalized_next.of(at).get(position).copied() else {
                self.keep_cover(at, best);
                stack.pop();
                if stack.is_empty() {
                    return best;
                }
                continue;
            };
            let mut best = best;
            if self.is_open(next) {
                best = best.min(self.slot_of[next.as_usize()]);
                if self.waiting[next.as_usize()] > 0 {
                    match self.kept_cover(next) {
                        Some(slot) => best = best.min(slot),
                        None => {
                            // Look it up first; this follower is then read again.
                            stack.push((next, 0, NONE));
                            continue;
                        }
                    }
                }
            }
            *stack.last_mut().expect("it was just read") = (at, position + 1, best);
        }
    }

    fn keep_cover(&mut self, at: Index, slot: u32) {
        self.cover[at.as_usize()] = Cover {
            slot,
            forks: self.slots[slot as usize].forks,
        };
    }

    fn kept_cover(&self, at: Index) -> Option<u32> {
        let Cover { slot, forks } = self.cover[at.as_usize()];
        if slot == NONE || self.slot_of[at.as_usize()] == slot {
            return None;
        }
        let found = self.slots[slot as usize];
        (!found.ended && found.forks == forks).then_some(slot)
    }

    /// Looks at a few slots from the last known cover on, as far as the answer is plain.
    fn guess_cover(&mut self, at: Index) -> Option<u32> {
        let mut slot = self.cover[at.as_usize()].slot;
        for _ in 0..8 {
            work::tick(1);
            if slot == NONE {
                return None;
            }
            let found = self.slots[slot as usize];
            if !found.ended && slot != self.slot_of[at.as_usize()] {
                match self.graph.reach().known(at, found.head) {
                    Known::Yes => {
                        self.keep_cover(at, slot);
                        return Some(slot);
                    }
                    Known::Open => return None,
                    Known::No => {}
                }
            }
            slot = found.next;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::RevisionHeader;
    use crate::rows::VersionRows;
    use crate::target::Target;

    fn build(count: usize, shape: impl Fn(usize) -> (Vec<usize>, Vec<usize>, bool), reversed: bool) -> Graph {
        let name = |at: usize| format!("r{at:05}");
        let header = |at: usize| {
            let (downs, deps, label) = shape(at);
            RevisionHeader {
                id: name(at),
                down_revisions: downs.into_iter().map(name).collect(),
                depends_on: deps.into_iter().map(name).collect(),
                branch_labels: if label { vec![format!("l{at}")] } else { vec![] },
                ..RevisionHeader::default()
            }
        };
        let mut headers: Vec<RevisionHeader> = (0..count).map(header).collect();
        if reversed {
            headers.reverse();
        }
        Graph::build(headers).graph.expect("a sound graph")
    }

    /// Loads, orders all, upgrades, downgrades and asks for what is current.
    fn everything(graph: &Graph) {
        assert_eq!(graph.history(None, None).expect("a history").len(), graph.len());
        let up = graph.upgrade(&[], Target::One("heads")).expect("an upgrade");
        let mut rows = VersionRows::new(graph, &[]);
        for step in &up.steps {
            rows.apply(step).expect("the rows fit");
        }
        let top = rows.ids();
        assert_eq!(graph.current(&top).expect("the rows are known").len(), graph.heads().len());
        let down = graph.downgrade(&top, "base").expect("a downgrade");
        assert_eq!(down.steps.len(), graph.len());
        for step in &down.steps {
            rows.apply(step).expect("the rows fit");
        }
        assert!(rows.is_empty());
    }

    type Shape = fn(usize) -> (Vec<usize>, Vec<usize>, bool);

    const SHAPES: &[(&str, Shape)] = &[
        ("line", |at| (at.checked_sub(1).into_iter().collect(), vec![], false)),
        ("line with labels", |at| (at.checked_sub(1).into_iter().collect(), vec![], at % 3 == 0)),
        ("diamonds", |at| match (at, at % 3) {
            (0, _) => (vec![], vec![], false),
            (_, 1) => (vec![at - 1], vec![], false),
            (_, 2) => (vec![at - 2], vec![], false),
            _ => (vec![at - 2, at - 1], vec![], false),
        }),
        ("labelled diamonds", |at| match (at, at % 3) {
            (0, _) => (vec![], vec![], false),
            (_, 1) => (vec![at - 1], vec![], true),
            (_, 2) => (vec![at - 2], vec![], true),
            _ => (vec![at - 2, at - 1], vec![], false),
        }),
        ("two lines, one depending on the other", |at| {
            let down = at.checked_sub(2).into_iter().collect();
            (down, if at % 2 == 1 { vec![at - 1] } else { vec![] }, false)
        }),
        ("two lines, each step depending on the last two of the other", |at| {
            let down = at.checked_sub(2).into_iter().collect();
            let deps = if at % 2 == 1 { [Some(at - 1), at.checked_sub(3)] } else { [None, None] };
            (down, deps.into_iter().flatten().collect(), false)
        }),
        ("everything depends on the first", |at| match at {
            0 | 1 => (vec![], vec![], false),
            _ => (vec![at - 1], vec![0], false),
        }),
        ("fan", |at| (if at == 0 { vec![] } else { vec![0] }, vec![], false)),
        ("comb", |at| match at % 2 {
            0 => (at.checked_sub(2).into_iter().collect(), vec![], false),
            _ => (vec![at - 1], vec![], true),
        }),
        ("bases", |at| (if at % 4 == 0 { vec![] } else { vec![at - 1] }, vec![], true)),
        ("two lines merging at the end of each ten", |at| match at % 20 {
            0 => (at.checked_sub(1).into_iter().collect(), vec![], false),
            1 => (vec![at - 1], vec![], false),
            19 => (vec![at - 1, at - 2], vec![], false),
            _ => (vec![at - 2], vec![], false),
        }),
    ];

    #[test]
    fn every_shape_is_linear() {
        for (name, shape) in SHAPES {
            for reversed in [false, true] {
                let small = work::count(|| everything(&build(1_000, shape, reversed)));
                let large = work::count(|| everything(&build(10_000, shape, reversed)));
                assert!(large < small * 13, "{name}: {small} steps for 1,000 revisions, {large} for 10,000");
                assert!(large < 10_000 * 200, "{name}: {large} steps for 10,000 revisions");
            }
        }
    }

    /// `cargo test --release -p limbeck-revision -- --ignored --nocapture times`
    #[test]
    #[ignore = "prints times, which only mean something in a release build"]
    fn times() {
        for (name, shape) in SHAPES {
            let start = std::time::Instant::now();
            let graph = build(10_000, shape, false);
            let loaded = start.elapsed();
            let _ = graph.history(None, None).expect("a history");
            let ordered = start.elapsed();
            everything(&graph);
            println!("{name}: load {loaded:?}, with history {ordered:?}, everything {:?}", start.elapsed());
        }
    }

    #[test]
    fn the_counted_order_is_the_literal_one() {
        let mut seed = 11u64;
        let mut random = move |below: usize| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) as usize % below
        };
        for round in 0..400 {
            let count = 2 + random(60);
            let reach = 1 + random(12);
            let lists: Vec<(Vec<usize>, Vec<usize>)> = (0..count)
                .map(|at| {
                    let mut pick = |most: usize| -> Vec<usize> {
                        let mut list: Vec<usize> = Vec::new();
                        for _ in 0..random(most + 1).min(at) {
                            let other = at - 1 - random(at.min(reach));
                            if !list.contains(&other) {
                                list.push(other);
                            }
                        }
                        list
                    };
                    (pick(2), pick(round % 3))
                })
                .collect();
            let graph = build(count, |at| (lists[at].0.clone(), lists[at].1.clone(), false), round % 2 == 0);
            let all = Marks::of(graph.len(), graph.indices());
            let heads = graph.effective_heads().to_vec();
            let counted = graph.order(&all, &heads).expect("all are reached");
            assert_eq!(counted, graph.order_with_gaps(&all, heads), "round {round}");
        }
    }
}
