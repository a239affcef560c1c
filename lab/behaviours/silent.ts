import type { SimulatedValidator } from './behaviour.ts'

export const silent: SimulatedValidator = {
  role: 'validator',
  name: 'silent',
  description: 'validators that join and never act',
  defaultCount: 0,
  // Who misses five rounds of ten is out.
  leavesDrawAfter: 5,
  expected: { mostPayBps: 5_000, isSlashed: true },
  deviate: () => ({ silent: true }),
}
