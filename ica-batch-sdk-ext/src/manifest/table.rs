//! Rows of CSV and TSV.

use super::columns::{Column, Columns, Expected, USER_REFERENCE};
use super::fastq_pairs::FastqPairs;
use super::input_columns::InputColumns;
use super::problem::ManifestProblem;
use super::records::{Record, Records};
use super::row::ManifestRow;
use crate::error::counted;

/// Separator of several texts in one field.
const SEPARATOR: char = ';';

/// Codes of the inputs that the FASTQ files of a sample sheet belong to: those of read 1 and read 2.
pub(super) type FastqCodes = [String; 2];

/// Reader of the records of a file, as rows.
pub(super) struct Table {
    records: Records,
    columns: Columns,
    fastq: FastqCodes,
    /// None unless the file is a sample sheet.
    pairs: Option<FastqPairs>,
    inputs: InputColumns,
}

impl Table {
    /// Reads the header. None if the file has no record.
    pub(super) fn new(
        mut records: Records,
        expected: &Expected,
        fastq: FastqCodes,
    ) -> Result<Option<Self>, Vec<ManifestProblem>> {
        let Some(record) = records.next() else {
            return Ok(None);
        };
        let Record { line, fields } = record.map_err(|problem| vec![problem])?;
        let columns = Columns::read(&fields, line, expected)?;
        Ok(Some(Self {
            pairs: FastqPairs::new(&columns),
            inputs: InputColumns::new(&columns, line, expected),
            records,
            columns,
            fastq,
        }))
    }

    /// Returns whether rows of the same sample are to be joined.
    pub(super) fn is_sample_sheet(&self) -> bool {
        self.columns.is_sample_sheet
    }

    pub(super) fn columns(&self) -> &Columns {
        &self.columns
    }

    pub(super) fn fastq(&self) -> &FastqCodes {
        &self.fastq
    }

    /// Returns the next row, or all its problems.
    pub(super) fn next(&mut self) -> Option<Result<ManifestRow, Vec<ManifestProblem>>> {
        match self.records.next() {
            Some(Ok(record)) => Some(self.row(record)),
            Some(Err(problem)) => {
                self.inputs.skip();
                Some(Err(vec![problem]))
            }
            None => {
                let mut problems = self.inputs.finish();
                problems.extend(self.pairs.iter_mut().flat_map(FastqPairs::finish));
                (!problems.is_empty()).then_some(Err(problems))
            }
        }
    }

    fn row(&mut self, Record { line, fields }: Record) -> Result<ManifestRow, Vec<ManifestProblem>> {
        let columns = &self.columns.columns;
        if fields.len() != columns.len() {
            self.inputs.skip();
            let reason = format!(
                "the row has {} and the header has {}; check separators and quotation marks",
                counted(fields.len() as u64, "field"),
                columns.len()
            );
            return Err(vec![ManifestProblem::at(line, reason)]);
        }
        let mut row = ManifestRow::new("");
        row.line = Some(line);
        let mut problems = Vec::from_iter(self.inputs.check(line, &fields));
        if let Some(pairs) = &mut self.pairs {
            let mut columns = columns.iter().zip(&fields);
            let sample = columns.find(|((_, column), _)| *column == Column::UserReference);
            let sample = sample.map_or("", |(_, field)| field);
            problems.extend(pairs.check(line, sample, &fields));
        }
        for ((name, column), field) in columns.iter().zip(fields) {
            if let Err(reason) = self.set(&mut row, column, field) {
                problems.push(ManifestProblem::at(line, reason).column(name));
            }
        }
        if row.user_reference.is_empty() {
            let mut columns = columns.iter();
            let name = columns.find(|(_, column)| *column == Column::UserReference);
            let name = name.map_or(USER_REFERENCE, |(name, _)| name);
            problems.push(ManifestProblem::at(line, "it is empty; write a name for the analysis").column(name));
        }
        match problems.is_empty() {
            true => Ok(row),
            false => Err(problems
                .into_iter()
                .map(|problem| problem.user_reference(&row.user_reference))
                .collect()),
        }
    }

    /// Sets a value of a row. An empty field has no value.
    fn set(&self, row: &mut ManifestRow, column: &Column, field: String) -> Result<(), String> {
        if field.is_empty() {
            return Ok(());
        }
        match column {
            Column::UserReference => row.user_reference = field,
            Column::Pipeline => row.pipeline = Some(field),
            Column::Storage => row.storage = Some(field),
            Column::OutputFolder => row.output_folder = Some(field),
            Column::Tags => row.tags = list(&field)?,
            Column::Input(code) => row.inputs.entry(code.clone()).or_default().extend(list(&field)?),
            Column::Param(code) => drop(row.params.insert(code.clone(), field.into())),
            // A path may contain the separator: a sample sheet has one file in a field.
            Column::Fastq(read) => {
                let code = self.fastq.get(*read).cloned().unwrap_or_default();
                row.inputs.entry(code).or_default().push(field);
            }
            Column::Ignored => {}
        }
        Ok(())
    }
}

/// Returns the texts of a field. One separator may be at its end.
fn list(field: &str) -> Result<Vec<String>, String> {
    let field = field.strip_suffix(SEPARATOR).unwrap_or(field);
    let texts = field.split(SEPARATOR).map(str::trim);
    if texts.clone().any(str::is_empty) {
        return Err(format!("it has an empty entry beside a {SEPARATOR:?}; remove it"));
    }
    Ok(texts.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::super::lines::Lines;
    use super::{Expected, ManifestRow, Records, Table, list};

    fn rows(text: &'static str) -> Vec<Result<ManifestRow, Vec<String>>> {
        let records = Records::new(Lines::new(Box::new(text.as_bytes())), b',');
        let fastq = ["fastqs", "fastqs"].map(str::to_owned);
        let mut table = Table::new(records, &Expected::default(), fastq).unwrap().unwrap();
        std::iter::from_fn(|| table.next())
            .map(|row| row.map_err(|problems| problems.iter().map(ToString::to_string).collect()))
            .collect()
    }

    #[test]
    fn fields_become_the_values_of_a_row() {
        let text = "user_reference,pipeline,storage,output_folder,tags,input.reads,input.ref,param.n\n\
                    a,Germline,Small,/out/,x; y;,fil.1; /run 1/b.bam,,1;2\n";
        let row = rows(text).remove(0).unwrap();
        assert_eq!(row.line(), Some(2));
        let json = serde_json::json!({
            "user_reference": "a", "pipeline": "Germline", "storage": "Small", "output_folder": "/out/",
            "tags": ["x", "y"], "inputs": { "reads": ["fil.1", "/run 1/b.bam"] }, "params": { "n": "1;2" },
        });
        assert_eq!(serde_json::to_value(&row).unwrap(), json);
    }

    #[test]
    fn all_problems_of_a_row_have_line_and_column() {
        let found = rows("user_reference,tags,input.reads\na,x;;y,;/b\n,,\n,x,\nb,x\n");
        let problems = found.into_iter().flat_map(Result::unwrap_err).collect::<Vec<_>>();
        assert_eq!(
            problems,
            [
                "line 2, column \"tags\", analysis \"a\": it has an empty entry beside a ';'; remove it",
                "line 2, column \"input.reads\", analysis \"a\": it has an empty entry beside a ';'; remove it",
                "line 4: the row has no input data; fill in input.reads, or put analyses without input data into a \
                 manifest of their own",
                "line 4, column \"user_reference\": it is empty; write a name for the analysis",
                "line 5: the row has 2 fields and the header has 3; check separators and quotation marks",
            ]
        );
    }

    #[test]
    fn a_list_has_no_empty_entries() {
        assert_eq!(list("a").unwrap(), ["a"]);
        assert_eq!(
            list(" a ;b; ").unwrap_err(),
            "it has an empty entry beside a ';'; remove it"
        );
        assert_eq!(list("a;b;").unwrap(), ["a", "b"]);
        for wrong in [";", ";a", "a;;b"] {
            assert!(list(wrong).is_err(), "{wrong}");
        }
    }
}
