import { demand, EngineRefusal } from '../refusal.ts'
import { upright } from './fit-picture.ts'
import { decodeJpeg, isJpeg, readJpeg } from './jpeg.ts'
import { MAX_PIXELS, type Picture, type PictureHeader } from './picture.ts'
import { decodePng, isPng, readPng } from './png.ts'
import { endingOf, type RawFile } from './raw-file.ts'

/** Largest file of a picture, in bytes. */
const MAX_PICTURE_BYTES = 64 * 1024 * 1024
const ENDINGS = ['.png', '.jpg', '.jpeg']

/** Whether a file's name says that it holds a picture. */
export function isPicture({ path }: RawFile): boolean {
  return ENDINGS.includes(endingOf(path))
}

/** A picture's kind and size, without decoding it. @throws EngineRefusal `data` like {@link openPicture} */
export async function pictureHeader(file: RawFile): Promise<PictureHeader> {
  const { kind, width, height, orientation } = headerOf(file.path, await pictureBytes(file))
  return { kind, width, height, orientation }
}

/**
 * Decodes a PNG or JPEG file, whatever its ending is, and turns it as its camera says.
 *
 * @throws EngineRefusal `data` for other files, for more than {@link MAX_PIXELS}, and for broken ones
 */
export async function openPicture(file: RawFile): Promise<Picture> {
  const bytes = await pictureBytes(file)
  const header = headerOf(file.path, bytes)
  const picture = header.kind === 'PNG' ? decodePng(file.path, header) : decodeJpeg(file.path, bytes)
  return upright(picture, header.orientation)
}

/** A picture's bytes. @throws EngineRefusal `data` for more than a picture may have */
export async function pictureBytes(file: RawFile): Promise<Uint8Array> {
  demand(
    file.sizeBytes <= MAX_PICTURE_BYTES,
    'data',
    () => `${file.path} has ${file.sizeBytes} bytes, the limit of a picture is ${MAX_PICTURE_BYTES}`,
  )
  return file.read()
}

function headerOf(path: string, bytes: Uint8Array) {
  demand(bytes.length > 0, 'data', () => `${path} is empty`)
  if (!isPng(bytes) && !isJpeg(bytes))
    throw new EngineRefusal('data', `${path} is no PNG and no JPEG file: save it as one of them`)
  const header = isPng(bytes) ? readPng(path, bytes) : readJpeg(path, bytes)
  const { width, height } = header
  demand(width > 0 && height > 0, 'data', () => `${path} has a picture of ${width} × ${height} pixels`)
  demand(
    width * height <= MAX_PIXELS,
    'data',
    () => `${path} has ${width} × ${height} pixels, the limit is ${MAX_PIXELS}: make it smaller`,
  )
  return header
}
