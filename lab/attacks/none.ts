import type { Attack } from './attack.ts'

export const none: Attack = {
  name: 'none',
  description: 'everybody is honest',
}
