/** The engine of a seat, and the reference update that it trains once a round: it also tells how fast this machine is. */
import type { ReferenceUpdate } from '@assay/engine/judge/quality.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { rootSeed } from '@assay/sdk/protocol/sampling.ts'
import { inShareOf } from '../deadlines.ts'
import { engineUntil } from '../engine-until.ts'
import type { CohortInput } from './case.ts'
import { referenceOrFault } from './quality.ts'

/** How many times longer than expected the engine may work on an update, however many others wait for it. */
const PATIENCE = 4

/** What so many steps take on this machine, with patience. */
export function expectedMs({ notes }: CohortInput, steps: number): number {
  return PATIENCE * (notes.stepMs ?? 0) * steps
}

/** The reference update, in half of the time that is left at most. */
export async function referenceInTime(
  input: CohortInput,
): Promise<ReferenceUpdate | { fault: string } | { waiting: unknown }> {
  try {
    return await inShareOf(input.deadline, 2, (deadline) => referenceFor({ ...input, deadline }))
  } catch (error) {
    return { waiting: error }
  }
}

/** The reference update of this validator in this round, made once. */
export async function referenceFor(input: CohortInput): Promise<ReferenceUpdate | { fault: string }> {
  const { notes, base, holdout, spec, facts } = input
  if (notes.reference === undefined) {
    const ground = { engine: engineOf(input), base, holdout, round: facts.round }
    const began = performance.now()
    notes.reference = await referenceOrFault(ground, rootSeed(drawOf(input)))
    // The base model on the round's samples: a batch of them is taken to be as long as a step.
    notes.stepMs = (performance.now() - began) / (spec.rootSteps + holdout.n / spec.batchSize)
  }
  return notes.reference
}

/** What this validator's draws of the round follow from. */
export function drawOf({ context, facts: { beacon, taskId, round } }: CohortInput) {
  return { beacon, taskId, round, validator: context.account.address }
}

/** The engine, until the deadline of this part of the work. */
export function engineOf({ context, facts, spec, deadline }: CohortInput): Engine {
  return engineUntil(context, { specHash: facts.params.specHash, spec }, deadline.signal)
}
