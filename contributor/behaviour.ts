import type { Dataset } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { Address } from 'viem'

/** All that a round's training starts from. */
export type TrainingWork = {
  taskId: bigint
  round: number
  contributor: Address
  contents: TaskPackage
  /** Opens the engine at the first call. */
  engine: () => Promise<Engine>
  /** The contributor's samples as enrolled. */
  data: Dataset
  base: State
  /** The model before `base`, if there was one and this contributor still has it. */
  previousBase: () => Promise<State | undefined>
  /** Fixes the order of the samples; drawn after the contributor enrolled. */
  batchSeed: Hash
  /** Blocks since the round opened. */
  blocksSinceOpened: number
}

/** States at the window borders, W + 1 of them: the base first, the update last. */
export type Trace = State[]

/**
 * Where simulations make a contributor behave otherwise. The daemon itself never sets any of it; nothing here reaches further
 * than what a dishonest contributor could do by changing its own copy of the program.
 */
export type ContributorBehaviour = {
  /** Replaces the samples, before the contributor commits to them. */
  prepareData?: (data: Dataset, contents: TaskPackage) => Dataset
  /** Replaces training; `honest` does it. `undefined`: not yet, ask again at the next block. Must give the same trace when asked again. */
  train?: (work: TrainingWork, honest: () => Promise<Trace>) => Promise<Trace | undefined>
  /** Whether to publish the update once the round is sealed. */
  shouldOpen?: (round: number) => boolean
}
