import { subset } from '@assay/engine/package/data.ts'
import type { Attack } from './attack.ts'

/** Samples of which each is repeated, and how many they pose as. */
const DISTINCT_SHARE = 0.3
const POSED = 1_000

/** Three tenths of their samples, repeated until they pose as a thousand: data pay is linear in samples. */
export const duplicates: Attack = {
  name: 'duplicates',
  description: `pose as ${POSED} samples with three tenths of their own, repeated`,
  play: () => ({
    prepareData: (data) => {
      const distinct = Math.max(1, Math.floor(DISTINCT_SHARE * data.n))
      return subset(
        data,
        Array.from({ length: POSED }, (_, i) => i % distinct),
      )
    },
  }),
}
