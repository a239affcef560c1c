import type { DatabaseSync } from 'node:sqlite'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { Address, Hex } from 'viem'
import { inTransaction } from './database.ts'

/** Why an attempt counts as reverted although none of its transactions is in a block. */
export const NONCE_TAKEN =
  'its nonce was used by another transaction of this account: is the key used elsewhere too?'

/** What a transaction is for. Nothing is posted twice under one name. */
export type DutyName = { taskId: bigint; round: number; duty: string }

/**
 * How far an attempt at a duty has come:
 *
 * - recorded: the calldata is on disk, nothing is signed
 * - signed: the raw transaction is on disk
 * - sent: a node accepted it
 * - mined: it is in a block, and succeeded
 * - reverted: it is in a block and failed, or another transaction used its nonce: one that cancels it, or a stranger's
 */
export type DutyState = 'recorded' | 'signed' | 'sent' | 'mined' | 'reverted'

export type DutyRow = {
  id: number
  task_id: string
  round: number
  duty: string
  attempt: number
  target: Address
  calldata: Hex
  state: DutyState
  reason: string | null
  block_number: number | null
  /** Unix seconds at which its phase ends; null if it never comes too late. */
  ends_at: number | null
}

export type TransactionRow = {
  hash: Hash
  duty_id: number
  nonce: number
  raw: Hex
  gas: string
  max_fee_wei: string
  priority_fee_wei: string
  signed_block: number
  /** 1 if it does nothing but use the nonce, because the duty's phase was over. */
  cancels: number
}

/** Whether a transaction cancels its duty's earlier ones. */
export function isCancellation({ cancels }: Pick<TransactionRow, 'cancels'>): boolean {
  return cancels === 1
}

// Every write below is on disk when its function returns.

/** The newest attempt at a duty. */
export function latestAttempt(db: DatabaseSync, { taskId, round, duty }: DutyName): DutyRow | undefined {
  const newest =
    'SELECT * FROM duties WHERE task_id = ? AND round = ? AND duty = ? ORDER BY attempt DESC LIMIT 1'
  return db.prepare(newest).get(taskId.toString(), round, duty) as DutyRow | undefined
}

/**
 * Records a new attempt at a duty, with its call.
 *
 * @param call.endsAt unix seconds at which its phase ends; none by default
 */
export function recordDuty(
  db: DatabaseSync,
  { taskId, round, duty }: DutyName,
  attempt: number,
  call: { to: Address; data: Hex; endsAt?: number | undefined },
): void {
  db.prepare(
    `INSERT INTO duties (task_id, round, duty, attempt, target, calldata, state, ends_at)
     VALUES (?, ?, ?, ?, ?, ?, 'recorded', ?)`,
  ).run(taskId.toString(), round, duty, attempt, call.to, call.data, call.endsAt ?? null)
}

/**
 * Records a signed transaction, before anybody sends it. If fees went back to earlier values, the transaction may be on
 * record already: it becomes the newest one again.
 */
export function recordSigned(db: DatabaseSync, row: TransactionRow): void {
  inTransaction(db, () => {
    db.prepare('INSERT OR REPLACE INTO transactions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
      row.hash,
      row.duty_id,
      row.nonce,
      row.raw,
      row.gas,
      row.max_fee_wei,
      row.priority_fee_wei,
      row.signed_block,
      row.cancels,
    )
    setDutyState(db, row.duty_id, 'signed')
  })
}

/**
 * Sets an attempt's state. Its reason and block are overwritten too.
 *
 * @param id of the attempt's row
 * @param about.reason why it failed, in words; none by default
 * @param about.blockNumber block that includes it, or at which it was given up; none by default
 */
export function setDutyState(
  db: DatabaseSync,
  id: number,
  state: DutyState,
  about: { reason?: string; blockNumber?: bigint } = {},
): void {
  db.prepare('UPDATE duties SET state = ?, reason = ?, block_number = ? WHERE id = ?').run(
    state,
    about.reason ?? null,
    about.blockNumber === undefined ? null : Number(about.blockNumber),
    id,
  )
}

/** Duties with a signed transaction that isn't known to be in a block, oldest first. */
export function pendingDuties(db: DatabaseSync): DutyRow[] {
  return db.prepare("SELECT * FROM duties WHERE state IN ('signed', 'sent') ORDER BY id").all() as DutyRow[]
}

/** Duties whose transaction was seen in block `blockNumber` or a later one. */
export function dutiesMinedSince(db: DatabaseSync, blockNumber: bigint): DutyRow[] {
  return db
    .prepare("SELECT * FROM duties WHERE state IN ('mined', 'reverted') AND block_number >= ? ORDER BY id")
    .all(Number(blockNumber)) as DutyRow[]
}

/** All transactions signed for a duty, newest first: same nonce and call, other fees. */
export function transactionsOf(db: DatabaseSync, dutyId: number): TransactionRow[] {
  const newestFirst = 'SELECT * FROM transactions WHERE duty_id = ? ORDER BY rowid DESC'
  return db.prepare(newestFirst).all(dutyId) as TransactionRow[]
}

/** Largest nonce ever signed; −1 if there is none. */
export function lastNonce(db: DatabaseSync): number {
  const row = db.prepare('SELECT max(nonce) AS nonce FROM transactions').get() as { nonce: number | null }
  return row.nonce ?? -1
}

/** Number of nonces from `from` to below `to` that belong to transactions on record which are in a block. */
export function explainedNonces(db: DatabaseSync, from: number, to: number): number {
  const inBlocks = `SELECT count(DISTINCT nonce) AS n FROM transactions JOIN duties ON duties.id = duty_id
     WHERE nonce >= ? AND nonce < ? AND (state = 'mined' OR (state = 'reverted' AND reason <> ?))`
  return (db.prepare(inBlocks).get(from, to, NONCE_TAKEN) as { n: number }).n
}

/** Smallest nonce of what was signed at `block` or later and is in a block; undefined if nothing is. */
export function firstMinedNonce(db: DatabaseSync, block: bigint): number | undefined {
  const smallest = `SELECT min(nonce) AS nonce FROM transactions JOIN duties ON duties.id = duty_id
     WHERE signed_block >= ? AND state IN ('mined', 'reverted')`
  return (db.prepare(smallest).get(Number(block)) as { nonce: number | null }).nonce ?? undefined
}

export function isOwnTransaction(db: DatabaseSync, hash: Hash): boolean {
  return db.prepare('SELECT 1 FROM transactions WHERE hash = ?').get(hash) !== undefined
}
