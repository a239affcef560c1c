/** JPEG pictures. Their headers are read before jpeg-js decodes them, which takes time and memory by what they say. */
import { decode } from 'jpeg-js'
import { asRefusal, demand } from '../refusal.ts'
import { exifOrientation } from './exif.ts'
import type { Picture, PictureHeader } from './picture.ts'

/** Of a picture of the most pixels, with its coefficients. */
const MAX_MEGABYTES = 640
/** Each goes over all pixels. Cameras and editors write about ten. */
const MAX_SCANS = 64
const START = 0xd8
const END = 0xd9
const SCAN = 0xda
const APPLICATION_1 = 0xe1
/** Frames that jpeg-js knows: baseline, extended, progressive. */
const FRAMES = [0xc0, 0xc1, 0xc2]
/** Frames that it doesn't: lossless, hierarchical, arithmetic. */
const OTHER_FRAMES = [0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]
const EXIF = 'Exif\0\0'

type Segment = { marker: number; data: Uint8Array }

/** Whether a file starts as JPEG files do. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === START
}

/** Reads a JPEG file's header. @throws EngineRefusal `data` for a file that ends too early, or that the decoder can't take */
export function readJpeg(file: string, bytes: Uint8Array): PictureHeader & { kind: 'JPEG' } {
  const segments = segmentsOf(file, bytes)
  const other = segments.find(({ marker }) => OTHER_FRAMES.includes(marker))
  demand(
    other === undefined,
    'data',
    () => `${file} is a JPEG file of a rare kind: save it as an ordinary JPEG or as PNG`,
  )
  const frames = segments.filter(({ marker, data }) => FRAMES.includes(marker) && data.length >= 6)
  const frame = frames[0]
  demand(
    frames.length === 1 && frame !== undefined,
    'data',
    () => `${file} is a JPEG file with ${frames.length} pictures, expected one`,
  )
  const scans = segments.filter(({ marker }) => marker === SCAN).length
  demand(
    scans <= MAX_SCANS,
    'data',
    () => `${file} is a JPEG file of ${scans} scans, the limit is ${MAX_SCANS}: save it as PNG`,
  )
  const view = new DataView(frame.data.buffer, frame.data.byteOffset, 6)
  const components = view.getUint8(5)
  demand(
    components === 1 || components === 3,
    'data',
    () =>
      `${file} is a JPEG file of ${components} colours, as printers use (CMYK): save it with the colours of screens (RGB)`,
  )
  const exif = segments.find(({ marker, data }) => marker === APPLICATION_1 && startsWithExif(data))
  const orientation = exif === undefined ? 1 : exifOrientation(exif.data.subarray(EXIF.length))
  return { kind: 'JPEG', width: view.getUint16(3), height: view.getUint16(1), orientation }
}

/** Decodes the picture of a file whose header has been read. @throws EngineRefusal `data` when its data is broken */
export function decodeJpeg(file: string, bytes: Uint8Array): Picture {
  try {
    const { width, height, data } = decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxMemoryUsageInMB: MAX_MEGABYTES,
    })
    return { width, height, channels: 3, data }
  } catch (error) {
    throw asRefusal('data', `${file} is a broken JPEG file`, error)
  }
}

function startsWithExif(data: Uint8Array): boolean {
  return [...EXIF].every((letter, i) => data[i] === letter.charCodeAt(0))
}

/** The file's segments up to its end; data of scans is stepped over. */
function segmentsOf(file: string, bytes: Uint8Array): Segment[] {
  const segments: Segment[] = []
  for (let at = 2; ; ) {
    at = bytes.indexOf(0xff, at)
    const marker = at < 0 ? undefined : bytes[at + 1]
    demand(
      marker !== undefined,
      'data',
      () => `${file} is a JPEG file that ends too early, after ${bytes.length} bytes`,
    )
    if (marker === END) return segments
    // Fill bytes, escaped data and restarts within a scan have no length.
    if (marker === 0xff || marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += marker === 0xff ? 1 : 2
      continue
    }
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
    demand(
      length >= 2 && at + 2 + length <= bytes.length,
      'data',
      () => `${file} is a JPEG file that ends too early, after ${bytes.length} bytes`,
    )
    segments.push({ marker, data: bytes.subarray(at + 4, at + 2 + length) })
    at += 2 + length
  }
}
