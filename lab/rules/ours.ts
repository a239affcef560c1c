import type { Rule } from './rule.ts'

export const ours: Rule = {
  name: 'ours',
  description: 'seats judge, medians settle, and what they give weighs in the model',
}
