import type { Attack } from './attack.ts'

/** They see what others revealed, and keep their own sheets back. Only silence is a fault. */
export const withholdReveal: Attack = {
  name: 'withhold-reveal',
  description: 'validators never reveal their sheets',
  judge: () => ({ silent: true }),
}
