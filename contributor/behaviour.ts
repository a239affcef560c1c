import type { Dataset } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { Address } from 'viem'

/** Everything that a round's training starts from. */
export type TrainingWork = {
  taskId: bigint
  round: number
  /** Whether the task pays for no further round: it audits everybody. */
  isLastRound: boolean
  contributor: Address
  contents: TaskPackage
  /** Opens the engine at the first call. */
  engine: () => Promise<Engine>
  /** The contributor's samples as enrolled. */
  data: Dataset
  /** The round's base model, with the local tensors that a round starts with. */
  base: State
  /** The model before `base`, if there was one and the contributor can still get it. */
  previousBase: () => Promise<State | undefined>
  /** Fixes the order of the samples. Nobody knew it when the contributor enrolled. */
  batchSeed: Hash
  /** Blocks since the round started. */
  blocksSinceStart: number
}

/** States at the window borders, W + 1 of them: the base first, the update last. */
export type Trace = Iterable<State> | AsyncIterable<State>

/**
 * How a simulated contributor deviates. The daemon itself never sets any of it. Nothing here goes beyond what a
 * dishonest contributor could do by changing its own copy of the program.
 */
export type ContributorBehaviour = {
  /** Replaces the samples, before the contributor commits to them. */
  prepareData?: (data: Dataset, contents: TaskPackage) => Dataset
  /**
   * Replaces training; `honest` is the real one. It returns undefined to be asked again at the next block. Once it has
   * returned a trace, it must return the same one when asked again.
   */
  train?: (work: TrainingWork, honest: () => Promise<State[]>) => Promise<Trace | undefined>
  /** Whether to publish the update once the round is sealed. */
  shouldOpen?: (round: number) => boolean
  /** Whether to publish the evidence of a drawn window. `stateHashes` are those at the borders. */
  shouldShow?: (window: number, stateHashes: readonly Hash[]) => boolean
}
