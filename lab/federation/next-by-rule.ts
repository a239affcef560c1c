/** The next global model by a rule that looks at updates alone: nobody is judged or paid. */
import { modelHash } from '@assay/engine/package/model.ts'
import { isDeterministic } from '@assay/engine/refusal.ts'
import { train } from '@assay/engine/run/train.ts'
import { delta, parseUpdate } from '@assay/engine/run/update.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import type { Rule } from '../rules/rule.ts'
import { stateAfter, type Vector } from '../steps.ts'
import type { Federation } from './federation.ts'
import type { NextModel } from './next-model.ts'
import type { Work } from './work.ts'

export async function nextByRule(
  federation: Federation,
  combine: NonNullable<Rule['combine']>,
  works: readonly Work[],
): Promise<NextModel> {
  const { contents, models, contributors } = federation
  const { spec } = contents
  const { state: base, hash } = models.at(-1)!
  const usable = works.flatMap((work) => {
    const step = stepOf(federation, work)
    return step === undefined ? [] : [{ work, step, samples: work.contributor.data.n }]
  })
  if (usable.length === 0) return { state: base, hash, kept: 'nothing to add', weights: new Map() }
  const attackers = contributors.filter(({ isAttacker }) => isAttacker).length
  const { step, weights } = await combine(usable, { attackers, root: () => rootStep(federation) })
  const state = stateAfter(spec, base, step)
  const weightOf = usable.map(({ work }, i) => [work.contributor.index, weights[i]!] as const)
  return { state, hash: modelHash(spec, state), weights: new Map(weightOf) }
}

/** The step of an opened update; undefined if its blob is none of the task. */
function stepOf(
  { contents: { spec }, models }: Federation,
  { made, contributor, ground }: Work,
): Vector | undefined {
  if (contributor.behaviour.shouldOpen?.(ground.round) === false) return undefined
  try {
    return delta(spec, models.at(-1)!.state, parseUpdate(spec, made!.blob).model)
  } catch (error) {
    if (isDeterministic(error)) return undefined
    throw error
  }
}

async function rootStep({ contents, engine, models, pool, options }: Federation): Promise<Vector> {
  const base = models.at(-1)!.state
  const round = models.length
  const batchSeed = deriveSeed(options.seed, 'trusted root', BigInt(round))
  const { final } = await train({ engine, base, data: pool, round, batchSeed, keepBorders: false })
  return delta(contents.spec, base, final)
}
