/** Writes real handwritten digits as pictures: what a person has who has pictures. */
import { parseArgs } from 'node:util'
import { PICTURE_FOLDERS, writeDigitPictures } from '@assay/lab/digit-pictures.ts'
import { keccak256, toHex } from 'viem'

const USAGE = `npm run exec -- node examples/digits/write.ts --out FOLDER [options]

Writes handwritten digits as PNG files of 28 × 28 pixels, a folder for each digit: FOLDER/${PICTURE_FOLDERS.train} to make a task of,
FOLDER/${PICTURE_FOLDERS.test} to see what its model says of others.

  --out FOLDER   where to write
  --train N      pictures of each digit in FOLDER/${PICTURE_FOLDERS.train} (default 200)
  --test N       pictures of each digit in FOLDER/${PICTURE_FOLDERS.test} (default 50)
  --seed N       which they are (default 1)
  --help         this text`

/** There are about a thousand of each digit. */
const MOST_PICTURES = 900

function count(option: string, text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= MOST_PICTURES) return Number(text)
  throw new Error(`${option} must be a whole number from 1 to ${MOST_PICTURES}, not "${text}"`)
}

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      out: { type: 'string' },
      train: { type: 'string', default: '200' },
      test: { type: 'string', default: '50' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help || values.out === undefined) {
    console.log(USAGE)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const pictures = { train: count('--train', values.train), test: count('--test', values.test) }
  await writeDigitPictures(values.out, { pictures, seed: keccak256(toHex(values.seed)) })
  console.log(
    `${values.out}: ${10 * pictures.train} pictures to make a task of, ${10 * pictures.test} others`,
  )
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 2
}
