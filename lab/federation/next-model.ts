/** The next global model from the settled cohorts, by the oracle's own rule. */
import { aggregateCohort } from '@assay/engine/aggregate/aggregate.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { startState } from '@assay/engine/package/model.ts'
import { readModel } from '@assay/engine/package/model-blob.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { settledWeight } from '@assay/oracle/aggregate.ts'
import type { AgreedAggregate } from '@assay/oracle/combine-aggregates.ts'
import type { JudgeContext } from '@assay/oracle/judge-context.ts'
import { makeModel } from '@assay/oracle/make-model.ts'
import { samplesOfRound } from '@assay/oracle/pool/round-samples.ts'
import { expectedOf, type Member, type RoundFacts } from '@assay/oracle/round-facts.ts'
import { fetchUpdate } from '@assay/oracle/verify/fetch-update.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { CpuMeter } from './cpu.ts'
import { TASK_ID } from './deployment.ts'
import type { Outcome } from './settle-cohort.ts'

/** A settled cohort, its outcomes in the order of its members. */
export type Settled = { cohort: number; members: readonly Member[]; outcomes: readonly Outcome[] }

export type NextModel = {
  state: State
  hash: Hash
  /** Why the base model stays, where it does. */
  kept?: string
  /** Weight of each contributor's update in the step, by index; the sum is 1 unless there is none. */
  weights: Map<number, number>
}

/** @param ground what every seat has; each seat of a committee does this work, so it is counted as often */
export async function nextModel(
  ground: {
    context: JudgeContext
    contents: TaskPackage
    engine: Engine
    base: State
    verification: CpuMeter
  },
  facts: RoundFacts,
  settled: readonly Settled[],
): Promise<NextModel> {
  const { contents, base, engine, context, verification } = ground
  const weighed = settled.map((cohort) => ({ ...cohort, weights: weightsOf(facts, cohort) }))
  const aggregates: AgreedAggregate[] = []
  for (const one of weighed)
    aggregates.push(await verification.duringFor(facts.committeeSize, () => aggregateOf(ground, facts, one)))
  const made = await verification.duringFor(facts.committeeSize, async () => {
    const judged = await samplesOfRound(context, { ...facts, taskId: TASK_ID })
    return makeModel({ engine, spec: contents.spec, base, made: facts, judged }, aggregates)
  })
  const weights = sharesOf(weighed)
  if (!('blob' in made)) {
    const kept = made.kept === 'rejected' ? made.reason : made.kept
    return { state: base, hash: facts.baseModelHash, kept, weights }
  }
  const state = startState(contents, readModel(contents.spec, made.blob).state)
  return { state, hash: blobHash(made.blob), weights }
}

function weightsOf({ params: { dataUnitsLimit } }: RoundFacts, { outcomes }: Settled): bigint[] {
  return outcomes.map(({ result, contributor }) =>
    settledWeight(result, { dataUnits: contributor.data.n, dataUnitsLimit }),
  )
}

async function aggregateOf(
  { context, contents, base }: { context: JudgeContext; contents: TaskPackage; base: State },
  facts: RoundFacts,
  { cohort, members, outcomes, weights }: Settled & { weights: readonly bigint[] },
): Promise<AgreedAggregate> {
  const { spec } = contents
  const { store, reader } = context
  const taken = []
  for (const [i, member] of members.entries()) {
    const weight = weights[i]!
    const expected = expectedOf(reader.deployment, facts, member)
    const { commitment } = member
    const update = weight > 0n ? await fetchUpdate({ store, spec, commitment, expected }) : undefined
    taken.push({ weight, final: update?.ok ? update.final : undefined })
  }
  const { blob } = aggregateCohort({ spec, base, members: taken })
  return { cohort, blob, results: outcomes.map(({ result }) => result) }
}

function sharesOf(weighed: readonly (Settled & { weights: readonly bigint[] })[]): Map<number, number> {
  const all = weighed.flatMap(({ outcomes, weights }) =>
    outcomes.map(({ contributor }, i) => [contributor.index, Number(weights[i]!)] as const),
  )
  const total = all.reduce((sum, [, weight]) => sum + weight, 0)
  return new Map(all.map(([index, weight]) => [index, total === 0 ? 0 : weight / total]))
}
