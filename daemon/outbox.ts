import { decodeFailure } from '@assay/sdk/client/errors.ts'
import type { Call } from '@assay/sdk/client/send.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { crashPoint } from '@assay/store/crash-point.ts'
import type { Block } from './clock.ts'
import {
  type DutyName,
  type DutyRow,
  type DutyState,
  lastNonce,
  latestAttempt,
  pendingDuties,
  recordDuty,
} from './duty-log.ts'
import { isOver } from './outbox-cancel.ts'
import {
  broadcastNewest,
  newestTransaction,
  type OutboxContext,
  type OutboxOptions,
  type SendResult,
  signFirst,
} from './outbox-send.ts'
import { updateOutbox } from './outbox-update.ts'
import { openRivalWatch, type RivalWatch } from './rival.ts'

const GAS_STEP = 100_000n
const GAS_MARGIN = 30_000n
/** EIP-7825: no transaction may ask for more. */
const MAX_GAS = 16_777_216n

export type PostRequest = DutyName & {
  call: Pick<Call, 'to' | 'data'>
  /** Most attempts, if the chain reverts them; 3 by default. */
  maxAttempts?: number
  /**
   * Unix seconds at which the duty's phase ends. From the first block of that time on it is not sent any more, and a
   * transaction that no block has taken is cancelled. Without it a duty never comes too late.
   */
  endsAt?: number | undefined
}

export type PostResult =
  | SendResult
  | { status: 'pending' | 'mined'; hash: Hash }
  | { status: 'exhausted'; reason: string }

/** Sends each duty's transaction once, through crashes, node failures and reorganisations. */
export type Outbox = {
  /**
   * Posts a duty's call unless that was done before. It doesn't wait for a receipt. It throws only if the node can't be
   * reached.
   *
   * 1. Ask the node whether the call would succeed. A refusal leaves no trace, so the duty can be posted again.
   * 2. Record the duty with its calldata. From here on this attempt never signs other calldata.
   * 3. Sign, record the raw transaction, and only then send it.
   */
  post(request: PostRequest): Promise<PostResult>
  /**
   * Call it once a block, before new duties. It looks for receipts, sends lost transactions again, and raises the fees
   * of those that no block includes. After a start or a reorganisation it also checks those that were in a block.
   */
  update(block: Block): Promise<void>
  /**
   * How many transactions of this account wait in the node that this database knows nothing of: another program's, or
   * those of a database that was lost.
   */
  strangersInFlight(): Promise<number>
  /**
   * After a start, with the newest block: sends every recorded transaction that isn't known to be in a block, and isn't
   * too late.
   */
  recover(block: Pick<Block, 'timestamp'>): Promise<void>
  /** Watches for another daemon with the same key, see {@link openRivalWatch}. */
  watchRivals(taskId: bigint): RivalWatch
  /**
   * How far a duty's newest attempt has come.
   *
   * @param atBlock as the chain was then: what only a later block holds counts as sent. Give it wherever the state is
   * compared with what the chain says at a block, because a receipt may be newer than that
   */
  stateOf(name: DutyName, atBlock?: bigint): DutyState | 'none'
  pendingCount(): number
}

/**
 * Opens the outbox of a daemon's database. It sends nothing yet: call `recover` once, then `update` at every block.
 *
 * @param options.db from `openDaemonDatabase`; duties of an earlier run are continued
 * @param options.account signs; no other program may use its key, because two would use the same nonces
 */
export function openOutbox(options: OutboxOptions): Outbox {
  const { db } = options
  const context: OutboxContext = {
    ...options,
    head: undefined,
    startedBlock: undefined,
    mayTrustMined: false,
    isPricedOut: false,
    refusals: new Map(),
    passedAt: new Map(),
  }
  return {
    post: (request) => post(context, request),
    update: (block) => updateOutbox(context, block),
    recover: async ({ timestamp }) => {
      for (const row of pendingDuties(db)) if (!isOver(row, timestamp)) await broadcastNewest(context, row)
    },
    watchRivals: (taskId) => openRivalWatch(context, (request) => post(context, request), taskId),
    strangersInFlight: () => strangersInFlight(context),
    stateOf: (name, atBlock) => stateAt(latestAttempt(db, name), atBlock),
    pendingCount: () => pendingDuties(db).length,
  }
}

async function post(context: OutboxContext, request: PostRequest): Promise<PostResult> {
  const { db } = context
  const last = latestAttempt(db, request)
  if (last !== undefined && last.state !== 'recorded' && last.state !== 'reverted')
    return progressOf(context, last)
  if (last?.state === 'reverted' && last.attempt >= (request.maxAttempts ?? 3))
    return { status: 'exhausted', reason: last.reason ?? 'reverted' }

  const { endsAt } = request
  if (endsAt !== undefined && isOver({ ends_at: endsAt }, context.head?.timestamp ?? 0n))
    return { status: 'refused', reason: `its phase ended at ${endsAt}`, errorName: 'PhaseOver' }

  const call = last?.state === 'recorded' ? { to: last.target, data: last.calldata } : request.call
  const estimate = await estimateGas(context, call)
  if (typeof estimate !== 'bigint') return estimate

  if (last?.state !== 'recorded') {
    crashPoint('before-row', request.duty)
    recordDuty(db, request, (last?.attempt ?? 0) + 1, { ...call, endsAt })
  }
  crashPoint('after-row', request.duty)
  const row = latestAttempt(db, request)
  if (row === undefined)
    throw new Error(`the duty ${request.duty} of round ${request.round} was not recorded`)

  await signFirst(context, row, estimate)
  crashPoint('after-signing', row.duty)
  return broadcastNewest(context, row)
}

function stateAt(row: DutyRow | undefined, atBlock: bigint | undefined): DutyState | 'none' {
  if (row === undefined) return 'none'
  const { state, block_number } = row
  const isLater = atBlock !== undefined && block_number !== null && BigInt(block_number) > atBlock
  return state === 'mined' && isLater ? 'sent' : state
}

async function strangersInFlight({ reader, account, db }: OutboxContext): Promise<number> {
  const { address } = account
  const [latest, pending] = await Promise.all([
    reader.chain.getTransactionCount({ address, blockTag: 'latest' }),
    reader.chain.getTransactionCount({ address, blockTag: 'pending' }),
  ])
  return Math.max(0, pending - Math.max(latest, lastNonce(db) + 1))
}

function progressOf(context: OutboxContext, row: DutyRow): PostResult {
  const newest = newestTransaction(context, row)
  return { status: row.state === 'mined' ? 'mined' : 'pending', hash: newest.hash }
}

async function estimateGas(
  context: OutboxContext,
  call: Pick<Call, 'to' | 'data'>,
): Promise<bigint | PostResult> {
  try {
    const used = await context.reader.chain.request({
      method: 'eth_estimateGas',
      params: [{ from: context.account.address, ...call }, 'latest'],
    })
    const padded = (BigInt(used) * 5n) / 4n + GAS_MARGIN
    const rounded = ((padded + GAS_STEP - 1n) / GAS_STEP) * GAS_STEP
    return rounded < MAX_GAS ? rounded : MAX_GAS
  } catch (error) {
    const failure = decodeFailure(error)
    if (failure.kind === 'transient') throw error
    const { message: reason, name: errorName, fix } = failure
    return { status: 'refused', reason, errorName, fix }
  }
}
