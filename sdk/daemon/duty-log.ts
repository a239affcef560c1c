import type { DatabaseSync } from 'node:sqlite'
import type { Address, Hex } from 'viem'
import type { Hash } from '../random.ts'
import { inTransaction } from './database.ts'

/** What a transaction is for. One row for ever: nothing is posted twice under one name. */
export type DutyName = { taskId: bigint; round: number; duty: string }

/**
 * recorded: the calldata is durable, nothing is signed. signed: the raw transaction is durable. sent: a node took it. mined, reverted:
 * the chain has it.
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
}

/** The outbox's rows. Every write is on disk when its function returns. */
export type DutyLog = ReturnType<typeof openDutyLog>

export function openDutyLog(db: DatabaseSync) {
  const latest = db.prepare(
    'SELECT * FROM duties WHERE task_id = ? AND round = ? AND duty = ? ORDER BY attempt DESC LIMIT 1',
  )
  const insert = db.prepare(
    "INSERT INTO duties (task_id, round, duty, attempt, target, calldata, state) VALUES (?, ?, ?, ?, ?, ?, 'recorded')",
  )
  const pending = db.prepare("SELECT * FROM duties WHERE state IN ('signed', 'sent') ORDER BY id")
  const ofDuty = db.prepare('SELECT * FROM transactions WHERE duty_id = ? ORDER BY rowid DESC')
  const change = db.prepare('UPDATE duties SET state = ?, reason = ?, block_number = ? WHERE id = ?')
  const sign = db.prepare('INSERT INTO transactions VALUES (?, ?, ?, ?, ?, ?, ?, ?)')

  return {
    /** The newest attempt at a duty. */
    latestAttempt: ({ taskId, round, duty }: DutyName) =>
      latest.get(taskId.toString(), round, duty) as DutyRow | undefined,

    record({ taskId, round, duty }: DutyName, attempt: number, call: { to: Address; data: Hex }): void {
      insert.run(taskId.toString(), round, duty, attempt, call.to, call.data)
    },

    /** Keeps a signed transaction; it is durable before anybody can send it. */
    recordSigned(row: TransactionRow): void {
      inTransaction(db, () => {
        sign.run(
          row.hash,
          row.duty_id,
          row.nonce,
          row.raw,
          row.gas,
          row.max_fee_wei,
          row.priority_fee_wei,
          row.signed_block,
        )
        change.run('signed', null, null, row.duty_id)
      })
    },

    setState(id: number, state: DutyState, details: { reason?: string; blockNumber?: bigint } = {}): void {
      const blockNumber = details.blockNumber === undefined ? null : Number(details.blockNumber)
      change.run(state, details.reason ?? null, blockNumber, id)
    },

    /** Duties whose transaction is signed but not known to be in a block, oldest first. */
    pending: () => pending.all() as DutyRow[],

    /** Duties that were seen in block `blockNumber` or later. */
    minedSince: (blockNumber: bigint) =>
      db
        .prepare(
          "SELECT * FROM duties WHERE state IN ('mined', 'reverted') AND block_number >= ? ORDER BY id",
        )
        .all(Number(blockNumber)) as DutyRow[],

    /** All transactions signed for a duty, newest first: same nonce, rising fees. */
    transactionsOf: (id: number) => ofDuty.all(id) as TransactionRow[],

    /** Largest nonce ever signed, −1 when there is none. */
    lastNonce(): number {
      const row = db.prepare('SELECT max(nonce) AS nonce FROM transactions').get() as { nonce: number | null }
      return row.nonce ?? -1
    },
  }
}
