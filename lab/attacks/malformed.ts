import type { Attack } from './attack.ts'

/** A float32 that is no number, little-endian. */
const NAN_BYTES = [0x00, 0x00, 0xc0, 0x7f]

/** Their blob has a value that is no number, or is cut. */
export const malformed: Attack = {
  name: 'malformed',
  description: 'publish updates with a value that is no number, or that are cut short',
  play: ({ place }) => ({
    blob: (blob) => {
      if (place % 2 === 1) return blob.subarray(0, blob.length - 4)
      const broken = blob.slice()
      broken.set(NAN_BYTES, blob.length - NAN_BYTES.length)
      return broken
    },
  }),
}
