//! The keywords of OpenAPI 3.0.
//!
//! The parser passes over a key that it does not know. A typing error such as `requred` would
//! change the client in silence, so each unknown key is reported with its place.

use super::keywords::Object::{
    Any, Components, Content, Discriminator, Document, Header, Headers, Info, MediaType, Operation, Parameter,
    Parameters, PathItem, Paths, Properties, RequestBodies, RequestBody, Response, Responses, Schema, Schemas,
    SecurityScheme, SecuritySchemes,
};

/// Greatest number of edits from a keyword to a typing error of it.
const MAX_EDITS: usize = 2;

/// Kind of a node, which decides about its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Object {
    /// Data, prose, or a part that the generator does not read. Every key is allowed.
    Any,
    Components,
    Content,
    Discriminator,
    Document,
    Header,
    Headers,
    Info,
    MediaType,
    Operation,
    Parameter,
    Parameters,
    PathItem,
    Paths,
    Properties,
    RequestBodies,
    RequestBody,
    Response,
    Responses,
    Schema,
    Schemas,
    SecurityScheme,
    SecuritySchemes,
}

/// Keywords with a kind of their own, and those with `Any` below them.
type Keywords = (&'static [(&'static str, Object)], &'static [&'static str]);

const DOCUMENT: Keywords = (
    &[("components", Components), ("info", Info), ("paths", Paths)],
    &["externalDocs", "openapi", "security", "servers", "tags"],
);
const INFO: Keywords = (
    &[],
    &[
        "contact",
        "description",
        "license",
        "termsOfService",
        "title",
        "version",
    ],
);
const PATH_ITEM: Keywords = (
    &[
        ("delete", Operation),
        ("get", Operation),
        ("head", Operation),
        ("options", Operation),
        ("parameters", Parameter),
        ("patch", Operation),
        ("post", Operation),
        ("put", Operation),
        ("trace", Operation),
    ],
    &["$ref", "description", "servers", "summary"],
);
const OPERATION: Keywords = (
    &[
        ("parameters", Parameter),
        ("requestBody", RequestBody),
        ("responses", Responses),
    ],
    &[
        "callbacks",
        "deprecated",
        "description",
        "externalDocs",
        "operationId",
        "security",
        "servers",
        "summary",
        "tags",
    ],
);
const PARAMETER: Keywords = (
    &[("content", Content), ("schema", Schema)],
    &[
        "$ref",
        "allowEmptyValue",
        "allowReserved",
        "deprecated",
        "description",
        "example",
        "examples",
        "explode",
        "in",
        "name",
        "required",
        "style",
    ],
);
const HEADER: Keywords = (
    &[("content", Content), ("schema", Schema)],
    &[
        "$ref",
        "allowEmptyValue",
        "allowReserved",
        "deprecated",
        "description",
        "example",
        "examples",
        "explode",
        "required",
        "style",
    ],
);
const REQUEST_BODY: Keywords = (&[("content", Content)], &["$ref", "description", "required"]);
const MEDIA_TYPE: Keywords = (&[("schema", Schema)], &["encoding", "example", "examples"]);
const RESPONSE: Keywords = (
    &[("content", Content), ("headers", Headers)],
    &["$ref", "description", "links"],
);
const COMPONENTS: Keywords = (
    &[
        ("headers", Headers),
        ("parameters", Parameters),
        ("requestBodies", RequestBodies),
        ("responses", Responses),
        ("schemas", Schemas),
        ("securitySchemes", SecuritySchemes),
    ],
    &["callbacks", "examples", "links"],
);
const SECURITY_SCHEME: Keywords = (
    &[],
    &[
        "$ref",
        "bearerFormat",
        "description",
        "flows",
        "in",
        "name",
        "openIdConnectUrl",
        "scheme",
        "type",
    ],
);
const DISCRIMINATOR: Keywords = (&[], &["mapping", "propertyName"]);
const SCHEMA: Keywords = (
    &[
        ("additionalProperties", Schema),
        ("allOf", Schema),
        ("anyOf", Schema),
        ("discriminator", Discriminator),
        ("items", Schema),
        ("not", Schema),
        ("oneOf", Schema),
        ("properties", Properties),
    ],
    &[
        "$ref",
        "default",
        "deprecated",
        "description",
        "enum",
        "example",
        "examples",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "externalDocs",
        "format",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "nullable",
        "pattern",
        "readOnly",
        "required",
        "title",
        "type",
        "uniqueItems",
        "writeOnly",
        "xml",
    ],
);

impl Object {
    /// Returns the kind of the node with this key, or `None` for an unknown keyword. The elements of
    /// a list have the kind of the list.
    pub(super) fn child(self, key: &str) -> Option<Object> {
        // A property may have any name, also one like that of an extension.
        if key.starts_with("x-") && self != Properties {
            return Some(Any);
        }
        let (inner, others) = match self.named() {
            Named::Keywords(keywords) => keywords,
            Named::Map(values) => return Some(values),
        };
        let inner = inner.iter().find(|(name, _)| *name == key).map(|(_, kind)| *kind);
        inner.or_else(|| others.contains(&key).then_some(Any))
    }

    /// Returns the keyword that was probably meant.
    pub(super) fn similar(self, key: &str) -> Option<&'static str> {
        let Named::Keywords((inner, others)) = self.named() else {
            return None;
        };
        let all = inner.iter().map(|(name, _)| *name).chain(others.iter().copied());
        let edits = |name: &str| strsim::damerau_levenshtein(&name.to_lowercase(), &key.to_lowercase());
        all.map(|name| (edits(name), name))
            .filter(|(edits, name)| *edits <= MAX_EDITS && *edits < name.len())
            .min()
            .map(|(_, name)| name)
    }

    fn named(self) -> Named {
        match self {
            Any => Named::Map(Any),
            Components => Named::Keywords(COMPONENTS),
            Content => Named::Map(MediaType),
            Discriminator => Named::Keywords(DISCRIMINATOR),
            Document => Named::Keywords(DOCUMENT),
            Header => Named::Keywords(HEADER),
            Headers => Named::Map(Header),
            Info => Named::Keywords(INFO),
            MediaType => Named::Keywords(MEDIA_TYPE),
            Operation => Named::Keywords(OPERATION),
            Parameter => Named::Keywords(PARAMETER),
            Parameters => Named::Map(Parameter),
            PathItem => Named::Keywords(PATH_ITEM),
            Paths => Named::Map(PathItem),
            Properties | Schemas => Named::Map(Schema),
            RequestBodies => Named::Map(RequestBody),
            RequestBody => Named::Keywords(REQUEST_BODY),
            Response => Named::Keywords(RESPONSE),
            Responses => Named::Map(Response),
            Schema => Named::Keywords(SCHEMA),
            SecurityScheme => Named::Keywords(SECURITY_SCHEME),
            SecuritySchemes => Named::Map(SecurityScheme),
        }
    }
}

enum Named {
    Keywords(Keywords),
    /// Every key is a name, and has a value of this kind.
    Map(Object),
}

#[cfg(test)]
mod tests {
    use super::Object::{Any, Document, MediaType, Operation, Paths, Properties, Schema};

    #[test]
    fn a_key_leads_to_the_kind_of_its_node() {
        let kinds = [
            "paths",
            "/a",
            "get",
            "responses",
            "200",
            "content",
            "application/json",
            "schema",
            "items",
        ];
        let last = kinds.iter().try_fold(Document, |kind, key| kind.child(key));
        assert_eq!(last, Some(Schema));
        assert_eq!(Properties.child("x-anything"), Some(Schema));
        assert_eq!(Schema.child("x-anything"), Some(Any));
        assert_eq!(Paths.child("x-anything"), Some(Any));
        assert_eq!(Any.child("anything"), Some(Any));
    }

    #[test]
    fn an_unknown_keyword_has_the_one_that_was_meant() {
        assert_eq!(Schema.child("requred"), None);
        assert_eq!(Schema.similar("requred"), Some("required"));
        assert_eq!(Schema.similar("Enum"), Some("enum"));
        assert_eq!(Schema.similar("contentMediaType"), None);
        assert_eq!(Operation.similar("operationID"), Some("operationId"));
        assert_eq!(MediaType.similar("shcema"), Some("schema"));
    }
}
