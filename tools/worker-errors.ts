import { createRequire } from 'node:module'
import { inspect } from 'node:util'
import Mocha from 'mocha'

/**
 * Mocha runs test files in worker processes and sends their failures to its main process as JSON. An error that holds a
 * bigint or itself has no JSON, and Mocha drops an error's cause: a failed run then doesn't say why. Mocha's configuration loads
 * this file, which turns each error into plain data before it leaves its worker.
 */
const { prototype: reporter } = createRequire(import.meta.url)(
  'mocha/lib/nodejs/reporters/parallel-buffered.js',
)
const { createListener } = reporter
reporter.createListener = function (this: { listeners: Map<string, Listener> }, eventName: string): Listener {
  const record: Listener = createListener.call(this, eventName)
  const listener: Listener = (runnable, error) => {
    if (isError(runnable?.err)) runnable.err = plainError(runnable.err)
    record(runnable, isError(error) ? plainError(error) : error)
  }
  this.listeners.set(eventName, listener)
  return listener
}

// A file that throws while it loads has no test that could fail.
const { loadFilesAsync } = Mocha.prototype
Mocha.prototype.loadFilesAsync = function (...args) {
  return loadFilesAsync.apply(this, args).catch((error: unknown) => {
    throw isError(error) ? plainError(error) : error
  })
}

type Listener = (runnable?: { err?: unknown }, error?: unknown) => void

/** An error with the same message, stack and properties, all of them strings, numbers or errors like it. */
function plainError(error: Error): Error {
  return Object.assign(new Error(error.message), properties(error, []))
}

function properties(error: Error, outer: readonly Error[]): Record<string, unknown> {
  const { message, stack } = error
  const found: Record<string, unknown> = { message, stack }
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(error))) {
    if (value !== undefined && !(name in found)) found[name] = plain(value, [...outer, error])
  }
  return found
}

function plain(value: unknown, outer: readonly Error[]): unknown {
  if (isError(value)) return outer.includes(value) ? undefined : properties(value, outer)
  if (Array.isArray(value) && value.every(isError)) return value.map((one) => plain(one, outer))
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value))
    return value
  return inspect(value, { depth: 6, customInspect: false })
}

/** As Mocha sees it: what has a message is an error. */
function isError(value: unknown): value is Error {
  return (
    typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
  )
}
