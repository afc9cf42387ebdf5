-- Times are milliseconds since 1970-01-01 UTC; digests are SHA-256.

CREATE TABLE submission (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    endpoint    TEXT NOT NULL,              -- base URL of the API
    project     TEXT NOT NULL,
    name        TEXT NOT NULL,
    state       TEXT NOT NULL DEFAULT 'planning' CHECK (state IN ('planning', 'planned')),
    planner     TEXT,                       -- the sender that reads the manifest, while planning
    created_at  INTEGER NOT NULL,
    UNIQUE (endpoint, project, name)
) STRICT;

-- What one create sends. A chunk that is split goes on as its parts, each a chunk of its own.
CREATE TABLE chunk (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    submission  INTEGER NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
    label       TEXT NOT NULL,              -- '7', or '7.0.1' for a part of it
    first       INTEGER NOT NULL,           -- position of its first analysis
    count       INTEGER NOT NULL CHECK (count > 0),
    state       TEXT NOT NULL DEFAULT 'planned'
                CHECK (state IN ('planned', 'sent', 'created', 'rejected', 'split')),
    sent_at     INTEGER,                    -- since when there may be an answer that is not known
    sender      TEXT,                       -- who sends it now
    claim       INTEGER NOT NULL DEFAULT 0, -- which of its claims that is
    batch       TEXT CHECK (batch IS NOT NULL OR state <> 'created'),
    answered_at INTEGER,
    status      INTEGER,                    -- HTTP status of the rejection
    problem     TEXT,                       -- what ICA said of it, as JSON
    key         TEXT NOT NULL,
    digest      TEXT NOT NULL,              -- of body, in hex
    body        BLOB NOT NULL,              -- the exact bytes
    UNIQUE (submission, label)
) STRICT;

CREATE INDEX chunk_place ON chunk (submission, first);
CREATE INDEX chunk_open ON chunk (submission, id) WHERE state IN ('planned', 'sent');

CREATE TABLE analysis (
    submission     INTEGER NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
    position       INTEGER NOT NULL,        -- in the manifest, from 0
    kind           TEXT NOT NULL CHECK (kind IN ('cwl', 'nextflow', 'nextflow_json')),
    user_reference TEXT NOT NULL,
    digest         BLOB NOT NULL,           -- of kind, a zero byte, and the analysis's JSON
    replaced       INTEGER NOT NULL DEFAULT 0,  -- 1: rejected, and corrected by a later position
    item           TEXT,
    analysis       TEXT,
    creation       TEXT,                    -- the item's processing status when it was last looked up
    PRIMARY KEY (submission, position)
) STRICT, WITHOUT ROWID;

-- A process that sends or plans. What it has claimed lapses with it.
CREATE TABLE sender (
    id          TEXT PRIMARY KEY,
    process     INTEGER NOT NULL,
    alive_until INTEGER NOT NULL,
    lease       INTEGER NOT NULL            -- milliseconds
) STRICT, WITHOUT ROWID;

-- One row for each analysis: what became of it.
CREATE VIEW outcome AS
SELECT submission.endpoint, submission.project, submission.name AS submission,
       analysis.position, analysis.user_reference, analysis.kind,
       chunk.state, chunk.label AS chunk, chunk.key, chunk.batch,
       analysis.item, analysis.analysis, analysis.creation,
       chunk.status, chunk.problem
-- In this order, each by its index.
FROM submission CROSS JOIN chunk CROSS JOIN analysis
WHERE submission.state = 'planned'
  AND chunk.submission = submission.id AND chunk.state <> 'split'
  AND analysis.submission = submission.id AND analysis.replaced = 0
  AND analysis.position >= chunk.first AND analysis.position < chunk.first + chunk.count;
