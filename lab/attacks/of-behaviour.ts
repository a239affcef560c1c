import type { SimulatedContributor } from '../behaviours/behaviour.ts'
import type { Attack } from './attack.ts'

/** An attack by a behaviour of the demo, with its usual parameter. */
export function ofBehaviour(behaviour: SimulatedContributor): Attack {
  const { name, description, parameter } = behaviour
  return {
    name,
    description: description.replace('contributors that ', ''),
    play: ({ seed }) => behaviour.deviate({ seed, parameter: parameter?.default ?? 0, sharedDir: '' }),
  }
}
