import type { Attack } from './attack.ts'

/** They wait to see others' updates, and the contract takes no submission any more. */
export const late: Attack = {
  name: 'late',
  description: 'submit when the round is closed',
  play: () => ({ isLate: true }),
}
