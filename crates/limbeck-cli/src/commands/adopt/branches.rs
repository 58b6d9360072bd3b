//! A history with branches: the places that no replay in one order passes.

use super::Seen;
use super::places::{Branches, Effect, replays};
use crate::context::Failure;
use crate::rehearsal::{self, Stage, planned};
use crate::session;
use limbeck_revision::{Index, Step, Steps};
use limbeck_run::PlannedStep;
use limbeck_schema::catalogue::{Catalogue, Kind, Rules, differences};
use std::collections::{BTreeSet, HashMap};

/// How many places are looked at on a scratch database, and how many replays that may take.
const LOOKS: usize = 64;
const REPLAYS: usize = 16;

/// What the first replay showed of each revision.
#[derive(Default)]
pub struct Witness {
    numbers: HashMap<String, usize>,
    before: BTreeSet<usize>,
    effects: Vec<Effect>,
    schemas: BTreeSet<String>,
}

impl Witness {
    /// Begins again with what is there before the first revision.
    pub fn begin(&mut self, schema: &Catalogue) {
        self.effects.clear();
        self.before = self.facts(schema);
    }

    /// Notes what a revision left.
    pub fn saw(&mut self, schema: &Catalogue) {
        self.schemas.extend(schema.used_schemas());
        let now = self.facts(schema);
        self.effects.push(Effect {
            adds: now.difference(&self.before).copied().collect(),
            takes: self.before.difference(&now).copied().collect(),
        });
        self.before = now;
    }

    fn facts(&mut self, schema: &Catalogue) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for object in schema.objects() {
            if matches!(object.key.kind, Kind::Schema | Kind::Extension) {
                continue;
            }
            for fact in &object.facts {
                let next = self.numbers.len();
                let text = format!("{}\0{}\0{}", object.key, fact.what, fact.essence());
                found.insert(*self.numbers.entry(text).or_insert(next));
            }
        }
        found
    }
}

/// Whether some revision of these steps does not need the one before it.
pub fn has_branches(stage: &Stage<'_>, steps: &[PlannedStep]) -> bool {
    let needs = needs(stage, &order(stage, steps));
    !Branches { needs, ..Branches::default() }.is_a_line()
}

/// What is there before the first revision.
///
/// # Errors
/// No scratch database.
pub fn beginning(stage: &Stage<'_>) -> Result<Catalogue, Failure> {
    let scratch = stage.beginning(false)?;
    limbeck_run::schema_of(&scratch).map_err(|error| session::database_failure(stage.context, "the scratch database cannot be read", &error))
}

/// Looks at the places that may have the database's schema and were not passed yet: the nearest ones, or where one has it, those that seem to have it too.
/// Returns whether these were all there are.
///
/// # Errors
/// No scratch database; the user stopped it.
pub fn look(stage: &Stage<'_>, steps: &[PlannedStep], start: &Catalogue, mut witness: Witness, seen: &mut Vec<Seen>) -> Result<bool, Failure> {
    let mut order = order(stage, steps);
    // A replay that stopped saw no more.
    order.truncate(witness.effects.len());
    let mut live = stage.live.clone();
    live.retain_schemas(&|schema| witness.schemas.contains(schema));
    let (live, start) = (witness.facts(&live), witness.facts(start));
    let has = |facts: &BTreeSet<usize>| (0..witness.numbers.len()).map(|fact| facts.contains(&fact)).collect::<Vec<bool>>();
    let branches = Branches {
        needs: needs(stage, &order),
        start: has(&start),
        live: has(&live),
        effects: witness.effects,
    };
    let (mut places, mut all) = branches.nearest(LOOKS + order.len());
    let nearest = places.first().map_or(0, |place| place.distance);
    // The first replay passed these.
    places.retain(|place| place.revisions.iter().enumerate().any(|(number, at)| number != *at));
    if seen.iter().any(|seen| seen.changes.is_empty()) {
        places.retain(|place| place.distance <= nearest);
    }
    all &= places.len() <= LOOKS;
    places.truncate(LOOKS);
    let groups = replays(&places);
    all &= groups.len() <= REPLAYS;
    for group in groups.into_iter().take(REPLAYS) {
        if seen.iter().any(|seen| seen.changes.is_empty()) && group.iter().all(|place| place.distance > nearest) {
            continue;
        }
        let (mut way, mut ends) = (Vec::new(), Vec::new());
        for place in &group {
            let next: Vec<usize> = place.revisions.iter().copied().filter(|at| !way.contains(at)).collect();
            way.extend(next);
            ends.push(way.len() - 1);
        }
        let steps = Steps {
            steps: way.iter().map(|at| Step::Upgrade(order[*at])).collect(),
            warning: None,
        };
        let steps = planned(&stage.history.graph, &[], &steps)?;
        let mut found: Vec<(usize, Seen)> = Vec::new();
        let mut look = |at: usize, wanted: Catalogue| {
            found.retain(|(other, _)| *other != at);
            found.push((at, compared(stage, &steps[at], &wanted)));
        };
        // Branches that count on one another without saying so fail here; their places are none.
        stage.replay(&steps, &|at| ends.contains(&at), &mut look)?;
        seen.extend(found.into_iter().map(|(_, seen)| seen));
    }
    Ok(all)
}

/// The database's schema beside the one that a step left.
pub fn compared(stage: &Stage<'_>, step: &PlannedStep, wanted: &Catalogue) -> Seen {
    let mut have = stage.live.clone();
    rehearsal::only_known_schemas(&mut have, wanted);
    let mut rows = step.rows_after.clone();
    rows.sort();
    Seen {
        rows,
        changes: differences(&have, wanted, Rules::default()),
    }
}

fn order(stage: &Stage<'_>, steps: &[PlannedStep]) -> Vec<Index> {
    let id = |step: &PlannedStep| step.label.revision().to_owned();
    steps.iter().filter_map(|step| stage.history.graph.find(&id(step))).collect()
}

/// The revisions right below each, by their numbers in the order.
fn needs(stage: &Stage<'_>, order: &[Index]) -> Vec<Vec<usize>> {
    let graph = &stage.history.graph;
    let number: HashMap<Index, usize> = order.iter().enumerate().map(|(number, at)| (*at, number)).collect();
    let below = |at: &Index| graph.normalized_downs(*at).iter().filter_map(|at| number.get(at).copied()).collect();
    order.iter().map(below).collect()
}
