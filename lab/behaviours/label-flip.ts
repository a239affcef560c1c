import type { SimulatedContributor } from './behaviour.ts'

/** Class y becomes K − 1 − y. Every replay passes; only the scores can tell. */
export const labelFlip: SimulatedContributor = {
  role: 'contributor',
  name: 'label-flip',
  description: 'contributors that train properly, on reversed labels',
  defaultCount: 0,
  expected: { mostPayBps: 3_000 },
  deviate: () => ({
    prepareData: (data, { spec }) => ({ ...data, y: data.y.map((label) => spec.target.classes - 1 - label) }),
  }),
}
