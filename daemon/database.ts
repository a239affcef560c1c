import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { FatalDaemonError } from './errors.ts'
import { UPLOADS_MIGRATION } from './upload-log.ts'

/** Tables of every daemon. Never change a released migration: append another one. */
const CORE_MIGRATIONS = [
  `CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
   CREATE TABLE duties (
     id INTEGER PRIMARY KEY,
     task_id TEXT NOT NULL,
     round INTEGER NOT NULL,
     duty TEXT NOT NULL,
     attempt INTEGER NOT NULL,
     target TEXT NOT NULL,
     calldata TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('recorded', 'signed', 'sent', 'mined', 'reverted')),
     reason TEXT,
     block_number INTEGER,
     UNIQUE (task_id, round, duty, attempt)
   ) STRICT;
   CREATE INDEX duties_by_state ON duties (state);
   CREATE TABLE transactions (
     hash TEXT PRIMARY KEY,
     duty_id INTEGER NOT NULL REFERENCES duties (id),
     nonce INTEGER NOT NULL,
     raw TEXT NOT NULL,
     gas TEXT NOT NULL,
     max_fee_wei TEXT NOT NULL,
     priority_fee_wei TEXT NOT NULL,
     signed_block INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX transactions_by_duty ON transactions (duty_id);`,
  // Logs that were read, each with the question that they answer, and how far each question is answered for good.
  `CREATE TABLE log_cursors (
     name TEXT PRIMARY KEY,
     first_block INTEGER NOT NULL,
     block INTEGER NOT NULL,
     block_hash TEXT NOT NULL
   ) STRICT;
   CREATE TABLE kept_logs (
     id INTEGER PRIMARY KEY,
     name TEXT NOT NULL,
     block INTEGER NOT NULL,
     content BLOB NOT NULL
   ) STRICT;
   CREATE INDEX kept_logs_by_name ON kept_logs (name, id);`,
  UPLOADS_MIGRATION,
  // Unix seconds at which a duty's phase ends, and whether a transaction does nothing but use the nonce of a late one.
  `ALTER TABLE duties ADD COLUMN ends_at INTEGER;
   ALTER TABLE transactions ADD COLUMN cancels INTEGER NOT NULL DEFAULT 0;`,
]

/**
 * Opens a daemon's database with a write-ahead log, an fsync at every commit, and a lock for this process alone.
 *
 * @param path file, or `:memory:` in tests
 * @param migrations the caller's own tables: one script per version, each run once and in order
 * @throws FatalDaemonError when another process holds the database, or a newer version wrote it
 */
export function openDaemonDatabase(path: string, migrations: readonly string[]): DatabaseSync {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
  const db = new DatabaseSync(path, { timeout: 2_000, enableForeignKeyConstraints: true })
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    db.exec('CREATE TABLE IF NOT EXISTS migrations (owner TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT')
    migrate(db, 'core', CORE_MIGRATIONS)
    migrate(db, 'daemon', migrations)
  } catch (error) {
    db.close()
    if (!/locked|busy/i.test(String(error))) throw error
    throw new FatalDaemonError(
      `The database ${path} is in use by another process. A database serves one daemon: stop the other one, or give this one a data directory of its own.`,
    )
  }
  return db
}

/** Runs `work` in one transaction. When this returns, its writes are on disk; when it throws, none of them is. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
}

/** Stores `value` under `key` for good, on disk when this returns. The first write wins. @returns what is stored */
export function remember(db: DatabaseSync, key: string, value: string): string {
  db.prepare('INSERT INTO facts (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING').run(key, value)
  return recall(db, key) ?? value
}

/** Stores `value` under `key`, instead of what is there. On disk when this returns. */
export function rewrite(db: DatabaseSync, key: string, value: string): void {
  db.prepare(
    'INSERT INTO facts (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  ).run(key, value)
}

/** What is stored under `key`. */
export function recall(db: DatabaseSync, key: string): string | undefined {
  const row = db.prepare('SELECT value FROM facts WHERE key = ?').get(key) as { value: string } | undefined
  return row?.value
}

function migrate(db: DatabaseSync, owner: string, scripts: readonly string[]): void {
  const row = db.prepare('SELECT version FROM migrations WHERE owner = ?').get(owner) as
    | { version: number }
    | undefined
  const version = row?.version ?? 0
  if (version > scripts.length)
    throw new FatalDaemonError(
      `The database has version ${version}; this program knows versions up to ${scripts.length}. Use the program that wrote it, or a newer one.`,
    )

  for (const [index, script] of scripts.entries()) {
    if (index < version) continue
    inTransaction(db, () => {
      db.exec(script)
      db.prepare(
        'INSERT INTO migrations (owner, version) VALUES (?, ?) ON CONFLICT (owner) DO UPDATE SET version = excluded.version',
      ).run(owner, index + 1)
    })
  }
}
