//! Headers into a graph, with Alembic's checks in Alembic's order.

use std::collections::HashMap;
use std::sync::OnceLock;

use limbeck_source::{Diagnose, Diagnostic, Location};

use crate::error::{ErrorKind, GraphError};
use crate::graph::{Graph, Index};
use crate::header::RevisionHeader;
use crate::label::LabelSets;
use crate::links::{Links, Marks};
use crate::reach::Reach;
use crate::work;

/// What came of loading: warnings, and the graph or why there is none.
#[derive(Debug)]
pub struct Built {
    /// In the order Alembic gives them, before the error if there is one.
    pub warnings: Vec<LoadWarning>,
    /// The graph.
    pub graph: Result<Graph, GraphError>,
}

/// Something odd that does not stop the load by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadWarning {
    alembic_text: String,
    diagnostic: Diagnostic,
}

impl LoadWarning {
    /// Returns the text of Alembic's `UserWarning`.
    pub fn alembic_text(&self) -> &str {
        &self.alembic_text
    }
}

impl Diagnose for LoadWarning {
    fn diagnose(&self) -> Diagnostic {
        self.diagnostic.clone()
    }
}

impl Graph {
    /// Makes the graph of a project from the headers of its files, in the order they were found.
    ///
    /// A revision that is present twice is a warning, as in Alembic: the later file counts, the earlier one still
    /// stands among the heads and bases.
    pub fn build(headers: Vec<RevisionHeader>) -> Built {
        let mut warnings = Vec::new();
        let graph = load(headers, &mut warnings);
        Built { warnings, graph }
    }
}

/// A file whose id a later file takes over.
struct Shadow {
    header: RevisionHeader,
    at: Index,
}

/// Where the revisions of one file stand in load order.
enum Loaded {
    Revision(Index),
    Shadow(usize),
}

fn load(input: Vec<RevisionHeader>, warnings: &mut Vec<LoadWarning>) -> Result<Graph, GraphError> {
    let mut headers: Vec<RevisionHeader> = Vec::with_capacity(input.len());
    let mut names: HashMap<String, Index> = HashMap::with_capacity(input.len() * 2);
    let mut shadows: Vec<Shadow> = Vec::new();
    let mut order: Vec<Loaded> = Vec::with_capacity(input.len());
    let mut places: Vec<usize> = Vec::with_capacity(input.len());
    for header in input {
        if let Err(kind) = check_alone(&header) {
            return Err(GraphError::at_load(kind, |id| Some(&header).filter(|header| header.id == id)));
        }
        if let Some(at) = names.get(&header.id).copied() {
            let earlier = std::mem::replace(&mut headers[at.as_usize()], header);
            warnings.push(warn_duplicate(&earlier, &headers[at.as_usize()]));
            // The earlier file keeps its place in load order, and the later one gets its own.
            let place = std::mem::replace(&mut places[at.as_usize()], order.len());
            order[place] = Loaded::Shadow(shadows.len());
            shadows.push(Shadow { header: earlier, at });
            order.push(Loaded::Revision(at));
        } else {
            let at = Index::new(headers.len());
            names.insert(header.id.clone(), at);
            headers.push(header);
            places.push(order.len());
            order.push(Loaded::Revision(at));
        }
    }
    let labels = match name_labels(&headers, &shadows, &order, &mut names) {
        Ok(labels) => labels,
        Err(kind) => return Err(at_load(kind, &headers, &names)),
    };
    let edges = match connect(&headers, &shadows, &names, warnings) {
        Ok(edges) => edges,
        Err(kind) => return Err(at_load(kind, &headers, &names)),
    };
    let Edges {
        downs,
        deps,
        all_downs,
        shadow_downs,
    } = edges;
    let next = downs.reversed();
    let all_next = all_downs.reversed();

    let tips = |links: &Links, also: &dyn Fn(&Shadow) -> bool| -> Vec<Tip> {
        let tip = |loaded: &Loaded| match loaded {
            Loaded::Revision(at) => Some(Tip::Revision(*at)).filter(|_| links.of(*at).is_empty()),
            Loaded::Shadow(number) => Some(Tip::Shadow(shadows[*number].at)).filter(|_| also(&shadows[*number])),
        };
        order.iter().filter_map(tip).collect()
    };
    let heads = tips(&next, &|_| true);
    let real_heads = tips(&all_next, &|_| true);
    let bases = tips(&downs, &|shadow| shadow.header.down_revisions.is_empty());
    let real_bases = tips(&all_downs, &|shadow| {
        shadow.header.down_revisions.is_empty() && shadow.header.depends_on.is_empty()
    });

    let checked = check_circles(&headers, (&downs, &heads), (&next, &bases), shadow_downs.iter().map(|pair| &pair.0))
        .map_err(|revisions| ErrorKind::Cycle { revisions })
        .and_then(|()| {
            let shadow_downs = shadow_downs.iter().map(|pair| &pair.1);
            check_circles(&headers, (&all_downs, &real_heads), (&all_next, &real_bases), shadow_downs)
                .map_err(|revisions| ErrorKind::DependencyCycle { revisions })
        })
        .and_then(|()| sort(&headers, &downs, &all_downs, &all_next));
    let topological = match checked {
        Ok(topological) => topological,
        Err(kind) => return Err(at_load(kind, &headers, &names)),
    };

    let normalized_downs = normalize(&downs, &next, &deps, &topological);
    let normalized_next = normalized_downs.reversed();
    // A label that only a shadowed copy declares can be named, but spreads nowhere.
    let is_declared = |label: &String, at: Index| headers[at.as_usize()].branch_labels.contains(label);
    let declared: Vec<Option<Index>> = labels.iter().map(|(label, at)| Some(*at).filter(|at| is_declared(label, *at))).collect();
    let label_sets = LabelSets::new(&declared, &downs, &next, &all_next, &topological);
    Ok(Graph {
        headers,
        names,
        labels,
        label_sets,
        downs,
        all_downs,
        normalized_downs,
        next,
        all_next,
        normalized_next,
        topological,
        heads: heads.into_iter().map(Tip::at).collect(),
        real_heads: real_heads.into_iter().map(Tip::at).collect(),
        bases: bases.into_iter().map(Tip::at).collect(),
        reach: OnceLock::new(),
    })
}

fn at_load(kind: ErrorKind, headers: &[RevisionHeader], names: &HashMap<String, Index>) -> GraphError {
    GraphError::at_load(kind, |id| names.get(id).map(|at| &headers[at.as_usize()]))
}

/// Checks what one file can get wrong by itself.
fn check_alone(header: &RevisionHeader) -> Result<(), ErrorKind> {
    let revision = header.id.clone();
    if header.down_revisions.contains(&revision) {
        return Err(ErrorKind::SelfLoop { revision });
    }
    if header.depends_on.contains(&revision) {
        return Err(ErrorKind::DependencySelfLoop { revision });
    }
    check_id(&revision)
}

/// Checks the characters of a revision id.
pub(crate) fn check_id(id: &str) -> Result<(), ErrorKind> {
    // In the order of their codes, which is how Alembic lists them.
    let characters: String = "+-:@".chars().filter(|c| id.contains(*c)).collect();
    if characters.is_empty() {
        Ok(())
    } else {
        Err(ErrorKind::IllegalCharacters {
            characters,
            revision: id.to_owned(),
        })
    }
}

fn warn_duplicate(earlier: &RevisionHeader, later: &RevisionHeader) -> LoadWarning {
    let id = &later.id;
    let mut diagnostic = Diagnostic::warning("E0207", format!("revision `{id}` is present more than once"));
    if !later.source.is_empty() {
        diagnostic = diagnostic.at(Location::file(&*later.source));
    }
    if !earlier.source.is_empty() {
        diagnostic = diagnostic.note(format!("also in {}", earlier.source));
    }
    LoadWarning {
        alembic_text: format!("Revision {id} is present more than once"),
        diagnostic: diagnostic.hint("give one of them another id, or delete the copy"),
    }
}

/// Adds branch labels to the names.
fn name_labels(
    headers: &[RevisionHeader],
    shadows: &[Shadow],
    order: &[Loaded],
    names: &mut HashMap<String, Index>,
) -> Result<Vec<(String, Index)>, ErrorKind> {
    let mut labels = Vec::new();
    for loaded in order {
        let (header, at) = match loaded {
            Loaded::Revision(at) => (&headers[at.as_usize()], *at),
            Loaded::Shadow(number) => (&shadows[*number].header, shadows[*number].at),
        };
        for label in &header.branch_labels {
            if let Some(other) = names.insert(label.clone(), at) {
                // Put it back, so that the error finds the file of the other revision.
                names.insert(label.clone(), other);
                return Err(ErrorKind::DuplicateLabel {
                    label: label.clone(),
                    revision: header.id.clone(),
                    other: headers[other.as_usize()].id.clone(),
                });
            }
            labels.push((label.clone(), at));
        }
    }
    Ok(labels)
}

struct Edges {
    downs: Links,
    deps: Links,
    all_downs: Links,
    /// Downs and all downs of each shadow.
    shadow_downs: Vec<(Vec<Index>, Vec<Index>)>,
}

fn connect(headers: &[RevisionHeader], shadows: &[Shadow], names: &HashMap<String, Index>, warnings: &mut Vec<LoadWarning>) -> Result<Edges, ErrorKind> {
    let dependencies = |header: &RevisionHeader| -> Result<Vec<Index>, ErrorKind> {
        let find = |dependency: &String| {
            names.get(dependency).copied().ok_or_else(|| ErrorKind::MissingDependency {
                dependency: dependency.clone(),
                revision: header.id.clone(),
            })
        };
        header.depends_on.iter().map(find).collect()
    };
    let deps = headers.iter().map(dependencies).collect::<Result<Vec<_>, _>>()?;
    let shadow_deps = shadows.iter().map(|shadow| dependencies(&shadow.header)).collect::<Result<Vec<_>, _>>()?;

    // A label is not enough here: a down revision is an id.
    let find_down = |down: &String| names.get(down).copied().filter(|at| headers[at.as_usize()].id == *down);
    let mut missing = Vec::new();
    let mut downs = Vec::with_capacity(headers.len());
    let mut followers = vec![0u32; headers.len()];
    for (number, header) in headers.iter().enumerate() {
        let mut list = Vec::with_capacity(header.down_revisions.len());
        for down in &header.down_revisions {
            match find_down(down) {
                Some(at) => {
                    followers[at.as_usize()] += 1;
                    list.push(at);
                }
                None => {
                    if missing.is_empty() {
                        warnings.push(warn_missing(down, header, followers[number]));
                    }
                    missing.push((down.clone(), header.id.clone()));
                }
            }
        }
        downs.push(list);
    }
    let mut shadow_downs = Vec::with_capacity(shadows.len());
    for (shadow, deps) in shadows.iter().zip(shadow_deps) {
        // Alembic never follows the downs of a shadow that are not there until it looks for cycles.
        let mut list = Vec::new();
        for down in &shadow.header.down_revisions {
            match find_down(down) {
                Some(at) => list.push(at),
                None => missing.push((down.clone(), shadow.header.id.clone())),
            }
        }
        let all = together(&list, &deps);
        shadow_downs.push((list, all));
    }
    if !missing.is_empty() {
        return Err(ErrorKind::MissingParent { missing });
    }
    let all: Vec<Vec<Index>> = downs.iter().zip(&deps).map(|(downs, deps)| together(downs, deps)).collect();
    Ok(Edges {
        downs: Links::collect(downs.into_iter()),
        deps: Links::collect(deps.into_iter()),
        all_downs: Links::collect(all.into_iter()),
        shadow_downs,
    })
}

/// Joins two lists, each revision once.
fn together(downs: &[Index], deps: &[Index]) -> Vec<Index> {
    let mut all: Vec<Index> = Vec::with_capacity(downs.len() + deps.len());
    for at in downs.iter().chain(deps) {
        if !all.contains(at) {
            all.push(*at);
        }
    }
    all
}

/// Alembic shows the revision as it knows it so far: `followers` are those that were loaded before it.
fn warn_missing(down: &str, header: &RevisionHeader, followers: u32) -> LoadWarning {
    let mut shown = format!("{} -> {}", header.down_text(), header.id);
    if followers == 0 {
        shown += " (head)";
    }
    if followers > 1 {
        shown += " (branchpoint)";
    }
    if header.down_revisions.len() > 1 {
        shown += " (mergepoint)";
    }
    let diagnostic = Diagnostic::warning("E0206", format!("revision `{down}`, named by `{}`, is not present", header.id));
    LoadWarning {
        alembic_text: format!("Revision {down} referenced from {shown}, {} is not present", header.summary()),
        diagnostic,
    }
}

/// A head or a base. A shadow is one beside the revision that took its id over.
#[derive(Debug, Clone, Copy)]
enum Tip {
    Revision(Index),
    Shadow(Index),
}

impl Tip {
    fn at(self) -> Index {
        match self {
            Tip::Revision(at) | Tip::Shadow(at) => at,
        }
    }

    /// Returns where to go on from; nothing is linked to a shadow.
    fn revision(&self) -> Option<Index> {
        match self {
            Tip::Revision(at) => Some(*at),
            Tip::Shadow(_) => None,
        }
    }
}

/// Finds revisions that no head leads down to, or no base leads up to.
fn check_circles<'s>(
    headers: &[RevisionHeader],
    (downs, heads): (&Links, &[Tip]),
    (next, bases): (&Links, &[Tip]),
    shadow_downs: impl Iterator<Item = &'s Vec<Index>>,
) -> Result<(), Vec<String>> {
    if headers.is_empty() {
        return Ok(());
    }
    let id = |at: usize| headers[at].id.clone();
    if heads.is_empty() || bases.is_empty() {
        return Err((0..headers.len()).map(id).collect());
    }
    let mut below = downs.sweep(heads.iter().filter_map(Tip::revision));
    downs.sweep_into(&mut below, shadow_downs.flatten().copied());
    let mut above = next.sweep(bases.iter().filter_map(Tip::revision));
    for (marks, tips) in [(&mut below, heads), (&mut above, bases)] {
        for tip in tips {
            marks.insert(tip.at());
        }
    }
    below.keep(&above);
    let mut lost: Vec<String> = (0..headers.len()).filter(|at| !below.has(Index::new(*at))).map(id).collect();
    lost.sort();
    if lost.is_empty() { Ok(()) } else { Err(lost) }
}

/// Sorts revisions after their downs. Finds circles that lie between a head and a base too, which Alembic does not.
fn sort(headers: &[RevisionHeader], downs: &Links, all_downs: &Links, all_next: &Links) -> Result<Vec<Index>, ErrorKind> {
    let mut waiting: Vec<u32> = (0..headers.len()).map(|at| all_downs.of(Index::new(at)).len() as u32).collect();
    let mut sorted: Vec<Index> = (0..headers.len()).map(Index::new).filter(|at| waiting[at.as_usize()] == 0).collect();
    let mut position = 0;
    while position < sorted.len() {
        work::tick(1);
        for next in all_next.of(sorted[position]) {
            waiting[next.as_usize()] -= 1;
            if waiting[next.as_usize()] == 0 {
                sorted.push(*next);
            }
        }
        position += 1;
    }
    if sorted.len() == headers.len() {
        return Ok(sorted);
    }
    // What waits includes what only follows a circle; a circle's members also have one of them after them.
    let mut circle = Marks::of(headers.len(), (0..headers.len()).map(Index::new).filter(|at| waiting[at.as_usize()] > 0));
    loop {
        let ends: Vec<Index> = circle.iter().filter(|at| !all_next.of(*at).iter().any(|next| circle.has(*next))).collect();
        if ends.is_empty() {
            break;
        }
        circle.remove_all(&Marks::of(headers.len(), ends));
    }
    let by_downs = circle.iter().all(|at| downs.of(at).iter().any(|down| circle.has(*down)));
    let mut revisions: Vec<String> = circle.iter().map(|at| headers[at.as_usize()].id.clone()).collect();
    revisions.sort();
    Err(if by_downs {
        ErrorKind::Cycle { revisions }
    } else {
        ErrorKind::DependencyCycle { revisions }
    })
}

/// Leaves out dependencies that an ancestor (by downs alone) already has.
///
/// Only a revision that several depend on can be left out anywhere, so the question is, for each such revision, which
/// of its dependents stand above another one.
fn normalize(downs: &Links, next: &Links, deps: &Links, topological: &[Index]) -> Links {
    let mut place = vec![0u32; downs.len()];
    for (number, at) in topological.iter().enumerate() {
        place[at.as_usize()] = number as u32;
    }
    let dependents = deps.reversed();
    let reach = OnceLock::new();
    let mut left_out: Vec<Vec<Index>> = vec![Vec::new(); downs.len()];
    for dependency in (0..downs.len()).map(Index::new) {
        let mut group = dependents.of(dependency).to_vec();
        if group.len() < 2 {
            continue;
        }
        group.sort_by_key(|at| place[at.as_usize()]);
        let above: Vec<Index> = if group.len() * group.len() > downs.len() {
            let after = group.iter().flat_map(|at| next.of(*at)).copied();
            let after = next.sweep(after);
            group.iter().copied().filter(|at| after.has(*at)).collect()
        } else {
            let reach = reach.get_or_init(|| Reach::new(downs, topological));
            let stands_above = |number: &usize| {
                let earlier = group[..*number].iter().rev();
                earlier.clone().any(|low| reach.is_ancestor(downs, *low, group[*number]))
            };
            (0..group.len()).filter(stands_above).map(|number| group[number]).collect()
        };
        for at in above {
            left_out[at.as_usize()].push(dependency);
        }
    }
    let normalized = (0..downs.len()).map(Index::new).map(|at| {
        let kept: Vec<Index> = deps.of(at).iter().copied().filter(|dep| !left_out[at.as_usize()].contains(dep)).collect();
        together(downs.of(at), &kept)
    });
    Links::collect(normalized)
}
