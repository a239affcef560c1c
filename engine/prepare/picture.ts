/** Pictures as they come out of their files, before they are made to fit. */

/** 8 bits a value, rows from the top. */
export type Picture = {
  width: number
  height: number
  /** 1 for grey; 3 for red, green, blue. */
  channels: 1 | 3
  /** Height × width × channels. */
  data: Uint8Array
  /** Height × width; 255 is opaque. Without it all is. */
  alpha?: Uint8Array
}

/** What a file says of its picture before it is decoded. */
export type PictureHeader = {
  kind: 'PNG' | 'JPEG'
  width: number
  height: number
  /** How it has to be turned to be upright, 1 to 8 as in EXIF; 1 is upright. */
  orientation: number
}

/** Most pixels of a picture. */
export const MAX_PIXELS = 2 ** 24
