//! Rules that the arrows of a crate follow.

use std::collections::{BTreeMap, BTreeSet};

use super::arrows::Arrow;
use super::table::{Layer, Table};

/// Crate to check.
pub(super) struct Checked<'a> {
    /// Folder of the sources, for messages.
    pub(super) root: &'a str,
    /// Files that are not test code, below the folder.
    pub(super) files: BTreeSet<String>,
    pub(super) arrows: Vec<Arrow>,
    pub(super) table: &'a Table,
}

impl Checked<'_> {
    /// Returns a sentence for each broken rule.
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = self.rows();
        problems.extend(self.layers());
        problems.extend(self.unused_arrows());
        problems.extend(self.circles());
        let mut seen = BTreeSet::new();
        problems.retain(|problem| seen.insert(problem.clone()));
        problems
    }

    /// Checks that each file or folder is in one row, and that each row names existing ones.
    fn rows(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut rows = BTreeMap::<&str, Vec<&str>>::new();
        for layer in &self.table.layers {
            for unit in &layer.units {
                rows.entry(unit).or_default().push(&layer.name);
            }
        }
        let exist = self.files.iter().map(|file| match file.split_once('/') {
            Some((folder, _)) => format!("{folder}/"),
            None => file.trim_end_matches(".rs").to_owned(),
        });
        let exist = exist.filter(|unit| unit != "lib").collect::<BTreeSet<_>>();
        let root = self.root;
        for unit in &exist {
            match rows.get(unit.as_str()).map_or(&[][..], Vec::as_slice) {
                [_] => {}
                [] => problems.push(format!(
                    "{root}/{unit} is in no layer: add it to the table in DESIGN.md"
                )),
                layers => problems.push(format!("{root}/{unit} is in several layers: {}", layers.join(", "))),
            }
        }
        for (unit, layers) in rows {
            if !exist.contains(unit) {
                problems.push(format!(
                    "the layer {} of {root} names `{unit}`, which does not exist",
                    layers[0]
                ));
            }
        }
        problems
    }

    /// Checks that arrows go down, or are allowed within their layer.
    fn layers(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for arrow in &self.arrows {
            let (from, to) = (unit(&arrow.from), unit(&arrow.to));
            let (Some(above), Some(below)) = (self.layer(from), self.layer(to)) else {
                if to == "lib" {
                    problems.push(self.broken(arrow, "lib.rs re-exports only: move what is used to a module"));
                }
                continue;
            };
            let (high, low) = (&self.table.layers[above], &self.table.layers[below]);
            let rule = match above.cmp(&below) {
                _ if from == to => continue,
                std::cmp::Ordering::Less if high.uses_lower => continue,
                std::cmp::Ordering::Less => "the layer may use no lower layer",
                std::cmp::Ordering::Greater => "a layer may use lower layers only",
                std::cmp::Ordering::Equal if high.allows(from, to) => continue,
                std::cmp::Ordering::Equal => "the table allows no such arrow within the layer",
            };
            let text = format!("{from} ({}) uses {to} ({}): {rule}", high.name, low.name);
            problems.push(self.broken(arrow, &text));
        }
        problems
    }

    fn broken(&self, arrow: &Arrow, text: &str) -> String {
        format!("{}/{}:{}: {text}", self.root, arrow.from, arrow.line)
    }

    /// Checks that the arrows that the table allows exist.
    fn unused_arrows(&self) -> Vec<String> {
        let exist = self.arrows.iter().map(|arrow| (unit(&arrow.from), unit(&arrow.to)));
        let exist = exist.collect::<BTreeSet<_>>();
        let mut problems = Vec::new();
        for layer in &self.table.layers {
            for (from, to) in &layer.arrows {
                if !exist.contains(&(from, to)) {
                    let (root, name) = (self.root, &layer.name);
                    problems.push(format!(
                        "the layer {name} of {root} allows `{from} → {to}`, and nothing uses it: remove it"
                    ));
                } else if !(layer.has(from) && layer.has(to)) {
                    problems.push(format!(
                        "`{from} → {to}` is not an arrow within the layer {}",
                        layer.name
                    ));
                }
            }
        }
        problems
    }

    /// Checks that top-level files and folders form no circle, and files inside a folder only
    /// listed ones.
    fn circles(&self) -> Vec<String> {
        let mut folders = BTreeSet::from([String::new()]);
        for file in &self.files {
            folders.extend(file.match_indices('/').map(|(at, _)| file[..at].to_owned()));
        }
        let mut problems = Vec::new();
        let mut listed = self.table.circles.iter().collect::<Vec<_>>();
        for folder in &folders {
            for circle in self.circles_in(folder) {
                let known = listed
                    .iter()
                    .position(|listed| listed.folder == *folder && listed.members == circle.members);
                match known {
                    Some(known) => drop(listed.remove(known)),
                    None if folder.is_empty() => problems.push(format!(
                        "{} form a circle: {}",
                        circle.members.join(", "),
                        circle.examples(self.root)
                    )),
                    None => problems.push(format!(
                        "{}/{folder}: {} form a circle that DESIGN.md does not list: {}",
                        self.root,
                        circle.members.join(", "),
                        circle.examples(self.root)
                    )),
                }
            }
        }
        for circle in listed {
            problems.push(format!(
                "DESIGN.md lists a circle in {}/{} that does not exist: {}",
                self.root,
                circle.folder,
                circle.members.join(", ")
            ));
        }
        problems
    }

    /// Returns the circles between the direct children of a folder.
    fn circles_in(&self, folder: &str) -> Vec<Circle<'_>> {
        let mut edges = BTreeMap::<(String, String), &Arrow>::new();
        for arrow in &self.arrows {
            if let (Some(from), Some(to)) = (child(folder, &arrow.from), child(folder, &arrow.to))
                && from != to
                && to != "lib"
            {
                edges.entry((from, to)).or_insert(arrow);
            }
        }
        let names = edges.keys().flat_map(|(from, to)| [from.clone(), to.clone()]);
        let names = names.collect::<BTreeSet<_>>();
        let reach = names.iter().map(|name| (name.as_str(), reachable(name, &edges)));
        let reach = reach.collect::<BTreeMap<_, _>>();
        let mut circles = Vec::new();
        let mut seen = BTreeSet::new();
        for name in &names {
            if seen.contains(name) || !reach[name.as_str()].contains(name) {
                continue;
            }
            let members = reach[name.as_str()].iter();
            let members = members.filter(|other| reach[other.as_str()].contains(name)).cloned();
            let members = members.collect::<Vec<_>>();
            seen.extend(members.iter().cloned());
            let is_inside = |name: &String| members.contains(name);
            let arrows = edges.iter().filter(|((from, to), _)| is_inside(from) && is_inside(to));
            let arrows = arrows.map(|((_, to), arrow)| (to.clone(), *arrow)).collect();
            circles.push(Circle { members, arrows });
        }
        circles
    }

    fn layer(&self, unit: &str) -> Option<usize> {
        self.table.layers.iter().position(|layer| layer.has(unit))
    }
}

impl Layer {
    fn has(&self, unit: &str) -> bool {
        self.units.iter().any(|known| known.trim_end_matches('/') == unit)
    }

    fn allows(&self, from: &str, to: &str) -> bool {
        self.arrows.iter().any(|arrow| arrow.0 == from && arrow.1 == to)
    }
}

/// Files and folders of which each reaches each other.
struct Circle<'a> {
    members: Vec<String>,
    /// One arrow for each pair, with the name of what it leads to.
    arrows: Vec<(String, &'a Arrow)>,
}

impl Circle<'_> {
    fn examples(&self, root: &str) -> String {
        let arrows = self
            .arrows
            .iter()
            .map(|(to, arrow)| format!("{root}/{}:{} uses {to}", arrow.from, arrow.line));
        arrows.collect::<Vec<_>>().join("; ")
    }
}

fn reachable(start: &str, edges: &BTreeMap<(String, String), &Arrow>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![start];
    while let Some(name) = open.pop() {
        for (from, to) in edges.keys() {
            if from == name && found.insert(to.clone()) {
                open.push(to);
            }
        }
    }
    found
}

/// Returns the top-level file or folder of a file, without its ending.
pub(super) fn unit(file: &str) -> &str {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs")
}

/// Returns the file or subfolder of a folder that contains a file.
fn child(folder: &str, file: &str) -> Option<String> {
    let below = match folder {
        "" => file,
        folder => file.strip_prefix(folder)?.strip_prefix('/')?,
    };
    Some(unit(below).to_owned())
}
