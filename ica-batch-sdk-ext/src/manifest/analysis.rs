//! The analysis of a row: the request that ICA gets.

use ica_batch_sdk::types::{
    AnalysisDataInput, AnalysisParameterInput, CreateAnalysisTag, CreateCwlAnalysis, CreateNextflowAnalysis,
    CreateNextflowJsonAnalysis, CwlAnalysisStructuredInput, InputFormData, InputFormFieldValues, NextflowAnalysisInput,
    NextflowJsonAnalysisInput, UserReference,
};

use super::found_ids::FoundIdsReader;
use super::names::Names;
use super::row::{ManifestRow, ManifestValue};
use crate::submission::{Analysis, AnalysisKind};

/// Returns the analysis of a row, with the next ids. None if a name or path of it is not among those
/// that were found.
pub(super) fn analysis(row: ManifestRow, names: &Names, found: &mut FoundIdsReader) -> Option<Analysis> {
    let pipeline = names.pipelines.get(row.pipeline.as_deref()?)?;
    let storage = match row.storage {
        Some(storage) => Some(*names.storages.get(&storage)?),
        None => None,
    };
    let reference = row.user_reference.parse::<UserReference>().ok()?;
    let tags = (!row.tags.is_empty()).then(|| CreateAnalysisTag::builder().user_tags(row.tags).build());
    let mut inputs = Vec::new();
    for (code, texts) in row.inputs {
        let ids = texts.iter().map(|text| found.next(text));
        let ids = ids.collect::<Option<Vec<_>>>()?;
        // An empty list is in place of a default.
        if !ids.is_empty() {
            inputs.push((code, ids));
        }
    }
    let folder = match row.output_folder {
        Some(folder) => Some(found.next(&folder)?),
        None => None,
    };
    let params = row.params.into_iter().collect::<Vec<_>>();
    let id = pipeline.id.to_string();
    Some(match pipeline.kind {
        AnalysisKind::Nextflow => {
            let input = NextflowAnalysisInput::builder()
                .inputs(data_inputs(inputs))
                .maybe_parameters(parameters(params));
            let builder = CreateNextflowAnalysis::builder().user_reference(reference).ok()?;
            let builder = builder.pipeline_id(id).analysis_input(input.build());
            let builder = builder.maybe_analysis_storage_id(storage).maybe_tags(tags);
            builder.maybe_output_parent_folder_id(folder).build().into()
        }
        AnalysisKind::Cwl => {
            let input = CwlAnalysisStructuredInput::builder()
                .inputs(data_inputs(inputs))
                .maybe_parameters(parameters(params));
            let builder = CreateCwlAnalysis::builder().user_reference(reference).ok()?;
            let builder = builder.pipeline_id(id).analysis_input(input.build().into());
            let builder = builder.maybe_analysis_storage_id(storage).maybe_tags(tags);
            builder.maybe_output_parent_folder_id(folder).build().into()
        }
        AnalysisKind::NextflowJson => {
            let input = NextflowJsonAnalysisInput::builder().fields(fields(inputs, params));
            let builder = CreateNextflowJsonAnalysis::builder().user_reference(reference).ok()?;
            let builder = builder.pipeline_id(id).input_form_values(input.build());
            let builder = builder.maybe_analysis_storage_id(storage).maybe_tags(tags);
            builder.maybe_output_parent_folder_id(folder).build().into()
        }
    })
}

fn data_inputs(inputs: Vec<(String, Vec<String>)>) -> Vec<AnalysisDataInput> {
    let inputs = inputs.into_iter();
    inputs
        .map(|(code, ids)| AnalysisDataInput::builder().parameter_code(code).data_ids(ids).build())
        .collect()
}

fn parameters(params: Vec<(String, ManifestValue)>) -> Option<Vec<AnalysisParameterInput>> {
    let parameter = |(code, value)| {
        let builder = AnalysisParameterInput::builder().code(code);
        match value {
            ManifestValue::One(value) => builder.value(value).build(),
            ManifestValue::Several(values) => builder.multi_value(values).build(),
        }
    };
    let parameters = params.into_iter().map(parameter).collect::<Vec<_>>();
    (!parameters.is_empty()).then_some(parameters)
}

/// Returns the fields of a JSON input form, which has data and other values in one list.
fn fields(inputs: Vec<(String, Vec<String>)>, params: Vec<(String, ManifestValue)>) -> Vec<InputFormFieldValues> {
    let inputs = inputs.into_iter().map(|(code, ids)| {
        let data = ids.into_iter().map(|id| InputFormData::builder().data_id(id).build());
        InputFormFieldValues::builder()
            .id(code)
            .data_values(data.collect::<Vec<_>>())
            .build()
    });
    let params = params.into_iter().map(|(code, value)| {
        InputFormFieldValues::builder()
            .id(code)
            .values(value.into_list())
            .build()
    });
    inputs.chain(params).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::super::found_ids::FoundIdsWriter;
    use super::super::names::FoundPipeline;
    use super::{AnalysisKind, FoundIdsReader, ManifestRow, Names, analysis};

    fn names(kind: AnalysisKind) -> Names {
        let mut names = Names::default();
        let id = Uuid::from_u128(7);
        names.pipelines.insert("p".to_owned(), FoundPipeline { id, kind });
        names.storages.insert("Small".to_owned(), Uuid::from_u128(8));
        names
    }

    fn found() -> FoundIdsReader {
        let mut ids = FoundIdsWriter::default();
        for (path, id) in [("/a", "fil.a"), ("/b", "fil.b"), ("/out/", "fol.out")] {
            ids.add(path, id).unwrap();
        }
        ids.finish().unwrap().read()
    }

    fn row() -> ManifestRow {
        serde_json::from_value(json!({
            "user_reference": "s-1", "pipeline": "p", "storage": "Small", "output_folder": "/out/", "tags": ["t"],
            "inputs": { "reads": ["/a", "/b"], "none": [] }, "params": { "n": "1", "list": ["x", "y"] },
        }))
        .unwrap()
    }

    #[test]
    fn each_kind_has_its_request() {
        let request = |kind| serde_json::to_value(analysis(row(), &names(kind), &mut found()).unwrap()).unwrap();
        let id = Uuid::from_u128(7);
        let common = |mut own: serde_json::Value| {
            let shared = json!({
                "userReference": "s-1", "pipelineId": id, "analysisStorageId": Uuid::from_u128(8),
                "outputParentFolderId": "fol.out", "tags": { "userTags": ["t"] },
            });
            own.as_object_mut().unwrap().extend(shared.as_object().unwrap().clone());
            own
        };
        let inputs = json!([{ "parameterCode": "reads", "dataIds": ["fil.a", "fil.b"] }]);
        let parameters = json!([{ "code": "list", "multiValue": ["x", "y"] }, { "code": "n", "value": "1" }]);
        let nextflow = json!({ "analysisInput": { "inputs": inputs, "parameters": parameters } });
        assert_eq!(request(AnalysisKind::Nextflow), common(nextflow));
        let cwl =
            json!({ "analysisInput": { "objectType": "STRUCTURED", "inputs": inputs, "parameters": parameters } });
        assert_eq!(request(AnalysisKind::Cwl), common(cwl));
        let form = json!({ "inputFormValues": { "fields": [
            { "id": "reads", "dataValues": [{ "dataId": "fil.a" }, { "dataId": "fil.b" }] },
            { "id": "list", "values": ["x", "y"] },
            { "id": "n", "values": ["1"] },
        ] } });
        assert_eq!(request(AnalysisKind::NextflowJson), common(form));
    }

    #[test]
    fn a_short_row_has_no_empty_members() {
        let mut short = ManifestRow::new("s-1");
        short.pipeline = Some("p".to_owned());
        let analysis = analysis(short, &names(AnalysisKind::Nextflow), &mut found());
        let request = serde_json::to_value(analysis.unwrap()).unwrap();
        let expected =
            json!({ "userReference": "s-1", "pipelineId": Uuid::from_u128(7), "analysisInput": { "inputs": [] } });
        assert_eq!(request, expected);
    }

    #[test]
    fn an_unknown_name_gives_no_analysis() {
        let names = names(AnalysisKind::Nextflow);
        let changes: [fn(&mut ManifestRow); 6] = [
            |row| row.pipeline = None,
            |row| row.pipeline = Some("q".to_owned()),
            |row| row.storage = Some("Large".to_owned()),
            |row| row.output_folder = Some("/other/".to_owned()),
            |row| row.user_reference = "a.b".to_owned(),
            |row| row.inputs.get_mut("reads").unwrap().push("/c".to_owned()),
        ];
        for change in changes {
            let mut row = row();
            change(&mut row);
            assert!(analysis(row, &names, &mut found()).is_none());
        }
    }
}
