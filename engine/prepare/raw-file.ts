/** A file that somebody brings, as it is. Nothing is known of what it holds. */
export type RawFile = {
  /** Its place below what was named, with slashes; of a single file its name. Messages show it. */
  path: string
  sizeBytes: number
  /** @throws EngineRefusal `data` when it can't be read, or has grown over its size */
  read(): Promise<Uint8Array>
}

/** The ending of a file's name in small letters, with its point; empty without one. */
export function endingOf(path: string): string {
  return /\.[^./]+$/.exec(path)?.[0].toLowerCase() ?? ''
}
