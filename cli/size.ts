import { CliError } from './failure.ts'

const UNITS: Record<string, number> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
}

/** A parser of sizes such as `64MiB` or `2GB`, in bytes. @throws CliError for anything else */
export function sizeOption(option: string): (text: string) => number {
  return (text) => {
    const [, digits, unit = ''] = /^(\d{1,15})\s?([KMGT]i?B|B)?$/i.exec(text) ?? []
    const bytes = Number(digits) * (UNITS[unit.toUpperCase()] ?? Number.NaN)
    if (Number.isSafeInteger(bytes) && bytes > 0) return bytes
    throw new CliError(
      'usage',
      `${option} "${text}" is not a size.`,
      'Give one such as 64MiB, 2GB or 1000000.',
    )
  }
}

/** A size as people write it, in the largest binary unit that it fills. */
export function sizeText(bytes: number): string {
  const [unit, size] = (
    [
      ['TiB', 2 ** 40],
      ['GiB', 2 ** 30],
      ['MiB', 2 ** 20],
      ['KiB', 2 ** 10],
    ] as const
  ).find(([, size]) => bytes >= size) ?? ['bytes', 1]
  const count = bytes / size
  return `${size === 1 ? count : Number(count.toPrecision(3))} ${unit}`
}
