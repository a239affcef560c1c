import type { ContributorBehaviour } from '@assay/contributor/behaviour.ts'
import type { OracleBehaviour } from '@assay/oracle/behaviour.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { Shared, SimulatedBehaviour } from './behaviour.ts'
import { behaviourNamed } from './registry.ts'

/** Somebody's part: `honest` or a registered behaviour, and its parameter if it isn't the default. */
type Part = { name: string; seed: Hash; parameter?: number }

/**
 * The behaviour of a contributor's daemon, by name.
 *
 * @param part.isAccomplice it is honest itself and helps somebody with this behaviour
 * @throws Error for a name that isn't registered, or a parameter that the behaviour doesn't take
 */
export function playContributor(part: Part & Shared & { isAccomplice?: boolean }): ContributorBehaviour {
  const { name, seed, sharedDir, poolFile, isAccomplice = false } = part
  if (name === 'honest') return {}
  const behaviour = behaviourNamed('contributor', name)
  if (!isAccomplice)
    return behaviour.deviate({ seed, sharedDir, poolFile, parameter: parameterOf(behaviour, part) })
  if (behaviour.accomplice === undefined) throw new Error(`${name} needs no accomplice: use honest`)
  return behaviour.accomplice({ sharedDir })
}

/**
 * The behaviour of an oracle, by name.
 * @throws Error for a name that isn't registered, or a parameter that the behaviour doesn't take
 */
export function playValidator(part: Part): OracleBehaviour {
  if (part.name === 'honest') return {}
  const behaviour = behaviourNamed('validator', part.name)
  return behaviour.deviate({ seed: part.seed, parameter: parameterOf(behaviour, part) })
}

function parameterOf({ name, parameter }: SimulatedBehaviour, { parameter: given }: Part): number {
  if (parameter === undefined) {
    if (given === undefined) return 0
    throw new Error(`${name} takes no parameter, but was given ${given}: leave it out`)
  }
  const { meaning, least, most, default: usual } = parameter
  const value = given ?? usual
  if (value >= least && value <= most) return value
  throw new Error(
    `${name}'s parameter (${meaning}) is ${value}, but must be from ${least} to ${most}: use ${usual}`,
  )
}
