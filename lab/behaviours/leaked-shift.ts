import { shift } from '../leaks.ts'
import { leaked } from './leak.ts'

/** Shifts hide most of the samples; one in nine stays where it was. */
export const leakedShift = leaked({
  name: 'leaked-shift',
  description: 'contributors that shift the images of the held-out pool by up to a pixel, at random',
  leak: () => shift(1),
})
