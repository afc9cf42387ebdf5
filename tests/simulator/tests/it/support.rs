//! An HTTP client of one simulator.

use ica_simulator::{Family, Operation, SeedOptions, Simulator, SimulatorBuilder};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};
use serde_json::{Value, json};

pub(crate) const V3: &str = "application/vnd.illumina.v3+json";
pub(crate) const V4: &str = "application/vnd.illumina.v4+json";

/// A simulator and its client. Most methods send the API key.
pub(crate) struct Api {
    pub(crate) simulator: Simulator,
    http: Client,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn title(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text()
        );
        self.json()["title"].as_str().unwrap().to_owned()
    }

    /// Returns the status and the ICA error code of a problem.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status, self.title())
    }
}

impl Api {
    pub(crate) fn start() -> Self {
        Self::with(Simulator::builder())
    }

    pub(crate) fn with(builder: SimulatorBuilder) -> Self {
        let simulator = builder.start().unwrap();
        simulator.clock().freeze();
        // Built with the whole workspace, reqwest has rustls without a provider. Another test may
        // have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .no_gzip()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { simulator, http }
    }

    /// Sends a request with only these headers.
    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Result<Reply, reqwest::Error> {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.simulator.base_url()));
        for (name, value) in headers {
            request = request.header(
                name.parse::<HeaderName>().unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        let response = request.body(body.into()).send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Reply {
            status,
            headers,
            body: response.bytes().await?.to_vec(),
        })
    }

    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        self.try_send(method, path, headers, body).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str, accept: &str) -> Reply {
        self.send(
            Method::GET,
            path,
            &[("x-api-key", self.simulator.api_key()), ("accept", accept)],
            "",
        )
        .await
    }

    pub(crate) fn batches_path(&self) -> String {
        self.batches_path_of(Family::Analysis)
    }

    pub(crate) fn batches_path_of(&self, family: Family) -> String {
        let path = Operation::CreateBatch(family).path();
        path.replace("{projectId}", self.simulator.project_id())
    }

    pub(crate) async fn try_create(&self, key: Option<&str>, body: &Value) -> Result<Reply, reqwest::Error> {
        self.try_create_in(Family::Analysis, key, body).await
    }

    pub(crate) async fn try_create_in(
        &self,
        family: Family,
        key: Option<&str>,
        body: &Value,
    ) -> Result<Reply, reqwest::Error> {
        let mut headers = vec![
            ("x-api-key", self.simulator.api_key()),
            ("accept", V3),
            ("content-type", V3),
        ];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        self.try_send(Method::POST, &self.batches_path_of(family), &headers, body.to_string())
            .await
    }

    pub(crate) async fn create(&self, key: Option<&str>, body: &Value) -> Reply {
        self.try_create(key, body).await.unwrap()
    }

    pub(crate) async fn create_in(&self, family: Family, key: Option<&str>, body: &Value) -> Reply {
        self.try_create_in(family, key, body).await.unwrap()
    }

    /// Searches the analyses of the project.
    pub(crate) async fn search(&self, query: &str, body: &Value) -> Reply {
        let path = Operation::SearchAnalyses.path();
        let path = path.replace("{projectId}", self.simulator.project_id()) + query;
        let headers = [
            ("x-api-key", self.simulator.api_key()),
            ("accept", V3),
            ("content-type", V3),
        ];
        self.send(Method::POST, &path, &headers, &body.to_string()).await
    }

    pub(crate) async fn mint(&self) -> Reply {
        let headers = [("x-api-key", self.simulator.api_key()), ("accept", V3)];
        self.send(Method::POST, "/api/tokens", &headers, "").await
    }

    /// Seeds a batch of analyses and returns the path of its items.
    pub(crate) fn seeded_items(&self, number: usize) -> String {
        self.seeded_items_of(Family::Analysis, number)
    }

    /// Seeds a batch of a family and returns the path of its items.
    pub(crate) fn seeded_items_of(&self, family: Family, number: usize) -> String {
        let project = self.simulator.project_id();
        let options = SeedOptions::default().family(family);
        let batch = self.simulator.seed_batch(project, number, options);
        format!("{}/{batch}/items", self.batches_path_of(family))
    }
}

/// Returns a create of analyses with these user references.
pub(crate) fn body(user_references: &[&str]) -> Value {
    let analysis = |reference: &&str| {
        json!({
            "userReference": reference,
            "pipelineId": "0e2b1a5e-7f43-4b53-9f05-6f4a3a3c1f2d",
            "tags": { "technicalTags": ["t"], "userTags": null },
            "analysisInput": { "inputs": [{ "parameterCode": "fastqs", "dataIds": ["fil.1"] }] },
        })
    };
    json!({ "nextflowItems": user_references.iter().map(analysis).collect::<Vec<_>>() })
}

/// Returns a create of samples with these names.
pub(crate) fn samples(names: &[&str]) -> Value {
    let sample = |name: &&str| {
        json!({
            "sampleToCreate": { "name": name, "tags": { "userTags": ["t", null], "runInTags": null } },
            "dataToLink": [{ "dataId": "fil.1" }, null],
            "completeSample": true,
        })
    };
    json!({ "items": names.iter().map(sample).collect::<Vec<_>>() })
}
