import { OnSignupError } from '@onsignup/core'
import type { Connection } from './connection.ts'

/** Marks a SQLite file as a store of this program: "onsu" in ASCII. */
const APPLICATION_ID = 0x6f6e7375

/** More connectors than this cannot share a store. */
export const DELIVERIES_PER_EVENT = 1_000

/** The ids that an event's deliveries can have: from the first, and before the second. */
export const idsOf = (seq: number): readonly [number, number] => [
  seq * DELIVERIES_PER_EVENT,
  (seq + 1) * DELIVERIES_PER_EVENT,
]

/** Each brings a file from the version that is its place in the list to the next. Never change a released one. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE engine (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch INTEGER NOT NULL,
    probes INTEGER NOT NULL,
    -- The events up to this seq are in ledger, sources and event_ids; the others are in events alone.
    indexed INTEGER NOT NULL,
    -- When this copy of a store was made; null in the store itself, and once its connectors are paused.
    copied_at INTEGER
  ) STRICT;
  INSERT INTO engine VALUES (1, 0, 0, 0, NULL);

  CREATE TABLE connectors (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    uses TEXT NOT NULL,
    current INTEGER NOT NULL,
    parked_since INTEGER,
    parked_code TEXT,
    parked_reason TEXT,
    parked_mend TEXT,
    probe_at INTEGER,
    paused_since INTEGER,
    released_at INTEGER,
    throttled_until INTEGER,
    UNIQUE (name, uses)
  ) STRICT;

  -- Outlives the events, so that deleting old ones never lets a repeat in. A row for each user, of the latest
  -- registration.
  CREATE TABLE ledger (
    user_key TEXT PRIMARY KEY,
    event_id TEXT NOT NULL,
    created_at INTEGER,
    first_seen INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- The provider's own event ids, where it gives them.
  CREATE TABLE sources (
    source_key TEXT PRIMARY KEY,
    user_key TEXT NOT NULL,
    event_id TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Searched for a user by reading all of it: an index on every name would cost each accept more than its row does.
  CREATE TABLE events (
    -- Counts on from the newest, which is therefore never deleted.
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    -- Null of a test event, which is never a repeat of another; the ledger, which is kept for ever, need not know it.
    user_key TEXT,
    source_key TEXT,
    created_at INTEGER,
    received_at INTEGER NOT NULL,
    -- Null after the user was forgotten; then there is no body either.
    user_id TEXT,
    email TEXT,
    -- In lower case by the caller, since SQLite's own lower() knows ASCII only; null where email is that already.
    email_key TEXT
  ) STRICT;

  CREATE TABLE event_ids (
    id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE bodies (
    event INTEGER PRIMARY KEY,
    body TEXT NOT NULL
  ) STRICT;

  CREATE TABLE deliveries (
    -- ${DELIVERIES_PER_EVENT} times its event's seq, and its place among that event's deliveries.
    id INTEGER PRIMARY KEY,
    connector INTEGER NOT NULL REFERENCES connectors (id),
    state TEXT NOT NULL,
    due INTEGER NOT NULL,
    -- The epoch of the process that holds it; 0 when it is free.
    held INTEGER NOT NULL DEFAULT 0,
    run INTEGER NOT NULL DEFAULT 0,
    begun INTEGER NOT NULL DEFAULT 0,
    -- What the run that begun names said of itself: 'hold', 'suspect' or 'alone'.
    mark TEXT,
    suspect INTEGER NOT NULL DEFAULT 0,
    alone INTEGER NOT NULL DEFAULT 0,
    lost INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    unknowns INTEGER NOT NULL DEFAULT 0,
    strikes INTEGER NOT NULL DEFAULT 0,
    failing_since INTEGER,
    generation INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    -- The last row of its history; most have no other.
    last_run INTEGER,
    last_at INTEGER,
    last_ms INTEGER,
    last_outcome TEXT,
    last_code TEXT,
    last_detail TEXT
  ) STRICT;
  CREATE INDEX deliveries_due ON deliveries (connector, due) WHERE state = 'open' AND held = 0;
  CREATE INDEX deliveries_held ON deliveries (held) WHERE held <> 0;
  CREATE INDEX deliveries_skipped ON deliveries (state) WHERE state = 'skipped';
  CREATE INDEX deliveries_unknown ON deliveries (state) WHERE state = 'unknown';
  CREATE INDEX deliveries_dead ON deliveries (state) WHERE state = 'dead';

  -- The history before its last row.
  CREATE TABLE attempts (
    delivery INTEGER NOT NULL REFERENCES deliveries (id),
    n INTEGER NOT NULL,
    run INTEGER NOT NULL,
    at INTEGER NOT NULL,
    ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT,
    detail TEXT,
    PRIMARY KEY (delivery, n)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- What attempts printed; \`at\` tells apart what came late of the same run.
  CREATE TABLE outputs (
    delivery INTEGER NOT NULL,
    run INTEGER NOT NULL,
    at INTEGER NOT NULL,
    output TEXT NOT NULL,
    PRIMARY KEY (delivery, run, at)
  ) STRICT;

  -- What connectors keep for themselves, as JSON.
  CREATE TABLE states (
    connector TEXT NOT NULL,
    uses TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (connector, uses, key)
  ) STRICT;

  -- What known senders sent and no registration came of.
  CREATE TABLE refused (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL,
    at INTEGER NOT NULL,
    event_id TEXT,
    why TEXT NOT NULL,
    payload TEXT NOT NULL
  ) STRICT;
  `,
  `
  -- The name that idempotency keys are made of; null: its name, which it always had.
  ALTER TABLE connectors ADD COLUMN key_name TEXT;

  -- Hashes of what attempts sent; null where the plugin did not tell.
  ALTER TABLE deliveries ADD COLUMN last_sent TEXT;
  ALTER TABLE attempts ADD COLUMN sent TEXT;

  -- Whether the user registered before this was there, so that a live registration still counts.
  ALTER TABLE events ADD COLUMN historical INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE ledger ADD COLUMN historical INTEGER NOT NULL DEFAULT 0;
  -- Whether that live one came, so that this one is backfilled no more.
  ALTER TABLE events ADD COLUMN replaced INTEGER NOT NULL DEFAULT 0;
  `,
]

/** Whether it is a store of this program, of whatever version. */
const isStore = (db: Connection): boolean => db.pragma('application_id') === APPLICATION_ID

/** Throws `store_unavailable` for a database that is no store of this program. */
export const mustBeStore = (db: Connection, path: string): void => {
  if (isStore(db)) return
  throw new OnSignupError('store_unavailable', `${path} is no store of onsignup`, {
    mend: 'name the file that store: names in the configuration',
  })
}

/** The version of the file, which is not newer than these migrations. Throws `store_newer`, `store_unavailable`. */
const versionOf = (db: Connection, path: string, migrations: readonly string[]): number => {
  const version = db.pragma('user_version')
  if (isStore(db) ? version === 0 : version !== 0 || db.hasTables()) {
    throw new OnSignupError('store_unavailable', `${path} is a SQLite database of another program`, {
      mend: 'name another file as the store',
    })
  }
  if (typeof version !== 'number' || version > migrations.length) {
    throw new OnSignupError(
      'store_newer',
      `the store ${path} is of version ${version}, and this onsignup knows versions up to ${migrations.length}`,
      { mend: 'update onsignup' },
    )
  }
  return version
}

/** Throws unless the file can be read as it is: `store_unavailable`, `store_newer`. */
export const mustBeNewest = (db: Connection, path: string): void => {
  mustBeStore(db, path)
  const version = versionOf(db, path, MIGRATIONS)
  if (version === MIGRATIONS.length) return
  throw new OnSignupError(
    'store_unavailable',
    `the store ${path} is of version ${version}, and this onsignup reads version ${MIGRATIONS.length} only`,
    { mend: 'start the service once, which brings it to that version' },
  )
}

/** Brings the file to the newest version in one transaction. Throws `store_newer`, `store_unavailable`. */
export const migrate = (db: Connection, path: string, migrations: readonly string[] = MIGRATIONS): void => {
  const version = versionOf(db, path, migrations)
  if (version === migrations.length) return
  db.transact(() => {
    for (const migration of migrations.slice(version)) db.exec(migration)
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}`)
  })
}
