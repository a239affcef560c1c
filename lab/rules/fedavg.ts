import type { Rule } from './rule.ts'
import { weightedMean } from './weighted.ts'

export const fedAvg: Rule = {
  name: 'fedavg',
  description: 'the mean, weighted by samples (McMahan and others 2017)',
  combine: async (updates) =>
    weightedMean(
      updates.map(({ step }) => step),
      updates.map(({ samples }) => samples),
    ),
}
