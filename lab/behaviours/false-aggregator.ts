import { parseCohortBlob, writeCohortBlob } from '@assay/engine/aggregate/cohort-blob.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import type { SimulatedValidator } from './behaviour.ts'

/** Votes for an aggregate of its own: the step of the honest one, turned around. */
export const falseAggregator: SimulatedValidator = {
  role: 'validator',
  name: 'false-aggregator',
  option: 'false-aggregator',
  description: "validators that vote for aggregates that aren't the rule's",
  defaultCount: 0,
  leavesDrawAfter: 1,
  expected: { mostPayBps: 10_000, isSlashed: true },
  deviate: () => ({
    chooseVote: ({ subject, honest, forge }) => (subject === 'model' ? honest() : forge(turnedAround)),
  }),
}

/** It names the same members with the same weight, so nothing but its step is false. */
function turnedAround(blob: Uint8Array, spec: TaskSpec): Uint8Array {
  const said = parseCohortBlob(spec, blob)
  const delta = new Map([...said.delta].map(([name, values]) => [name, values.map((value) => -value)]))
  return writeCohortBlob(spec, { ...said, delta })
}
