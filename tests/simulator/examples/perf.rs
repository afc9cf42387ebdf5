use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;
fn main() {
    let sim = ica_simulator::Simulator::builder().record(false).start().unwrap();
    let t = Instant::now();
    let batch = sim.seed_batch(sim.project_id(), 20_000, ica_simulator::SeedOptions::default());
    println!("seed {:?}", t.elapsed());
    for gzip in ["identity", "gzip"] {
        for v in [3, 4] {
            let t = Instant::now();
            let mut bytes = 0;
            for page in 0..20 {
                let mut c = TcpStream::connect(sim.address()).unwrap();
                write!(c, "GET /ica/rest/api/projects/{}/analysisCreationBatch/{batch}/items?pageSize=1000&pageOffset={} HTTP/1.1\r\nHost: x\r\nX-API-Key: {}\r\nAccept: application/vnd.illumina.v{v}+json\r\nAccept-Encoding: {gzip}\r\nConnection: close\r\n\r\n", sim.project_id(), page * 1000, sim.api_key()).unwrap();
                let mut out = Vec::new();
                c.read_to_end(&mut out).unwrap();
                bytes += out.len();
            }
            println!("v{v} {gzip} {bytes} bytes {:?}", t.elapsed());
        }
    }
}
