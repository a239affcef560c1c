import type { ContributorBehaviour } from '@assay/contributor/behaviour.ts'
import type { OracleBehaviour } from '@assay/oracle/behaviour.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'

/** A number that a behaviour can be told, and what it is unless told. */
export type Parameter = { meaning: string; default: number; least: number; most: number }

/** What everybody with a behaviour is held to, by the demo and the campaign. */
export type Expected = {
  /** Pay, as a share of what the median honest participant of the same role earns. */
  mostPayBps: number
  /** Whether it has to lose stake. */
  isSlashed?: true
}

/** What a behaviour deviates with: chance of its own, and the value of its parameter. */
export type Means = { seed: Hash; parameter: number }

/** The folder that a contributor shares with its accomplice. */
export type Shared = { sharedDir: string }

type Registered = {
  /** How command lines and reports call it. */
  name: string
  /** For help: who has this behaviour. */
  description: string
  /** How many take part in the demo unless its command line says otherwise. */
  defaultCount: number
  parameter?: Parameter
  expected: Expected
}

/** A way in which a contributor deviates. */
export type SimulatedContributor = Registered & {
  role: 'contributor'
  deviate: (means: Means & Shared) => ContributorBehaviour
  /** What an otherwise honest contributor does for it. Given: it needs such an accomplice. */
  accomplice?: (shared: Shared) => ContributorBehaviour
}

/** A way in which a validator deviates. */
export type SimulatedValidator = Registered & {
  role: 'validator'
  /** It misses its duties, so it is soon out of the draw, and the others have to be enough. */
  leavesDraw?: true
  deviate: (means: Means) => OracleBehaviour
}

export type SimulatedBehaviour = SimulatedContributor | SimulatedValidator
export type Role = SimulatedBehaviour['role']
