import type { Block } from '@assay/daemon/clock.ts'
import { messageOf } from '@assay/daemon/errors.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { keccak256 } from 'viem'
import { DEFAULT_KEEPER_STAGGER_SECONDS } from '../oracle-config.ts'
import type { OracleContext } from '../oracle-context.ts'
import { type JoinedValidator, readJoined } from './joined.ts'
import { type PoolName, type PoolSeal, putPool, sealTo } from './seal-pool.ts'

/** Seconds between two looks for newcomers. */
const LOOK_EVERY_SECONDS = 12
/** Validators that may take turns: a newcomer waits for at most so many spans. */
const TURNS = 8n

/** What one oracle remembers of those whom it seals pools to. */
export type Newcomers = {
  lookedAt: number
  /** When each was seen first, in unix seconds, by pool and encryption key. */
  seenAt: Map<string, number>
  sealed: Set<string>
}

export function openNewcomers(): Newcomers {
  return { lookedAt: 0, seenAt: new Map(), sealed: new Set() }
}

/**
 * Seals pools to validators that joined, so that the owner need not stay online. Each oracle that has a pool does so, in
 * a turn of its own: whoever got the pool meanwhile needs no further envelope. A store that fails is tried again.
 */
export async function sealToNewcomers(
  context: OracleContext,
  pools: readonly PoolName[],
  block: Block,
): Promise<void> {
  const { newcomers } = context
  const now = Number(block.timestamp)
  if (now < newcomers.lookedAt + LOOK_EVERY_SECONDS) return
  newcomers.lookedAt = now
  for (const name of pools) await sealPool(context, name, now)
}

async function sealPool(context: OracleContext, name: PoolName, now: number): Promise<void> {
  const { newcomers, reader, account, config, log, told } = context
  const waiting = await readJoined(reader, {
    taskId: config.taskId,
    among: (one) => one.validator !== account.address && isDue(context, name, one, now),
  })
  if (waiting.length === 0) return
  try {
    const seal = await sealOf(context, name)
    for (const one of waiting) {
      const { validator, refusal } = await sealTo(context, { name, seal }, one)
      newcomers.sealed.add(nameOf(name, one))
      if (refusal === undefined) log.info({ validator }, 'the held-out pool is sealed to a validator')
      else
        log.warn(
          { validator, reason: refusal },
          'no held-out pool for this validator: it can not be encrypted',
        )
    }
    told.forget(`seal ${name.poolRoot}`)
  } catch (error) {
    // Nobody's duty waits for it, and another look comes.
    const reason = messageOf(error)
    if (told.isNews(`seal ${name.poolRoot}`, reason))
      log.warn({ reason }, 'the held-out pool could not be sealed; trying again')
  }
}

/** Whether it is this oracle's turn: the newcomer's key draws one of eight spans for each account. */
function isDue(
  { newcomers, account, config }: OracleContext,
  name: PoolName,
  one: JoinedValidator,
  now: number,
): boolean {
  const id = nameOf(name, one)
  if (newcomers.sealed.has(id)) return false
  const seenAt = newcomers.seenAt.get(id) ?? now
  newcomers.seenAt.set(id, seenAt)
  const stagger = config.keeperStaggerSeconds ?? DEFAULT_KEEPER_STAGGER_SECONDS
  const turn = BigInt(deriveSeed(keccak256(one.encryptionKey), 'seal turn', BigInt(account.address))) % TURNS
  return now >= seenAt + Number(turn) * stagger
}

function nameOf({ poolRoot }: PoolName, { validator, encryptionKey }: JoinedValidator): string {
  return `${poolRoot} ${validator} ${keccak256(encryptionKey)}`
}

/**
 * The pool's blob under the key that the pool came with, so that it is the same blob; a pool that came as a file gets a
 * key of this oracle's. Stores that have lost the blob get it again.
 */
async function sealOf(context: OracleContext, name: PoolName): Promise<PoolSeal> {
  const { pools, store, bench, keys } = context
  const found = await pools.find(name)
  if (found === undefined) throw new Error('this oracle does not have the pool')
  const { spec } = await bench.package(name.specHash)
  return putPool(store, found.pool, spec, found.key ?? keys.poolKey(name))
}
