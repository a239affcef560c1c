/**
 * PNG pictures. The file's chunks are looked at before fast-png sees them: it gets only those that make the picture, and only
 * when they unpack to exactly as many bytes as the header says. So no chunk unpacks to more than the picture.
 */
import { convertIndexedToRgb, type DecodedPng, decode } from 'fast-png'
import { Unzlib } from 'fflate'
import { asRefusal, demand } from '../refusal.ts'
import { exifOrientation } from './exif.ts'
import type { Picture, PictureHeader } from './picture.ts'

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10]
/** Channels by colour type. */
const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
const DEPTHS = [1, 2, 4, 8, 16]
const KEPT = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']
/** First column and row of each pass of an interlaced picture, and the steps between its columns and rows. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const
/** What is unpacked in one go: no more than a thousand times as much comes out. */
const PIECE_BYTES = 16 * 1024

type Chunk = { type: string; whole: Uint8Array; data: Uint8Array }
type Png = PictureHeader & { kind: 'PNG'; chunks: Chunk[]; bytesUnpacked: number }

/** Whether a file starts as PNG files do. */
export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => bytes[i] === byte)
}

/** Reads a PNG file's header. @throws EngineRefusal `data` for a file that ends too early, or that the decoder can't take */
export function readPng(file: string, bytes: Uint8Array): Png {
  const chunks = chunksOf(file, bytes)
  const header = chunks[0]
  demand(
    header?.type === 'IHDR' && header.data.length === 13,
    'data',
    () => `${file} is a PNG file without a header`,
  )
  const view = new DataView(header.data.buffer, header.data.byteOffset, 13)
  const [width, height] = [view.getUint32(0), view.getUint32(4)]
  const [depth, colour, interlace] = [view.getUint8(8), view.getUint8(9), view.getUint8(12)]
  const channels = CHANNELS[colour]
  demand(
    channels !== undefined && DEPTHS.includes(depth) && interlace <= 1,
    'data',
    () =>
      `${file} is a PNG file of an unknown kind (colour type ${colour}, ${depth} bits, interlacing ${interlace})`,
  )
  demand(
    interlace === 0 || depth >= 8,
    'data',
    () => `${file} is an interlaced PNG file of ${depth} bits a pixel: save it without interlacing`,
  )
  const exif = chunks.find(({ type }) => type === 'eXIf')
  return {
    kind: 'PNG',
    width,
    height,
    orientation: exif === undefined ? 1 : exifOrientation(exif.data),
    chunks: chunks.filter(({ type }) => KEPT.includes(type)),
    bytesUnpacked: unpackedBytes({ width, height, bits: depth * channels, isInterlaced: interlace === 1 }),
  }
}

/** Decodes the picture of a file whose header has been read. @throws EngineRefusal `data` when its data is broken */
export function decodePng(file: string, { chunks, bytesUnpacked }: Png): Picture {
  demandUnpacked(file, chunks, bytesUnpacked)
  const whole = new Uint8Array(SIGNATURE.length + chunks.reduce((sum, chunk) => sum + chunk.whole.length, 0))
  whole.set(SIGNATURE)
  let at = SIGNATURE.length
  for (const chunk of chunks) {
    whole.set(chunk.whole, at)
    at += chunk.whole.length
  }
  try {
    return pictureOf(decode(whole, { checkCrc: true }))
  } catch (error) {
    throw asRefusal('data', `${file} is a broken PNG file`, error)
  }
}

function chunksOf(file: string, bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const chunks: Chunk[] = []
  for (let at = SIGNATURE.length; ; ) {
    const length = at + 12 <= bytes.length ? view.getUint32(at) : Number.POSITIVE_INFINITY
    demand(
      at + 12 + length <= bytes.length,
      'data',
      () => `${file} is a PNG file that ends too early, after ${bytes.length} bytes`,
    )
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    const end = at + 12 + length
    chunks.push({ type, whole: bytes.subarray(at, end), data: bytes.subarray(at + 8, end - 4) })
    if (type === 'IEND') return chunks
    at = end
  }
}

type Layout = { width: number; height: number; bits: number; isInterlaced: boolean }

/** Bytes that the picture's data unpacks to: each row has one more, for its filter. */
function unpackedBytes({ width, height, bits, isInterlaced }: Layout): number {
  const rows = (columns: number, count: number) =>
    columns > 0 ? count * (1 + Math.ceil((columns * bits) / 8)) : 0
  if (!isInterlaced) return rows(width, height)
  return PASSES.reduce((sum, [x, y, dx, dy]) => {
    const columns = Math.ceil((width - x) / dx)
    return sum + rows(columns, Math.max(0, Math.ceil((height - y) / dy)))
  }, 0)
}

function demandUnpacked(file: string, chunks: readonly Chunk[], expected: number): void {
  let bytes = 0
  const inflater = new Unzlib((piece) => {
    bytes += piece.length
    demand(
      bytes <= expected,
      'data',
      () => `${file} is a PNG file that unpacks to more than its ${expected} bytes of pixels`,
    )
  })
  try {
    for (const { data } of chunks.filter(({ type }) => type === 'IDAT'))
      for (let at = 0; at < data.length; at += PIECE_BYTES) inflater.push(data.subarray(at, at + PIECE_BYTES))
    inflater.push(new Uint8Array(0), true)
  } catch (error) {
    throw asRefusal('data', `${file} is a broken PNG file`, error)
  }
  demand(
    bytes === expected,
    'data',
    () => `${file} is a PNG file with ${bytes} bytes of pixels, its size needs ${expected}`,
  )
}

function pictureOf(png: DecodedPng): Picture {
  const { width, height } = png
  if (png.palette !== undefined)
    return split(convertIndexedToRgb(png), width, height, png.palette[0]?.length ?? 3)
  const data = inBytes(png)
  const picture = split(data, width, height, png.channels)
  const key = png.transparency
  if (key === undefined || picture.alpha !== undefined) return picture
  return { ...picture, alpha: keyedAlpha(png, key) }
}

/** Values of any depth as 0 to 255, rounded to the nearest. */
function inBytes({ data, depth, width, height }: DecodedPng): Uint8Array {
  if (depth === 8) return Uint8Array.from(data)
  if (depth === 16) return Uint8Array.from(data, (value) => Math.floor((value * 255 + 32_767) / 65_535))
  return Uint8Array.from(unpacked(data, depth, width, height), (value) => (value * 255) / (2 ** depth - 1))
}

/** Grey values of less than a byte, from rows that start on whole bytes. */
function unpacked(data: ArrayLike<number>, depth: number, width: number, height: number): Uint8Array {
  const rowBytes = Math.ceil((width * depth) / 8)
  const values = new Uint8Array(width * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const bit = x * depth
      values[y * width + x] = (data[y * rowBytes + (bit >> 3)]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1)
    }
  return values
}

/** Colours and, where there is one more channel than colours, how opaque they are. */
function split(data: Uint8Array, width: number, height: number, channels: number): Picture {
  const colours = channels >= 3 ? 3 : 1
  if (channels === colours) return { width, height, channels: colours, data }
  const pixels = width * height
  const colour = new Uint8Array(pixels * colours)
  const alpha = new Uint8Array(pixels)
  for (let i = 0; i < pixels; i++) {
    for (let channel = 0; channel < colours; channel++)
      colour[i * colours + channel] = data[i * channels + channel]!
    alpha[i] = data[i * channels + colours]!
  }
  return { width, height, channels: colours, data: colour, alpha }
}

/** Pixels of the colour that the file calls transparent. */
function keyedAlpha(png: DecodedPng, key: Uint16Array): Uint8Array {
  const { width, height, channels, depth } = png
  const values = depth < 8 ? unpacked(png.data, depth, width, height) : png.data
  return Uint8Array.from({ length: width * height }, (_, i) => {
    for (let channel = 0; channel < channels; channel++)
      if (values[i * channels + channel] !== key[channel]) return 255
    return 0
  })
}
