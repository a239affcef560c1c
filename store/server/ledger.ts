import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { serverFolder } from '../folder.ts'
import { makeFolder } from '../make-folder.ts'
import type { Address } from '../records.ts'

/** What a store remembers of an upload. */
export type Entry = {
  /** `blobs/<sha256>` or `records/<name>`. */
  path: string
  /** Who brought it first; undefined if nobody signed. */
  account: Address | undefined
  sizeBytes: number
  /** Unix seconds at which it was here first. */
  seconds: number
}

/** The book of a blob server: who brought what, and when. */
export type Ledger = {
  /** Enters an upload, on disk when this returns. What is entered already stays as it is. @returns what is entered */
  enter(entry: Entry): Entry
  has(path: string): boolean
  /** Bytes that an account brought and that are still here. */
  bytesOf(account: Address): number
  remove(path: string): void
  close(): void
}

/** Opens the book of the store in `dir`. */
export async function openLedger(dir: string): Promise<Ledger> {
  await makeFolder(serverFolder(dir))
  const db = new DatabaseSync(join(serverFolder(dir), 'ledger.sqlite'), { timeout: 5_000 })
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS entries (
      path TEXT PRIMARY KEY,
      account TEXT,
      size_bytes INTEGER NOT NULL,
      seconds INTEGER NOT NULL
    ) STRICT;
    DROP INDEX IF EXISTS entries_by_account;
    CREATE TABLE IF NOT EXISTS totals (account TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT;
    INSERT OR IGNORE INTO totals
      SELECT account, sum(size_bytes) FROM entries WHERE account IS NOT NULL GROUP BY account;
    CREATE TRIGGER IF NOT EXISTS entered AFTER INSERT ON entries WHEN NEW.account IS NOT NULL BEGIN
      INSERT INTO totals VALUES (NEW.account, NEW.size_bytes)
        ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
    END;
    CREATE TRIGGER IF NOT EXISTS removed AFTER DELETE ON entries WHEN OLD.account IS NOT NULL BEGIN
      UPDATE totals SET bytes = bytes - OLD.size_bytes WHERE account = OLD.account;
    END;`)
  const insert = db.prepare('INSERT INTO entries VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
  const find = db.prepare('SELECT account, size_bytes, seconds FROM entries WHERE path = ?')
  // Each upload asks for it: adding up an account's entries would stop the server once there are millions.
  const total = db.prepare('SELECT bytes FROM totals WHERE account = ?')
  const remove = db.prepare('DELETE FROM entries WHERE path = ?')
  return {
    enter: ({ path, account, sizeBytes, seconds }) => {
      insert.run(path, account ?? null, sizeBytes, seconds)
      const row = find.get(path) as { account: Address | null; size_bytes: number; seconds: number }
      return { path, account: row.account ?? undefined, sizeBytes: row.size_bytes, seconds: row.seconds }
    },
    has: (path) => find.get(path) !== undefined,
    bytesOf: (account) => (total.get(account) as { bytes: number } | undefined)?.bytes ?? 0,
    remove: (path) => void remove.run(path),
    close: () => db.close(),
  }
}
