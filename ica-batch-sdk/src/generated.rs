// Written by `cargo xtask generate` from openapi/ica-batch.yaml. Do not edit it:
// change the description or a pass in xtask/src/lower, and run the command again.

#[allow(unused_imports)]
use crate::encode_path;
#[allow(unused_imports)]
pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
#[allow(unused_imports)]
use progenitor_client::{ClientHooks, OperationInfo, RequestBuilderExt};
/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
    /// Details for data in BaseSpace. ICA publishes the names of these fields without their meaning; the texts here follow the names.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct AnalysisBaseSpaceDataDetails {
        /// File name extensions that limit the data.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub extensions: ::std::option::Option<::std::string::String>,
        /// Beginning of the paths that limits the data.
        #[serde(
            rename = "pathPrefix",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub path_prefix: ::std::option::Option<::std::string::String>,
        /// Identifier of the workgroup that has access to the data.
        #[serde(
            rename = "workgroupId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub workgroup_id: ::std::option::Option<::std::string::String>,
    }
    /// A batch of requested analyses and the job that creates them.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisCreationBatch {
        /// Identifier of the batch; pass it as `batchId` to get the batch and its items.
        pub id: ::uuid::Uuid,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub job: ::std::option::Option<Job>,
    }
    /// One page of the items of a batch of analyses, in version 3.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisCreationBatchItemPagedListV3 {
        /// The items on this page. An empty list alone does not mark the end.
        pub items: ::std::vec::Vec<AnalysisCreationBatchItemV3>,
        /// Token of the next page; pass it as `pageToken`. Absent, null or empty marks the end. It is always empty with paging by offset. At most 2000 characters.
        #[serde(
            rename = "nextPageToken",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub next_page_token: ::std::option::Option<::std::string::String>,
        /// Approximate number of items after this page, with paging by cursor. Do not use it to detect the end.
        #[serde(
            rename = "remainingRecords",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub remaining_records: ::std::option::Option<i64>,
        /// Number of matching items on all pages, with paging by offset.
        #[serde(
            rename = "totalItemCount",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub total_item_count: ::std::option::Option<i64>,
    }
    /// One page of the items of a batch of analyses, in version 4.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisCreationBatchItemPagedListV4 {
        /// The items on this page. An empty list alone does not mark the end.
        pub items: ::std::vec::Vec<AnalysisCreationBatchItemV4>,
        /// Token of the next page; pass it as `pageToken`. Absent, null or empty marks the end. It is always empty with paging by offset. At most 2000 characters.
        #[serde(
            rename = "nextPageToken",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub next_page_token: ::std::option::Option<::std::string::String>,
        /// Approximate number of items after this page, with paging by cursor. Do not use it to detect the end.
        #[serde(
            rename = "remainingRecords",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub remaining_records: ::std::option::Option<i64>,
        /// Number of matching items on all pages, with paging by offset.
        #[serde(
            rename = "totalItemCount",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub total_item_count: ::std::option::Option<i64>,
    }
    /// State of the creation of one analysis. The run of the analysis comes after the creation.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisCreationBatchItemProcessing {
        /// Text that explains the state, above all the reason of a failure; may be absent or null.
        #[serde(
            rename = "additionalStatusInformation",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub additional_status_information: ::std::option::Option<::std::string::String>,
        /// State of the creation. `SUCCEEDED` and `FAILED` are terminal states; `RUNNING` and `WAITING_RESOURCES` are not. `SUCCEEDED` means that the analysis was created, not that its run has ended: `createdAnalysis` has the status of the run. `additionalStatusInformation` explains a failure. The job spells `WAITING_RESOURCES` differently: `WAITING_FOR_RESOURCES`.
        pub status: crate::types::ItemStatus,
    }
    /// Essential parts of the request for one analysis, as ICA received it.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisCreationBatchItemRequest {
        /// Identifier of the requested pipeline.
        #[serde(rename = "pipelineId")]
        pub pipeline_id: ::std::string::String,
        pub tags: AnalysisTag,
        /// Name for the analysis, as in the request. Use it to match items to samples.
        #[serde(rename = "userReference")]
        pub user_reference: ::std::string::String,
    }
    /// Name of the requested analysis. It identifies an item whose analysis was not created.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisCreationBatchItemRequestSummary {
        /// Name for the analysis, as in the request. Use it to match items to samples.
        #[serde(rename = "userReference")]
        pub user_reference: ::std::string::String,
    }
    /// Progress of one item, the same in version 3 and version 4.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisCreationBatchItemSummary {
        #[serde(
            rename = "createdAnalysis",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub created_analysis: ::std::option::Option<AnalysisSummary>,
        /// Identifier of the item within ICA; it is not the identifier of the analysis.
        pub id: ::uuid::Uuid,
        pub processing: AnalysisCreationBatchItemProcessing,
        pub request: AnalysisCreationBatchItemRequestSummary,
    }
    /// One page of items without the details of their analyses.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisCreationBatchItemSummaryPagedList {
        pub items: ::std::vec::Vec<AnalysisCreationBatchItemSummary>,
        /// Token of the next page; pass it as `pageToken`. Absent, null or empty marks the end. It is always empty with paging by offset. At most 2000 characters.
        #[serde(
            rename = "nextPageToken",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub next_page_token: ::std::option::Option<::std::string::String>,
        /// Approximate number of items after this page, with paging by cursor. Do not use it to detect the end.
        #[serde(
            rename = "remainingRecords",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub remaining_records: ::std::option::Option<i64>,
        /// Number of matching items on all pages, with paging by offset.
        #[serde(
            rename = "totalItemCount",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub total_item_count: ::std::option::Option<i64>,
    }
    /// One analysis that a batch requests, in version 3: the request, the state of its creation and, once it exists, the analysis.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisCreationBatchItemV3 {
        #[serde(
            rename = "createdAnalysis",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub created_analysis: ::std::option::Option<AnalysisV3>,
        /// Identifier of the item within ICA; it is not the identifier of the analysis.
        pub id: ::uuid::Uuid,
        pub processing: AnalysisCreationBatchItemProcessing,
        pub request: AnalysisCreationBatchItemRequest,
    }
    /// One analysis that a batch requests, in version 4: the request, the state of its creation and, once it exists, the analysis.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisCreationBatchItemV4 {
        #[serde(
            rename = "createdAnalysis",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub created_analysis: ::std::option::Option<AnalysisV4>,
        /// Identifier of the item within ICA; it is not the identifier of the analysis.
        pub id: ::uuid::Uuid,
        pub processing: AnalysisCreationBatchItemProcessing,
        pub request: AnalysisCreationBatchItemRequest,
    }
    /// One file or folder of an analysis.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisData {
        /// Content of a folder, one entry per file or folder, to any depth; may be absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub children: ::std::option::Option<::std::vec::Vec<AnalysisData>>,
        /// Identifier of the file or folder in ICA, 1 to 255 characters. The data itself may have been deleted in the meantime.
        #[serde(rename = "dataId")]
        pub data_id: ::std::string::String,
        /// Whether the data is a file or a folder.
        #[serde(rename = "dataType")]
        pub data_type: crate::types::DataType,
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub format: ::std::option::Option<DataFormat>,
        /// Mount path from the request, for data that is an input; may be absent.
        #[serde(
            rename = "mountPath",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub mount_path: ::std::option::Option<::std::string::String>,
        /// Name that the file or folder had in the analysis. It may differ from the name in ICA.
        pub name: ::std::string::String,
    }
    /// Data for one data input of a pipeline.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct AnalysisDataInput {
        /// Identifiers of the files and folders in ICA.
        #[serde(
            rename = "dataIds",
            default,
            skip_serializing_if = "::std::vec::Vec::is_empty"
        )]
        #[builder(default)]
        pub data_ids: ::std::vec::Vec<::std::string::String>,
        /// Data outside ICA.
        #[serde(
            rename = "externalData",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub external_data: ::std::option::Option<
            ::std::vec::Vec<AnalysisInputExternalData>,
        >,
        /// Paths for some of the files and folders, at which the pipeline finds them.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub mounts: ::std::option::Option<::std::vec::Vec<AnalysisInputDataMount>>,
        /// Code of the data input, as the input form of the pipeline defines it.
        #[serde(rename = "parameterCode")]
        pub parameter_code: ::std::string::String,
    }
    /// Path at which a pipeline finds one file or folder.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct AnalysisInputDataMount {
        /// Identifier of the file or folder in ICA.
        #[serde(rename = "dataId")]
        pub data_id: ::std::string::String,
        /// Path at which the pipeline finds the file on its machine. Prefer a relative path; an absolute path works too. The last part is the file name, which may differ from that of the source.
        #[serde(rename = "mountPath")]
        pub mount_path: ::std::string::String,
    }
    /// Data outside ICA, in S3, on a web server or in BaseSpace.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct AnalysisInputExternalData {
        #[serde(
            rename = "basespaceDetails",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub basespace_details: ::std::option::Option<AnalysisBaseSpaceDataDetails>,
        /// Path at which the pipeline finds the file on its machine. Prefer a relative path; an absolute path works too. The last part is the file name, which may differ from that of the source. Absent or null leaves the choice to ICA.
        #[serde(
            rename = "mountPath",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub mount_path: ::std::option::Option<::std::string::String>,
        #[serde(
            rename = "s3Details",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub s3_details: ::std::option::Option<AnalysisS3DataDetails>,
        /// Location of the data: `s3`, `http` or `basespace`. `s3` uses `s3Details`, and `basespace` uses `basespaceDetails`.
        #[serde(rename = "type")]
        pub type_: AnalysisInputExternalDataType,
        /// URL of the data.
        pub url: ::std::string::String,
    }
    /// Location of the data: `s3`, `http` or `basespace`. `s3` uses `s3Details`, and `basespace` uses `basespaceDetails`.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Copy,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub enum AnalysisInputExternalDataType {
        #[serde(rename = "s3")]
        S3,
        #[serde(rename = "http")]
        Http,
        #[serde(rename = "basespace")]
        Basespace,
    }
    impl ::std::fmt::Display for AnalysisInputExternalDataType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::S3 => f.write_str("s3"),
                Self::Http => f.write_str("http"),
                Self::Basespace => f.write_str("basespace"),
            }
        }
    }
    impl ::std::str::FromStr for AnalysisInputExternalDataType {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "s3" => Ok(Self::S3),
                "http" => Ok(Self::Http),
                "basespace" => Ok(Self::Basespace),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for AnalysisInputExternalDataType {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String>
    for AnalysisInputExternalDataType {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    /// One output of a pipeline with the data of one analysis.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisOutput {
        /// Name of the output, as the pipeline defines it.
        pub code: ::std::string::String,
        /// Files and folders of this output; may be absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub data: ::std::option::Option<::std::vec::Vec<AnalysisData>>,
        /// Identifier of the project that contains the data; may be absent. It can be another project than that of the analysis, see `AnalysisOutputMapping`.
        #[serde(
            rename = "projectId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub project_id: ::std::option::Option<::uuid::Uuid>,
    }
    /// The outputs of one analysis, without pages.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisOutputList {
        /// Outputs, one entry per output of the pipeline.
        pub items: ::std::vec::Vec<AnalysisOutput>,
    }
    /// Target of one output file or folder of the pipeline, in this project or another one.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct AnalysisOutputMapping {
        /// Action when the target already contains an object of that name: `OVERWRITE` replaces it (the default of ICA), `RENAME` adds a counter to the name, `SKIP` drops the new output.
        #[serde(
            rename = "actionOnExist",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub action_on_exist: ::std::option::Option<AnalysisOutputMappingActionOnExist>,
        /// Path of the file or folder as the pipeline writes it. For Nextflow it is usually below `out`.
        #[serde(rename = "sourcePath")]
        pub source_path: ::std::string::String,
        /// Path in the target project at which ICA stores the output.
        #[serde(rename = "targetPath")]
        pub target_path: ::std::string::String,
        /// Identifier of the project that receives the output.
        #[serde(rename = "targetProjectId")]
        pub target_project_id: ::std::string::String,
        /// Whether `sourcePath` is a file or a folder.
        #[serde(rename = "type", skip_serializing_if = "::std::option::Option::is_none")]
        pub type_: ::std::option::Option<AnalysisOutputMappingType>,
    }
    /// Action when the target already contains an object of that name: `OVERWRITE` replaces it (the default of ICA), `RENAME` adds a counter to the name, `SKIP` drops the new output.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Copy,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub enum AnalysisOutputMappingActionOnExist {
        #[serde(rename = "OVERWRITE")]
        Overwrite,
        #[serde(rename = "RENAME")]
        Rename,
        #[serde(rename = "SKIP")]
        Skip,
    }
    impl ::std::fmt::Display for AnalysisOutputMappingActionOnExist {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Overwrite => f.write_str("OVERWRITE"),
                Self::Rename => f.write_str("RENAME"),
                Self::Skip => f.write_str("SKIP"),
            }
        }
    }
    impl ::std::str::FromStr for AnalysisOutputMappingActionOnExist {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "OVERWRITE" => Ok(Self::Overwrite),
                "RENAME" => Ok(Self::Rename),
                "SKIP" => Ok(Self::Skip),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for AnalysisOutputMappingActionOnExist {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String>
    for AnalysisOutputMappingActionOnExist {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    /// Whether `sourcePath` is a file or a folder.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Copy,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub enum AnalysisOutputMappingType {
        #[serde(rename = "FILE")]
        File,
        #[serde(rename = "FOLDER")]
        Folder,
    }
    impl ::std::fmt::Display for AnalysisOutputMappingType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::File => f.write_str("FILE"),
                Self::Folder => f.write_str("FOLDER"),
            }
        }
    }
    impl ::std::str::FromStr for AnalysisOutputMappingType {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "FILE" => Ok(Self::File),
                "FOLDER" => Ok(Self::Folder),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for AnalysisOutputMappingType {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for AnalysisOutputMappingType {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    /// One page of analyses, in version 4.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisPagedListV4 {
        /// The analyses on this page. An empty list alone does not mark the end.
        pub items: ::std::vec::Vec<AnalysisV4>,
        /// Token of the next page; pass it as `pageToken`. Absent, null or empty marks the end. It is always empty with paging by offset. At most 2000 characters.
        #[serde(
            rename = "nextPageToken",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub next_page_token: ::std::option::Option<::std::string::String>,
        /// Approximate number of analyses after this page, with paging by cursor. Do not use it to detect the end.
        #[serde(
            rename = "remainingRecords",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub remaining_records: ::std::option::Option<i64>,
        /// Number of matching analyses on all pages, with paging by offset.
        #[serde(
            rename = "totalItemCount",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub total_item_count: ::std::option::Option<i64>,
    }
    /// Value of one parameter of a pipeline. Use exactly one of `value` and `multiValue`.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct AnalysisParameterInput {
        /// Code of the parameter, as the input form of the pipeline defines it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub code: ::std::option::Option<::std::string::String>,
        /// Values of a parameter that takes several values.
        #[serde(
            rename = "multiValue",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub multi_value: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
        /// Value of a parameter that takes one value.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub value: ::std::option::Option<::std::string::String>,
    }
    /// Filters of a search for analyses. A filter that is absent or null keeps all analyses. ICA does not publish how it combines different filters.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct AnalysisQueryParameters {
        /// Name that ICA gave the analysis. Absent or null keeps all analyses. ICA does not say whether it matches as a whole or in part, and whether upper and lower case are equal.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reference: ::std::option::Option<::std::string::String>,
        /// Reference tags. Absent or null keeps all analyses. ICA does not say whether an analysis must have one of them or all.
        #[serde(
            rename = "referenceTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub reference_tags: ::std::option::Option<
            ::std::vec::Vec<::std::string::String>,
        >,
        /// Statuses of the run, in the spelling of version 4. Absent keeps all analyses.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        #[builder(default)]
        pub status: ::std::vec::Vec<crate::types::AnalysisStatus>,
        /// Tags for programs, for example to find the analyses of one submission again. Absent or null keeps all analyses. ICA does not say whether an analysis must have one of them or all.
        #[serde(
            rename = "technicalTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub technical_tags: ::std::option::Option<
            ::std::vec::Vec<::std::string::String>,
        >,
        /// Name for the analysis from the request. Absent or null keeps all analyses. ICA does not say whether it matches as a whole or in part, and whether upper and lower case are equal.
        #[serde(
            rename = "userReference",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub user_reference: ::std::option::Option<::std::string::String>,
        /// Tags for people. Absent or null keeps all analyses. ICA does not say whether an analysis must have one of them or all.
        #[serde(
            rename = "userTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub user_tags: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    }
    /// Reference data for one parameter of a pipeline.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct AnalysisReferenceDataParameter {
        /// Code of the parameter, as the input form of the pipeline defines it.
        #[serde(
            rename = "parameterCode",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub parameter_code: ::std::option::Option<::std::string::String>,
        /// Identifier of the reference data.
        #[serde(
            rename = "referenceDataId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub reference_data_id: ::std::option::Option<::uuid::Uuid>,
    }
    /// Details for data in an S3 bucket.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct AnalysisS3DataDetails {
        /// Identifier of the storage credentials in ICA that contain the access key of the bucket.
        #[serde(
            rename = "storageCredentialsId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub storage_credentials_id: ::std::option::Option<::uuid::Uuid>,
    }
    /// One step of the run of an analysis.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisStep {
        /// Type of the machine that executes the step; may be absent or null.
        #[serde(
            rename = "computeType",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub compute_type: ::std::option::Option<::std::string::String>,
        /// Time at which the step ended, UTC; absent or null before that.
        #[serde(
            rename = "endDate",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub end_date: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        /// Exit code of the step; may be absent or null, for example before its end.
        #[serde(
            rename = "exitCode",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub exit_code: ::std::option::Option<i32>,
        /// Identifier of the step.
        pub id: ::std::string::String,
        pub logs: AnalysisStepLogs,
        /// Name of the step.
        pub name: ::std::string::String,
        /// Time at which the step joined the queue, UTC; absent or null before that.
        #[serde(
            rename = "queueDate",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub queue_date: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        /// Time at which the step began to run, UTC; absent or null before that.
        #[serde(
            rename = "startDate",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub start_date: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        /// State of the step. By their names, `DONE`, `FAILED`, `INTERRUPTED` and `ABORTED` are terminal states; `WAITING` and `RUNNING` are not. ICA publishes the values without their meaning, so use the status of the analysis to wait for its end.
        pub status: crate::types::AnalysisStepStatus,
        /// Kind of the step. By the name, `true` marks a step that ICA adds, and `false` a step of the pipeline. ICA does not publish the meaning of the values.
        pub technical: bool,
    }
    /// The steps of one analysis, without pages.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisStepList {
        /// Steps, one entry per step. ICA does not publish their order.
        pub items: ::std::vec::Vec<AnalysisStep>,
    }
    /// Logs of one step: its standard output and its standard error. ICA offers them as streams while the step runs, and as files in ICA after its end. A step without logs has neither.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisStepLogs {
        #[serde(
            rename = "stdErrData",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub std_err_data: ::std::option::Option<Data>,
        /// WebSocket URL of the standard error; absent or null unless the step runs. The connection can end when the step ends. Public programs open the URL without a credential, so treat it as a secret.
        #[serde(
            rename = "stdErrStream",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub std_err_stream: ::std::option::Option<::std::string::String>,
        #[serde(
            rename = "stdOutData",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub std_out_data: ::std::option::Option<Data>,
        /// WebSocket URL of the standard output; absent or null unless the step runs. The connection can end when the step ends. Public programs open the URL without a credential, so treat it as a secret.
        #[serde(
            rename = "stdOutStream",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub std_out_stream: ::std::option::Option<::std::string::String>,
    }
    /// Storage sizes for running analyses, without pages, in version 4.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisStorageListV4 {
        /// Storage sizes, one entry per size.
        pub items: ::std::vec::Vec<AnalysisStorageV4>,
    }
    /// Storage size for running analyses, in version 3. Version 4 has fewer properties.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisStorageV3 {
        /// Text about the storage size, such as its capacity; may be absent or null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        /// Identifier of the storage size.
        pub id: ::uuid::Uuid,
        /// Name of the storage size, 1 to 255 characters.
        pub name: ::std::string::String,
        /// Identifier of the user who owns the storage size.
        #[serde(rename = "ownerId")]
        pub owner_id: ::uuid::Uuid,
        /// Identifier of the tenant that the storage size belongs to.
        #[serde(rename = "tenantId")]
        pub tenant_id: ::uuid::Uuid,
        /// Name of that tenant; may be absent or null.
        #[serde(
            rename = "tenantName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tenant_name: ::std::option::Option<::std::string::String>,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Time of the last change, UTC.
        #[serde(rename = "timeModified")]
        pub time_modified: ::chrono::DateTime<::chrono::offset::Utc>,
    }
    /// Storage size for running analyses, in version 4.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisStorageV4 {
        /// Text about the storage size, such as its capacity; may be absent or null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        /// Identifier of the storage size.
        pub id: ::uuid::Uuid,
        /// Name of the storage size, 1 to 255 characters.
        pub name: ::std::string::String,
    }
    /// Identity and status of the created analysis.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisSummary {
        /// Identifier of the analysis.
        pub id: ::uuid::Uuid,
        /// Name that ICA gives the analysis, unique, 1 to 255 characters. It may contain spaces.
        pub reference: ::std::string::String,
        pub status: crate::types::AnalysisStatus,
        /// Name for the analysis from the request, 1 to 255 characters, not necessarily unique.
        #[serde(rename = "userReference")]
        pub user_reference: ::std::string::String,
    }
    /// Tags on an analysis, in three independent lists.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisTag {
        /// Reference tags. ICA does not publish a rule for their use.
        #[serde(rename = "referenceTags")]
        pub reference_tags: ::std::vec::Vec<::std::string::String>,
        /// Tags for programs.
        #[serde(rename = "technicalTags")]
        pub technical_tags: ::std::vec::Vec<::std::string::String>,
        /// Tags for people.
        #[serde(rename = "userTags")]
        pub user_tags: ::std::vec::Vec<::std::string::String>,
    }
    /// An analysis, one run of a pipeline, in version 3. On an item it is absent until ICA has created it.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisV3 {
        /// Priority of the analysis within its tenant: `LOW`, `MEDIUM` or `HIGH`; may be absent or null.
        #[serde(
            rename = "analysisPriority",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub analysis_priority: ::std::option::Option<crate::types::AnalysisPriority>,
        #[serde(
            rename = "analysisStorage",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub analysis_storage: ::std::option::Option<AnalysisStorageV3>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub application: ::std::option::Option<ApplicationV4>,
        /// Time at which the analysis ended, UTC; absent or null before that.
        #[serde(
            rename = "endDate",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub end_date: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        /// Identifier of the analysis.
        pub id: ::uuid::Uuid,
        /// Identifier of the user who owns the analysis. It is not always a random UUID.
        #[serde(rename = "ownerId")]
        pub owner_id: ::uuid::Uuid,
        pub pipeline: PipelineV3,
        /// Name that ICA gives the analysis, unique, 1 to 255 characters. It may contain spaces.
        pub reference: ::std::string::String,
        /// Time at which the analysis began to run, UTC; absent or null before that.
        #[serde(
            rename = "startDate",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub start_date: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        /// Status of the run, not of the creation. The terminal states are `SUCCEEDED`, `FAILED`, `FAILEDFINAL` and `ABORTED`. Version 4 spells `AWAITINGINPUT`, `INPROGRESS` and `FAILEDFINAL` with an underscore and has further statuses.
        pub status: crate::types::AnalysisStatusV3,
        /// Text by ICA about the whole analysis; may be absent or null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub summary: ::std::option::Option<::std::string::String>,
        pub tags: AnalysisTag,
        /// Identifier of the tenant that the analysis belongs to.
        #[serde(rename = "tenantId")]
        pub tenant_id: ::uuid::Uuid,
        /// Name of that tenant; may be absent or null.
        #[serde(
            rename = "tenantName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tenant_name: ::std::option::Option<::std::string::String>,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Time of the last change, UTC.
        #[serde(rename = "timeModified")]
        pub time_modified: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Name for the analysis from the request, 1 to 255 characters, not necessarily unique.
        #[serde(rename = "userReference")]
        pub user_reference: ::std::string::String,
        #[serde(
            rename = "workflowSession",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub workflow_session: ::std::option::Option<WorkflowSessionV3>,
    }
    /// An analysis, one run of a pipeline, in version 4. On an item it is absent until ICA has created it. Owner and tenant are objects.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct AnalysisV4 {
        /// Priority of the analysis within its tenant: `LOW`, `MEDIUM` or `HIGH`; may be absent or null. It is a string, so ICA may add values.
        #[serde(
            rename = "analysisPriority",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub analysis_priority: ::std::option::Option<crate::types::AnalysisPriority>,
        #[serde(
            rename = "analysisStorage",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub analysis_storage: ::std::option::Option<AnalysisStorageV4>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub application: ::std::option::Option<ApplicationV4>,
        /// Time at which the analysis ended, UTC; absent or null before that.
        #[serde(
            rename = "endDate",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub end_date: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        /// Identifier of the analysis.
        pub id: ::uuid::Uuid,
        pub owner: UserIdentifier,
        pub pipeline: PipelineV4,
        /// Name that ICA gives the analysis, unique, 1 to 255 characters. It may contain spaces.
        pub reference: ::std::string::String,
        /// Time at which the analysis began to run, UTC; absent or null before that.
        #[serde(
            rename = "startDate",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub start_date: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        /// Status of the run, not of the creation. The terminal states are `SUCCEEDED`, `FAILED`, `FAILED_FINAL` and `ABORTED`. It is a string, so ICA may add values.
        pub status: crate::types::AnalysisStatus,
        /// Text by ICA about the whole analysis; may be absent or null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub summary: ::std::option::Option<::std::string::String>,
        pub tags: AnalysisTag,
        pub tenant: TenantIdentifier,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Time of the last change, UTC.
        #[serde(rename = "timeModified")]
        pub time_modified: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Name for the analysis from the request, 1 to 255 characters, not necessarily unique.
        #[serde(rename = "userReference")]
        pub user_reference: ::std::string::String,
        #[serde(
            rename = "workflowSession",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub workflow_session: ::std::option::Option<WorkflowSessionV4>,
    }
    /// The Illumina application that created an object. It may be absent or null.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct Application {
        /// Name of the application for people; may be absent or null.
        #[serde(
            rename = "displayName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub display_name: ::std::option::Option<::std::string::String>,
        /// Identifier of the application.
        pub id: ::uuid::Uuid,
        /// Unique name of the application.
        pub name: ::std::string::String,
        /// Kind of application. ICA publishes the values without their meaning.
        #[serde(rename = "type")]
        pub type_: crate::types::ApplicationType,
    }
    /// The Illumina application that created an object. Analyses of both versions use this schema. It may be absent or null.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct ApplicationV4 {
        /// Identifier of the application.
        pub id: ::uuid::Uuid,
        /// Name of the application.
        pub name: ::std::string::String,
    }
    /// A bundle, a set of data and pipelines for use in projects. On a job it is the bundle that the job works for; it may be absent or null.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct Bundle {
        /// Categories of the bundle.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub categories: ::std::option::Option<
            ::std::vec::Vec<::std::option::Option<::std::string::String>>,
        >,
        /// Identifier of the bundle.
        pub id: ::uuid::Uuid,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub links: ::std::option::Option<Links>,
        #[serde(
            rename = "metadataModel",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub metadata_model: ::std::option::Option<MetadataModel>,
        /// Name of the bundle, 1 to 255 characters.
        pub name: ::std::string::String,
        /// Identifier of the user who owns the bundle.
        #[serde(rename = "ownerId")]
        pub owner_id: ::uuid::Uuid,
        pub region: Region,
        /// Version of the bundle, named by its author, 1 to 255 characters.
        #[serde(rename = "releaseVersion")]
        pub release_version: ::std::string::String,
        /// Short text about the bundle, 1 to 4000 characters; may be absent or null.
        #[serde(
            rename = "shortDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub short_description: ::std::option::Option<::std::string::String>,
        /// State of the bundle: `DRAFT` before its release, `RELEASED` after it, `DEPRECATED` when it should no longer be used.
        pub status: crate::types::BundleStatus,
        /// Identifier of the tenant that the bundle belongs to.
        #[serde(rename = "tenantId")]
        pub tenant_id: ::uuid::Uuid,
        /// Name of that tenant; may be absent or null.
        #[serde(
            rename = "tenantName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tenant_name: ::std::option::Option<::std::string::String>,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Time of the last change, UTC.
        #[serde(rename = "timeModified")]
        pub time_modified: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Text about the changes in this version, 1 to 4000 characters; may be absent or null.
        #[serde(
            rename = "versionComment",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub version_comment: ::std::option::Option<::std::string::String>,
    }
    /// Bundles, without pages. On a pipeline of a project, the bundles that link it to the project.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct BundleList {
        /// Bundles, one entry per bundle.
        pub items: ::std::vec::Vec<::std::option::Option<Bundle>>,
    }
    /// Rule that makes output files of a pipeline a report.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct Config {
        /// Format of the files, at most 255 characters; may be absent or null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub format: ::std::option::Option<::std::string::String>,
        /// Name of the report, 1 to 255 characters.
        pub name: ::std::string::String,
        /// Regular expression that the name of a file must match, 1 to 255 characters.
        pub regex: ::std::string::String,
    }
    /// A country.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct Country {
        /// ISO code of the country.
        pub code: ::std::string::String,
        /// Identifier of the country entry.
        pub id: ::uuid::Uuid,
        /// Full name of the country.
        pub name: ::std::string::String,
        /// Identifier of the user who owns the country entry.
        #[serde(rename = "ownerId")]
        pub owner_id: ::uuid::Uuid,
        /// Part of the world, as text. It is not a `Region`.
        pub region: ::std::string::String,
        /// Identifier of the tenant that the country entry belongs to.
        #[serde(rename = "tenantId")]
        pub tenant_id: ::uuid::Uuid,
        /// Name of that tenant; may be absent or null.
        #[serde(
            rename = "tenantName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tenant_name: ::std::option::Option<::std::string::String>,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Time of the last change, UTC.
        #[serde(rename = "timeModified")]
        pub time_modified: ::chrono::DateTime<::chrono::offset::Utc>,
    }
    /// Request for a batch of analyses. There is one list per kind of pipeline, and one request may use all three.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct CreateAnalysisCreationBatch {
        /// Analyses that run CWL pipelines.
        #[serde(
            rename = "cwlItems",
            default,
            skip_serializing_if = "::std::vec::Vec::is_empty"
        )]
        #[builder(default)]
        pub cwl_items: ::std::vec::Vec<CreateCwlAnalysis>,
        /// Analyses that run Nextflow pipelines with an XML input form.
        #[serde(
            rename = "nextflowItems",
            default,
            skip_serializing_if = "::std::vec::Vec::is_empty"
        )]
        #[builder(default)]
        pub nextflow_items: ::std::vec::Vec<CreateNextflowAnalysis>,
        /// Analyses that run Nextflow pipelines with a JSON input form.
        #[serde(
            rename = "nextflowJsonItems",
            default,
            skip_serializing_if = "::std::vec::Vec::is_empty"
        )]
        #[builder(default)]
        pub nextflow_json_items: ::std::vec::Vec<CreateNextflowJsonAnalysis>,
    }
    /// Folder for the logs of an analysis, by identifier or by path. Without either, ICA writes the logs to the output folder.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct CreateAnalysisLogs {
        /// Identifier or URN of the folder for the logs. ICA may replace files in that folder. Use this or `logsFolderPath`.
        #[serde(
            rename = "logsFolderId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub logs_folder_id: ::std::option::Option<::std::string::String>,
        /// Path of the folder for the logs; it begins with `/`. ICA may replace files in that folder. Use this or `logsFolderId`.
        #[serde(
            rename = "logsFolderPath",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        #[builder(
            with = |text:impl::std::convert::AsRef<str>|->::std::result::Result<_,
            crate::InvalidText>{<crate::types::LogsFolderPath
            as::std::str::FromStr>::from_str(text.as_ref())}
        )]
        pub logs_folder_path: ::std::option::Option<crate::types::LogsFolderPath>,
    }
    /// Tags to put on a new analysis, in three independent lists.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct CreateAnalysisTag {
        /// Reference tags. ICA does not publish a rule for their use.
        #[serde(
            rename = "referenceTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub reference_tags: ::std::option::Option<
            ::std::vec::Vec<::std::string::String>,
        >,
        /// Tags for programs, for example to find the analyses of one submission again.
        #[serde(
            rename = "technicalTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub technical_tags: ::std::option::Option<
            ::std::vec::Vec<::std::string::String>,
        >,
        /// Tags for people.
        #[serde(
            rename = "userTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub user_tags: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    }
    /// Request for one analysis that runs a CWL pipeline.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct CreateCwlAnalysis {
        /// Identifier of the activation code detail that pays for the run. Absent or null leaves the choice of the best match to ICA.
        #[serde(
            rename = "activationCodeDetailId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub activation_code_detail_id: ::std::option::Option<::uuid::Uuid>,
        #[serde(rename = "analysisInput")]
        pub analysis_input: crate::types::CwlAnalysisInput,
        /// Targets of the output, one entry per file or folder. Absent or null keeps everything in the output folder of the analysis.
        #[serde(
            rename = "analysisOutput",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub analysis_output: ::std::option::Option<
            ::std::vec::Vec<AnalysisOutputMapping>,
        >,
        /// Identifier of the storage size for the analysis. Absent or null leaves the choice to ICA.
        #[serde(
            rename = "analysisStorageId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub analysis_storage_id: ::std::option::Option<::uuid::Uuid>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub logs: ::std::option::Option<CreateAnalysisLogs>,
        /// Identifier or URN of an existing folder in which ICA creates the output folder of the analysis. Absent or null leaves the choice to ICA.
        #[serde(
            rename = "outputParentFolderId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub output_parent_folder_id: ::std::option::Option<::std::string::String>,
        /// Identifier of the pipeline to run. The project must have access to it.
        #[serde(rename = "pipelineId")]
        pub pipeline_id: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tags: ::std::option::Option<CreateAnalysisTag>,
        /// Name for the analysis, 1 to 255 characters: ASCII letters, digits, spaces, `_` and `-`, in parts with a single `/` between them. It may begin with `/` but not end with `/`. ICA returns it on the item and the analysis. Use it to match them to samples.
        #[serde(rename = "userReference")]
        #[builder(
            with = |text:impl::std::convert::AsRef<str>|->::std::result::Result<_,
            crate::InvalidText>{<crate::types::UserReference
            as::std::str::FromStr>::from_str(text.as_ref())}
        )]
        pub user_reference: crate::types::UserReference,
    }
    /// Request for one analysis that runs a Nextflow pipeline with an XML input form.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct CreateNextflowAnalysis {
        /// Identifier of the activation code detail that pays for the run. Absent or null leaves the choice of the best match to ICA.
        #[serde(
            rename = "activationCodeDetailId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub activation_code_detail_id: ::std::option::Option<::uuid::Uuid>,
        #[serde(rename = "analysisInput")]
        pub analysis_input: NextflowAnalysisInput,
        /// Targets of the output, one entry per file or folder. Absent or null keeps everything in the output folder of the analysis.
        #[serde(
            rename = "analysisOutput",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub analysis_output: ::std::option::Option<
            ::std::vec::Vec<AnalysisOutputMapping>,
        >,
        /// Identifier of the storage size for the analysis. Absent or null leaves the choice to ICA.
        #[serde(
            rename = "analysisStorageId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub analysis_storage_id: ::std::option::Option<::uuid::Uuid>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub logs: ::std::option::Option<CreateAnalysisLogs>,
        /// Identifier or URN of an existing folder in which ICA creates the output folder of the analysis. Absent or null leaves the choice to ICA.
        #[serde(
            rename = "outputParentFolderId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub output_parent_folder_id: ::std::option::Option<::std::string::String>,
        /// Identifier of the pipeline to run. The project must have access to it.
        #[serde(rename = "pipelineId")]
        pub pipeline_id: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tags: ::std::option::Option<CreateAnalysisTag>,
        /// Name for the analysis, 1 to 255 characters: ASCII letters, digits, spaces, `_` and `-`, in parts with a single `/` between them. It may begin with `/` but not end with `/`. ICA returns it on the item and the analysis. Use it to match them to samples.
        #[serde(rename = "userReference")]
        #[builder(
            with = |text:impl::std::convert::AsRef<str>|->::std::result::Result<_,
            crate::InvalidText>{<crate::types::UserReference
            as::std::str::FromStr>::from_str(text.as_ref())}
        )]
        pub user_reference: crate::types::UserReference,
    }
    /// Request for one analysis that runs a Nextflow pipeline with a JSON input form. It has no activation code, unlike the other two kinds.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct CreateNextflowJsonAnalysis {
        /// Targets of the output, one entry per file or folder. Absent or null keeps everything in the output folder of the analysis.
        #[serde(
            rename = "analysisOutput",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub analysis_output: ::std::option::Option<
            ::std::vec::Vec<AnalysisOutputMapping>,
        >,
        /// Identifier of the storage size for the analysis. Absent or null leaves the choice to ICA.
        #[serde(
            rename = "analysisStorageId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub analysis_storage_id: ::std::option::Option<::uuid::Uuid>,
        #[serde(rename = "inputFormValues")]
        pub input_form_values: NextflowJsonAnalysisInput,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub logs: ::std::option::Option<CreateAnalysisLogs>,
        /// Identifier or URN of an existing folder in which ICA creates the output folder of the analysis. Absent or null leaves the choice to ICA.
        #[serde(
            rename = "outputParentFolderId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub output_parent_folder_id: ::std::option::Option<::std::string::String>,
        /// Identifier of the pipeline to run. The project must have access to it.
        #[serde(rename = "pipelineId")]
        pub pipeline_id: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tags: ::std::option::Option<CreateAnalysisTag>,
        /// Name for the analysis, 1 to 255 characters: ASCII letters, digits, spaces, `_` and `-`, in parts with a single `/` between them. It may begin with `/` but not end with `/`. ICA returns it on the item and the analysis. Use it to match them to samples.
        #[serde(rename = "userReference")]
        #[builder(
            with = |text:impl::std::convert::AsRef<str>|->::std::result::Result<_,
            crate::InvalidText>{<crate::types::UserReference
            as::std::str::FromStr>::from_str(text.as_ref())}
        )]
        pub user_reference: crate::types::UserReference,
    }
    /// The sample to create.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct CreateSample {
        /// Text about the sample, 1 to 255 characters; may be absent or null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        #[builder(
            with = |text:impl::std::convert::AsRef<str>|->::std::result::Result<_,
            crate::InvalidText>{<crate::types::SampleDescription
            as::std::str::FromStr>::from_str(text.as_ref())}
        )]
        pub description: ::std::option::Option<crate::types::SampleDescription>,
        /// Name of the sample, 1 to 255 characters.
        #[builder(
            with = |text:impl::std::convert::AsRef<str>|->::std::result::Result<_,
            crate::InvalidText>{<crate::types::SampleName
            as::std::str::FromStr>::from_str(text.as_ref())}
        )]
        pub name: crate::types::SampleName,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tags: ::std::option::Option<OptionalSampleTags>,
    }
    /// Request for a batch of samples.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct CreateSampleCreationBatch {
        /// Samples to create, one entry per sample.
        pub items: ::std::vec::Vec<CreateSampleCreationBatchSampleItem>,
    }
    /// One file or folder to link to a new sample.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct CreateSampleCreationBatchDataItem {
        /// Identifier of the file or folder in ICA.
        #[serde(rename = "dataId")]
        pub data_id: ::std::string::String,
    }
    /// Request for one sample and the data to link to it.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct CreateSampleCreationBatchSampleItem {
        /// Whether ICA also completes the sample. ICA does not publish what else completion changes.
        #[serde(rename = "completeSample")]
        pub complete_sample: bool,
        /// Data to link to the new sample. Absent or null links nothing.
        #[serde(
            rename = "dataToLink",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_to_link: ::std::option::Option<
            ::std::vec::Vec<CreateSampleCreationBatchDataItem>,
        >,
        #[serde(rename = "sampleToCreate")]
        pub sample_to_create: CreateSample,
    }
    /// Input of a CWL pipeline as one JSON document.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct CwlAnalysisJsonInput {
        /// Identifiers of the files and folders in ICA that the document uses.
        #[serde(
            rename = "dataIds",
            default,
            skip_serializing_if = "::std::vec::Vec::is_empty"
        )]
        #[builder(default)]
        pub data_ids: ::std::vec::Vec<::std::string::String>,
        /// Data outside ICA that the document uses.
        #[serde(
            rename = "externalData",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub external_data: ::std::option::Option<
            ::std::vec::Vec<AnalysisInputExternalData>,
        >,
        /// Input document of the pipeline: JSON as text, so it is an escaped string in the request.
        #[serde(rename = "inputJson")]
        pub input_json: ::std::string::String,
        /// Paths for some of the files and folders, at which the pipeline finds them.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub mounts: ::std::option::Option<::std::vec::Vec<AnalysisInputDataMount>>,
    }
    /// Input of a CWL pipeline as the fields of its input form.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct CwlAnalysisStructuredInput {
        /// Data for the data inputs of the pipeline, one entry per input.
        pub inputs: ::std::vec::Vec<AnalysisDataInput>,
        /// Values for the parameters of the pipeline, one entry per parameter.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub parameters: ::std::option::Option<::std::vec::Vec<AnalysisParameterInput>>,
        /// Reference data for the parameters that need it.
        #[serde(
            rename = "referenceDataParameters",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub reference_data_parameters: ::std::option::Option<
            ::std::vec::Vec<AnalysisReferenceDataParameter>,
        >,
    }
    /// A file or folder in ICA. As the log of a step it may be absent.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct Data {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub details: ::std::option::Option<DataDetails>,
        #[serde(
            rename = "folderDetails",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub folder_details: ::std::option::Option<FolderDetails>,
        /// Identifier of the file or folder, 1 to 255 characters. Requests for analyses use it as `dataId`.
        pub id: ::std::string::String,
        /// URN of the file or folder: `urn:ilmn:ica:region:`, the identifier of the region, `:data:`, that of the data and, after a `#`, the path. The path and the `#` may be missing. At most 2000 characters; may be absent or null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub urn: ::std::option::Option<::std::string::String>,
    }
    /// Properties of a file or folder. They may be absent or null.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct DataDetails {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub application: ::std::option::Option<ApplicationV4>,
        /// Identifier of the user who created the data; may be absent or null.
        #[serde(
            rename = "creatorId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub creator_id: ::std::option::Option<::uuid::Uuid>,
        /// Whether the data is a file or a folder.
        #[serde(rename = "dataType")]
        pub data_type: crate::types::DataType,
        /// Size of a file in bytes; absent or null for a folder.
        #[serde(
            rename = "fileSizeInBytes",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub file_size_in_bytes: ::std::option::Option<i64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub format: ::std::option::Option<DataFormat>,
        /// Name of the file or folder, without the folders above it.
        pub name: ::std::string::String,
        /// ETag of a file in the storage of the cloud provider; may be absent or null. It is not the header `ETag` of a response. ICA does not say how the provider computes it.
        #[serde(
            rename = "objectETag",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub object_e_tag: ::std::option::Option<::std::string::String>,
        /// Identifier of the project that owns the data. It is not the project of the list if the data is linked.
        #[serde(rename = "owningProjectId")]
        pub owning_project_id: ::uuid::Uuid,
        /// Name of that project; may be absent or null.
        #[serde(
            rename = "owningProjectName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub owning_project_name: ::std::option::Option<::std::string::String>,
        /// Path of the file or folder in the project that owns it; may be absent or null. ICA calls it the path of the parent. Public programs use it as the whole path, which ends with the name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub path: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub region: ::std::option::Option<Region>,
        #[serde(
            rename = "sequencingRun",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub sequencing_run: ::std::option::Option<SequencingRun>,
        /// State of the data. Only `AVAILABLE` data can be the input of an analysis. By their names, `PARTIAL` is before the end of the upload, `ARCHIVED` needs `UNARCHIVING` first, and `DELETING` is about to be deleted. ICA publishes the values without their meaning.
        pub status: crate::types::DataStatus,
        /// Time at which the data was first stored, UTC; may be absent or null.
        #[serde(
            rename = "storedForTheFirstTimeAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub stored_for_the_first_time_at: ::std::option::Option<
            ::chrono::DateTime<::chrono::offset::Utc>,
        >,
        pub tags: DataTag,
        /// Identifier of the tenant that the data belongs to.
        #[serde(rename = "tenantId")]
        pub tenant_id: ::uuid::Uuid,
        /// Name of that tenant; may be absent or null.
        #[serde(
            rename = "tenantName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tenant_name: ::std::option::Option<::std::string::String>,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Time of the last change, UTC.
        #[serde(rename = "timeModified")]
        pub time_modified: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Time at which ICA will archive the data, UTC; absent or null without a plan.
        #[serde(
            rename = "willBeArchivedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub will_be_archived_at: ::std::option::Option<
            ::chrono::DateTime<::chrono::offset::Utc>,
        >,
        /// Time at which ICA will delete the data, UTC; absent or null without a plan.
        #[serde(
            rename = "willBeDeletedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub will_be_deleted_at: ::std::option::Option<
            ::chrono::DateTime<::chrono::offset::Utc>,
        >,
    }
    /// A format of files, such as VCF. It may be absent or null.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct DataFormat {
        /// Short name of the format, 1 to 255 characters, for example `VCF`.
        pub code: ::std::string::String,
        /// Text about the format, 1 to 4000 characters; may be absent or null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        /// Identifier of the format.
        pub id: ::uuid::Uuid,
        /// Media type of files in this format, 1 to 255 characters; may be absent or null.
        #[serde(
            rename = "mimeType",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub mime_type: ::std::option::Option<::std::string::String>,
        /// Identifier of the user who owns the format.
        #[serde(rename = "ownerId")]
        pub owner_id: ::uuid::Uuid,
        /// Identifier of the tenant that the format belongs to.
        #[serde(rename = "tenantId")]
        pub tenant_id: ::uuid::Uuid,
        /// Name of that tenant; may be absent or null.
        #[serde(
            rename = "tenantName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tenant_name: ::std::option::Option<::std::string::String>,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Time of the last change, UTC.
        #[serde(rename = "timeModified")]
        pub time_modified: ::chrono::DateTime<::chrono::offset::Utc>,
    }
    /// Tags on a file or folder, in six independent lists. Each list may be absent or null.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct DataTag {
        /// Connector tags. ICA does not publish a rule for their use.
        #[serde(
            rename = "connectorTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub connector_tags: ::std::option::Option<
            ::std::vec::Vec<::std::option::Option<::std::string::String>>,
        >,
        /// Reference tags. ICA does not publish a rule for their use.
        #[serde(
            rename = "referenceTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub reference_tags: ::std::option::Option<
            ::std::vec::Vec<::std::option::Option<::std::string::String>>,
        >,
        /// Run-in tags, which name runs with the data as input. ICA does not publish a rule for their use.
        #[serde(
            rename = "runInTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub run_in_tags: ::std::option::Option<
            ::std::vec::Vec<::std::option::Option<::std::string::String>>,
        >,
        /// Run-out tags, which name runs with the data as output. ICA does not publish a rule for their use.
        #[serde(
            rename = "runOutTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub run_out_tags: ::std::option::Option<
            ::std::vec::Vec<::std::option::Option<::std::string::String>>,
        >,
        /// Tags for programs.
        #[serde(
            rename = "technicalTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub technical_tags: ::std::option::Option<
            ::std::vec::Vec<::std::option::Option<::std::string::String>>,
        >,
        /// Tags for people.
        #[serde(
            rename = "userTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub user_tags: ::std::option::Option<
            ::std::vec::Vec<::std::option::Option<::std::string::String>>,
        >,
    }
    /// Properties of a folder. They may be absent or null.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct FolderDetails {
        /// Whether ICA keeps no index of the content of the folder.
        #[serde(rename = "nonIndexed")]
        pub non_indexed: bool,
    }
    /// One file or folder in ICA, a value of a data field.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct InputFormData {
        /// Identifier of the file or folder.
        #[serde(rename = "dataId")]
        pub data_id: ::std::string::String,
        /// Path at which the pipeline finds the file on its machine. Prefer a relative path; an absolute path works too. The last part is the file name, which may differ from that of the source.
        #[serde(
            rename = "mountPath",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub mount_path: ::std::option::Option<::std::string::String>,
    }
    /// Values of one field of a JSON input form. A field for data has `dataValues` or `externalDataValues`; any other field has `values`.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct InputFormFieldValues {
        /// Files and folders in ICA, for a field that takes data.
        #[serde(
            rename = "dataValues",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_values: ::std::option::Option<::std::vec::Vec<InputFormData>>,
        /// Data outside ICA, for a field that takes data.
        #[serde(
            rename = "externalDataValues",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub external_data_values: ::std::option::Option<
            ::std::vec::Vec<AnalysisInputExternalData>,
        >,
        /// Identifier of the field, as the input form defines it.
        pub id: ::std::string::String,
        /// Values of a field that does not take data. Numbers are text too, so they keep all their digits. In a text box an empty text counts as null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub values: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    }
    /// One group of fields in a JSON input form, which may have several entries.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct InputFormGroup {
        /// Identifier of the group, as the input form defines it.
        pub id: ::std::string::String,
        /// Entries of the group.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        #[builder(default)]
        pub values: ::std::vec::Vec<InputFormGroupFieldValues>,
    }
    /// One entry of a group of fields.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct InputFormGroupFieldValues {
        /// Fields of this entry, one item per field.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        #[builder(default)]
        pub values: ::std::vec::Vec<InputFormFieldValues>,
    }
    /// A job, work of ICA in the background, here the creation of a batch. It may be absent or null.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct Job {
        /// Text that explains the state, such as the reason of a failure; may be absent or null.
        #[serde(
            rename = "additionalStatusInformation",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub additional_status_information: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub application: ::std::option::Option<Application>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bundle: ::std::option::Option<Bundle>,
        /// Identifier of the job.
        pub id: ::uuid::Uuid,
        pub owner: User,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub project: ::std::option::Option<Project>,
        /// State of the job. `SUCCEEDED`, `PARTIALLY_SUCCEEDED`, `FAILED` and `STOPPED` are terminal states; `INITIALIZED`, `WAITING_FOR_RESOURCES` and `RUNNING` are not. `SUCCEEDED` means that everything in the batch was created; an analysis may still run. After `PARTIALLY_SUCCEEDED` look for the items that failed. An item spells `WAITING_FOR_RESOURCES` differently: `WAITING_RESOURCES`.
        pub status: crate::types::JobStatus,
        /// Identifier of the object that the job works on, such as the batch.
        #[serde(rename = "subjectId")]
        pub subject_id: ::uuid::Uuid,
        /// Kind of object that the job works on, for example a batch that creates samples or analyses.
        #[serde(rename = "subjectType")]
        pub subject_type: ::std::string::String,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Time at which the job ended, UTC; absent or null before that.
        #[serde(
            rename = "timeFinished",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub time_finished: ::std::option::Option<
            ::chrono::DateTime<::chrono::offset::Utc>,
        >,
        /// Time at which the job began to work, UTC; absent or null before that.
        #[serde(
            rename = "timeStarted",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub time_started: ::std::option::Option<
            ::chrono::DateTime<::chrono::offset::Utc>,
        >,
    }
    /// A web page with a name.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct Link {
        /// Text for the link, 1 to 100 characters.
        pub name: ::std::string::String,
        /// URL of the page, 1 to 2048 characters.
        pub url: ::std::string::String,
    }
    /// Web pages about a bundle, in four lists. It may be absent or null.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct Links {
        /// Home pages.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub homepages: ::std::option::Option<::std::vec::Vec<Link>>,
        /// Pages with licenses.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub licenses: ::std::option::Option<::std::vec::Vec<Link>>,
        /// Pages of any other kind.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub links: ::std::option::Option<::std::vec::Vec<Link>>,
        /// Publications.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub publications: ::std::option::Option<::std::vec::Vec<Link>>,
    }
    /// Kind of match, here of `filename`. By their names, `EXACT` keeps equal values, `FUZZY` keeps similar values too, and `EXCLUDE` drops the values. ICA publishes neither their exact meaning, nor the default, nor whether upper and lower case are equal. Compare the data in the response.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Copy,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub enum MatchMode {
        #[serde(rename = "EXACT")]
        Exact,
        #[serde(rename = "EXCLUDE")]
        Exclude,
        #[serde(rename = "FUZZY")]
        Fuzzy,
    }
    impl ::std::fmt::Display for MatchMode {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Exact => f.write_str("EXACT"),
                Self::Exclude => f.write_str("EXCLUDE"),
                Self::Fuzzy => f.write_str("FUZZY"),
            }
        }
    }
    impl ::std::str::FromStr for MatchMode {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "EXACT" => Ok(Self::Exact),
                "EXCLUDE" => Ok(Self::Exclude),
                "FUZZY" => Ok(Self::Fuzzy),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for MatchMode {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for MatchMode {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    /// One metadata field of a sample. A field of the type `GROUP` contains further fields.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct MetadataField {
        /// Type of the values: `TEXT`, `NUMERIC`, `BOOLEAN`, `DATE`, or `GROUP` for a field that contains further fields.
        #[serde(
            rename = "fieldType",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub field_type: ::std::option::Option<crate::types::MetadataFieldType>,
        /// Fields in a field of the type `GROUP`.
        #[serde(
            rename = "groupValues",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub group_values: ::std::option::Option<::std::vec::Vec<MetadataField>>,
        /// Identifier of the field.
        pub id: ::std::string::String,
        /// Position of the field. ICA does not publish the first position.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub index: ::std::option::Option<i32>,
        /// Name of the field.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        /// Values of the field as text, whatever its type.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub values: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    }
    /// A metadata model, which defines the metadata of samples. Models form a tree. It may be absent or null.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct MetadataModel {
        /// Text about the metadata model, at most 1000 characters; may be absent or null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        /// Identifier of the metadata model.
        pub id: ::uuid::Uuid,
        /// Name of the metadata model, 1 to 255 characters.
        pub name: ::std::string::String,
        /// Identifier of the user who owns the metadata model.
        #[serde(rename = "ownerId")]
        pub owner_id: ::uuid::Uuid,
        /// Identifier of the parent model in the tree; absent or null at the root.
        #[serde(
            rename = "parentModelId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub parent_model_id: ::std::option::Option<::uuid::Uuid>,
        /// State of the metadata model: `DRAFT` before its publication, `PUBLISHED` after it.
        pub state: crate::types::MetadataModelState,
        /// Identifier of the tenant that the metadata model belongs to.
        #[serde(rename = "tenantId")]
        pub tenant_id: ::uuid::Uuid,
        /// Name of that tenant; may be absent or null.
        #[serde(
            rename = "tenantName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tenant_name: ::std::option::Option<::std::string::String>,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Time of the last change, UTC.
        #[serde(rename = "timeModified")]
        pub time_modified: ::chrono::DateTime<::chrono::offset::Utc>,
    }
    /// Input of a Nextflow pipeline with an XML input form.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct NextflowAnalysisInput {
        /// Data for the data inputs of the pipeline, one entry per input.
        pub inputs: ::std::vec::Vec<AnalysisDataInput>,
        /// Values for the parameters of the pipeline, one entry per parameter.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub parameters: ::std::option::Option<::std::vec::Vec<AnalysisParameterInput>>,
        /// Reference data for the parameters that need it.
        #[serde(
            rename = "referenceDataParameters",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub reference_data_parameters: ::std::option::Option<
            ::std::vec::Vec<AnalysisReferenceDataParameter>,
        >,
    }
    /// Input of a Nextflow pipeline with a JSON input form: the values of its fields.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct NextflowJsonAnalysisInput {
        /// Fields outside a group, one entry per field.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        #[builder(default)]
        pub fields: ::std::vec::Vec<InputFormFieldValues>,
        /// Groups of fields that may have several entries.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        #[builder(default)]
        pub groups: ::std::vec::Vec<InputFormGroup>,
    }
    /// Tags to put on a new sample, in four independent lists. Each list may be absent or null.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    #[derive(::bon::Builder)]
    #[builder(on(::std::string::String, into))]
    pub struct OptionalSampleTags {
        /// Connector tags. ICA does not publish a rule for their use.
        #[serde(
            rename = "connectorTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub connector_tags: ::std::option::Option<
            ::std::vec::Vec<::std::string::String>,
        >,
        /// Run-in tags, which name runs with the sample as input. ICA does not publish a rule for their use.
        #[serde(
            rename = "runInTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub run_in_tags: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
        /// Tags for programs, for example to find the samples of one submission again.
        #[serde(
            rename = "technicalTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub technical_tags: ::std::option::Option<
            ::std::vec::Vec<::std::string::String>,
        >,
        /// Tags for people.
        #[serde(
            rename = "userTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub user_tags: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    }
    /// Kind of match of `filePath`. Both kinds ignore upper and lower case. `STARTS_WITH_CASE_INSENSITIVE`, the default of ICA, keeps paths that begin with the text: with the path of a folder it lists the whole tree of the folder. `/run1` also keeps `/run10/a.bam`. `FULL_CASE_INSENSITIVE` keeps paths that are equal as a whole, so `/run1/a.bam` also keeps `/Run1/A.bam`. No kind is exact: compare the paths in the response.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Copy,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub enum PathMatchMode {
        #[serde(rename = "STARTS_WITH_CASE_INSENSITIVE")]
        StartsWithCaseInsensitive,
        #[serde(rename = "FULL_CASE_INSENSITIVE")]
        FullCaseInsensitive,
    }
    impl ::std::fmt::Display for PathMatchMode {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::StartsWithCaseInsensitive => {
                    f.write_str("STARTS_WITH_CASE_INSENSITIVE")
                }
                Self::FullCaseInsensitive => f.write_str("FULL_CASE_INSENSITIVE"),
            }
        }
    }
    impl ::std::str::FromStr for PathMatchMode {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "STARTS_WITH_CASE_INSENSITIVE" => Ok(Self::StartsWithCaseInsensitive),
                "FULL_CASE_INSENSITIVE" => Ok(Self::FullCaseInsensitive),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for PathMatchMode {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for PathMatchMode {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    /// A version of the language in which a pipeline is written.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct PipelineLanguageVersion {
        /// Identifier of the language version.
        pub id: ::uuid::Uuid,
        /// Language of the pipeline.
        pub language: crate::types::PipelineLanguage,
        /// Name of the version, for example its number, 1 to 255 characters.
        pub name: ::std::string::String,
    }
    /// Rules that make output files of a pipeline reports.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct PipelineReportConfig {
        /// Rules for the reports, at most 100.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub configs: ::std::option::Option<::std::vec::Vec<Config>>,
    }
    /// Special hardware for a pipeline. ICA has deprecated it, without a substitute in this description.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct PipelineResources {
        /// Whether the pipeline needs FPGA machines of the type F1. Deprecated.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub f1: ::std::option::Option<bool>,
        /// Whether the pipeline needs FPGA machines of the type F2. Deprecated.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub f2: ::std::option::Option<bool>,
        /// Whether the pipeline needs graphics processors. Deprecated.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub gpu: ::std::option::Option<bool>,
        /// Whether the pipeline needs no special hardware; excludes the other three. Deprecated.
        #[serde(
            rename = "software-only",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub software_only: ::std::option::Option<bool>,
    }
    /// Tags on a pipeline or a workflow.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct PipelineTag {
        /// Tags for programs.
        #[serde(rename = "technicalTags")]
        pub technical_tags: ::std::vec::Vec<::std::string::String>,
    }
    /// A pipeline that analyses can run, in version 3.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct PipelineV3 {
        #[serde(rename = "analysisStorage")]
        pub analysis_storage: AnalysisStorageV3,
        /// Short name of the pipeline, 1 to 255 characters.
        pub code: ::std::string::String,
        /// Text about the pipeline by its author, 1 to 4000 characters.
        pub description: ::std::string::String,
        /// Identifier of the pipeline.
        pub id: ::uuid::Uuid,
        /// Format of the input form. It determines the kind of request that runs the pipeline.
        #[serde(
            rename = "inputFormType",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub input_form_type: ::std::option::Option<crate::types::PipelineInputFormType>,
        /// Language of the pipeline code.
        pub language: crate::types::PipelineLanguage,
        #[serde(
            rename = "languageVersion",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub language_version: ::std::option::Option<PipelineLanguageVersion>,
        /// Identifier of the user who owns the pipeline.
        #[serde(rename = "ownerId")]
        pub owner_id: ::uuid::Uuid,
        #[serde(rename = "pipelineTags")]
        pub pipeline_tags: PipelineTag,
        /// Whether the author hides the pipeline code; absent counts as false.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub proprietary: ::std::option::Option<bool>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub resources: ::std::option::Option<PipelineResources>,
        /// State of the pipeline: `DRAFT` before its release, `RELEASED` after it; may be absent or null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub status: ::std::option::Option<crate::types::PipelineStatus>,
        /// Identifier of the tenant that the pipeline belongs to.
        #[serde(rename = "tenantId")]
        pub tenant_id: ::uuid::Uuid,
        /// Name of that tenant; may be absent or null.
        #[serde(
            rename = "tenantName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tenant_name: ::std::option::Option<::std::string::String>,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Time of the last change, UTC.
        #[serde(rename = "timeModified")]
        pub time_modified: ::chrono::DateTime<::chrono::offset::Utc>,
        /// URN of the pipeline: `urn:ilmn:ica:`, the kind of object, its identifier and, after a `#`, a hint for people. The hint and the `#` may be missing. At most 2000 characters.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub urn: ::std::option::Option<::std::string::String>,
    }
    /// A pipeline that analyses can run, in version 4.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct PipelineV4 {
        #[serde(rename = "analysisStorage")]
        pub analysis_storage: AnalysisStorageV4,
        /// Short name of the pipeline, 1 to 255 characters.
        pub code: ::std::string::String,
        /// Text about the pipeline by its author, 1 to 4000 characters.
        pub description: ::std::string::String,
        /// Identifier of the pipeline.
        pub id: ::uuid::Uuid,
        /// Format of the input form. It determines the kind of request that runs the pipeline.
        #[serde(
            rename = "inputFormType",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub input_form_type: ::std::option::Option<crate::types::PipelineInputFormType>,
        /// Language of the pipeline code.
        pub language: crate::types::PipelineLanguage,
        #[serde(
            rename = "languageVersion",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub language_version: ::std::option::Option<PipelineLanguageVersion>,
        pub owner: UserIdentifier,
        #[serde(rename = "pipelineTags")]
        pub pipeline_tags: PipelineTag,
        /// Whether the author hides the pipeline code; absent counts as false.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub proprietary: ::std::option::Option<bool>,
        #[serde(
            rename = "reportConfigs",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub report_configs: ::std::option::Option<PipelineReportConfig>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub resources: ::std::option::Option<PipelineResources>,
        /// State of the pipeline: `DRAFT` before its release, `RELEASED` after it; may be absent or null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub status: ::std::option::Option<crate::types::PipelineStatus>,
        /// State of the pipeline as text: `Draft`, `Released`, `Deprecated` or `Archived`. It is more precise than `status`, which has two values.
        #[serde(
            rename = "statusAsString",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub status_as_string: ::std::option::Option<::std::string::String>,
        pub tenant: TenantIdentifier,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Time of the last change, UTC.
        #[serde(rename = "timeModified")]
        pub time_modified: ::chrono::DateTime<::chrono::offset::Utc>,
        /// URN of the pipeline: `urn:ilmn:ica:`, the kind of object, its identifier and, after a `#`, a hint for people. The hint and the `#` may be missing. At most 2000 characters.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub urn: ::std::option::Option<::std::string::String>,
    }
    /// Reason why a call failed, as in RFC 7807 with additions by ICA. Real responses omit required members and have further members, so read it leniently.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct Problem {
        /// Code of an error that comes from a gateway in front of ICA.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub code: ::std::option::Option<::std::string::String>,
        /// Explanation of this failure, for people.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub detail: ::std::option::Option<::std::string::String>,
        /// Identifier of this failure, for questions to the support of Illumina. It may be missing.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        /// URI of this failure. It may not resolve to a page.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub instance: ::std::option::Option<::std::string::String>,
        /// Text of an error that comes from a gateway in front of ICA.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub message: ::std::option::Option<::std::string::String>,
        /// Details by name, for example the invalid member of the request. An addition by ICA.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub parameters: ::std::option::Option<
            ::std::collections::BTreeMap<::std::string::String, ::std::string::String>,
        >,
        /// HTTP status of the response.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub status: ::std::option::Option<i64>,
        /// Time of the failure, UTC. An addition by ICA.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub timestamp: ::std::option::Option<::std::string::String>,
        /// Error code of ICA, for example `ICA_API_004` for a media type that the operation does not have.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub title: ::std::option::Option<::std::string::String>,
        /// URI of the kind of problem. ICA sends `about:blank`, so use `title` to tell problems apart.
        #[serde(rename = "type", skip_serializing_if = "::std::option::Option::is_none")]
        pub type_: ::std::option::Option<::std::string::String>,
    }
    /// A project, which contains data, pipelines and analyses. On a job it is the project that the job works in; it may be absent.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct Project {
        /// Whether the project is in use; false when it is hidden.
        pub active: bool,
        /// Priority of the project and of its analyses within the tenant; may be absent or null.
        #[serde(
            rename = "analysisPriority",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub analysis_priority: ::std::option::Option<crate::types::AnalysisPriority>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub application: ::std::option::Option<Application>,
        /// Whether the project can use Base, the data warehouse of ICA.
        #[serde(
            rename = "baseEnabled",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub base_enabled: ::std::option::Option<bool>,
        /// Payer of the costs of the project: the project itself or its tenant.
        #[serde(rename = "billingMode")]
        pub billing_mode: crate::types::ProjectBillingMode,
        /// Whether other projects may link data and samples of this project.
        #[serde(
            rename = "dataSharingEnabled",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub data_sharing_enabled: ::std::option::Option<bool>,
        /// Identifier of the project.
        pub id: ::uuid::Uuid,
        /// Long text about the project, of any length; may be absent or null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub information: ::std::option::Option<::std::string::String>,
        #[serde(
            rename = "metadataModel",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub metadata_model: ::std::option::Option<MetadataModel>,
        /// Name of the project, 1 to 255 characters.
        pub name: ::std::string::String,
        /// Identifier of the user who created the project. `projectOwner` is the current owner.
        #[serde(rename = "ownerId")]
        pub owner_id: ::uuid::Uuid,
        /// Identifier of the user who owns the project now. It differs from `ownerId` after a change of the owner.
        #[serde(
            rename = "projectOwner",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub project_owner: ::std::option::Option<::uuid::Uuid>,
        pub region: Region,
        #[serde(
            rename = "selfManagedStorageConfiguration",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub self_managed_storage_configuration: ::std::option::Option<
            StorageConfiguration,
        >,
        /// Short text about the project, 1 to 4000 characters; may be absent or null.
        #[serde(
            rename = "shortDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub short_description: ::std::option::Option<::std::string::String>,
        #[serde(
            rename = "storageBundle",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub storage_bundle: ::std::option::Option<StorageBundle>,
        pub tags: ProjectTag,
        /// Identifier of the tenant that the project belongs to.
        #[serde(rename = "tenantId")]
        pub tenant_id: ::uuid::Uuid,
        /// Name of that tenant; may be absent or null.
        #[serde(
            rename = "tenantName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tenant_name: ::std::option::Option<::std::string::String>,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Time of the last change, UTC.
        #[serde(rename = "timeModified")]
        pub time_modified: ::chrono::DateTime<::chrono::offset::Utc>,
        /// URN of the project: `urn:ilmn:ica:`, the kind of object, its identifier and, after a `#`, a hint for people. The hint and the `#` may be missing. At most 2000 characters.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub urn: ::std::option::Option<::std::string::String>,
    }
    /// A file or folder in a project, owned by it or linked from another project.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct ProjectData {
        pub data: Data,
        /// Identifier of the project that contains the data. The `owningProjectId` of the data names the owner.
        #[serde(rename = "projectId")]
        pub project_id: ::uuid::Uuid,
    }
    /// One page of the files and folders of a project.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct ProjectDataPagedList {
        /// The files and folders on this page. An empty list alone does not mark the end.
        pub items: ::std::vec::Vec<ProjectData>,
        /// Token of the next page; pass it as `pageToken`. Absent, null or empty marks the end. It is always empty with paging by offset. At most 2000 characters.
        #[serde(
            rename = "nextPageToken",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub next_page_token: ::std::option::Option<::std::string::String>,
        /// Approximate number of files and folders after this page, with paging by cursor. Do not use it to detect the end.
        #[serde(
            rename = "remainingRecords",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub remaining_records: ::std::option::Option<i64>,
        /// Number of matching files and folders on all pages, with paging by offset.
        #[serde(
            rename = "totalItemCount",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub total_item_count: ::std::option::Option<i64>,
    }
    /// A pipeline that the analyses of a project can run.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct ProjectPipeline {
        #[serde(rename = "bundleLinks")]
        pub bundle_links: BundleList,
        pub pipeline: PipelineV3,
        /// Identifier of the project that has access to the pipeline.
        #[serde(rename = "projectId")]
        pub project_id: ::uuid::Uuid,
    }
    /// The pipelines of a project, without pages.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct ProjectPipelineList {
        /// Pipelines, one entry per pipeline.
        pub items: ::std::vec::Vec<ProjectPipeline>,
    }
    /// Tags on a project, in two independent lists.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct ProjectTag {
        /// Tags for programs.
        #[serde(rename = "technicalTags")]
        pub technical_tags: ::std::vec::Vec<::std::string::String>,
        /// Tags for people.
        #[serde(rename = "userTags")]
        pub user_tags: ::std::vec::Vec<::std::string::String>,
    }
    /// A region, a part of the world in which ICA stores data and runs analyses.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct Region {
        /// City of the region, 1 to 255 characters.
        #[serde(rename = "cityName")]
        pub city_name: ::std::string::String,
        /// Short name of the region, 1 to 255 characters.
        pub code: ::std::string::String,
        pub country: Country,
        /// Identifier of the region.
        pub id: ::uuid::Uuid,
        /// Identifier of the user who owns the region.
        #[serde(rename = "ownerId")]
        pub owner_id: ::uuid::Uuid,
        /// Identifier of the tenant that the region belongs to.
        #[serde(rename = "tenantId")]
        pub tenant_id: ::uuid::Uuid,
        /// Name of that tenant; may be absent or null.
        #[serde(
            rename = "tenantName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tenant_name: ::std::option::Option<::std::string::String>,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Time of the last change, UTC.
        #[serde(rename = "timeModified")]
        pub time_modified: ::chrono::DateTime<::chrono::offset::Utc>,
    }
    /// The sample to create.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct RequestedSample {
        /// Text about the sample, 1 to 255 characters; may be absent or null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        /// Name of the sample, 1 to 255 characters.
        pub name: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tags: ::std::option::Option<RequestedSampleTags>,
    }
    /// Tags to put on a new sample, in four independent lists. Each list may be absent or null.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct RequestedSampleTags {
        /// Connector tags. ICA does not publish a rule for their use.
        #[serde(
            rename = "connectorTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub connector_tags: ::std::option::Option<
            ::std::vec::Vec<::std::option::Option<::std::string::String>>,
        >,
        /// Run-in tags, which name runs with the sample as input. ICA does not publish a rule for their use.
        #[serde(
            rename = "runInTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub run_in_tags: ::std::option::Option<
            ::std::vec::Vec<::std::option::Option<::std::string::String>>,
        >,
        /// Tags for programs, for example to find the samples of one submission again.
        #[serde(
            rename = "technicalTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub technical_tags: ::std::option::Option<
            ::std::vec::Vec<::std::option::Option<::std::string::String>>,
        >,
        /// Tags for people.
        #[serde(
            rename = "userTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub user_tags: ::std::option::Option<
            ::std::vec::Vec<::std::option::Option<::std::string::String>>,
        >,
    }
    /// A sample, which groups the data of one biological sample. On an item it is absent until the sample exists.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct Sample {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub application: ::std::option::Option<ApplicationV4>,
        /// Text about the sample, 1 to 255 characters; may be absent or null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        /// Identifier of the sample.
        pub id: ::uuid::Uuid,
        /// Metadata of the sample, one entry per field.
        pub metadata: ::std::vec::Vec<MetadataField>,
        /// Whether ICA considers the metadata valid.
        #[serde(rename = "metadataValid")]
        pub metadata_valid: bool,
        /// Name of the sample, 1 to 255 characters.
        pub name: ::std::string::String,
        /// Identifier of the user who owns the sample.
        #[serde(rename = "ownerId")]
        pub owner_id: ::uuid::Uuid,
        pub region: Region,
        /// Sequencing runs linked to the sample; may be absent or null.
        #[serde(
            rename = "sequencingRuns",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub sequencing_runs: ::std::option::Option<
            ::std::vec::Vec<::std::option::Option<SequencingRun>>,
        >,
        /// State of the sample: `AVAILABLE`, `PARTIAL` or `DELETED`. ICA does not publish their exact meaning. The state of the creation is in `processing` of the item.
        pub status: crate::types::SampleStatus,
        pub tags: SampleTag,
        /// Identifier of the tenant that the sample belongs to.
        #[serde(rename = "tenantId")]
        pub tenant_id: ::uuid::Uuid,
        /// Name of that tenant; may be absent or null.
        #[serde(
            rename = "tenantName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tenant_name: ::std::option::Option<::std::string::String>,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Time of the last change, UTC.
        #[serde(rename = "timeModified")]
        pub time_modified: ::chrono::DateTime<::chrono::offset::Utc>,
    }
    /// A batch of requested samples and the job that creates them.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct SampleCreationBatch {
        /// Identifier of the batch; pass it as `batchId` to get the batch and its items.
        pub id: ::uuid::Uuid,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub job: ::std::option::Option<Job>,
        /// Identifier of the sequencing run that ICA links to all created samples and their data; may be absent or null.
        #[serde(
            rename = "sequencingRunId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub sequencing_run_id: ::std::option::Option<::uuid::Uuid>,
    }
    /// One page of the items of a batch of samples.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct SampleCreationBatchItemPagedList {
        /// The items on this page. An empty list alone does not mark the end.
        pub items: ::std::vec::Vec<SampleCreationBatchSampleItem>,
        /// Token of the next page; pass it as `pageToken`. Absent, null or empty marks the end. It is always empty with paging by offset. At most 2000 characters.
        #[serde(
            rename = "nextPageToken",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub next_page_token: ::std::option::Option<::std::string::String>,
        /// Approximate number of items after this page, with paging by cursor. Do not use it to detect the end.
        #[serde(
            rename = "remainingRecords",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub remaining_records: ::std::option::Option<i64>,
        /// Number of matching items on all pages, with paging by offset.
        #[serde(
            rename = "totalItemCount",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub total_item_count: ::std::option::Option<i64>,
    }
    /// State of the creation of one sample.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct SampleCreationBatchItemProcessing {
        /// Text that explains the state, above all the reason of a failure; may be absent or null.
        #[serde(
            rename = "additionalStatusInformation",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub additional_status_information: ::std::option::Option<::std::string::String>,
        /// State of the creation. `SUCCEEDED`, `PARTIALLY_SUCCEEDED`, `FAILED` and `STOPPED` are terminal states; `INITIALIZED`, `WAITING_RESOURCES` and `RUNNING` are not. `additionalStatusInformation` explains a failure. The job spells `WAITING_RESOURCES` differently: `WAITING_FOR_RESOURCES`.
        pub status: crate::types::SampleItemStatus,
    }
    /// Essential parts of the request for one sample, as ICA received it.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct SampleCreationBatchItemRequest {
        /// Whether ICA also completes the sample.
        #[serde(rename = "completeSample")]
        pub complete_sample: bool,
        #[serde(rename = "sampleToCreate")]
        pub sample_to_create: RequestedSample,
    }
    /// One sample that a batch requests: the request, the state of its creation and, once it exists, the sample.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct SampleCreationBatchSampleItem {
        #[serde(
            rename = "createdSample",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub created_sample: ::std::option::Option<Sample>,
        /// Identifier of the item within ICA; it is not the identifier of the sample.
        pub id: ::uuid::Uuid,
        pub processing: SampleCreationBatchItemProcessing,
        pub request: SampleCreationBatchItemRequest,
    }
    /// Tags on a sample, in four independent lists.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct SampleTag {
        /// Connector tags. ICA does not publish a rule for their use.
        #[serde(rename = "connectorTags")]
        pub connector_tags: ::std::vec::Vec<::std::string::String>,
        /// Run-in tags, which name runs with the sample as input. ICA does not publish a rule for their use.
        #[serde(rename = "runInTags")]
        pub run_in_tags: ::std::vec::Vec<::std::string::String>,
        /// Tags for programs.
        #[serde(rename = "technicalTags")]
        pub technical_tags: ::std::vec::Vec<::std::string::String>,
        /// Tags for people.
        #[serde(rename = "userTags")]
        pub user_tags: ::std::vec::Vec<::std::string::String>,
    }
    /// A sequencing run, one run of a sequencing instrument.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct SequencingRun {
        /// Identifier of the sequencing run.
        pub id: ::uuid::Uuid,
        /// Identifier that the instrument gave the run, at most 255 characters.
        #[serde(rename = "instrumentRunId")]
        pub instrument_run_id: ::std::string::String,
        /// Name of the sequencing run, at most 255 characters.
        pub name: ::std::string::String,
    }
    /// A storage bundle, an offer of storage in one region. A project takes its space from one.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct StorageBundle {
        /// Name of the offer, 1 to 255 characters.
        #[serde(rename = "bundleName")]
        pub bundle_name: ::std::string::String,
        /// Name of the entitlement that the storage bundle is part of, 1 to 255 characters.
        #[serde(rename = "entitlementName")]
        pub entitlement_name: ::std::string::String,
        /// Identifier of the storage bundle.
        pub id: ::uuid::Uuid,
        /// Identifier of the user who owns the storage bundle.
        #[serde(rename = "ownerId")]
        pub owner_id: ::uuid::Uuid,
        pub region: Region,
        /// Identifier of the tenant that the storage bundle belongs to.
        #[serde(rename = "tenantId")]
        pub tenant_id: ::uuid::Uuid,
        /// Name of that tenant; may be absent or null.
        #[serde(
            rename = "tenantName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tenant_name: ::std::option::Option<::std::string::String>,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Time of the last change, UTC.
        #[serde(rename = "timeModified")]
        pub time_modified: ::chrono::DateTime<::chrono::offset::Utc>,
    }
    /// A storage configuration: storage of the customer outside ICA that a project uses instead of storage of Illumina.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct StorageConfiguration {
        /// Text about the storage configuration, at most 1000 characters; may be absent or null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        /// Text about the problem when `status` is `ERROR`, at most 1000 characters; absent or null otherwise.
        #[serde(
            rename = "errorMessage",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub error_message: ::std::option::Option<::std::string::String>,
        /// Identifier of the storage configuration.
        pub id: ::uuid::Uuid,
        /// Whether new projects of the region use this storage by default.
        #[serde(rename = "isDefault")]
        pub is_default: bool,
        /// Name of the storage configuration.
        pub name: ::std::string::String,
        /// Identifier of the user who owns the storage configuration.
        #[serde(rename = "ownerId")]
        pub owner_id: ::uuid::Uuid,
        pub region: Region,
        /// State of the storage configuration: `INITIALIZING` during its setup, `OK` when it is usable, `ERROR` when it is not.
        pub status: crate::types::StorageConfigurationStatus,
        /// Identifier of the tenant that the storage configuration belongs to.
        #[serde(rename = "tenantId")]
        pub tenant_id: ::uuid::Uuid,
        /// Name of that tenant; may be absent or null.
        #[serde(
            rename = "tenantName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tenant_name: ::std::option::Option<::std::string::String>,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Time of the last change, UTC.
        #[serde(rename = "timeModified")]
        pub time_modified: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Kind of storage. The only one is a bucket in AWS S3.
        #[serde(rename = "type")]
        pub type_: crate::types::StorageConfigurationType,
    }
    /// A tenant by identifier and name. Version 4 uses it where version 3 has `tenantId` and `tenantName`.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct TenantIdentifier {
        /// Identifier of the tenant.
        pub id: ::uuid::Uuid,
        /// Name of the tenant, unique within ICA.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
    }
    /// A JWT, the bearer token of further calls.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct Token {
        /// The JWT. It is a secret: keep it out of logs. Its `exp` claim is the time at which it expires.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub token: ::std::option::Option<::std::string::String>,
    }
    /// A user of ICA. On a job, its owner.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct User {
        /// Whether the user may sign in.
        pub active: bool,
        /// First line of the postal address, at most 255 characters.
        #[serde(
            rename = "addressLine1",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub address_line1: ::std::option::Option<::std::string::String>,
        /// Second line of the postal address, at most 255 characters.
        #[serde(
            rename = "addressLine2",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub address_line2: ::std::option::Option<::std::string::String>,
        /// Third line of the postal address, at most 255 characters.
        #[serde(
            rename = "addressLine3",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub address_line3: ::std::option::Option<::std::string::String>,
        /// City of the postal address, at most 255 characters.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub city: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub country: ::std::option::Option<Country>,
        /// E-mail address, 1 to 255 characters.
        pub email: ::std::string::String,
        /// Whether the user has confirmed the e-mail address.
        #[serde(rename = "emailVerified")]
        pub email_verified: bool,
        /// Number of the fax, at most 255 characters.
        #[serde(
            rename = "faxNumber",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub fax_number: ::std::option::Option<::std::string::String>,
        /// Given name, at most 255 characters.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub firstname: ::std::option::Option<::std::string::String>,
        /// Form of address.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub greeting: ::std::option::Option<crate::types::UserGreeting>,
        /// Identifier of the user. It is not always a random UUID.
        pub id: ::uuid::Uuid,
        /// Position at work, at most 255 characters.
        #[serde(
            rename = "jobTitle",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub job_title: ::std::option::Option<::std::string::String>,
        /// Family name, at most 255 characters.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub lastname: ::std::option::Option<::std::string::String>,
        /// Number of the mobile phone, at most 255 characters.
        #[serde(
            rename = "mobilePhoneNumber",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub mobile_phone_number: ::std::option::Option<::std::string::String>,
        /// Identifier of the user who owns this entry.
        #[serde(rename = "ownerId")]
        pub owner_id: ::uuid::Uuid,
        /// Number of the telephone, at most 255 characters.
        #[serde(
            rename = "phoneNumber",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub phone_number: ::std::option::Option<::std::string::String>,
        /// Postal code, at most 255 characters.
        #[serde(
            rename = "postalCode",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub postal_code: ::std::option::Option<::std::string::String>,
        /// State or province of the postal address, at most 255 characters.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub state: ::std::option::Option<::std::string::String>,
        /// Whether the user administers the tenant.
        #[serde(rename = "tenantAdministrator")]
        pub tenant_administrator: bool,
        /// Identifier of the tenant that the user belongs to.
        #[serde(rename = "tenantId")]
        pub tenant_id: ::uuid::Uuid,
        /// Name of that tenant; may be absent or null.
        #[serde(
            rename = "tenantName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tenant_name: ::std::option::Option<::std::string::String>,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Time of the last change, UTC.
        #[serde(rename = "timeModified")]
        pub time_modified: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Whether the user signs in with a second factor.
        #[serde(rename = "twoFactorAuthentication")]
        pub two_factor_authentication: bool,
        /// Name with which the user signs in, 1 to 255 characters.
        pub username: ::std::string::String,
    }
    /// A user by identifier. Version 4 uses it where version 3 has `ownerId`.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct UserIdentifier {
        /// Identifier of the user. It is not always a random UUID.
        pub id: ::uuid::Uuid,
    }
    /// Tags on a workflow session, in two independent lists.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct WorkflowSessionTag {
        /// Tags for programs.
        #[serde(
            rename = "technicalTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub technical_tags: ::std::option::Option<
            ::std::vec::Vec<::std::option::Option<::std::string::String>>,
        >,
        /// Tags for people.
        #[serde(
            rename = "userTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub user_tags: ::std::option::Option<
            ::std::vec::Vec<::std::option::Option<::std::string::String>>,
        >,
    }
    /// A workflow session, one run of a workflow, in version 3. It may start several analyses. On an analysis it may be absent.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct WorkflowSessionV3 {
        /// Time at which the workflow session ended, UTC; absent or null before that.
        #[serde(
            rename = "endDate",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub end_date: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        /// Identifier of the workflow session.
        pub id: ::uuid::Uuid,
        /// Identifier of the user who owns the workflow session.
        #[serde(rename = "ownerId")]
        pub owner_id: ::uuid::Uuid,
        /// Time at which the workflow session began to run, UTC; absent or null before that.
        #[serde(
            rename = "startDate",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub start_date: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        /// Status of the workflow session. The terminal states are `SUCCEEDED`, `FAILED`, `FAILEDFINAL` and `ABORTED`. Version 4 spells `AWAITINGINPUT`, `INPROGRESS` and `FAILEDFINAL` with an underscore and has further statuses.
        pub status: crate::types::AnalysisStatusV3,
        /// Text by ICA about the whole workflow session; may be absent or null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub summary: ::std::option::Option<::std::string::String>,
        pub tags: WorkflowSessionTag,
        /// Identifier of the tenant that the workflow session belongs to.
        #[serde(rename = "tenantId")]
        pub tenant_id: ::uuid::Uuid,
        /// Name of that tenant; may be absent or null.
        #[serde(
            rename = "tenantName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tenant_name: ::std::option::Option<::std::string::String>,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Name for the workflow session from the user, 1 to 255 characters.
        #[serde(rename = "userReference")]
        pub user_reference: ::std::string::String,
        pub workflow: WorkflowV3,
    }
    /// A workflow session, one run of a workflow, in version 4. It may start several analyses. On an analysis it may be absent.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct WorkflowSessionV4 {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub application: ::std::option::Option<ApplicationV4>,
        /// Time at which the workflow session ended, UTC; absent or null before that.
        #[serde(
            rename = "endDate",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub end_date: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        /// Identifier of the workflow session.
        pub id: ::uuid::Uuid,
        pub owner: UserIdentifier,
        /// Time at which the workflow session began to run, UTC; absent or null before that.
        #[serde(
            rename = "startDate",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub start_date: ::std::option::Option<::chrono::DateTime<::chrono::offset::Utc>>,
        /// Status of the workflow session. The terminal states are `SUCCEEDED`, `FAILED`, `FAILED_FINAL` and `ABORTED`. It is a string, so ICA may add values.
        pub status: crate::types::AnalysisStatus,
        /// Text by ICA about the whole workflow session; may be absent or null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub summary: ::std::option::Option<::std::string::String>,
        pub tags: WorkflowSessionTag,
        pub tenant: TenantIdentifier,
        /// Time of creation, UTC.
        #[serde(rename = "timeCreated")]
        pub time_created: ::chrono::DateTime<::chrono::offset::Utc>,
        /// Name for the workflow session from the user, 1 to 255 characters.
        #[serde(rename = "userReference")]
        pub user_reference: ::std::string::String,
        pub workflow: WorkflowV4,
    }
    /// A workflow, the definition of a workflow session, in version 3.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct WorkflowV3 {
        #[serde(rename = "analysisStorage")]
        pub analysis_storage: AnalysisStorageV3,
        /// Short name of the workflow, 1 to 255 characters.
        pub code: ::std::string::String,
        /// Text about the workflow by its author, 1 to 4000 characters.
        pub description: ::std::string::String,
        /// Identifier of the workflow.
        pub id: ::uuid::Uuid,
        #[serde(
            rename = "languageVersion",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub language_version: ::std::option::Option<PipelineLanguageVersion>,
        /// URN of the workflow: `urn:ilmn:ica:`, the kind of object, its identifier and, after a `#`, a hint for people. The hint and the `#` may be missing. At most 2000 characters.
        pub urn: ::std::string::String,
        #[serde(
            rename = "workflowTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub workflow_tags: ::std::option::Option<PipelineTag>,
    }
    /// A workflow, the definition of a workflow session, in version 4.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub struct WorkflowV4 {
        #[serde(rename = "analysisStorage")]
        pub analysis_storage: AnalysisStorageV4,
        /// Short name of the workflow, 1 to 255 characters.
        pub code: ::std::string::String,
        /// Text about the workflow by its author, 1 to 4000 characters.
        pub description: ::std::string::String,
        /// Identifier of the workflow.
        pub id: ::uuid::Uuid,
        #[serde(
            rename = "languageVersion",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub language_version: ::std::option::Option<PipelineLanguageVersion>,
        /// URN of the workflow: `urn:ilmn:ica:`, the kind of object, its identifier and, after a `#`, a hint for people. The hint and the `#` may be missing. At most 2000 characters.
        pub urn: ::std::string::String,
        #[serde(
            rename = "workflowTags",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub workflow_tags: ::std::option::Option<PipelineTag>,
    }
    /// Error types.
    pub mod error {
        /// Error from a `TryFrom` or `FromStr` implementation.
        pub struct ConversionError(::std::borrow::Cow<'static, str>);
        impl ::std::error::Error for ConversionError {}
        impl ::std::fmt::Display for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }
        impl ::std::fmt::Debug for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }
        impl From<&'static str> for ConversionError {
            fn from(value: &'static str) -> Self {
                Self(value.into())
            }
        }
        impl From<String> for ConversionError {
            fn from(value: String) -> Self {
                Self(value.into())
            }
        }
    }
    /// Input of a CWL pipeline in one of two forms; `objectType` tells them apart. `STRUCTURED` has the fields of the input form. `JSON` has the input document of the pipeline.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, PartialEq)]
    #[serde(tag = "objectType")]
    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
    pub enum CwlAnalysisInput {
        /// Variant with the tag `JSON`.
        #[serde(rename = "JSON")]
        Json(CwlAnalysisJsonInput),
        /// Variant with the tag `STRUCTURED`.
        #[serde(rename = "STRUCTURED")]
        Structured(CwlAnalysisStructuredInput),
    }
    impl ::std::convert::From<CwlAnalysisJsonInput> for CwlAnalysisInput {
        fn from(value: CwlAnalysisJsonInput) -> Self {
            Self::Json(value)
        }
    }
    impl ::std::convert::From<CwlAnalysisStructuredInput> for CwlAnalysisInput {
        fn from(value: CwlAnalysisStructuredInput) -> Self {
            Self::Structured(value)
        }
    }
    impl ::std::fmt::Debug for AnalysisStepLogs {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            f.debug_struct("AnalysisStepLogs").finish_non_exhaustive()
        }
    }
    impl ::std::fmt::Debug for Token {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            f.debug_struct("Token").finish_non_exhaustive()
        }
    }
    #[allow(unused_imports)]
    pub use super::open_enums::*;
    #[allow(unused_imports)]
    pub use super::checked_texts::*;
}
#[derive(Clone, Debug)]
/** Client for Illumina Connected Analytics: creation batches, analyses, data and pipelines

 Eighteen operations of the REST API of Illumina Connected Analytics (ICA):

 - Four create analyses in batches and read such a batch, and four do the same for samples.
 - Five search, read and abort single analyses.
 - Three list what a request for an analysis can name: data, pipelines and storage sizes.
 - Two get the token for all others.

 The description contains every schema that these operations use, and nothing else.

 Paths are relative to the server. The public server is `ica.illumina.com` with the base path
 `/ica/rest`. Each operation has its own media types, `application/vnd.illumina.v3+json` or
 `application/vnd.illumina.v4+json`. `Accept` and `Content-Type` must name a version that the
 operation has. Errors are `application/problem+json`. ICA compresses its responses when the
 caller accepts `gzip`.

 Version: 3*/
pub struct Client {
    pub(crate) baseurl: String,
    pub(crate) client: reqwest::Client,
    pub(crate) inner: crate::CallContext,
}
impl Client {
    /// Create a new client.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new(baseurl: &str, inner: crate::CallContext) -> Self {
        #[cfg(not(target_arch = "wasm32"))]
        let client = {
            let dur = ::std::time::Duration::from_secs(15u64);
            reqwest::ClientBuilder::new().connect_timeout(dur).timeout(dur)
        };
        #[cfg(target_arch = "wasm32")]
        let client = reqwest::ClientBuilder::new();
        Self::new_with_client(baseurl, client.build().unwrap(), inner)
    }
    /// Construct a new client with an existing `reqwest::Client`,
    /// allowing more control over its configuration.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new_with_client(
        baseurl: &str,
        client: reqwest::Client,
        inner: crate::CallContext,
    ) -> Self {
        Self {
            baseurl: baseurl.to_string(),
            client,
            inner,
        }
    }
}
impl ClientInfo<crate::CallContext> for Client {
    fn api_version() -> &'static str {
        "3"
    }
    fn baseurl(&self) -> &str {
        self.baseurl.as_str()
    }
    fn client(&self) -> &reqwest::Client {
        &self.client
    }
    fn inner(&self) -> &crate::CallContext {
        &self.inner
    }
}
const _: () = {
    #[allow(dead_code)]
    fn assert_client_hooks()
    where
        Client: ClientHooks<crate::CallContext>,
    {}
};
#[allow(clippy::all)]
impl Client {
    #[doc = " Get one analysis\n\n Returns one run of a pipeline with its status, times and tags. It works for every analysis\n of the project, also for one that no batch created.\n\n To wait for the end of the run, poll until `status` is a terminal state: `SUCCEEDED`,\n `FAILED`, `ABORTED`, or `FAILED_FINAL` (`FAILEDFINAL` in version 3). Treat an unknown value\n as not terminal. ICA does not publish a poll interval.\n\n The response is in version 3 or version 4, as `Accept` asks. With `*/*` ICA chooses the\n version. ICA rejects any other version with status 400 and the title `ICA_API_004`.\n\n In version 4 the analysis has more statuses (`ABORTING`, `GENERATING_OUTPUTS`,\n `INITIALIZING`, `PREPARING_INPUTS`, `QUEUED`). Some statuses have an underscore\n (`IN_PROGRESS`, `AWAITING_INPUT`, `FAILED_FINAL`). Status and priority are strings, so ICA\n may add values. Owner and tenant are objects.\n\n Sends a `GET` request to `/api/projects/{projectId}/analyses/{analysisId}`\n\n Arguments:\n - `project_id`: Identifier of the project that owns the analysis.\n - `analysis_id`: Identifier of the analysis, such as the `id` of `createdAnalysis` on an item. It is not the `reference`. ICA declares it as text, and not as a UUID."]
    pub async fn get_analysis_v4<'a>(
        &'a self,
        project_id: &'a str,
        analysis_id: &'a str,
    ) -> Result<ResponseValue<types::AnalysisV4>, Error<types::Problem>> {
        let url = format!(
            "{}/api/projects/{}/analyses/{}", self.baseurl, encode_path(& project_id
            .to_string()), encode_path(& analysis_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_analysis_v4",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    #[doc = " Get one analysis\n\n Returns one run of a pipeline with its status, times and tags. It works for every analysis\n of the project, also for one that no batch created.\n\n To wait for the end of the run, poll until `status` is a terminal state: `SUCCEEDED`,\n `FAILED`, `ABORTED`, or `FAILED_FINAL` (`FAILEDFINAL` in version 3). Treat an unknown value\n as not terminal. ICA does not publish a poll interval.\n\n The response is in version 3 or version 4, as `Accept` asks. With `*/*` ICA chooses the\n version. ICA rejects any other version with status 400 and the title `ICA_API_004`.\n\n In version 4 the analysis has more statuses (`ABORTING`, `GENERATING_OUTPUTS`,\n `INITIALIZING`, `PREPARING_INPUTS`, `QUEUED`). Some statuses have an underscore\n (`IN_PROGRESS`, `AWAITING_INPUT`, `FAILED_FINAL`). Status and priority are strings, so ICA\n may add values. Owner and tenant are objects.\n\n Sends a `GET` request to `/api/projects/{projectId}/analyses/{analysisId}`\n\n Arguments:\n - `project_id`: Identifier of the project that owns the analysis.\n - `analysis_id`: Identifier of the analysis, such as the `id` of `createdAnalysis` on an item. It is not the `reference`. ICA declares it as text, and not as a UUID."]
    pub async fn get_analysis_v3<'a>(
        &'a self,
        project_id: &'a str,
        analysis_id: &'a str,
    ) -> Result<ResponseValue<types::AnalysisV3>, Error<types::Problem>> {
        let url = format!(
            "{}/./api/projects/{}/analyses/{}", self.baseurl, encode_path(& project_id
            .to_string()), encode_path(& analysis_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_analysis_v3",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /** Get the output files and folders of an analysis

 Returns one entry for each output of the pipeline, with its files and folders. A folder
 contains its own entries.

 The response is not paged, so it can be large. ICA lists at most 200 000 files of each
 output folder, and the response does not show that files were left out. It may name data
 that was deleted in the meantime: an operation that reads data does not find it any more.
 ICA does not say whether there is output before the analysis has ended.

 Sends a `GET` request to `/api/projects/{projectId}/analyses/{analysisId}/outputs`

 Arguments:
 - `project_id`: Identifier of the project that owns the analysis.
 - `analysis_id`: Identifier of the analysis, such as the `id` of `createdAnalysis` on an item. It is not the `reference`. ICA declares it as text, and not as a UUID.*/
    pub async fn get_analysis_outputs<'a>(
        &'a self,
        project_id: &'a str,
        analysis_id: &'a str,
    ) -> Result<ResponseValue<types::AnalysisOutputList>, Error<types::Problem>> {
        let url = format!(
            "{}/api/projects/{}/analyses/{}/outputs", self.baseurl, encode_path(&
            project_id.to_string()), encode_path(& analysis_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_analysis_outputs",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /** Get the steps of an analysis

 Returns one entry for each step of the run, with its state, times, exit code and logs. After a failure it shows which step failed. The response is not paged. Use `getAnalysis` to wait for the end of an analysis: ICA does not say when the list of steps is complete.

 Sends a `GET` request to `/api/projects/{projectId}/analyses/{analysisId}/steps`

 Arguments:
 - `project_id`: Identifier of the project that owns the analysis.
 - `analysis_id`: Identifier of the analysis, such as the `id` of `createdAnalysis` on an item. It is not the `reference`. ICA declares it as text, and not as a UUID.*/
    pub async fn get_analysis_steps<'a>(
        &'a self,
        project_id: &'a str,
        analysis_id: &'a str,
    ) -> Result<ResponseValue<types::AnalysisStepList>, Error<types::Problem>> {
        let url = format!(
            "{}/api/projects/{}/analyses/{}/steps", self.baseurl, encode_path(&
            project_id.to_string()), encode_path(& analysis_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_analysis_steps",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /** Request the abort of an analysis

 Asks ICA to abort the run of an analysis. The request has no body. ICA responds before the
 run has stopped, and the status of the analysis changes later. Poll `getAnalysis` until the
 status is a terminal state. That may be another one than `ABORTED`, because the run can end
 before the abort begins.

 The operation does not take an idempotency key. ICA does not publish what happens when the
 analysis has already ended, or when the request is sent twice.

 Sends a `POST` request to `/api/projects/{projectId}/analyses/{analysisId}:abort`

 Arguments:
 - `project_id`: Identifier of the project that owns the analysis.
 - `analysis_id`: Identifier of the analysis, such as the `id` of `createdAnalysis` on an item. It is not the `reference`. ICA declares it as text, and not as a UUID.*/
    pub async fn abort_analysis<'a>(
        &'a self,
        project_id: &'a str,
        analysis_id: &'a str,
    ) -> Result<ResponseValue<()>, Error<types::Problem>> {
        let url = format!(
            "{}/api/projects/{}/analyses/{}:abort", self.baseurl, encode_path(&
            project_id.to_string()), encode_path(& analysis_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "abort_analysis",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            204u16 => Ok(ResponseValue::empty(response)),
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /** Search the analyses of a project, page by page

 Returns the analyses of a project that match the filters in the body. The search changes
 nothing, although it is a `POST`.

 ICA does not publish how the filters work. Texts may match as a whole or in part, with or
 without regard to upper and lower case. Several tags may mean one of them or all. A new
 analysis may be found with a delay. So compare each result with the values that you search
 for. An empty result does not prove that an analysis does not exist.

 There are two ways of paging. With the cursor, the first call passes neither token nor
 offset, and every further call passes the `nextPageToken` of the page before. No row is
 missed or repeated. The end is reached when `nextPageToken` is absent, null or empty. A page
 without items that has a token is not the end.

 With offsets, `pageOffset` is the number of rows to skip. Only 200 000 rows can be reached,
 and rows may repeat or be missed between pages. Prefer the cursor. Only offsets can have
 another order of the rows, with `sort`.

 The items are in version 4, although the media type of the response is that of version 3.
 `Accept` must name version 3.

 Sends a `POST` request to `/api/projects/{projectId}/analysis:search`

 Arguments:
 - `project_id`: Identifier of the project that owns the analyses.
 - `page_offset`: Number of rows to skip, a whole number, for paging by offset. A multiple of `pageSize` is best. At most 200 000 rows can be reached this way, and rows may repeat or be missed between pages. Do not combine it with `pageToken`.
 - `page_size`: Largest number of rows on one page, a whole number, for both ways of paging. ICA does not publish an upper limit; 1000 is common.
 - `page_token`: The `nextPageToken` of the page before, for paging by cursor. Leave it out for the first page. Do not combine it with `pageOffset`.
 - `sort`: Order of the rows, only for paging by offset. It is a list of attributes with commas between them, for example `status, startDate desc`. The order is ascending, and descending for an attribute followed by a space and `desc`. The attributes are `reference`, `userReference`, `pipeline`, `status`, `startDate`, `endDate` and `summary`. ICA does not publish the order without it.
 - `body`: The filters. ICA publishes the body as optional. Send the same body with each page.*/
    pub async fn search_analyses<'a>(
        &'a self,
        project_id: &'a str,
        page_offset: Option<u64>,
        page_size: Option<::std::num::NonZeroU64>,
        page_token: Option<&'a str>,
        sort: Option<&'a str>,
        body: &'a types::AnalysisQueryParameters,
    ) -> Result<ResponseValue<types::AnalysisPagedListV4>, Error<types::Problem>> {
        let url = format!(
            "{}/api/projects/{}/analysis:search", self.baseurl, encode_path(& project_id
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .query(&progenitor_client::QueryParam::new("pageOffset", &page_offset))
            .query(&progenitor_client::QueryParam::new("pageSize", &page_size))
            .query(&progenitor_client::QueryParam::new("pageToken", &page_token))
            .query(&progenitor_client::QueryParam::new("sort", &sort))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "search_analyses",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /** Create a batch of analyses

 Requests the creation of analyses in one project. ICA responds when it has accepted the
 batch, before any analysis exists. A job then creates the analyses in the background, and
 each starts to run after its creation. Follow the job with `getAnalysisCreationBatch` and
 the single analyses with `getAnalysisCreationBatchItems`. ICA does not publish how many
 analyses one batch may contain.

 Send an `Idempotency-Key`. Without one, a retry after a lost response creates every analysis
 a second time. With one, ICA keeps each response below 400 for 7 days, per endpoint, key and
 user. During that time:

 - The same body gets the kept response, and nothing is executed.
 - The same body gets 409 while the first request is still in progress.
 - A different body gets 422.

 ICA does not keep a response of 400 or above, so the key remains usable. Here ICA departs
 from the IETF draft. ICA does not say how it compares bodies, so a retry should send exactly
 the same bytes.

 Sends a `POST` request to `/api/projects/{projectId}/analysisCreationBatch`

 Arguments:
 - `project_id`: Identifier of the project that owns the batch.
 - `idempotency_key`: Key, chosen by the caller, that makes it safe to retry this request. It has 1 to 255 characters. Use a new key for each batch, and the same key with the same bytes for each retry. After a success ICA remembers the key for 7 days.
 - `body`: The analyses to create, grouped by the kind of pipeline that they run.*/
    pub async fn create_analysis_creation_batch<'a>(
        &'a self,
        project_id: &'a str,
        idempotency_key: Option<&'a crate::types::IdempotencyKeyHeader>,
        body: &'a types::CreateAnalysisCreationBatch,
    ) -> Result<ResponseValue<types::AnalysisCreationBatch>, Error<types::Problem>> {
        let url = format!(
            "{}/api/projects/{}/analysisCreationBatch", self.baseurl, encode_path(&
            project_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = idempotency_key {
            header_map.append("Idempotency-Key", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_analysis_creation_batch",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            201u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /** Get one batch of analyses and the state of its job

 Returns how far ICA is with the creation of the analyses of a batch. It does not say how the analyses run: a job that is `SUCCEEDED` has created them, and they may run for hours after that. For the single analyses use `getAnalysisCreationBatchItems`.

 Sends a `GET` request to `/api/projects/{projectId}/analysisCreationBatch/{batchId}`

 Arguments:
 - `project_id`: Identifier of the project that owns the batch.
 - `batch_id`: Identifier of the batch, as `createAnalysisCreationBatch` returned it.*/
    pub async fn get_analysis_creation_batch<'a>(
        &'a self,
        project_id: &'a str,
        batch_id: &'a ::uuid::Uuid,
    ) -> Result<ResponseValue<types::AnalysisCreationBatch>, Error<types::Problem>> {
        let url = format!(
            "{}/api/projects/{}/analysisCreationBatch/{}", self.baseurl, encode_path(&
            project_id.to_string()), encode_path(& batch_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_analysis_creation_batch",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    #[doc = " List the items of a batch of analyses, page by page\n\n Returns one item for each analysis of the batch: the request, the state of its creation, and\n the analysis itself once it exists.\n\n There are two ways of paging. With the cursor, the first call passes neither token nor\n offset, and every further call passes the `nextPageToken` of the page before. No row is\n missed or repeated. The end is reached when `nextPageToken` is absent, null or empty. A page\n without items that has a token is not the end.\n\n With offsets, `pageOffset` is the number of rows to skip. Only 200 000 rows can be reached,\n and rows may repeat or be missed between pages. Prefer the cursor.\n\n The response is in version 3 or version 4, as `Accept` asks. With `*/*` ICA chooses the\n version. ICA rejects any other version with status 400 and the title `ICA_API_004`.\n\n The versions differ in `createdAnalysis` only. In version 4 the analysis has more statuses\n (`ABORTING`, `GENERATING_OUTPUTS`, `INITIALIZING`, `PREPARING_INPUTS`, `QUEUED`). Some\n statuses have an underscore (`IN_PROGRESS`, `AWAITING_INPUT`, `FAILED_FINAL`). Status and\n priority are strings, so ICA may add values. Owner and tenant are objects.\n\n Sends a `GET` request to `/api/projects/{projectId}/analysisCreationBatch/{batchId}/items`\n\n Arguments:\n - `project_id`: Identifier of the project that owns the batch.\n - `batch_id`: Identifier of the batch, as `createAnalysisCreationBatch` returned it.\n - `page_offset`: Number of rows to skip, a whole number, for paging by offset. A multiple of `pageSize` is best. At most 200 000 rows can be reached this way, and rows may repeat or be missed between pages. Do not combine it with `pageToken`.\n - `page_size`: Largest number of rows on one page, a whole number, for both ways of paging. ICA does not publish an upper limit; 1000 is common.\n - `page_token`: The `nextPageToken` of the page before, for paging by cursor. Leave it out for the first page. Do not combine it with `pageOffset`.\n - `status`: Keeps only items whose `processing.status` is among these values; repeat the parameter for several values. Absent keeps all items. The filter is about the creation of an analysis, not about its run."]
    pub async fn get_analysis_creation_batch_items_v4<'a>(
        &'a self,
        project_id: &'a str,
        batch_id: &'a ::uuid::Uuid,
        page_offset: Option<u64>,
        page_size: Option<::std::num::NonZeroU64>,
        page_token: Option<&'a str>,
        status: Option<&'a ::std::vec::Vec<crate::types::ItemStatus>>,
    ) -> Result<
        ResponseValue<types::AnalysisCreationBatchItemPagedListV4>,
        Error<types::Problem>,
    > {
        let url = format!(
            "{}/api/projects/{}/analysisCreationBatch/{}/items", self.baseurl,
            encode_path(& project_id.to_string()), encode_path(& batch_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("pageOffset", &page_offset))
            .query(&progenitor_client::QueryParam::new("pageSize", &page_size))
            .query(&progenitor_client::QueryParam::new("pageToken", &page_token))
            .query(&progenitor_client::QueryParam::new("status", &status))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_analysis_creation_batch_items_v4",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    #[doc = " List the items of a batch of analyses, page by page\n\n Returns one item for each analysis of the batch: the request, the state of its creation, and\n the analysis itself once it exists.\n\n There are two ways of paging. With the cursor, the first call passes neither token nor\n offset, and every further call passes the `nextPageToken` of the page before. No row is\n missed or repeated. The end is reached when `nextPageToken` is absent, null or empty. A page\n without items that has a token is not the end.\n\n With offsets, `pageOffset` is the number of rows to skip. Only 200 000 rows can be reached,\n and rows may repeat or be missed between pages. Prefer the cursor.\n\n The response is in version 3 or version 4, as `Accept` asks. With `*/*` ICA chooses the\n version. ICA rejects any other version with status 400 and the title `ICA_API_004`.\n\n The versions differ in `createdAnalysis` only. In version 4 the analysis has more statuses\n (`ABORTING`, `GENERATING_OUTPUTS`, `INITIALIZING`, `PREPARING_INPUTS`, `QUEUED`). Some\n statuses have an underscore (`IN_PROGRESS`, `AWAITING_INPUT`, `FAILED_FINAL`). Status and\n priority are strings, so ICA may add values. Owner and tenant are objects.\n\n Sends a `GET` request to `/api/projects/{projectId}/analysisCreationBatch/{batchId}/items`\n\n Arguments:\n - `project_id`: Identifier of the project that owns the batch.\n - `batch_id`: Identifier of the batch, as `createAnalysisCreationBatch` returned it.\n - `page_offset`: Number of rows to skip, a whole number, for paging by offset. A multiple of `pageSize` is best. At most 200 000 rows can be reached this way, and rows may repeat or be missed between pages. Do not combine it with `pageToken`.\n - `page_size`: Largest number of rows on one page, a whole number, for both ways of paging. ICA does not publish an upper limit; 1000 is common.\n - `page_token`: The `nextPageToken` of the page before, for paging by cursor. Leave it out for the first page. Do not combine it with `pageOffset`.\n - `status`: Keeps only items whose `processing.status` is among these values; repeat the parameter for several values. Absent keeps all items. The filter is about the creation of an analysis, not about its run."]
    pub async fn get_analysis_creation_batch_items_v3<'a>(
        &'a self,
        project_id: &'a str,
        batch_id: &'a ::uuid::Uuid,
        page_offset: Option<u64>,
        page_size: Option<::std::num::NonZeroU64>,
        page_token: Option<&'a str>,
        status: Option<&'a ::std::vec::Vec<crate::types::ItemStatus>>,
    ) -> Result<
        ResponseValue<types::AnalysisCreationBatchItemPagedListV3>,
        Error<types::Problem>,
    > {
        let url = format!(
            "{}/./api/projects/{}/analysisCreationBatch/{}/items", self.baseurl,
            encode_path(& project_id.to_string()), encode_path(& batch_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("pageOffset", &page_offset))
            .query(&progenitor_client::QueryParam::new("pageSize", &page_size))
            .query(&progenitor_client::QueryParam::new("pageToken", &page_token))
            .query(&progenitor_client::QueryParam::new("status", &status))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_analysis_creation_batch_items_v3",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    #[doc = " Get one item of a batch of analyses\n\n Returns the request, the state of its creation, and the analysis itself once it exists.\n\n The response is in version 3 or version 4, as `Accept` asks. With `*/*` ICA chooses the\n version. ICA rejects any other version with status 400 and the title `ICA_API_004`.\n\n The versions differ in `createdAnalysis` only. In version 4 the analysis has more statuses\n (`ABORTING`, `GENERATING_OUTPUTS`, `INITIALIZING`, `PREPARING_INPUTS`, `QUEUED`). Some\n statuses have an underscore (`IN_PROGRESS`, `AWAITING_INPUT`, `FAILED_FINAL`). Status and\n priority are strings, so ICA may add values. Owner and tenant are objects.\n\n Sends a `GET` request to `/api/projects/{projectId}/analysisCreationBatch/{batchId}/items/{itemId}`\n\n Arguments:\n - `project_id`: Identifier of the project that owns the batch.\n - `batch_id`: Identifier of the batch, as `createAnalysisCreationBatch` returned it.\n - `item_id`: Identifier of the item, as the list of items shows it."]
    pub async fn get_analysis_creation_batch_item_v4<'a>(
        &'a self,
        project_id: &'a str,
        batch_id: &'a ::uuid::Uuid,
        item_id: &'a ::uuid::Uuid,
    ) -> Result<
        ResponseValue<types::AnalysisCreationBatchItemV4>,
        Error<types::Problem>,
    > {
        let url = format!(
            "{}/api/projects/{}/analysisCreationBatch/{}/items/{}", self.baseurl,
            encode_path(& project_id.to_string()), encode_path(& batch_id.to_string()),
            encode_path(& item_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_analysis_creation_batch_item_v4",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    #[doc = " Get one item of a batch of analyses\n\n Returns the request, the state of its creation, and the analysis itself once it exists.\n\n The response is in version 3 or version 4, as `Accept` asks. With `*/*` ICA chooses the\n version. ICA rejects any other version with status 400 and the title `ICA_API_004`.\n\n The versions differ in `createdAnalysis` only. In version 4 the analysis has more statuses\n (`ABORTING`, `GENERATING_OUTPUTS`, `INITIALIZING`, `PREPARING_INPUTS`, `QUEUED`). Some\n statuses have an underscore (`IN_PROGRESS`, `AWAITING_INPUT`, `FAILED_FINAL`). Status and\n priority are strings, so ICA may add values. Owner and tenant are objects.\n\n Sends a `GET` request to `/api/projects/{projectId}/analysisCreationBatch/{batchId}/items/{itemId}`\n\n Arguments:\n - `project_id`: Identifier of the project that owns the batch.\n - `batch_id`: Identifier of the batch, as `createAnalysisCreationBatch` returned it.\n - `item_id`: Identifier of the item, as the list of items shows it."]
    pub async fn get_analysis_creation_batch_item_v3<'a>(
        &'a self,
        project_id: &'a str,
        batch_id: &'a ::uuid::Uuid,
        item_id: &'a ::uuid::Uuid,
    ) -> Result<
        ResponseValue<types::AnalysisCreationBatchItemV3>,
        Error<types::Problem>,
    > {
        let url = format!(
            "{}/./api/projects/{}/analysisCreationBatch/{}/items/{}", self.baseurl,
            encode_path(& project_id.to_string()), encode_path(& batch_id.to_string()),
            encode_path(& item_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_analysis_creation_batch_item_v3",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /** List the storage sizes for the analyses of a project

 Returns the storage sizes that a request for an analysis may name in `analysisStorageId`. The response is in version 4 only, and not paged.

 Sends a `GET` request to `/api/projects/{projectId}/analysisStorages`

 Arguments:
 - `project_id`: Identifier of the project in which the analyses are to run.*/
    pub async fn get_project_analysis_storage_options<'a>(
        &'a self,
        project_id: &'a str,
    ) -> Result<ResponseValue<types::AnalysisStorageListV4>, Error<types::Problem>> {
        let url = format!(
            "{}/api/projects/{}/analysisStorages", self.baseurl, encode_path(& project_id
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_project_analysis_storage_options",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /** List the files and folders of a project, page by page

 Returns the data of a project that matches the filters: its own data, and data that is
 linked from other projects. A filter that is absent keeps all data. ICA does not publish how
 it combines different filters.

 No filter finds exactly one path. By default `filePath` keeps all paths that begin with the
 text, and both of its modes ignore upper and lower case. To look up a path:

 - Set `filePathMatchMode` to `FULL_CASE_INSENSITIVE`.
 - Compare `path` in the response with the path again.
 - Check `owningProjectId`, because linked projects can contain the same path.
 - Check `status`, because only `AVAILABLE` data can be the input of an analysis.

 There are two ways of paging. With the cursor, the first call passes neither token nor
 offset, and every further call passes the `nextPageToken` of the page before. No row is
 missed or repeated. The end is reached when `nextPageToken` is absent, null or empty. A page
 without items that has a token is not the end.

 With offsets, `pageOffset` is the number of rows to skip. Only 200 000 rows can be reached,
 and rows may repeat or be missed between pages. Prefer the cursor. Only offsets can have
 another order of the rows, with `sort`.

 Sends a `GET` request to `/api/projects/{projectId}/data`

 Arguments:
 - `project_id`: Identifier of the project that contains the data.
 - `connector_tag`: Connector tags for the filter; repeat the parameter for several values. `connectorTagMatchMode` is the kind of match. ICA does not say whether several values mean one of them or all.
 - `connector_tag_match_mode`: Kind of match, here of `connectorTag`. By their names, `EXACT` keeps equal values, `FUZZY` keeps similar values too, and `EXCLUDE` drops the values. ICA publishes neither their exact meaning, nor the default, nor whether upper and lower case are equal. Compare the data in the response.
 - `creation_date_after`: Keeps only data that was created after this time. The time is in UTC with whole seconds, for example `2026-01-31T08:30:00Z`. ICA does not say whether the time itself is included.
 - `creation_date_before`: Keeps only data that was created before this time. The time is in UTC with whole seconds, for example `2026-01-31T08:30:00Z`. ICA does not say whether the time itself is included.
 - `file_path`: Paths of files or folders for the filter, from the root of the project; repeat the parameter for several values. `filePathMatchMode` is the kind of match; by default it is the beginning of the path.
 - `file_path_match_mode`: Kind of match of `filePath`. Both kinds ignore upper and lower case. `STARTS_WITH_CASE_INSENSITIVE`, the default of ICA, keeps paths that begin with the text: with the path of a folder it lists the whole tree of the folder. `/run1` also keeps `/run10/a.bam`. `FULL_CASE_INSENSITIVE` keeps paths that are equal as a whole, so `/run1/a.bam` also keeps `/Run1/A.bam`. No kind is exact: compare the paths in the response.
 - `filename`: Names of files or folders for the filter; repeat the parameter for several values. `filenameMatchMode` is the kind of match. For names with folders use `filePath`.
 - `filename_match_mode`: Kind of match, here of `filename`. By their names, `EXACT` keeps equal values, `FUZZY` keeps similar values too, and `EXCLUDE` drops the values. ICA publishes neither their exact meaning, nor the default, nor whether upper and lower case are equal. Compare the data in the response.
 - `format_code`: Keeps only data whose format has one of these codes, for example `VCF`; repeat the parameter for several values. ICA does not say whether upper and lower case are equal.
 - `format_id`: Keeps only data whose format has one of these identifiers; repeat the parameter for several values.
 - `full_text`: Text to search for in several fields of the data. ICA publishes neither the fields nor the kind of match, so it is not suited to look up one file.
 - `id`: Keeps only data with one of these identifiers; repeat the parameter for several values. The match is exact.
 - `instrument_run_id`: Keeps only data of sequencing runs with one of these `instrumentRunId`; repeat the parameter for several values.
 - `non_indexed_folders`: Filter for folders whose content ICA does not index. ICA does not publish which of `true` and `false` keeps what.
 - `not_in_run`: `true` keeps only data that no run uses. ICA publishes neither which runs count nor the meaning of `false`.
 - `not_linked_to_sample`: `true` keeps only files that are not linked to a sample, and no folders. ICA does not publish the meaning of `false`.
 - `owning_project_id`: Keeps only data that one of these projects owns, by their identifiers; repeat the parameter for several values. With `projectId` itself it leaves out the linked data.
 - `page_offset`: Number of rows to skip, a whole number, for paging by offset. A multiple of `pageSize` is best. At most 200 000 rows can be reached this way, and rows may repeat or be missed between pages. Do not combine it with `pageToken`.
 - `page_size`: Largest number of rows on one page, a whole number, for both ways of paging. ICA does not publish an upper limit; 1000 is common.
 - `page_token`: The `nextPageToken` of the page before, for paging by cursor. Leave it out for the first page. Do not combine it with `pageOffset`.
 - `parent_folder_id`: Keeps only the direct content of folders with one of these identifiers; repeat the parameter for several values. It does not keep the content of their subfolders.
 - `parent_folder_path`: Keeps only the direct content of the folder at this path, which begins and ends with `/`. It does not keep the content of subfolders. It does not work inside a folder that is linked from another project, while files that are linked one by one are kept.
 - `run_input_tag`: Run-in tags for the filter; repeat the parameter for several values. `runInputTagMatchMode` is the kind of match. ICA does not say whether several values mean one of them or all.
 - `run_input_tag_match_mode`: Kind of match, here of `runInputTag`. By their names, `EXACT` keeps equal values, `FUZZY` keeps similar values too, and `EXCLUDE` drops the values. ICA publishes neither their exact meaning, nor the default, nor whether upper and lower case are equal. Compare the data in the response.
 - `run_output_tag`: Run-out tags for the filter; repeat the parameter for several values. `runOutputTagMatchMode` is the kind of match. ICA does not say whether several values mean one of them or all.
 - `run_output_tag_match_mode`: Kind of match, here of `runOutputTag`. By their names, `EXACT` keeps equal values, `FUZZY` keeps similar values too, and `EXCLUDE` drops the values. ICA publishes neither their exact meaning, nor the default, nor whether upper and lower case are equal. Compare the data in the response.
 - `sort`: Order of the rows, only for paging by offset. It is a list of attributes with commas between them, for example `dataType, timeCreated desc`. The order is ascending, and descending for an attribute followed by a space and `desc`. The attributes are `timeCreated`, `timeModified`, `name`, `path`, `fileSizeInBytes`, `status`, `format`, `dataType`, `willBeArchivedAt` and `willBeDeletedAt`. ICA does not publish the order without it.
 - `status`: Keeps only data with one of these statuses; repeat the parameter for several values. Absent keeps all data. Only `AVAILABLE` data can be the input of an analysis.
 - `status_date_after`: Keeps only data whose status last changed after this time. The time is in UTC with whole seconds, for example `2026-01-31T08:30:00Z`. ICA does not say whether the time itself is included.
 - `status_date_before`: Keeps only data whose status last changed before this time. The time is in UTC with whole seconds, for example `2026-01-31T08:30:00Z`. ICA does not say whether the time itself is included.
 - `technical_tag`: Technical tags for the filter; repeat the parameter for several values. `technicalTagMatchMode` is the kind of match. ICA does not say whether several values mean one of them or all.
 - `technical_tag_match_mode`: Kind of match, here of `technicalTag`. By their names, `EXACT` keeps equal values, `FUZZY` keeps similar values too, and `EXCLUDE` drops the values. ICA publishes neither their exact meaning, nor the default, nor whether upper and lower case are equal. Compare the data in the response.
 - `type_`: Keeps only files, or only folders. Absent keeps both.
 - `user_tag`: User tags for the filter; repeat the parameter for several values. `userTagMatchMode` is the kind of match. ICA does not say whether several values mean one of them or all.
 - `user_tag_match_mode`: Kind of match, here of `userTag`. By their names, `EXACT` keeps equal values, `FUZZY` keeps similar values too, and `EXCLUDE` drops the values. ICA publishes neither their exact meaning, nor the default, nor whether upper and lower case are equal. Compare the data in the response.*/
    pub async fn get_project_data_list<'a>(
        &'a self,
        project_id: &'a str,
        connector_tag: Option<&'a ::std::vec::Vec<::std::string::String>>,
        connector_tag_match_mode: Option<types::MatchMode>,
        creation_date_after: Option<&'a ::chrono::DateTime<::chrono::offset::Utc>>,
        creation_date_before: Option<&'a ::chrono::DateTime<::chrono::offset::Utc>>,
        file_path: Option<&'a ::std::vec::Vec<::std::string::String>>,
        file_path_match_mode: Option<types::PathMatchMode>,
        filename: Option<&'a ::std::vec::Vec<::std::string::String>>,
        filename_match_mode: Option<types::MatchMode>,
        format_code: Option<&'a ::std::vec::Vec<::std::string::String>>,
        format_id: Option<&'a ::std::vec::Vec<::std::string::String>>,
        full_text: Option<&'a str>,
        id: Option<&'a ::std::vec::Vec<::std::string::String>>,
        instrument_run_id: Option<&'a ::std::vec::Vec<::std::string::String>>,
        non_indexed_folders: Option<bool>,
        not_in_run: Option<bool>,
        not_linked_to_sample: Option<bool>,
        owning_project_id: Option<&'a ::std::vec::Vec<::std::string::String>>,
        page_offset: Option<u64>,
        page_size: Option<::std::num::NonZeroU64>,
        page_token: Option<&'a str>,
        parent_folder_id: Option<&'a ::std::vec::Vec<::std::string::String>>,
        parent_folder_path: Option<&'a str>,
        run_input_tag: Option<&'a ::std::vec::Vec<::std::string::String>>,
        run_input_tag_match_mode: Option<types::MatchMode>,
        run_output_tag: Option<&'a ::std::vec::Vec<::std::string::String>>,
        run_output_tag_match_mode: Option<types::MatchMode>,
        sort: Option<&'a str>,
        status: Option<&'a ::std::vec::Vec<crate::types::DataStatus>>,
        status_date_after: Option<&'a ::chrono::DateTime<::chrono::offset::Utc>>,
        status_date_before: Option<&'a ::chrono::DateTime<::chrono::offset::Utc>>,
        technical_tag: Option<&'a ::std::vec::Vec<::std::string::String>>,
        technical_tag_match_mode: Option<types::MatchMode>,
        type_: Option<&'a crate::types::DataType>,
        user_tag: Option<&'a ::std::vec::Vec<::std::string::String>>,
        user_tag_match_mode: Option<types::MatchMode>,
    ) -> Result<ResponseValue<types::ProjectDataPagedList>, Error<types::Problem>> {
        let url = format!(
            "{}/api/projects/{}/data", self.baseurl, encode_path(& project_id
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("connectorTag", &connector_tag))
            .query(
                &progenitor_client::QueryParam::new(
                    "connectorTagMatchMode",
                    &connector_tag_match_mode,
                ),
            )
            .query(
                &progenitor_client::QueryParam::new(
                    "creationDateAfter",
                    &creation_date_after,
                ),
            )
            .query(
                &progenitor_client::QueryParam::new(
                    "creationDateBefore",
                    &creation_date_before,
                ),
            )
            .query(&progenitor_client::QueryParam::new("filePath", &file_path))
            .query(
                &progenitor_client::QueryParam::new(
                    "filePathMatchMode",
                    &file_path_match_mode,
                ),
            )
            .query(&progenitor_client::QueryParam::new("filename", &filename))
            .query(
                &progenitor_client::QueryParam::new(
                    "filenameMatchMode",
                    &filename_match_mode,
                ),
            )
            .query(&progenitor_client::QueryParam::new("formatCode", &format_code))
            .query(&progenitor_client::QueryParam::new("formatId", &format_id))
            .query(&progenitor_client::QueryParam::new("fullText", &full_text))
            .query(&progenitor_client::QueryParam::new("id", &id))
            .query(
                &progenitor_client::QueryParam::new(
                    "instrumentRunId",
                    &instrument_run_id,
                ),
            )
            .query(
                &progenitor_client::QueryParam::new(
                    "nonIndexedFolders",
                    &non_indexed_folders,
                ),
            )
            .query(&progenitor_client::QueryParam::new("notInRun", &not_in_run))
            .query(
                &progenitor_client::QueryParam::new(
                    "notLinkedToSample",
                    &not_linked_to_sample,
                ),
            )
            .query(
                &progenitor_client::QueryParam::new(
                    "owningProjectId",
                    &owning_project_id,
                ),
            )
            .query(&progenitor_client::QueryParam::new("pageOffset", &page_offset))
            .query(&progenitor_client::QueryParam::new("pageSize", &page_size))
            .query(&progenitor_client::QueryParam::new("pageToken", &page_token))
            .query(
                &progenitor_client::QueryParam::new("parentFolderId", &parent_folder_id),
            )
            .query(
                &progenitor_client::QueryParam::new(
                    "parentFolderPath",
                    &parent_folder_path,
                ),
            )
            .query(&progenitor_client::QueryParam::new("runInputTag", &run_input_tag))
            .query(
                &progenitor_client::QueryParam::new(
                    "runInputTagMatchMode",
                    &run_input_tag_match_mode,
                ),
            )
            .query(&progenitor_client::QueryParam::new("runOutputTag", &run_output_tag))
            .query(
                &progenitor_client::QueryParam::new(
                    "runOutputTagMatchMode",
                    &run_output_tag_match_mode,
                ),
            )
            .query(&progenitor_client::QueryParam::new("sort", &sort))
            .query(&progenitor_client::QueryParam::new("status", &status))
            .query(
                &progenitor_client::QueryParam::new(
                    "statusDateAfter",
                    &status_date_after,
                ),
            )
            .query(
                &progenitor_client::QueryParam::new(
                    "statusDateBefore",
                    &status_date_before,
                ),
            )
            .query(&progenitor_client::QueryParam::new("technicalTag", &technical_tag))
            .query(
                &progenitor_client::QueryParam::new(
                    "technicalTagMatchMode",
                    &technical_tag_match_mode,
                ),
            )
            .query(&progenitor_client::QueryParam::new("type", &type_))
            .query(&progenitor_client::QueryParam::new("userTag", &user_tag))
            .query(
                &progenitor_client::QueryParam::new(
                    "userTagMatchMode",
                    &user_tag_match_mode,
                ),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_project_data_list",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /** List the pipelines of a project

 Returns the pipelines that analyses of the project can run: its own pipelines, and those from bundles. The response is not paged and has no filter. ICA does not publish its order.

 Sends a `GET` request to `/api/projects/{projectId}/pipelines`

 Arguments:
 - `project_id`: Identifier of the project that has access to the pipelines.*/
    pub async fn get_project_pipelines<'a>(
        &'a self,
        project_id: &'a str,
    ) -> Result<ResponseValue<types::ProjectPipelineList>, Error<types::Problem>> {
        let url = format!(
            "{}/api/projects/{}/pipelines", self.baseurl, encode_path(& project_id
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_project_pipelines",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /** Create a batch of samples

 Requests the creation of samples in one project. ICA responds when it has accepted the
 batch, before any sample exists. A job then creates the samples in the background. Follow
 the job with `getSampleCreationBatch` and the single samples with
 `getSampleCreationBatchItems`. ICA does not publish how many samples one batch may contain.

 Send an `Idempotency-Key`. Without one, a retry after a lost response creates every sample a
 second time. With one, ICA keeps each response below 400 for 7 days, per endpoint, key and
 user. During that time:

 - The same body gets the kept response, and nothing is executed.
 - The same body gets 409 while the first request is still in progress.
 - A different body gets 422.

 ICA does not keep a response of 400 or above, so the key remains usable. Here ICA departs
 from the IETF draft. ICA does not say how it compares bodies, so a retry should send exactly
 the same bytes.

 Sends a `POST` request to `/api/projects/{projectId}/sampleCreationBatch`

 Arguments:
 - `project_id`: Identifier of the project that owns the batch.
 - `idempotency_key`: Key, chosen by the caller, that makes it safe to retry this request. It has 1 to 255 characters. Use a new key for each batch, and the same key with the same bytes for each retry. After a success ICA remembers the key for 7 days.
 - `body`: The samples to create.*/
    pub async fn create_sample_creation_batch<'a>(
        &'a self,
        project_id: &'a str,
        idempotency_key: Option<&'a crate::types::IdempotencyKeyHeader>,
        body: &'a types::CreateSampleCreationBatch,
    ) -> Result<ResponseValue<types::SampleCreationBatch>, Error<types::Problem>> {
        let url = format!(
            "{}/api/projects/{}/sampleCreationBatch", self.baseurl, encode_path(&
            project_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = idempotency_key {
            header_map.append("Idempotency-Key", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_sample_creation_batch",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            201u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /** Get one batch of samples and the state of its job

 Returns how far ICA is with the creation of the samples of a batch. For the single samples use `getSampleCreationBatchItems`.

 Sends a `GET` request to `/api/projects/{projectId}/sampleCreationBatch/{batchId}`

 Arguments:
 - `project_id`: Identifier of the project that owns the batch.
 - `batch_id`: Identifier of the batch, as `createSampleCreationBatch` returned it.*/
    pub async fn get_sample_creation_batch<'a>(
        &'a self,
        project_id: &'a str,
        batch_id: &'a ::uuid::Uuid,
    ) -> Result<ResponseValue<types::SampleCreationBatch>, Error<types::Problem>> {
        let url = format!(
            "{}/api/projects/{}/sampleCreationBatch/{}", self.baseurl, encode_path(&
            project_id.to_string()), encode_path(& batch_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_sample_creation_batch",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /** List the items of a batch of samples, page by page

 Returns one item for each sample of the batch: the request, the state of its creation, and
 the sample itself once it exists.

 There are two ways of paging. With the cursor, the first call passes neither token nor
 offset, and every further call passes the `nextPageToken` of the page before. No row is
 missed or repeated. The end is reached when `nextPageToken` is absent, null or empty. A page
 without items that has a token is not the end.

 With offsets, `pageOffset` is the number of rows to skip. Only 200 000 rows can be reached,
 and rows may repeat or be missed between pages. Prefer the cursor.

 Sends a `GET` request to `/api/projects/{projectId}/sampleCreationBatch/{batchId}/items`

 Arguments:
 - `project_id`: Identifier of the project that owns the batch.
 - `batch_id`: Identifier of the batch, as `createSampleCreationBatch` returned it.
 - `page_offset`: Number of rows to skip, a whole number, for paging by offset. A multiple of `pageSize` is best. At most 200 000 rows can be reached this way, and rows may repeat or be missed between pages. Do not combine it with `pageToken`.
 - `page_size`: Largest number of rows on one page, a whole number, for both ways of paging. ICA does not publish an upper limit; 1000 is common.
 - `page_token`: The `nextPageToken` of the page before, for paging by cursor. Leave it out for the first page. Do not combine it with `pageOffset`.
 - `status`: Keeps only items whose `processing.status` is among these values; repeat the parameter for several values. Absent keeps all items.*/
    pub async fn get_sample_creation_batch_items<'a>(
        &'a self,
        project_id: &'a str,
        batch_id: &'a ::uuid::Uuid,
        page_offset: Option<u64>,
        page_size: Option<::std::num::NonZeroU64>,
        page_token: Option<&'a str>,
        status: Option<&'a ::std::vec::Vec<crate::types::SampleItemStatus>>,
    ) -> Result<
        ResponseValue<types::SampleCreationBatchItemPagedList>,
        Error<types::Problem>,
    > {
        let url = format!(
            "{}/api/projects/{}/sampleCreationBatch/{}/items", self.baseurl,
            encode_path(& project_id.to_string()), encode_path(& batch_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("pageOffset", &page_offset))
            .query(&progenitor_client::QueryParam::new("pageSize", &page_size))
            .query(&progenitor_client::QueryParam::new("pageToken", &page_token))
            .query(&progenitor_client::QueryParam::new("status", &status))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_sample_creation_batch_items",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /** Get one item of a batch of samples

 Returns the request, the state of its creation, and the sample itself once it exists.

 Sends a `GET` request to `/api/projects/{projectId}/sampleCreationBatch/{batchId}/items/{itemId}`

 Arguments:
 - `project_id`: Identifier of the project that owns the batch.
 - `batch_id`: Identifier of the batch, as `createSampleCreationBatch` returned it.
 - `item_id`: Identifier of the item, as the list of items shows it.*/
    pub async fn get_sample_creation_batch_item<'a>(
        &'a self,
        project_id: &'a str,
        batch_id: &'a ::uuid::Uuid,
        item_id: &'a ::uuid::Uuid,
    ) -> Result<
        ResponseValue<types::SampleCreationBatchSampleItem>,
        Error<types::Problem>,
    > {
        let url = format!(
            "{}/api/projects/{}/sampleCreationBatch/{}/items/{}", self.baseurl,
            encode_path(& project_id.to_string()), encode_path(& batch_id.to_string()),
            encode_path(& item_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_sample_creation_batch_item",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /** Get a JWT for a credential

 Takes an API key, a user name with password, or a psToken, and returns a JWT to send as
 bearer token with further calls. Illumina prefers the JWT to an API key in each call. The
 request has no body. The administrator of the tenant sets the lifetime of a JWT. Its `exp`
 claim is the time at which it expires.

 A user name with password does not work for accounts that sign in through single sign-on.

 Sends a `POST` request to `/api/tokens`

 Arguments:
 - `tenant`: Name of the tenant that the JWT is for. Users with more than one tenant need it when they sign in with user name and password.*/
    pub async fn create_jwt_token<'a>(
        &'a self,
        tenant: Option<&'a str>,
    ) -> Result<ResponseValue<types::Token>, Error<types::Problem>> {
        let url = format!("{}/api/tokens", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("tenant", &tenant))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_jwt_token",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /** Refresh a JWT that has not expired

 Returns a new JWT for one that has not expired. The request has no body. A JWT from an API key cannot be refreshed: get a new one with `createJwtToken`.

 Sends a `POST` request to `/api/tokens:refresh`*/
    pub async fn refresh_jwt_token<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::Token>, Error<types::Problem>> {
        let url = format!("{}/api/tokens:refresh", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "refresh_jwt_token",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /** List the items of a batch of analyses, page by page

 One page of items without the details of their analyses. Every version of the operation has it.

 Sends a `GET` request to `/api/projects/{projectId}/analysisCreationBatch/{batchId}/items`

 Arguments:
 - `project_id`: Identifier of the project that owns the batch.
 - `batch_id`: Identifier of the batch, as `createAnalysisCreationBatch` returned it.
 - `page_offset`: Number of rows to skip, a whole number, for paging by offset. A multiple of `pageSize` is best. At most 200 000 rows can be reached this way, and rows may repeat or be missed between pages. Do not combine it with `pageToken`.
 - `page_size`: Largest number of rows on one page, a whole number, for both ways of paging. ICA does not publish an upper limit; 1000 is common.
 - `page_token`: The `nextPageToken` of the page before, for paging by cursor. Leave it out for the first page. Do not combine it with `pageOffset`.
 - `status`: Keeps only items whose `processing.status` is among these values; repeat the parameter for several values. Absent keeps all items. The filter is about the creation of an analysis, not about its run.*/
    pub async fn get_analysis_creation_batch_items_summary<'a>(
        &'a self,
        project_id: &'a str,
        batch_id: &'a ::uuid::Uuid,
        page_offset: Option<u64>,
        page_size: Option<::std::num::NonZeroU64>,
        page_token: Option<&'a str>,
        status: Option<&'a ::std::vec::Vec<crate::types::ItemStatus>>,
    ) -> Result<
        ResponseValue<types::AnalysisCreationBatchItemSummaryPagedList>,
        Error<types::Problem>,
    > {
        let url = format!(
            "{}/././api/projects/{}/analysisCreationBatch/{}/items", self.baseurl,
            encode_path(& project_id.to_string()), encode_path(& batch_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("pageOffset", &page_offset))
            .query(&progenitor_client::QueryParam::new("pageSize", &page_size))
            .query(&progenitor_client::QueryParam::new("pageToken", &page_token))
            .query(&progenitor_client::QueryParam::new("status", &status))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_analysis_creation_batch_items_summary",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => crate::decode(self.context(), response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(crate::decode(self.context(), response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
}
/// Items consumers will typically use such as the Client.
pub mod prelude {
    #[allow(unused_imports)]
    pub use super::Client;
}
/// Every operation of the client, with the method, path and headers of its requests.
pub const OPERATIONS: &[crate::Operation] = &[
    crate::Operation {
        id: "get_analysis_v4",
        method: "GET",
        path: "/api/projects/{projectId}/analyses/{analysisId}",
        accepts: &[
            crate::Accept {
                version: Some(4u8),
                header: "application/vnd.illumina.v4+json, application/problem+json",
            },
        ],
        content_type: None,
        published_id: "getAnalysis",
        versions: &[3u8, 4u8],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "get_analysis_v3",
        method: "GET",
        path: "/api/projects/{projectId}/analyses/{analysisId}",
        accepts: &[
            crate::Accept {
                version: Some(3u8),
                header: "application/vnd.illumina.v3+json, application/problem+json",
            },
        ],
        content_type: None,
        published_id: "getAnalysis",
        versions: &[3u8, 4u8],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "get_analysis_outputs",
        method: "GET",
        path: "/api/projects/{projectId}/analyses/{analysisId}/outputs",
        accepts: &[
            crate::Accept {
                version: Some(3u8),
                header: "application/vnd.illumina.v3+json, application/problem+json",
            },
        ],
        content_type: None,
        published_id: "getAnalysisOutputs",
        versions: &[3u8],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "get_analysis_steps",
        method: "GET",
        path: "/api/projects/{projectId}/analyses/{analysisId}/steps",
        accepts: &[
            crate::Accept {
                version: Some(3u8),
                header: "application/vnd.illumina.v3+json, application/problem+json",
            },
        ],
        content_type: None,
        published_id: "getAnalysisSteps",
        versions: &[3u8],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "abort_analysis",
        method: "POST",
        path: "/api/projects/{projectId}/analyses/{analysisId}:abort",
        accepts: &[
            crate::Accept {
                version: None,
                header: "*/*",
            },
        ],
        content_type: None,
        published_id: "abortAnalysis",
        versions: &[],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "search_analyses",
        method: "POST",
        path: "/api/projects/{projectId}/analysis:search",
        accepts: &[
            crate::Accept {
                version: Some(3u8),
                header: "application/vnd.illumina.v3+json, application/problem+json",
            },
        ],
        content_type: Some("application/vnd.illumina.v3+json"),
        published_id: "searchAnalyses",
        versions: &[3u8],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "create_analysis_creation_batch",
        method: "POST",
        path: "/api/projects/{projectId}/analysisCreationBatch",
        accepts: &[
            crate::Accept {
                version: Some(3u8),
                header: "application/vnd.illumina.v3+json, application/problem+json",
            },
        ],
        content_type: Some("application/vnd.illumina.v3+json"),
        published_id: "createAnalysisCreationBatch",
        versions: &[3u8],
        has_idempotency_key: true,
    },
    crate::Operation {
        id: "get_analysis_creation_batch",
        method: "GET",
        path: "/api/projects/{projectId}/analysisCreationBatch/{batchId}",
        accepts: &[
            crate::Accept {
                version: Some(3u8),
                header: "application/vnd.illumina.v3+json, application/problem+json",
            },
        ],
        content_type: None,
        published_id: "getAnalysisCreationBatch",
        versions: &[3u8],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "get_analysis_creation_batch_items_v4",
        method: "GET",
        path: "/api/projects/{projectId}/analysisCreationBatch/{batchId}/items",
        accepts: &[
            crate::Accept {
                version: Some(4u8),
                header: "application/vnd.illumina.v4+json, application/problem+json",
            },
        ],
        content_type: None,
        published_id: "getAnalysisCreationBatchItems",
        versions: &[3u8, 4u8],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "get_analysis_creation_batch_items_v3",
        method: "GET",
        path: "/api/projects/{projectId}/analysisCreationBatch/{batchId}/items",
        accepts: &[
            crate::Accept {
                version: Some(3u8),
                header: "application/vnd.illumina.v3+json, application/problem+json",
            },
        ],
        content_type: None,
        published_id: "getAnalysisCreationBatchItems",
        versions: &[3u8, 4u8],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "get_analysis_creation_batch_item_v4",
        method: "GET",
        path: "/api/projects/{projectId}/analysisCreationBatch/{batchId}/items/{itemId}",
        accepts: &[
            crate::Accept {
                version: Some(4u8),
                header: "application/vnd.illumina.v4+json, application/problem+json",
            },
        ],
        content_type: None,
        published_id: "getAnalysisCreationBatchItem",
        versions: &[3u8, 4u8],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "get_analysis_creation_batch_item_v3",
        method: "GET",
        path: "/api/projects/{projectId}/analysisCreationBatch/{batchId}/items/{itemId}",
        accepts: &[
            crate::Accept {
                version: Some(3u8),
                header: "application/vnd.illumina.v3+json, application/problem+json",
            },
        ],
        content_type: None,
        published_id: "getAnalysisCreationBatchItem",
        versions: &[3u8, 4u8],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "get_project_analysis_storage_options",
        method: "GET",
        path: "/api/projects/{projectId}/analysisStorages",
        accepts: &[
            crate::Accept {
                version: Some(4u8),
                header: "application/vnd.illumina.v4+json, application/problem+json",
            },
        ],
        content_type: None,
        published_id: "getProjectAnalysisStorageOptions",
        versions: &[4u8],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "get_project_data_list",
        method: "GET",
        path: "/api/projects/{projectId}/data",
        accepts: &[
            crate::Accept {
                version: Some(3u8),
                header: "application/vnd.illumina.v3+json, application/problem+json",
            },
        ],
        content_type: None,
        published_id: "getProjectDataList",
        versions: &[3u8],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "get_project_pipelines",
        method: "GET",
        path: "/api/projects/{projectId}/pipelines",
        accepts: &[
            crate::Accept {
                version: Some(3u8),
                header: "application/vnd.illumina.v3+json, application/problem+json",
            },
        ],
        content_type: None,
        published_id: "getProjectPipelines",
        versions: &[3u8],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "create_sample_creation_batch",
        method: "POST",
        path: "/api/projects/{projectId}/sampleCreationBatch",
        accepts: &[
            crate::Accept {
                version: Some(3u8),
                header: "application/vnd.illumina.v3+json, application/problem+json",
            },
        ],
        content_type: Some("application/vnd.illumina.v3+json"),
        published_id: "createSampleCreationBatch",
        versions: &[3u8],
        has_idempotency_key: true,
    },
    crate::Operation {
        id: "get_sample_creation_batch",
        method: "GET",
        path: "/api/projects/{projectId}/sampleCreationBatch/{batchId}",
        accepts: &[
            crate::Accept {
                version: Some(3u8),
                header: "application/vnd.illumina.v3+json, application/problem+json",
            },
        ],
        content_type: None,
        published_id: "getSampleCreationBatch",
        versions: &[3u8],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "get_sample_creation_batch_items",
        method: "GET",
        path: "/api/projects/{projectId}/sampleCreationBatch/{batchId}/items",
        accepts: &[
            crate::Accept {
                version: Some(3u8),
                header: "application/vnd.illumina.v3+json, application/problem+json",
            },
        ],
        content_type: None,
        published_id: "getSampleCreationBatchItems",
        versions: &[3u8],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "get_sample_creation_batch_item",
        method: "GET",
        path: "/api/projects/{projectId}/sampleCreationBatch/{batchId}/items/{itemId}",
        accepts: &[
            crate::Accept {
                version: Some(3u8),
                header: "application/vnd.illumina.v3+json, application/problem+json",
            },
        ],
        content_type: None,
        published_id: "getSampleCreationBatchItem",
        versions: &[3u8],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "create_jwt_token",
        method: "POST",
        path: "/api/tokens",
        accepts: &[
            crate::Accept {
                version: Some(3u8),
                header: "application/vnd.illumina.v3+json, application/problem+json",
            },
        ],
        content_type: None,
        published_id: "createJwtToken",
        versions: &[3u8],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "refresh_jwt_token",
        method: "POST",
        path: "/api/tokens:refresh",
        accepts: &[
            crate::Accept {
                version: Some(3u8),
                header: "application/vnd.illumina.v3+json, application/problem+json",
            },
        ],
        content_type: None,
        published_id: "refreshJwtToken",
        versions: &[3u8],
        has_idempotency_key: false,
    },
    crate::Operation {
        id: "get_analysis_creation_batch_items_summary",
        method: "GET",
        path: "/api/projects/{projectId}/analysisCreationBatch/{batchId}/items",
        accepts: &[
            crate::Accept {
                version: Some(4u8),
                header: "application/vnd.illumina.v4+json, application/problem+json",
            },
            crate::Accept {
                version: Some(3u8),
                header: "application/vnd.illumina.v3+json, application/problem+json",
            },
        ],
        content_type: None,
        published_id: "getAnalysisCreationBatchItems",
        versions: &[3u8, 4u8],
        has_idempotency_key: false,
    },
];

/// Sets of values in responses. Each keeps a value that this release does not name.
pub mod open_enums {
    crate::open_enum! {
        /// Priority of the analysis within its tenant: `LOW`, `MEDIUM` or `HIGH`; may be absent or null.
        pub enum AnalysisPriority {
            Low = "LOW",
            Medium = "MEDIUM",
            High = "HIGH",
        }
    }

    crate::open_enum! {
        /// Status of an analysis, in the spelling of the newest version whatever version was read.
        pub enum AnalysisStatus {
            Requested = "REQUESTED",
            Queued = "QUEUED",
            Initializing = "INITIALIZING",
            PreparingInputs = "PREPARING_INPUTS",
            InProgress = "IN_PROGRESS" | "INPROGRESS",
            GeneratingOutputs = "GENERATING_OUTPUTS",
            AwaitingInput = "AWAITING_INPUT" | "AWAITINGINPUT",
            Aborting = "ABORTING",
            Succeeded = "SUCCEEDED",
            Failed = "FAILED",
            FailedFinal = "FAILED_FINAL" | "FAILEDFINAL",
            Aborted = "ABORTED",
        }
    }

    crate::open_enum! {
        /// Status of the run, not of the creation. The terminal states are `SUCCEEDED`, `FAILED`, `FAILEDFINAL` and `ABORTED`. Version 4 spells `AWAITINGINPUT`, `INPROGRESS` and `FAILEDFINAL` with an underscore and has further statuses.
        pub enum AnalysisStatusV3 {
            Requested = "REQUESTED",
            AwaitingInput = "AWAITINGINPUT",
            InProgress = "INPROGRESS",
            Succeeded = "SUCCEEDED",
            Failed = "FAILED",
            FailedFinal = "FAILEDFINAL",
            Aborted = "ABORTED",
        }
    }

    crate::open_enum! {
        /// State of the step. By their names, `DONE`, `FAILED`, `INTERRUPTED` and `ABORTED` are terminal states; `WAITING` and `RUNNING` are not. ICA publishes the values without their meaning, so use the status of the analysis to wait for its end.
        pub enum AnalysisStepStatus {
            Failed = "FAILED",
            Done = "DONE",
            Running = "RUNNING",
            Interrupted = "INTERRUPTED",
            Aborted = "ABORTED",
            Waiting = "WAITING",
        }
    }

    crate::open_enum! {
        /// Kind of application. ICA publishes the values without their meaning.
        pub enum ApplicationType {
            Main = "MAIN",
            Websolution = "WEBSOLUTION",
            External = "EXTERNAL",
        }
    }

    crate::open_enum! {
        /// State of the bundle: `DRAFT` before its release, `RELEASED` after it, `DEPRECATED` when it should no longer be used.
        pub enum BundleStatus {
            Draft = "DRAFT",
            Released = "RELEASED",
            Deprecated = "DEPRECATED",
        }
    }

    crate::open_enum! {
        /// State of the data. Only `AVAILABLE` data can be the input of an analysis. By their names, `PARTIAL` is before the end of the upload, `ARCHIVED` needs `UNARCHIVING` first, and `DELETING` is about to be deleted. ICA publishes the values without their meaning.
        pub enum DataStatus {
            Partial = "PARTIAL",
            Available = "AVAILABLE",
            Archiving = "ARCHIVING",
            Archived = "ARCHIVED",
            Unarchiving = "UNARCHIVING",
            Deleting = "DELETING",
        }
    }

    crate::open_enum! {
        /// Whether the data is a file or a folder.
        pub enum DataType {
            File = "FILE",
            Folder = "FOLDER",
        }
    }

    crate::open_enum! {
        /// State of the creation. `SUCCEEDED` and `FAILED` are terminal states; `RUNNING` and `WAITING_RESOURCES` are not. `SUCCEEDED` means that the analysis was created, not that its run has ended: `createdAnalysis` has the status of the run. `additionalStatusInformation` explains a failure. The job spells `WAITING_RESOURCES` differently: `WAITING_FOR_RESOURCES`.
        pub enum ItemStatus {
            Running = "RUNNING",
            WaitingResources = "WAITING_RESOURCES",
            Succeeded = "SUCCEEDED",
            Failed = "FAILED",
        }
    }

    crate::open_enum! {
        /// State of the job. `SUCCEEDED`, `PARTIALLY_SUCCEEDED`, `FAILED` and `STOPPED` are terminal states; `INITIALIZED`, `WAITING_FOR_RESOURCES` and `RUNNING` are not. `SUCCEEDED` means that everything in the batch was created; an analysis may still run. After `PARTIALLY_SUCCEEDED` look for the items that failed. An item spells `WAITING_FOR_RESOURCES` differently: `WAITING_RESOURCES`.
        pub enum JobStatus {
            Initialized = "INITIALIZED",
            WaitingForResources = "WAITING_FOR_RESOURCES",
            Running = "RUNNING",
            Stopped = "STOPPED",
            Succeeded = "SUCCEEDED",
            PartiallySucceeded = "PARTIALLY_SUCCEEDED",
            Failed = "FAILED",
        }
    }

    crate::open_enum! {
        /// Type of the values: `TEXT`, `NUMERIC`, `BOOLEAN`, `DATE`, or `GROUP` for a field that contains further fields.
        pub enum MetadataFieldType {
            Text = "TEXT",
            Numeric = "NUMERIC",
            Boolean = "BOOLEAN",
            Date = "DATE",
            Group = "GROUP",
        }
    }

    crate::open_enum! {
        /// State of the metadata model: `DRAFT` before its publication, `PUBLISHED` after it.
        pub enum MetadataModelState {
            Draft = "DRAFT",
            Published = "PUBLISHED",
        }
    }

    crate::open_enum! {
        /// Format of the input form. It determines the kind of request that runs the pipeline.
        pub enum PipelineInputFormType {
            Xml = "XML",
            Json = "JSON",
        }
    }

    crate::open_enum! {
        /// Language of the pipeline.
        pub enum PipelineLanguage {
            Cwl = "CWL",
            Nextflow = "NEXTFLOW",
            Unknown = "UNKNOWN",
        }
    }

    crate::open_enum! {
        /// State of the pipeline: `DRAFT` before its release, `RELEASED` after it; may be absent or null.
        pub enum PipelineStatus {
            Draft = "DRAFT",
            Released = "RELEASED",
        }
    }

    crate::open_enum! {
        /// Payer of the costs of the project: the project itself or its tenant.
        pub enum ProjectBillingMode {
            Project = "PROJECT",
            Tenant = "TENANT",
        }
    }

    crate::open_enum! {
        /// State of the creation. `SUCCEEDED`, `PARTIALLY_SUCCEEDED`, `FAILED` and `STOPPED` are terminal states; `INITIALIZED`, `WAITING_RESOURCES` and `RUNNING` are not. `additionalStatusInformation` explains a failure. The job spells `WAITING_RESOURCES` differently: `WAITING_FOR_RESOURCES`.
        pub enum SampleItemStatus {
            Initialized = "INITIALIZED",
            WaitingResources = "WAITING_RESOURCES",
            Running = "RUNNING",
            Succeeded = "SUCCEEDED",
            PartiallySucceeded = "PARTIALLY_SUCCEEDED",
            Failed = "FAILED",
            Stopped = "STOPPED",
        }
    }

    crate::open_enum! {
        /// State of the sample: `AVAILABLE`, `PARTIAL` or `DELETED`. ICA does not publish their exact meaning. The state of the creation is in `processing` of the item.
        pub enum SampleStatus {
            Deleted = "DELETED",
            Available = "AVAILABLE",
            Partial = "PARTIAL",
        }
    }

    crate::open_enum! {
        /// State of the storage configuration: `INITIALIZING` during its setup, `OK` when it is usable, `ERROR` when it is not.
        pub enum StorageConfigurationStatus {
            Initializing = "INITIALIZING",
            Ok = "OK",
            Error = "ERROR",
        }
    }

    crate::open_enum! {
        /// Kind of storage. The only one is a bucket in AWS S3.
        pub enum StorageConfigurationType {
            AwsS3 = "AWS_S3",
        }
    }

    crate::open_enum! {
        /// Form of address.
        pub enum UserGreeting {
            Mr = "MR",
            Mrs = "MRS",
            Ms = "MS",
            Miss = "MISS",
            Dr = "DR",
            Hr = "HR",
            Sr = "SR",
        }
    }
}

/// Text in requests that ICA limits in length or characters, one type per kind.
pub mod checked_texts {
    crate::checked_text! {
        /// Key, chosen by the caller, that makes it safe to retry this request. It has 1 to 255 characters. Use a new key for each batch, and the same key with the same bytes for each retry. After a success ICA remembers the key for 7 days.
        pub struct IdempotencyKeyHeader {
            subject: "Idempotency-Key header",
            min: 0,
            max: Some(255),
            pattern: None,
            words: None,
        }
    }

    crate::checked_text! {
        /// Path of the folder for the logs; it begins with `/`. ICA may replace files in that folder. Use this or `logsFolderId`.
        pub struct LogsFolderPath {
            subject: "logs folder path",
            min: 0,
            max: None,
            pattern: Some("^/([^/]+/?)*"),
            words: Some(crate::PatternWords { others: None, otherwise: "it does not begin with '/'", advice: "begin with '/'" }),
        }
    }

    crate::checked_text! {
        /// Text about the sample, 1 to 255 characters; may be absent or null.
        pub struct SampleDescription {
            subject: "sample description",
            min: 1,
            max: Some(255),
            pattern: None,
            words: None,
        }
    }

    crate::checked_text! {
        /// Name of the sample, 1 to 255 characters.
        pub struct SampleName {
            subject: "sample name",
            min: 1,
            max: Some(255),
            pattern: None,
            words: None,
        }
    }

    crate::checked_text! {
        /// Name for the analysis, 1 to 255 characters: ASCII letters, digits, spaces, `_` and `-`, in parts with a single `/` between them. It may begin with `/` but not end with `/`. ICA returns it on the item and the analysis. Use it to match them to samples.
        pub struct UserReference {
            subject: "user reference",
            min: 1,
            max: Some(255),
            pattern: Some("^[a-zA-Z0-9 _-]*(/[a-zA-Z0-9 _-]+)*$"),
            words: Some(crate::PatternWords { others: Some(" _-/"), otherwise: "it ends with '/' or contains '//'", advice: "use ASCII letters, digits, spaces, '_' and '-', with a single '/' between two parts" }),
        }
    }
}
