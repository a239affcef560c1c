import type { TrainingWork } from '@assay/contributor/behaviour.ts'
import type { State } from '@assay/engine/package/state.ts'
import { trainWindows } from '@assay/engine/run/train.ts'

/** Trains as assigned, on whatever the work says: the states at the window borders. */
export async function statesOf({ engine, ...work }: TrainingWork): Promise<State[]> {
  const states: State[] = []
  for await (const { state } of trainWindows({ engine: await engine(), ...work })) states.push(state)
  return states
}
