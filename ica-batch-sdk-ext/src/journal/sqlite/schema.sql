-- Times are milliseconds since 1970-01-01 UTC; digests are SHA-256.

CREATE TABLE journal (
    only        INTEGER PRIMARY KEY CHECK (only = 1),
    id          TEXT NOT NULL,              -- random; the lock file has it, too
    counter     INTEGER NOT NULL,           -- number of transactions
    checksum    INTEGER NOT NULL            -- of all rows of submission
) STRICT;

CREATE TABLE submission (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    endpoint    TEXT NOT NULL,              -- base URL of the API
    project     TEXT NOT NULL,
    name        TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('planning', 'planned', 'deleting')),
    created_at  INTEGER NOT NULL,
    marked      INTEGER NOT NULL,           -- 1: each analysis has the marks of its submission and chunk as tags
    keys        INTEGER NOT NULL,           -- version of the derivation of keys
    manifest_digest TEXT,                   -- digest of the source of its rows, as the caller gave it
    checksum    INTEGER NOT NULL,           -- of all its rows of chunk and analysis
    UNIQUE (endpoint, project, name)
) STRICT;

-- Rows that one request creates. The parts of a split chunk are chunks of their own.
CREATE TABLE chunk (
    id          INTEGER PRIMARY KEY,
    submission  INTEGER NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
    label       TEXT NOT NULL,              -- '7', or '7.0.1' after two splits
    first       INTEGER NOT NULL,           -- position of its first row
    count       INTEGER NOT NULL CHECK (count > 0),
    state       TEXT NOT NULL CHECK (state IN ('planned', 'sent', 'created', 'rejected', 'split')),
    sent_at     INTEGER,                    -- since when it may have been executed without a known response
    sent_until  INTEGER,                    -- until when a request of it may have been sent
    identity    TEXT,                       -- user whose credential sent it
    batch       TEXT CHECK (batch IS NOT NULL OR adopted = 1 OR state <> 'created'),
    adopted     INTEGER NOT NULL DEFAULT 0, -- 1: its analyses were found in ICA by their marks
    listed      INTEGER NOT NULL DEFAULT 0, -- 1: the items of its rows are recorded and final
    answered_at INTEGER,
    status      INTEGER,                    -- HTTP status of the rejection
    problem     TEXT,                       -- problem that ICA reported, as JSON
    key         TEXT NOT NULL,
    digest      TEXT NOT NULL,              -- of its body, in hexadecimal digits
    UNIQUE (submission, label)
) STRICT;

CREATE INDEX chunk_place ON chunk (submission, first);
CREATE INDEX chunk_open ON chunk (submission, id) WHERE state IN ('planned', 'sent');
CREATE INDEX chunk_unlisted ON chunk (submission, first) WHERE state = 'created' AND listed = 0;
CREATE INDEX chunk_batch ON chunk (batch) WHERE batch IS NOT NULL;

-- Exact bytes of the request of a chunk. Those of created chunks can be deleted.
CREATE TABLE body (
    chunk       INTEGER PRIMARY KEY REFERENCES chunk (id) ON DELETE CASCADE,
    bytes       BLOB NOT NULL
) STRICT;

CREATE TABLE analysis (
    submission     INTEGER NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
    position       INTEGER NOT NULL,        -- from 0, in the order of the manifest
    kind           TEXT NOT NULL CHECK (kind IN ('cwl', 'nextflow', 'nextflow_json')),
    user_reference TEXT NOT NULL,
    digest         BLOB NOT NULL,           -- of kind, a zero byte and the JSON
    replaced       INTEGER NOT NULL DEFAULT 0,  -- 1: rejected, and a corrected row was accepted
    attempt        INTEGER NOT NULL DEFAULT 0,  -- number of earlier attempts to run it
    item           TEXT,
    analysis       TEXT,
    creation       TEXT,                    -- status of the item when it was listed last
    run            TEXT,                    -- status of the analysis when it was read last
    PRIMARY KEY (submission, position)
) STRICT, WITHOUT ROWID;

-- Why ICA could not create the analyses of rows that it accepted. Nothing of it is sent, so no checksum
-- has it.
CREATE TABLE creation_failure (
    submission  INTEGER NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
    position    INTEGER NOT NULL,           -- that of the row
    message     TEXT NOT NULL,              -- of ICA, cleaned and cut
    PRIMARY KEY (submission, position)
) STRICT, WITHOUT ROWID;

-- Numbers of the analyses of a submission by status over time, for charts. Nothing of it is sent, so no
-- checksum has it.
CREATE TABLE history (
    submission  INTEGER NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
    at          INTEGER NOT NULL,
    status      TEXT NOT NULL,              -- 'pending', 'rejected', 'accepted', 'not_created', or that of runs
    count       INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (submission, at, status)
) STRICT, WITHOUT ROWID;

-- A row for each analysis, with its outcome. For other programs; this crate does not use it.
CREATE VIEW outcome AS
SELECT submission.endpoint, submission.project, submission.name AS submission,
       analysis.position, analysis.user_reference, analysis.kind,
       chunk.state, chunk.label AS chunk, chunk.key, chunk.batch,
       analysis.item, analysis.analysis, analysis.creation, analysis.run, analysis.attempt,
       chunk.status, chunk.problem,
       CASE WHEN analysis.creation = 'FAILED' THEN (
           SELECT message FROM creation_failure AS failure
           WHERE failure.submission = submission.id AND failure.position = analysis.position) END AS message
-- SQLite keeps this order of CROSS JOINs, so each table is searched by its index.
FROM submission CROSS JOIN chunk CROSS JOIN analysis
WHERE submission.state = 'planned'
  AND chunk.submission = submission.id AND chunk.state <> 'split'
  AND analysis.submission = submission.id AND analysis.replaced = 0
  AND analysis.position >= chunk.first AND analysis.position < chunk.first + chunk.count;
