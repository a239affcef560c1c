import { setTimeout as sleep } from 'node:timers/promises'
import type { Block } from '@assay/daemon/clock.ts'
import { readEarnings } from '@assay/sdk/verbs/rounds/read-earnings.ts'
import { answerDuty } from './answer-duty.ts'
import type { ContributorContext } from './contributor-context.ts'
import { openCasesAgainst } from './own-cases.ts'
import { serveDuty } from './serve-duty.ts'

/** Milliseconds between two looks at the chain while something long goes on. */
const LOOK_MS = 15_000

/** Waits for work that may take hours, and meanwhile does what can't wait for its end. */
export type Meanwhile = <T>(work: Promise<T>) => Promise<T>

/**
 * Looks at the chain again and again while work goes on. A look is over before the work's result is given back, so that never two
 * duties post at once; work that a look itself waits for is just waited for.
 *
 * @param look must not throw
 * @param pause waits until the next look, or until the signal aborts
 */
export function openMeanwhile(look: () => Promise<void>, pause = pauseFor): Meanwhile {
  let isLooking = false
  return async (work) => {
    if (isLooking) return work
    isLooking = true
    const over = new AbortController()
    const looks = lookUntil(over.signal, look, pause)
    try {
      return await work
    } finally {
      over.abort()
      await looks
      isLooking = false
    }
  }
}

async function lookUntil(
  signal: AbortSignal,
  look: () => Promise<void>,
  pause: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  for (;;) {
    await pause(signal)
    if (signal.aborted) return
    await look()
  }
}

async function pauseFor(signal: AbortSignal): Promise<void> {
  // Aborting ends it early, which is no failure.
  await sleep(LOOK_MS, undefined, { signal, ref: false }).catch(() => undefined)
}

/**
 * Answers cases at new blocks while training goes on: an opening has to be posted within hours, and a window given to its readers, but
 * training may take longer. What fails is tried again at the next look.
 */
export function attendCases(context: ContributorContext): () => Promise<void> {
  let last: bigint | undefined
  return async () => {
    try {
      const block = await newestBlock(context)
      if (block.number === last || context.signal.aborted) return
      await attend(context, block)
      last = block.number
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (context.told.isNews('cases while training', reason))
        context.log.warn({ reason }, 'cases can not be looked at while training goes on, trying again')
    }
  }
}

async function attend(context: ContributorContext, block: Block): Promise<void> {
  const { reader, config, account, outbox } = context
  await outbox.update(block)
  const of = { taskId: config.taskId, blockNumber: block.number, account: account.address }
  const cases = await openCasesAgainst(context, { block, earnings: await readEarnings(reader, of) })
  await answerDuty(context, { block, cases })
  await serveDuty(context, { block, cases })
}

async function newestBlock({ reader }: ContributorContext): Promise<Block> {
  const { number, timestamp, hash, parentHash, baseFeePerGas } = await reader.chain.getBlock()
  // What a reorganisation changes is found at the next block that is looked at in the usual way.
  return { number, timestamp, hash, parentHash, baseFeePerGas: baseFeePerGas ?? 0n, reorganised: false }
}
