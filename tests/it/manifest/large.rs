//! Manifests that are longer than memory should be.

use std::io::{self, Read};

use ica_batch_sdk_ext::{ManifestFile, ManifestFormat};

/// A reader that makes rows.
struct Rows {
    made: u64,
    count: u64,
    left: Vec<u8>,
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.left.is_empty() && self.made < self.count {
            self.left = format!("s-{:07},Germline,/run/{:07}.bam\n", self.made, self.made).into_bytes();
            self.made += 1;
        }
        let length = self.left.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.left[..length]);
        self.left.drain(..length);
        Ok(length)
    }
}

#[test]
fn each_row_of_a_long_reader_is_returned_in_order() {
    let rows = Rows {
        made: 0,
        count: 100_000,
        left: b"user_reference,pipeline,input.reads\n".to_vec(),
    };
    let manifest = ManifestFile::from_reader("generated", ManifestFormat::Csv, rows).unwrap();
    let mut count = 0;
    for row in manifest.rows() {
        let row = row.unwrap();
        assert_eq!(row.line(), Some(count + 2));
        assert_eq!(row.user_reference, format!("s-{count:07}"));
        count += 1;
    }
    assert_eq!(count, 100_000);
}
