import type { DatabaseSync } from 'node:sqlite'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { Address } from 'viem'

/** Rounds for which update hashes are remembered, to recognise updates that were submitted before (S2). */
export const REMEMBERED_ROUNDS = 50

export const SEEN_UPDATES_MIGRATION = `
  CREATE TABLE seen_updates (
    task_id TEXT NOT NULL,
    round INTEGER NOT NULL,
    submission INTEGER NOT NULL,
    contributor TEXT NOT NULL,
    update_hash TEXT NOT NULL,
    PRIMARY KEY (task_id, round, submission)
  ) STRICT;
  CREATE INDEX seen_updates_by_hash ON seen_updates (task_id, update_hash);`

export type SeenUpdate = {
  taskId: bigint
  round: number
  submission: number
  contributor: Address
  updateHash: Hash
}

/** Records opened updates, and deletes those of more than fifty rounds ago. */
export function rememberUpdates(db: DatabaseSync, updates: readonly SeenUpdate[]): void {
  const insert = db.prepare(
    `INSERT INTO seen_updates VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET contributor = excluded.contributor, update_hash = excluded.update_hash`,
  )
  for (const { taskId, round, submission, contributor, updateHash } of updates)
    insert.run(taskId.toString(), round, submission, contributor, updateHash)
  const newest = updates[0]
  if (newest === undefined) return
  db.prepare('DELETE FROM seen_updates WHERE task_id = ? AND round < ?').run(
    newest.taskId.toString(),
    newest.round - REMEMBERED_ROUNDS,
  )
}

/**
 * The first update with this hash that was submitted before `round`, or by somebody else before `submission` in the
 * same round: a reorganisation may have moved an update to a later place, and its own earlier one is still on record.
 */
export function seenBefore(
  db: DatabaseSync,
  { taskId, round, submission, contributor, updateHash }: SeenUpdate,
): { round: number; submission: number; contributor: Address } | undefined {
  return db
    .prepare(
      `SELECT round, submission, contributor FROM seen_updates
       WHERE task_id = ? AND update_hash = ? AND round >= ?
         AND (round < ? OR (round = ? AND submission < ? AND contributor <> ?))
       ORDER BY round, submission LIMIT 1`,
    )
    .get(taskId.toString(), updateHash, round - REMEMBERED_ROUNDS, round, round, submission, contributor) as
    | { round: number; submission: number; contributor: Address }
    | undefined
}

/** Whether a submission's opening was seen. */
export function wasSeen(
  db: DatabaseSync,
  { taskId, round, submission }: Pick<SeenUpdate, 'taskId' | 'round' | 'submission'>,
): boolean {
  const row = db
    .prepare('SELECT 1 FROM seen_updates WHERE task_id = ? AND round = ? AND submission = ?')
    .get(taskId.toString(), round, submission)
  return row !== undefined
}
