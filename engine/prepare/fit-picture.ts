/** Makes pictures fit a task: upright, opaque, of its size and channels. All of it in integers. */
import type { Picture } from './picture.ts'

type Opaque = Omit<Picture, 'alpha'>
type Size = { width: number; height: number }

/** The picture as it has to be looked at, by EXIF's number. */
export function upright(picture: Picture, orientation: number): Picture {
  if (orientation === 1) return picture
  const isTurned = orientation >= 5
  const { width, height } = picture
  const size = isTurned ? { width: height, height: width } : { width, height }
  const from = (x: number, y: number) => {
    const [across, down] = isTurned ? [y, x] : [x, y]
    const isMirrored = [2, 3, 7, 8].includes(orientation)
    const isUpsideDown = [3, 4, 6, 7].includes(orientation)
    return (isUpsideDown ? height - 1 - down : down) * width + (isMirrored ? width - 1 - across : across)
  }
  const data = moved(picture.data, picture.channels, size, from)
  const alpha = picture.alpha === undefined ? {} : { alpha: moved(picture.alpha, 1, size, from) }
  return { ...size, channels: picture.channels, data, ...alpha }
}

/** The picture on a grey background. */
export function onBackground({ alpha, ...picture }: Picture, background: number): Opaque {
  if (alpha === undefined) return picture
  const { channels } = picture
  const data = picture.data.map((value, i) => {
    const part = alpha[Math.floor(i / channels)]!
    return Math.floor((value * part + background * (255 - part) + 127) / 255)
  })
  return { ...picture, data }
}

/** The picture in another size: the pixel nearest to each place, or the mean over the area that it covers. */
export function resized(picture: Opaque, size: Size, how: 'area' | 'nearest'): Opaque {
  if (picture.width === size.width && picture.height === size.height) return picture
  const { channels, width, height } = picture
  if (how === 'area') return { ...size, channels, data: averaged(picture, size) }
  const from = (x: number, y: number) =>
    nearest(y, height, size.height) * width + nearest(x, width, size.width)
  return { ...size, channels, data: moved(picture.data, channels, size, from) }
}

/** The picture in grey or in three colours. Grey is the eye's weights of red, green and blue in thousandths. */
export function withChannels(picture: Opaque, channels: 1 | 3): Opaque {
  if (picture.channels === channels) return picture
  const { width, height, data } = picture
  const grey = (i: number) =>
    Math.floor((299 * data[3 * i]! + 587 * data[3 * i + 1]! + 114 * data[3 * i + 2]! + 500) / 1000)
  const made =
    channels === 1
      ? Uint8Array.from({ length: width * height }, (_, i) => grey(i))
      : Uint8Array.from({ length: 3 * width * height }, (_, i) => data[Math.floor(i / 3)]!)
  return { width, height, channels, data: made }
}

function nearest(place: number, from: number, to: number): number {
  return Math.floor(((2 * place + 1) * from) / (2 * to))
}

function moved(
  data: Uint8Array,
  channels: number,
  { width, height }: Size,
  from: (x: number, y: number) => number,
) {
  const out = new Uint8Array(width * height * channels)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const source = from(x, y) * channels
      out.set(data.subarray(source, source + channels), (y * width + x) * channels)
    }
  return out
}

/** Each pixel of `from` that a place of the new axis covers, with its share in units of 1 / `to`: shares add up to `from`. */
function shares(place: number, from: number, to: number): { at: number; share: number }[] {
  const [begin, end] = [place * from, (place + 1) * from]
  const first = Math.floor(begin / to)
  const count = Math.ceil(end / to) - first
  return Array.from({ length: count }, (_, i) => {
    const at = first + i
    return { at, share: Math.min(end, (at + 1) * to) - Math.max(begin, at * to) }
  })
}

function averaged({ width, height, channels, data }: Opaque, size: Size): Uint8Array {
  const out = new Uint8Array(size.width * size.height * channels)
  const area = width * height
  const columns = Array.from({ length: size.width }, (_, x) => shares(x, width, size.width))
  for (let y = 0; y < size.height; y++) {
    const rows = shares(y, height, size.height)
    for (let x = 0; x < size.width; x++)
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0
        for (const row of rows)
          for (const column of columns[x]!)
            sum += row.share * column.share * data[(row.at * width + column.at) * channels + channel]!
        out[(y * size.width + x) * channels + channel] = Math.floor((2 * sum + area) / (2 * area))
      }
  }
  return out
}
