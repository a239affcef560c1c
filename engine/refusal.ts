import { plainText } from '@assay/sdk/client/plain-text.ts'

/** What a refused input was. */
export type RefusalCode =
  | 'safetensors'
  | 'spec'
  /** A package of a format that this program no longer reads; one that it doesn't read yet is of another engine. */
  | 'format'
  | 'graph'
  | 'package'
  | 'state'
  | 'data'
  | 'engine'
  | 'limit'
  | 'evidence'

/** Files of strangers name their parts as they like. */
const LONGEST_MESSAGE = 1000

/**
 * Thrown for every input that the engine won't work with. The message names the offending value, the limit and, where
 * there is one, the fix; `code` tells callers which kind of input it was.
 */
export class EngineRefusal extends Error {
  override readonly name = 'EngineRefusal'
  readonly code: RefusalCode

  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(plainText(message, LONGEST_MESSAGE), options)
    this.code = code
  }
}

/**
 * Whether a failure follows from the input alone, so that every machine comes to it. A `limit` doesn't (another machine
 * has more time or memory), nor do `engine` and `format`, which speak of what is installed here.
 */
export function isDeterministic(error: unknown): error is EngineRefusal {
  return error instanceof EngineRefusal && !['limit', 'engine', 'format'].includes(error.code)
}

/** Throws an {@link EngineRefusal} unless `condition` holds; `message` is only built when it is needed. */
export function demand(condition: boolean, code: RefusalCode, message: () => string): asserts condition {
  if (!condition) throw new EngineRefusal(code, message())
}

/** Runs `work` and turns whatever it throws into an {@link EngineRefusal} that starts with `context`. */
export function refusing<T>(code: RefusalCode, context: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw asRefusal(code, context, error)
  }
}

/** `error` as an {@link EngineRefusal}: unchanged when it is one, otherwise wrapped with `context` before its message. */
export function asRefusal(code: RefusalCode, context: string, error: unknown): EngineRefusal {
  if (error instanceof EngineRefusal) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new EngineRefusal(code, `${context}: ${reason}`, { cause: error })
}

/** Runs `work`; a refusal gets another code, that of what the file holds, and `context` before its message. */
export function refusingAs<T>(code: RefusalCode, context: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new EngineRefusal(code, `${context}: ${error.message}`, { cause: error })
  }
}
