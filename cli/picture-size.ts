import { CliError } from './failure.ts'

/** Reads a size of pictures such as `28x28`, height first. @throws CliError for anything else */
export function pictureSize(text: string): { width: number; height: number } {
  const [, height, width] = /^(\d{1,4})x(\d{1,4})$/.exec(text) ?? []
  if (Number(height) > 0 && Number(width) > 0) return { height: Number(height), width: Number(width) }
  throw new CliError(
    'usage',
    `--size "${text}" is not a size of pictures.`,
    'Give height and width, such as 28x28.',
  )
}
