import type { TrainingWork } from '@assay/contributor/behaviour.ts'
import { delta } from '@assay/engine/run/update.ts'
import { traceWithOtherEnd } from '../behaviours/fake-trace.ts'
import { stateAfter, type Vector } from '../steps.ts'
import type { Attack, AttackMeans } from './attack.ts'
import { honestSteps } from './honest-steps.ts'

/** What a crafted step is made from: the honest steps of the round, and the attacker's own honest one. */
export type Craft = { honest: readonly Vector[]; own: Vector; means: AttackMeans; round: number }

type Words = Pick<Attack, 'name' | 'description'>

/**
 * An attack that sends a step of its own making. The attackers train as well, so that all of their windows but the last pass a
 * replay: no trace of a false update can do better.
 */
export function crafted(words: Words, craft: (known: Craft) => Vector): Attack {
  return {
    ...words,
    play: (means) => ({
      train: async (work: TrainingWork, honest) => {
        const trace = await honest()
        const { base, contents, round } = work
        const known = honestSteps(means.crowd, work)
        const own = delta(contents.spec, base, trace.at(-1)!)
        const step = craft({ honest: known.length > 0 ? known : [own], own, means, round })
        return traceWithOtherEnd(trace, stateAfter(contents.spec, base, step))
      },
    }),
  }
}

/** The same where all attackers send one step, which the first of them makes. It depends on the honest steps alone. */
export function craftedTogether(words: Words, craft: (known: Omit<Craft, 'own'>) => Vector): Attack {
  return crafted(words, (known) => {
    const { crowd } = known.means
    const name = `${words.name} of round ${known.round}`
    const kept = crowd.shared.get(name)
    if (kept !== undefined) return kept
    const step = craft(known)
    crowd.shared.set(name, step)
    return step
  })
}
