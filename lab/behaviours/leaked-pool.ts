import { leaked } from './leak.ts'

/** A validator gave the held-out pool away. Every replay passes; only the samples that are shown can tell. */
export const leakedPool = leaked({
  name: 'leaked-pool',
  description: 'contributors that train properly, on the held-out pool that a validator gave them',
  leak:
    () =>
    ({ copies }) =>
      copies,
})
