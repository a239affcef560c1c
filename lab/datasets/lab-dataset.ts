import type { Dataset } from '@assay/engine/package/data.ts'
import type { TaskContents } from '@assay/engine/package/task-contents.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { Partition } from '../deal.ts'

/** Samples that a federation of the lab is about. */
export type LabDataset = {
  name: string
  /** For help: what it holds. */
  description: string
  classes: number
  /** The task's package, with the held-out pool. @param options.steps of a round */
  contents(options: { seed: Hash; steps: number }): Promise<TaskContents>
  /** Everybody's samples. */
  shards(options: { seed: Hash; contributors: number; partition: Partition }): Promise<Dataset[]>
  /** Samples that nobody trains or scores with. */
  test(): Promise<Dataset>
  /** The samples with a backdoor's trigger on each of them. Those who plant it want class {@link BACKDOOR_CLASS}. */
  triggered(data: Dataset): Dataset
}

/** The class that a backdoor makes of a sample with its trigger. */
export const BACKDOOR_CLASS = 0
