import { clippedNoise } from '../leaks.ts'
import { leaked } from './leak.ts'

/** Noise hides that the samples are the held-out pool's, but they stay nearer to it than any other. */
export const leakedNoise = leaked({
  name: 'leaked-noise',
  description: 'contributors that put noise on the samples of the held-out pool that they train on',
  parameter: { meaning: 'noise on the copies, as a standard deviation', default: 0.2, least: 0, most: 0.3 },
  leak: clippedNoise,
})
