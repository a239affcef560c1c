import type { Target } from '@assay/engine/package/sample-spec.ts'
import type { SimulatedContributor } from './behaviour.ts'

/** Class y becomes K − 1 − y, other targets their opposites. Every replay passes; only the scores can tell. */
export const labelFlip: SimulatedContributor = {
  role: 'contributor',
  name: 'label-flip',
  description: 'contributors that train properly, on reversed labels',
  defaultCount: 0,
  expected: { mostPayBps: 3_000 },
  deviate: () => ({
    prepareData: (data, { spec }) => ({ ...data, y: data.y.map(oppositeOf(spec.target)) }),
  }),
}

function oppositeOf(target: Target): (value: number) => number {
  switch (target.kind) {
    case 'class':
      return (label) => target.classes - 1 - label
    case 'tokens':
      return (token) => target.vocabulary - 1 - token
    case 'labels':
      return (label) => 1 - label
    default:
      return (value) => -value
  }
}
