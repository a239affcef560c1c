import type { DatabaseSync } from 'node:sqlite'
import { inTransaction, recall, remember, rewrite } from '@assay/daemon/database.ts'
import { voteOf } from '@assay/sdk/protocol/commitments.ts'
import type { JuryVote } from '@assay/sdk/protocol/jury-votes.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { Attempt } from './duties.ts'
import type { Sheet } from './sheet.ts'

/**
 * A validator signs one sheet per draw and one vote per subject, a juror one vote per panel, never two different ones. The first one is on disk
 * before anything of it is signed. If a crash or other data lead to a different result later, the first one counts.
 */
export const SIGN_ONCE_MIGRATION = `
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

/** The sheet on record for a round's draw. */
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

/** Records a sheet, unless there is one already. It is on disk when this returns. @returns the one that counts */
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

/**
 * Records the sheet that this validator is known to have committed to, in place of any other: only that one can be
 * revealed.
 *
 * @param committed the low 224 bits of the digest that stands on chain
 * @throws Error when the sheet has another digest
 */
export function restoreSheet(db: DatabaseSync, sheet: Sheet, committed: bigint): Sheet {
  if (voteOf(sheet.digest) !== committed)
    throw new Error(`the sheet of round ${sheet.round} is not the one that was committed to`)
  const place = [sheet.taskId.toString(), sheet.round, sheet.attempt] as const
  return inTransaction(db, () => {
    db.prepare('DELETE FROM sheets WHERE task_id = ? AND round = ? AND attempt = ?').run(...place)
    return keepSheet(db, sheet)
  })
}

/** What is voted on: one cohort's aggregate, or the next model. */
export type VotePlace = { taskId: bigint; round: number; subject: number | 'model' }

/** Records a vote, unless there is one already. It is on disk when this returns. @returns the one that counts */
export function keepVote(db: DatabaseSync, place: VotePlace, hash: Hash): Hash {
  return remember(db, voteKey(place), hash) as Hash
}

export function findVote(db: DatabaseSync, place: VotePlace): Hash | undefined {
  return recall(db, voteKey(place)) as Hash | undefined
}

/** A panel's question: after a reorganisation the same number may be that of another one. */
export type QuestionPlace = { panelId: bigint; question: Hash }

/** Records a juror's vote, unless there is one already. It is on disk when this returns. @returns the one that counts */
export function keepJuryVote(db: DatabaseSync, place: QuestionPlace, vote: JuryVote): JuryVote {
  return JSON.parse(remember(db, juryVoteKey(place), JSON.stringify(vote))) as JuryVote
}

/** Records the vote that a juror is known to have committed to, in place of any other: only that one can be revealed. */
export function restoreJuryVote(db: DatabaseSync, place: QuestionPlace, vote: JuryVote): JuryVote {
  rewrite(db, juryVoteKey(place), JSON.stringify(vote))
  return vote
}

export function findJuryVote(db: DatabaseSync, place: QuestionPlace): JuryVote | undefined {
  const kept = recall(db, juryVoteKey(place))
  return kept === undefined ? undefined : (JSON.parse(kept) as JuryVote)
}

/** A case whose verdict is suspended, and its facts: after a reorganisation the same number may be that of another one. */
export type PollPlace = { caseId: bigint; question: Hash }

/** Records a juror's vote about a suspended verdict, unless there is one already. It is on disk when this returns. @returns the one that counts */
export function keepPollVote(db: DatabaseSync, place: PollPlace, isForExecution: boolean): boolean {
  return remember(db, pollVoteKey(place), String(isForExecution)) === 'true'
}

export function findPollVote(db: DatabaseSync, place: PollPlace): boolean | undefined {
  const kept = recall(db, pollVoteKey(place))
  return kept === undefined ? undefined : kept === 'true'
}

function pollVoteKey({ caseId, question }: PollPlace): string {
  return `poll-vote/${caseId}/${question}`
}

function juryVoteKey({ panelId, question }: QuestionPlace): string {
  return `jury-vote/${panelId}/${question}`
}

function voteKey({ taskId, round, subject }: VotePlace): string {
  return `vote/${taskId}/${round}/${subject}`
}
