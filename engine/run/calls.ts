import type { Inputs } from '../package/data.ts'
import type { StepBatch } from './step-batch.ts'

/**
 * Most operations of one call of a sandboxed engine: as many as one run may take. What is a call's limit of time is then
 * never about how many batches somebody evaluates at once.
 */
const CALL_OPERATIONS = 2 ** 34
/** Most values of batches in one call: 64 MiB as float32. They are copied into the sandbox. */
const CALL_VALUES = 2 ** 24

/** Splits batches among calls, in order. One batch at least goes into each; no batches make one empty call. */
export function callsOf<B extends Inputs & Partial<StepBatch>>(
  batches: readonly B[],
  { operations }: { operations: number },
): readonly (readonly B[])[] {
  const calls: B[][] = [[]]
  let values = 0
  for (const batch of batches) {
    const size = valuesIn(batch)
    const call = calls.at(-1)!
    const isFull = (call.length + 1) * operations > CALL_OPERATIONS || values + size > CALL_VALUES
    if (call.length > 0 && isFull) {
      calls.push([batch])
      values = size
    } else {
      call.push(batch)
      values += size
    }
  }
  return calls
}

function valuesIn({ inputs, y, noise }: Inputs & Partial<StepBatch>): number {
  const parts = [...Object.values(inputs), ...(noise?.values() ?? [])]
  return parts.reduce((sum, { length }) => sum + length, y?.length ?? 0)
}
