import { EngineRefusal } from '../refusal.ts'

/** How the runtime words a failure that it found itself, by a check of its own. */
const OWN_STATUS = /ERROR_CODE: \d+, ERROR_MESSAGE:/
/** What it says, in such a status or elsewhere, when memory ran out. */
const OUT_OF_MEMORY = /bad_alloc|allocat|out of memory/i

/**
 * What a failed call of the runtime means.
 *
 * A status that the runtime gives is the same on every machine: it follows from the graph and its inputs, so it is a
 * `graph`. Whatever else breaks off a call may be this machine's doing: memory that ran out, reported by a message, by
 * a trap of the wasm code or by a C++ pointer; a worker that ended. So it is a `limit`, which accuses nobody.
 */
export function runRefusal(context: string, cause: unknown): EngineRefusal {
  if (cause instanceof EngineRefusal) return cause
  const reason = cause instanceof Error ? cause.message : `it threw ${String(cause)}`
  const isOwnStatus = OWN_STATUS.test(reason) && !OUT_OF_MEMORY.test(reason)
  return new EngineRefusal(isOwnStatus ? 'graph' : 'limit', `${context}: ${reason.trim()}`, { cause })
}
