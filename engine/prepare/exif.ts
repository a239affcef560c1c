/** The tag of cameras that says how a picture has to be turned. */

const ORIENTATION = 0x0112
const SHORT = 3
const ENTRY_BYTES = 12

/** The orientation in a block of EXIF, 1 to 8; 1 where it says none. */
export function exifOrientation(tiff: Uint8Array): number {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  if (tiff.length < 10) return 1
  const isLittle = view.getUint16(0) === 0x4949
  const begin = view.getUint32(4, isLittle)
  if (begin + 2 > tiff.length) return 1
  const entries = view.getUint16(begin, isLittle)
  for (let i = 0; i < entries; i++) {
    const at = begin + 2 + i * ENTRY_BYTES
    if (at + ENTRY_BYTES > tiff.length) return 1
    if (view.getUint16(at, isLittle) !== ORIENTATION || view.getUint16(at + 2, isLittle) !== SHORT) continue
    const value = view.getUint16(at + 8, isLittle)
    return value >= 1 && value <= 8 ? value : 1
  }
  return 1
}
