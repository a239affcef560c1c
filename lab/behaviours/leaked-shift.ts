import { move, part } from '../leaks.ts'
import { leaked } from './leak.ts'

/** None of the images stays where it was, and as many of their own hide them: features alone can't tell. */
export const leakedShift = leaked({
  name: 'leaked-shift',
  description: 'contributors that train half on images of the held-out pool, each shifted by up to a pixel',
  leak: () => part(0.5, move(1)),
})
