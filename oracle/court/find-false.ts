import { writePool } from '@assay/engine/package/pool.ts'
import type { CaseFacts } from '@assay/sdk/protocol/cases.ts'
import { ROOT_COHORT } from '@assay/sdk/protocol/sampling.ts'
import { readReveals } from '@assay/sdk/verbs/rounds/read-reveals.ts'
import { zeroHash } from 'viem'
import { readAggregateVotes, readModelVotes } from '../aggregate-votes.ts'
import { measureSteps } from '../measure-model.ts'
import { openModelShelf } from '../models.ts'
import type { OracleContext } from '../oracle-context.ts'
import { type ClosedRound, readClosedRound } from './recompute/closed-round.ts'
import { RECOMPUTATIONS, type RecomputeContext } from './recompute/recompute.ts'
import { type CastVote, type CheckedWord, entryToCheck, hashesToCheck } from './words-to-check.ts'

/** Looks that must come to the same value before somebody is accused. */
const LOOKS = 2

/**
 * What colleagues said falsely in a closed round, as far as this oracle looks: one entry of one of them, and votes. Each finding
 * was computed twice, from bytes that were read anew and by a new engine. What can't be had accuses nobody.
 *
 * @param signal ends the work
 * @throws StoreError `unavailable`, EngineRefusal `limit`, or an error of the node: the next block is worth another try
 */
export async function findFalse(
  context: OracleContext,
  round: number,
  signal: AbortSignal,
): Promise<CheckedWord[]> {
  const closed = await readClosedRound(context.reader, { taskId: context.config.taskId, round })
  const found: CheckedWord[] = []
  for (const word of await wordsToCheck(context, closed))
    if (await isFalse(context, closed, word, signal)) found.push(word)
  return found
}

async function wordsToCheck(
  { reader, account: { address } }: OracleContext,
  closed: ClosedRound,
): Promise<CheckedWord[]> {
  const { taskId, round, span } = closed
  const reveals = await readReveals(reader, { taskId, round, span })
  const models = await readModelVotes(reader, { taskId, round, span })
  const votes: CastVote[] = [
    ...(await readAggregateVotes(reader, { taskId, round, span })),
    ...models.map((vote) => ({ ...vote, cohort: ROOT_COHORT })),
  ]
  const judged = { ...closed, submissions: closed.submissions.length }
  return [...entryToCheck(judged, reveals, address), ...hashesToCheck(judged, votes, address)]
}

async function isFalse(
  context: OracleContext,
  closed: ClosedRound,
  word: CheckedWord,
  signal: AbortSignal,
): Promise<boolean> {
  const { callsFalse } = context.behaviour
  if (callsFalse !== undefined) return callsFalse(word)
  const evidence = await evidenceFor(context, closed, word)
  const values = new Set<string>()
  for (let look = 0; look < LOOKS; look++) {
    if (look > 0) await context.bench.discardEngine()
    const found = await RECOMPUTATIONS[word.kind]!.recompute(anew(context, signal), factsOf(word), evidence)
    if (typeof found === 'string' || found.value === word.accused) return false
    values.add(found.value)
  }
  if (values.size === 1) return true
  context.log.error(
    { ...word, values: [...values] },
    'two computations of the same differ: nobody is accused',
  )
  return false
}

/** Memories of this oracle aren't asked: neither for blobs nor for models. */
function anew(context: OracleContext, signal: AbortSignal): RecomputeContext {
  const { reader, bench, uploads, account } = context
  const { store } = uploads
  const models = openModelShelf(reader, store, bench, measureSteps(context))
  return { reader, bench, store, models, juror: account.address, signal }
}

/**
 * What the jurors of a case about it will be shown: the held-out pool that judged the round.
 *
 * @returns undefined where they need nothing, or this oracle doesn't have that pool any more
 */
export async function evidenceFor(
  { pools, bench }: Pick<OracleContext, 'pools' | 'bench'>,
  { params, poolRoot }: Pick<ClosedRound, 'params' | 'poolRoot'>,
  { kind }: Pick<CheckedWord, 'kind'>,
): Promise<Uint8Array | undefined> {
  if (kind === 'falseAggregate') return undefined
  const { specHash } = params
  const kept = await pools.find({ specHash, poolRoot })
  if (kept === undefined) return undefined
  return writePool(kept.pool, (await bench.package(specHash)).spec)
}

/** The facts as a case would have them, as far as a recomputation reads them. */
function factsOf(word: CheckedWord): CaseFacts {
  const { defendant } = word
  const unread = {
    challenger: defendant,
    bond: 0n,
    base: 0n,
    context: zeroHash,
    evidence: zeroHash,
    committee: 0n,
    committedAt: 0n,
  }
  return { ...unread, ...word }
}
