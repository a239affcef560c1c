import type { SimulatedValidator } from './behaviour.ts'

/** Scores and votes honestly, and accuses honest colleagues, whose pay a case keeps until it ends. */
export const griefing: SimulatedValidator = {
  role: 'validator',
  name: 'griefing',
  description: 'validators that accuse colleagues of true scores',
  defaultCount: 0,
  // Its own service is honest, and who is drawn more often earns more.
  expected: { mostPayBps: 20_000 },
  deviate: () => ({ callsFalse: ({ kind }) => kind === 'falseScore' }),
}
