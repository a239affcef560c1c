/** Works out a preprocess.json for pictures in folders: classes, size, channels, and how their values are scaled. */
import { checkPreprocess, PREPROCESS_FORMAT } from '../package/preprocess.ts'
import { demand } from '../refusal.ts'
import { onBackground, resized, withChannels } from './fit-picture.ts'
import type { Learned } from './learned.ts'
import { isPicture, openPicture, pictureHeader } from './open-picture.ts'
import type { RawFile } from './raw-file.ts'

/** Larger pictures are made smaller, unless a size is given. */
const LARGEST_SIDE = 64
const USUAL_SIDE = 32
const WHITE = 255

type Size = { width: number; height: number }

/**
 * Works out how pictures become samples.
 *
 * @param size of the samples; by default that of the pictures, if all have the same and it is at most 64 × 64, else 32 × 32
 * @throws EngineRefusal `data` for pictures of fewer than two folders, or broken ones
 */
export async function learnPictures(files: readonly RawFile[], size?: Size): Promise<Learned> {
  const pictures = files.filter(isPicture)
  const loose = pictures.find(({ path }) => !path.includes('/'))
  demand(
    loose === undefined,
    'data',
    () => `${loose?.path} stands in no folder: put the pictures of each class into one`,
  )
  const classes = [...new Set(pictures.map(({ path }) => path.split('/')[0]!))].sort()
  demand(
    classes.length > 1,
    'data',
    () => `there are pictures of ${classes.length} class: expected a folder for each of at least two`,
  )
  const notes: string[] = []
  const fit = size === undefined ? await sizeOf(pictures, notes) : { ...size, resize: 'area' as const }
  const { channels, scale, hasHoles } = await pixelsOf(pictures, fit)
  if (hasHoles) notes.push('pixels that are not opaque show white')
  const recipe = checkPreprocess({
    format: PREPROCESS_FORMAT,
    kind: 'pictures',
    input: 'x',
    ...fit,
    channels,
    order: 'channels-last',
    scale,
    ...(hasHoles && { background: WHITE }),
    classes: classes.map((name) => [name]),
  })
  return { recipe, notes }
}

async function sizeOf(
  pictures: readonly RawFile[],
  notes: string[],
): Promise<Size & { resize: 'refuse' | 'area' }> {
  const sizes = new Map<string, Size>()
  for (const picture of pictures) {
    const { width, height, orientation } = await pictureHeader(picture)
    const upright = orientation >= 5 ? { width: height, height: width } : { width, height }
    sizes.set(`${upright.width} × ${upright.height}`, upright)
  }
  const [only] = sizes.values()
  if (sizes.size === 1 && Math.max(only!.width, only!.height) <= LARGEST_SIDE)
    return { ...only!, resize: 'refuse' }
  const [some] = sizes.keys()
  const found = sizes.size === 1 ? `of ${some}` : `of ${sizes.size} sizes, such as ${some},`
  notes.push(`pictures ${found} are made to fit ${USUAL_SIDE} × ${USUAL_SIDE} pixels`)
  return { width: USUAL_SIDE, height: USUAL_SIDE, resize: 'area' }
}

/** Goes through all pixels once. Sums of bytes and of their squares are whole numbers below 2^53. */
async function pixelsOf(pictures: readonly RawFile[], { width, height }: Size) {
  const sums = [0, 0, 0]
  const squares = [0, 0, 0]
  let isGrey = true
  let hasHoles = false
  for (const file of pictures) {
    const picture = await openPicture(file)
    hasHoles ||= picture.alpha?.some((part) => part < WHITE) ?? false
    const { data } = withChannels(resized(onBackground(picture, WHITE), { width, height }, 'area'), 3)
    for (let i = 0; i < data.length; i++) {
      sums[i % 3]! += data[i]!
      squares[i % 3]! += data[i]! ** 2
    }
    isGrey &&= data.every((value, i) => value === data[i - (i % 3)])
  }
  const pixels = pictures.length * width * height
  const channels = isGrey ? 1 : 3
  const scale = Array.from({ length: channels }, (_, channel) => {
    const mean = sums[channel]! / pixels
    const variance = squares[channel]! / pixels - mean * mean
    return { mean: String(mean), deviation: String(variance > 0 ? Math.sqrt(variance) : WHITE) }
  })
  return { channels, scale, hasHoles }
}
