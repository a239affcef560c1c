import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Phase } from '@assay/sdk/protocol/phases.ts'
import type { PoolState } from '@assay/sdk/protocol/pool-view.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import { untilAborted } from '@assay/store/deadline.ts'
import type { OracleContext } from '../oracle-context.ts'
import { isOutage, reasonOf } from '../verify/case.ts'
import { type TaskPool, taskPools } from './pool-names.ts'
import { requireFitPool } from './try-pool.ts'

/** How long a block waits for the current pool, in milliseconds. Duties come after it. */
const WAIT_MS = 10_000
/** An announced pool is looked for while the current one judges: a block waits for it for a tenth of that. */
const ANNOUNCED_PARTS = 10
/** In which looks for an announced pool begin: a pool whose trial breaks the engine must not break duties at each block. */
const CALM: readonly Phase[] = ['Idle', 'Submit']

/** What came of looking for one pool. */
type Look = { isHere: boolean; running?: Promise<boolean> | undefined; refusal?: string }

/**
 * Looks for the task's pools at each block, in the background if it takes long: a store that hangs, or a trial on a slow
 * machine, must not keep this validator from duties. They look for the pool themselves, until their last call.
 *
 * @returns what gives the pools that this validator can judge by, of those that the chain names at a block
 * @throws FatalDaemonError like {@link awaitPool}, but not for an announced pool: the current one goes on judging
 */
export function openPoolWait(
  context: OracleContext,
  waitMs = WAIT_MS,
): (pool: PoolState, phase: Phase) => Promise<TaskPool[]> {
  const { reader, config } = context
  const { taskId } = config
  const looks = new Map<Hash, Look>()
  let specHash: Hash | undefined
  return async (named, phase) => {
    specHash ??= (await readTaskParams(reader, { taskId })).specHash
    const here: TaskPool[] = []
    for (const pool of taskPools(specHash, named)) {
      const look = looks.get(pool.poolRoot) ?? { isHere: false }
      looks.set(pool.poolRoot, look)
      if (await lookFor(context, pool, look, { waitMs, phase })) here.push(pool)
    }
    return here
  }
}

async function lookFor(
  context: OracleContext,
  pool: TaskPool,
  look: Look,
  { waitMs, phase }: { waitMs: number; phase: Phase },
): Promise<boolean> {
  if (look.isHere) return true
  if (pool.isAnnounced && look.refusal !== undefined) return false
  if (pool.isAnnounced && look.running === undefined && !CALM.includes(phase)) return false
  look.running ??= awaitPool(context, pool).finally(() => (look.running = undefined))
  // If it fails after this block has stopped waiting, the next block looks again.
  look.running.catch(() => undefined)
  const own = look.running
  try {
    const signal = AbortSignal.timeout(pool.isAnnounced ? waitMs / ANNOUNCED_PARTS : waitMs)
    look.isHere = await untilAborted(signal, () => own)
  } catch (error) {
    if (pool.isAnnounced && isForGood(error)) {
      look.refusal = reasonOf(error)
      context.log.error({ reason: look.refusal }, 'not ready for the announced pool: it can not judge')
    } else if (!isOutage(error)) throw error
    else if (context.told.isNews(subjectOf(pool), reasonOf(error)))
      context.log.warn({ reason: reasonOf(error) }, 'the held-out pool can not be had now; trying again')
  }
  return look.isHere
}

/** Whether another try can't help. */
function isForGood(error: unknown): boolean {
  return error instanceof FatalDaemonError || (error instanceof EngineRefusal && error.code !== 'limit')
}

/**
 * Gets a held-out pool of the task, if somebody has handed it over by now, and checks that it can judge. Says once whom
 * to ask.
 *
 * @returns whether this validator can judge by it
 * @throws FatalDaemonError when the pool can't judge, or this validator was given another one
 */
export async function awaitPool(context: OracleContext, pool: TaskPool): Promise<boolean> {
  const { config, pools, told, log } = context
  const found = await pools.find(pool)
  if (found !== undefined) {
    await requireFitPool(context, pool, found.pool.samples)
    told.forget(subjectOf(pool))
    return true
  }
  const { poolRoot, firstRound } = pool
  if (told.isNews(subjectOf(pool), poolRoot))
    log.warn(
      pool.isAnnounced ? { poolRoot, firstRound } : { poolRoot },
      `waiting for the held-out pool: the task's owner seals it with \`assay task seal ${config.taskId}\`, and so does every oracle that has it`,
    )
  return false
}

const subjectOf = ({ poolRoot }: TaskPool) => `pool ${poolRoot}`
