import type { DatabaseSync } from 'node:sqlite'
import type { Receipt } from '@assay/store/receipt.ts'

/** Something that goes to a store: `blobs/<sha256>` or `records/<name>`. */
export type UploadRow = { id: number; path: string; seconds: number }

/** A receipt as it was kept, and the name of its store. */
export type KeptReceipt = Receipt & { storeName: string }

/** Table of what was put and which store has taken it. See `daemon/database.ts`. */
export const UPLOADS_MIGRATION = `CREATE TABLE uploads (
     id INTEGER PRIMARY KEY,
     path TEXT NOT NULL,
     store TEXT NOT NULL,
     seconds INTEGER NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('waiting', 'taken', 'refused')),
     receipt TEXT,
     UNIQUE (path, store)
   ) STRICT;
   CREATE INDEX uploads_waiting ON uploads (store, state, seconds);`

const HOUR_SECONDS = 3_600

/** A daemon's records of its uploads. Every write is on disk when its function returns. */
export type UploadLog = ReturnType<typeof openUploadLog>

export function openUploadLog(db: DatabaseSync) {
  const insert = db.prepare(
    `INSERT INTO uploads (path, store, seconds, state) VALUES (?, ?, ?, 'waiting')
     ON CONFLICT DO UPDATE SET state = 'waiting', seconds = excluded.seconds WHERE state = 'refused'`,
  )
  const again = db.prepare(`UPDATE uploads SET state = 'waiting', seconds = ? WHERE path = ? AND store = ?`)
  // A store that was away gets the newest hour first: what is due now doesn't wait for what was due then.
  const next = db.prepare(
    `SELECT id, path, seconds FROM uploads WHERE store = ? AND state = 'waiting'
     ORDER BY seconds / ${HOUR_SECONDS} DESC, id LIMIT 1`,
  )
  const refuse = db.prepare(`UPDATE uploads SET state = 'refused' WHERE id = ?`)
  const take = db.prepare(`UPDATE uploads SET state = 'taken', receipt = coalesce(?, receipt) WHERE id = ?`)
  const tooOld = db.prepare(`UPDATE uploads SET state = 'refused' WHERE state = 'waiting' AND seconds < ?`)
  const waiting = db.prepare(`SELECT count(*) AS count FROM uploads WHERE state = 'waiting'`)

  return {
    /** Notes that something has to go to a store, unless it waits for it or was taken. What was given up is tried again. */
    add: (path: string, store: string, seconds: number): void => void insert.run(path, store, seconds),
    /**
     * Notes that a store lacks something, whether it took it, refused it, or waits for it still. From now on it goes out
     * before what was added later in the same hour.
     *
     * @returns whether it goes out
     */
    addAgain: (path: string, store: string, seconds: number): boolean =>
      again.run(seconds, path, store).changes > 0,
    /** What has to go to a store next. */
    next: (store: string): UploadRow | undefined => next.get(store) as UploadRow | undefined,
    /** Keeps the store's receipt, too, if it gave one. */
    markTaken: ({ id }: UploadRow, receipt: Receipt | undefined): void =>
      void take.run(receipt === undefined ? null : JSON.stringify(receipt), id),
    markRefused: ({ id }: UploadRow): void => void refuse.run(id),
    /** Gives up what has waited since before `seconds`. */
    giveUpBefore: (seconds: number): void => void tooOld.run(seconds),
    waitingCount: (): number => (waiting.get() as { count: number }).count,
  }
}

/** The receipts in a daemon's database, oldest first. */
export function readReceipts(db: DatabaseSync): KeptReceipt[] {
  const rows = db
    .prepare('SELECT store, receipt FROM uploads WHERE receipt IS NOT NULL ORDER BY id')
    .all() as { store: string; receipt: string }[]
  return rows.map(({ store, receipt }) => ({ ...(JSON.parse(receipt) as Receipt), storeName: store }))
}
