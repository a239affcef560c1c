/** Samples of pictures in folders, by a preprocess.json of the kind `pictures`. */
import type { PicturesPreprocess } from '../package/preprocess.ts'
import { sampleForm } from '../package/preprocess-form.ts'
import type { Tensor } from '../package/safetensors.ts'
import { demand, EngineRefusal } from '../refusal.ts'
import { onBackground, resized, withChannels } from './fit-picture.ts'
import { isPicture, openPicture } from './open-picture.ts'
import type { Picture } from './picture.ts'
import type { RawFile } from './raw-file.ts'
import { demandRoom, type SampleOptions, type Samples } from './samples.ts'

/**
 * Makes a sample of each picture; its class is the first folder of its path. Files that are no pictures are left out.
 *
 * @throws EngineRefusal `data` that names the file and what was expected
 */
export async function pictureSamples(
  recipe: PicturesPreprocess,
  files: readonly RawFile[],
  { isLabelled = true }: SampleOptions = {},
): Promise<Samples> {
  const pictures = files.filter(isPicture)
  const n = pictures.length
  demand(
    n > 0,
    'data',
    () => 'no file ends in .png, .jpg or .jpeg: expected pictures, in a folder for each class',
  )
  const size = recipe.height * recipe.width * recipe.channels
  demandRoom(`${n} pictures`, n, size)
  const labels = isLabelled ? Int32Array.from(pictures, labelReader(recipe)) : undefined
  const x = new Float32Array(n * size)
  const write = pixelWriter(recipe)
  // One after the other: each may take as much memory as a picture can.
  for (const [i, file] of pictures.entries())
    write(fitting(recipe, file.path, await openPicture(file)), x, i * size)
  const shape = [n, ...sampleForm(recipe).inputs[0]!.shape]
  const tensors = new Map<string, Tensor>([[recipe.input, { dtype: 'F32', shape, data: x }]])
  if (labels !== undefined) tensors.set('y', { dtype: 'I32', shape: [n], data: labels })
  return { n, tensors, placeOf: (i) => pictures[i]!.path }
}

function labelReader({ classes }: PicturesPreprocess): (file: RawFile) => number {
  const numbers = new Map(classes.flatMap((folders, i) => folders.map((folder) => [folder, i] as const)))
  return ({ path }) => {
    const folder = path.includes('/') ? path.split('/')[0]! : undefined
    const label = folder === undefined ? undefined : numbers.get(folder)
    if (label === undefined)
      throw new EngineRefusal(
        'data',
        `${path} stands in ${folder === undefined ? 'no folder' : `the folder "${folder}"`}: expected one of ${[...numbers.keys()].slice(0, 20).join(', ')}`,
      )
    return label
  }
}

function fitting(recipe: PicturesPreprocess, path: string, picture: Picture): Uint8Array {
  const { width, height, resize, background, channels } = recipe
  demand(
    background !== undefined || picture.alpha === undefined || picture.alpha.every((part) => part === 255),
    'data',
    () => `${path} has pixels that are not opaque: save it on a background`,
  )
  demand(
    resize !== 'refuse' || (picture.width === width && picture.height === height),
    'data',
    () => `${path} has ${picture.width} × ${picture.height} pixels, expected ${width} × ${height}`,
  )
  const opaque = onBackground(picture, background ?? 0)
  const sized = resized(opaque, { width, height }, resize === 'refuse' ? 'nearest' : resize)
  return withChannels(sized, channels).data
}

/** Writes pixels as values, by a table of what each of 256 becomes in each channel. */
function pixelWriter({ scale, channels, order, width, height }: PicturesPreprocess) {
  const values = scale.map(({ mean, deviation }) =>
    Float32Array.from({ length: 256 }, (_, value) => (value - Number(mean)) / Number(deviation)),
  )
  values.forEach((of, channel) => {
    demand(
      of.every(Number.isFinite),
      'data',
      () => `the scale of channel ${channel + 1} in preprocess.json makes values that are no float32`,
    )
  })
  const pixels = width * height
  return (data: Uint8Array, out: Float32Array, at: number) => {
    data.forEach((value, i) => {
      const channel = i % channels
      const place = order === 'channels-last' ? i : channel * pixels + Math.floor(i / channels)
      out[at + place] = values[channel]![value]!
    })
  }
}
