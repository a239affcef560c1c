/** The digits as pictures: what somebody has who has no arrays, a folder of PNG files for each class. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { encode } from 'fast-png'
import { DIGIT_CLASSES, readDigits, SIDE } from './digits.ts'
import { seededRng } from './rng.ts'

const WHITE = 255

/** Folders with a folder for each digit. */
export const PICTURE_FOLDERS = { train: 'train', test: 'test' } as const

/**
 * Writes pictures of 28 × 28 grey pixels, drawn by the seed, as many of each digit: `train/7/0001.png`, `test/7/0001.png`.
 *
 * @param pictures of each digit in `train`, and in `test`
 * @throws RangeError when a digit has fewer
 */
export async function writeDigitPictures(
  folder: string,
  { pictures, seed }: { pictures: Record<keyof typeof PICTURE_FOLDERS, number>; seed: Hash },
): Promise<void> {
  const { inputs, y } = await readDigits()
  const x = inputs.x as Float32Array
  const { shuffled } = seededRng(seed, 'digit pictures')
  for (let digit = 0; digit < DIGIT_CLASSES; digit++) {
    const members = shuffled([...y.keys()].filter((i) => y[i] === digit))
    const wanted = pictures.train + pictures.test
    if (members.length < wanted)
      throw new RangeError(`there are ${members.length} pictures of the digit ${digit}, not ${wanted}`)
    const parts = { train: members.slice(0, pictures.train), test: members.slice(pictures.train, wanted) }
    for (const [name, part] of Object.entries(parts)) {
      const place = join(folder, PICTURE_FOLDERS[name as keyof typeof parts], String(digit))
      await mkdir(place, { recursive: true })
      // At once: each waits for the disk.
      await Promise.all(part.map((member, i) => writePicture(place, i, pngOf(x, member))))
    }
  }
}

async function writePicture(place: string, i: number, png: Uint8Array): Promise<void> {
  await writeWholeFile(join(place, `${String(i + 1).padStart(4, '0')}.png`), png)
}

/** The digits' values are shares of white. */
function pngOf(x: Float32Array, digit: number): Uint8Array {
  const values = x.subarray(digit * SIDE * SIDE, (digit + 1) * SIDE * SIDE)
  const data = Uint8Array.from(values, (share) => Math.round(share * WHITE))
  return encode({ width: SIDE, height: SIDE, channels: 1, depth: 8, data })
}
