import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type Address, concat, type Hex, numberToHex } from 'viem'
import type { Block } from './clock.ts'
import { explainedNonces, firstMinedNonce, isOwnTransaction } from './duty-log.ts'
import { FatalDaemonError } from './errors.ts'
import { isAboutTask, type Mark, markOf } from './mark.ts'
import type { Outbox } from './outbox.ts'
import type { OutboxContext } from './outbox-send.ts'

/** Blocks that are searched at most for a transaction that is not this daemon's. */
const MOST_SEARCHED = 256n
/** Blocks that are searched again after a reorganisation. */
const SEARCHED_AGAIN = 16n

/** Selector of no function: the call is a message to whoever has the same key. */
const I_AM_HERE: Hex = '0x00000000'

/** Another daemon with the same key that is at work on the same task. */
export type Rival = {
  /** A transaction that it sent. */
  hash: Hash
  startedBlock: bigint
  /** Block at which this daemon started. */
  ownStartedBlock: bigint
}

/** Looks out for another daemon with the same key. */
export type RivalWatch = {
  /**
   * Call it once a block, after the outbox's `update`. It compares the account's nonce with the transactions on record.
   * Only if somebody else used one, it reads the blocks for who that was.
   *
   * @returns the rival that started before this daemon, so that this one has to end; undefined if there is none. A rival
   * that started later is warned of, and told: it ends by itself
   */
  look(block: Block): Promise<Rival | undefined>
}

type State = {
  outbox: OutboxContext
  post: Outbox['post']
  taskId: bigint
  nonce: number | undefined
  searchedTo: bigint
  warnedOf: Set<bigint>
}

type Foreign = Mark & { hash: Hash; nonce: number }

/** @param post the outbox's own, for letting a rival know of this daemon */
export function openRivalWatch(outbox: OutboxContext, post: Outbox['post'], taskId: bigint): RivalWatch {
  const state: State = { outbox, post, taskId, nonce: undefined, searchedTo: 0n, warnedOf: new Set() }
  return { look: (block) => look(state, block) }
}

async function look(state: State, block: Block): Promise<Rival | undefined> {
  const { outbox } = state
  const { address } = outbox.account
  const nonce = await outbox.reader.chain.getTransactionCount({ address, blockNumber: block.number })
  const before = state.nonce ?? nonce
  const from = block.reorganised ? block.number - SEARCHED_AGAIN : state.searchedTo
  const isExplained = nonce <= before || explainedNonces(outbox.db, before, nonce) === nonce - before
  const foreign = isExplained ? [] : await foreignIn(state, from, block.number)
  const earlier = foreign.find((one) => isEarlier(outbox, one))
  if (earlier === undefined) {
    for (const one of foreign) await answer(state, one)
    // Only now: if the node fails before, the next attempt looks at the same blocks.
    state.nonce = nonce
    state.searchedTo = block.number
    return undefined
  }
  return {
    hash: earlier.hash,
    startedBlock: earlier.startedBlock,
    ownStartedBlock: outbox.startedBlock ?? 0n,
  }
}

/** Transactions of this account in the blocks after `from` that another living daemon signed. */
async function foreignIn({ outbox, taskId }: State, from: bigint, to: bigint): Promise<Foreign[]> {
  const { reader, account, db, startedBlock = to } = outbox
  const court = reader.deployment.contracts.court.toLowerCase()
  const found: Foreign[] = []
  const first = [from, startedBlock, to - MOST_SEARCHED].reduce((a, b) => (b > a ? b : a)) + 1n
  for (let blockNumber = first; blockNumber <= to; blockNumber++) {
    const { transactions } = await reader.chain.getBlock({ blockNumber, includeTransactions: true })
    for (const { from: sender, to: target, hash, nonce, input } of transactions) {
      if (sender.toLowerCase() !== account.address.toLowerCase() || isOwnTransaction(db, hash)) continue
      // Its calls begin with the number of a case, which may be that of this task.
      if (target?.toLowerCase() === court) continue
      const mark = markOf(input)
      // What was signed before this daemon's start is of an earlier life, whose data directory may be lost.
      if (mark !== undefined && mark.signedBlock > startedBlock && isAboutTask(input, taskId))
        found.push({ ...mark, hash, nonce })
    }
  }
  return found
}

/** Whether the other one started earlier. If both started at one block, the first one to get into a block stays. */
function isEarlier({ db, startedBlock = 0n }: OutboxContext, other: Foreign): boolean {
  if (other.startedBlock !== startedBlock) return other.startedBlock < startedBlock
  const own = firstMinedNonce(db, startedBlock)
  return own === undefined || other.nonce < own
}

/**
 * Warns of a rival that started later, and lets it know of this daemon: a rival that is always faster leaves this one
 * nothing to send by which it could notice. The call goes from the account to itself, once for each rival.
 */
async function answer({ outbox, taskId, post, warnedOf }: State, other: Foreign): Promise<void> {
  const { account, log } = outbox
  if (!warnedOf.has(other.startedBlock))
    log.error(
      { hash: other.hash, startedBlock: Number(other.startedBlock) },
      'another daemon with this key works on this task. It started after this one, so it ends by itself: give it a key of its own',
    )
  warnedOf.add(other.startedBlock)
  const call = { to: account.address, data: concat([I_AM_HERE, numberToHex(taskId, { size: 32 })]) }
  await post({ taskId, round: 0, duty: `rival/${other.startedBlock}`, call })
}

/** Why a daemon ends for its rival. */
export function rivalError(
  { account, taskId }: { account: Address; taskId: bigint },
  { hash, startedBlock, ownStartedBlock }: Rival,
): FatalDaemonError {
  return new FatalDaemonError(
    `Another daemon with the key of ${account} works on task ${taskId}: it started at block ${startedBlock}, this one at block ${ownStartedBlock}, and it sent transaction ${hash}. Two daemons with one key take each other's nonces and turns, so the later one ends. Leave the other one running, or stop it and start this one again.`,
  )
}
