import { lazy } from '../behaviours/lazy.ts'
import type { Attack } from './attack.ts'

export const lazyConstant: Attack = {
  name: 'lazy-constant',
  description: 'validators look at nothing and say the same of everybody',
  judge: ({ seed }) => lazy.deviate({ seed, parameter: 0 }),
}
