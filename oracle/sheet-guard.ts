import type { DatabaseSync } from 'node:sqlite'
import { recall, remember } from '@assay/daemon/database.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { Attempt } from './duties.ts'
import type { Sheet } from './sheet.ts'

/**
 * Two different sheets or votes for one round cost a validator all of its stake. So the first one is written down for good, on
 * disk, before anything of it is signed; whatever is computed later, after a crash or a change of mind, the first one counts.
 */
export const GUARD_MIGRATION = `
  CREATE TABLE sheets (
    task_id TEXT NOT NULL,
    round INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    cohorts TEXT NOT NULL,
    words TEXT NOT NULL,
    salt TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (task_id, round, attempt)
  ) STRICT;`

type SheetRow = { cohorts: string; words: string; salt: Hash; digest: Hash }

/** The sheet that was written down for a round's draw. */
export function findSheet(
  db: DatabaseSync,
  { taskId, round, attempt }: { taskId: bigint; round: number; attempt: Attempt },
): Sheet | undefined {
  const row = db
    .prepare(
      'SELECT cohorts, words, salt, digest FROM sheets WHERE task_id = ? AND round = ? AND attempt = ?',
    )
    .get(taskId.toString(), round, attempt) as SheetRow | undefined
  if (row === undefined) return undefined
  return {
    taskId,
    round,
    attempt,
    cohorts: JSON.parse(row.cohorts) as number[],
    words: (JSON.parse(row.words) as string[]).map(BigInt),
    salt: row.salt,
    digest: row.digest,
  }
}

/** Writes a sheet down unless there is one already; it is on disk when this returns. Returns the one that counts. */
export function keepSheet(db: DatabaseSync, sheet: Sheet): Sheet {
  db.prepare('INSERT INTO sheets VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING').run(
    sheet.taskId.toString(),
    sheet.round,
    sheet.attempt,
    JSON.stringify(sheet.cohorts),
    JSON.stringify(sheet.words.map(String)),
    sheet.salt,
    sheet.digest,
  )
  return findSheet(db, sheet) ?? sheet
}

/** What is voted on: one cohort's aggregate, or the next model. */
export type Ballot = { taskId: bigint; round: number; subject: number | 'model' }

/** Writes a vote down unless there is one already; it is on disk when this returns. Returns the one that counts. */
export function keepVote(db: DatabaseSync, ballot: Ballot, hash: Hash): Hash {
  return remember(db, ballotKey(ballot), hash) as Hash
}

export function findVote(db: DatabaseSync, ballot: Ballot): Hash | undefined {
  return recall(db, ballotKey(ballot)) as Hash | undefined
}

function ballotKey({ taskId, round, subject }: Ballot): string {
  return `vote/${taskId}/${round}/${subject}`
}
