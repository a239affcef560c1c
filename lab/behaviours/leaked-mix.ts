import { part } from '../leaks.ts'
import { leaked } from './leak.ts'

/** Every other sample that is shown is the held-out pool's. */
export const leakedMix = leaked({
  name: 'leaked-mix',
  description: 'contributors that train half on samples of the held-out pool, half on their own',
  leak: () => part(0.5, ({ copies }) => copies),
})
