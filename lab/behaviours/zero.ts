import { windowCount } from '@assay/engine/package/task-spec.ts'
import type { SimulatedContributor } from './behaviour.ts'
import { straightTrace } from './fake-trace.ts'

export const zero: SimulatedContributor = {
  role: 'contributor',
  name: 'zero',
  description: 'contributors that send the base model back unchanged',
  defaultCount: 0,
  expected: { mostPayBps: 3_000 },
  deviate: () => ({
    train: async ({ base, contents }) => straightTrace(base, base, windowCount(contents.spec)),
  }),
}
