//! Generates the client from the OpenAPI description when the feature `regenerate` is on.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "regenerate")]
    if let Err(error) = regenerate::run() {
        println!("cargo::error={error}");
    }
}

#[cfg(feature = "regenerate")]
mod regenerate {
    use std::error::Error;
    use std::path::PathBuf;
    use std::{env, fs};

    /// Path of another description than that of the repository.
    const SPEC: &str = "ICA_BATCH_SPEC";

    pub(crate) fn run() -> Result<(), Box<dyn Error>> {
        println!("cargo::rerun-if-env-changed={SPEC}");
        let spec = match env::var_os(SPEC) {
            Some(path) => PathBuf::from(path),
            None => PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../openapi/ica-batch.yaml"),
        };
        println!("cargo::rerun-if-changed={}", spec.display());
        let text = fs::read_to_string(&spec).map_err(|error| {
            format!(
                "could not read the OpenAPI description {}: {error}; \
                 name one in {SPEC}, or turn off the feature `regenerate` to use the client in the crate",
                spec.display()
            )
        })?;
        let generated = xtask::generate(&text)?;
        for skipped in &generated.skipped {
            println!(
                "cargo::warning={} is not in the client: {}",
                skipped.operation_id, skipped.reason
            );
        }
        for remark in &generated.remarks {
            println!("cargo::warning={remark}");
        }
        let out = PathBuf::from(env::var("OUT_DIR")?).join("generated.rs");
        fs::write(out, generated.source)?;
        Ok(())
    }
}
