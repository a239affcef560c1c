import { plainJson } from '@assay/sdk/client/plain-text.ts'
import { destination, type Logger, pino } from 'pino'

export type { Logger }

/**
 * Writes one JSON line per event to standard error; standard output is for data. What a terminal would act on is escaped.
 *
 * @param level `trace` … `error`, or `silent`. `error` means "act now"; an expected race is `debug`.
 */
export function createLogger(options: {
  role: string
  level: string
  bindings?: Record<string, unknown>
}): Logger {
  return pino(
    {
      name: options.role,
      level: options.level,
      base: options.bindings ?? {},
      serializers: { error: plainError },
      hooks: { streamWrite: plainJson },
    },
    destination({ fd: 2, sync: true }),
  )
}

function plainError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  return { type: error.name, message: error.message, stack: error.stack }
}
