import type { ContributorBehaviour } from '@assay/contributor/behaviour.ts'
import type { OracleBehaviour } from '@assay/oracle/behaviour.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'

/** A number that a behaviour takes, with its default and its bounds. */
export type Parameter = { meaning: string; default: number; least: number; most: number }

/** What the demo and the campaign expect of everybody with a behaviour. */
export type Expected = {
  /** Most pay, as a share of what the median honest participant of the same role earns. */
  mostPayBps: number
  /** Most pay for compute, as a share of what the median honest contributor gets for it; no bound of its own by default. */
  mostComputePayBps?: number
  /** Set when it has to lose stake. */
  isSlashed?: true
}

/** What a behaviour is made from: a seed of its own, and the value of its parameter. */
export type Means = { seed: Hash; parameter: number }

/** What a contributor has from others: the folder that it shares with its accomplice, and a pool that leaked. */
export type Shared = { sharedDir: string; poolFile?: string | undefined }

type Registered = {
  /** How command lines and reports call it. */
  name: string
  /** For help: who has this behaviour. */
  description: string
  /** How many take part in the demo by default. */
  defaultCount: number
  parameter?: Parameter
  expected: Expected
}

/** A way in which a contributor deviates. */
export type SimulatedContributor = Registered & {
  role: 'contributor'
  /** Set when it needs a task whose evaluation graph has the weak spot of lab/weak-graph.ts. */
  needsWeakGraph?: true
  deviate: (means: Means & Shared) => ContributorBehaviour
  /** What an otherwise honest contributor does for it. When given, the behaviour needs such an accomplice. */
  accomplice?: (shared: Shared) => ContributorBehaviour
}

/** A way in which a validator deviates. */
export type SimulatedValidator = Registered & {
  role: 'validator'
  /** Name of the demo's option that says how many there are; the name with "-validators" by default. */
  option?: string
  /**
   * Rounds after which it may be out of the draw, because it misses its duties or a verdict takes its stake: the others have to be
   * enough then.
   */
  leavesDrawAfter?: number
  deviate: (means: Means) => OracleBehaviour
}

export type SimulatedBehaviour = SimulatedContributor | SimulatedValidator
export type Role = SimulatedBehaviour['role']
