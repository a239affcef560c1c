import { crafted } from './crafted.ts'

const FACTOR = 10

export const scale = crafted(
  { name: 'scale', description: 'send ten times their own honest update' },
  ({ own }) => own.map((value) => FACTOR * value),
)
