import { type ParseArgsConfig, parseArgs } from 'node:util'

/** Reads a benchmark's options; `--help` prints the usage and ends with 0, a wrong option says so and ends with 2. */
export function readOptions<T extends NonNullable<ParseArgsConfig['options']>>(usage: string, options: T) {
  try {
    const config = { options: { ...options, help: { type: 'boolean' } }, allowNegative: true } as const
    const { values } = parseArgs(config)
    if (!('help' in values && values.help)) return values
    console.log(usage)
    process.exit(0)
  } catch (error) {
    console.error(`${error instanceof Error ? error.message.split('. ')[0] : String(error)}.\n\n${usage}`)
    process.exit(2)
  }
}
