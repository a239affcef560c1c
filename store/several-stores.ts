import { sourceOf } from './blob-source.ts'
import { type BlobStore, isMissing, type ReadOptions, StoreError, type StoreErrorCode } from './blob-store.ts'

/** A store, with the name by which people know it. */
export type NamedStore = { name: string; store: BlobStore }

export type SeveralOptions = {
  /** Milliseconds that a store may take before the next one is asked as well. */
  hedgeMs?: number
  /** Milliseconds after which the others are asked again while one takes its time. */
  againMs?: number
  /** Told of each store that did not take what the others took. */
  onTrouble?: (name: string, error: Error) => void
}

type StoreSet = {
  /** Those that failed a reader last are asked last. */
  stores: NamedStore[]
  hedgeMs: number
  againMs: number
  onTrouble: (name: string, error: Error) => void
}
type Trouble = { name: string; error: Error }

const DEFAULT_HEDGE_MS = 1_000
const DEFAULT_AGAIN_MS = 5_000

/**
 * Several stores as one: written to all, read from any. A store that is down, slow, or answers wrong is passed over; it
 * never stops the others. Something is "not there" only if every store says so: while one of them gives no usable
 * answer, it is 'unavailable'.
 */
export function severalStores(stores: readonly NamedStore[], options: SeveralOptions = {}): BlobStore {
  const set: StoreSet = {
    stores: [...stores],
    hedgeMs: options.hedgeMs ?? DEFAULT_HEDGE_MS,
    againMs: options.againMs ?? DEFAULT_AGAIN_MS,
    onTrouble: options.onTrouble ?? (() => undefined),
  }
  return {
    put: async (content) => {
      const source = sourceOf(content)
      await writeAll(set, (store) => store.put(source))
      return source.hash
    },
    get: async (hash, { maxBytes, signal }) => {
      const found = await firstAnswer(set, { signal }, (store, options) =>
        store.get(hash, { maxBytes, ...options }).catch(absentIfMissing),
      )
      return found ?? missing(`blob ${hash}`, set)
    },
    has: async (hash, options = {}) =>
      (await firstAnswer(
        set,
        options,
        async (store, asked) => (await store.has(hash, asked)) || undefined,
      )) ?? false,
    putRecord: (key, bytes) => writeAll(set, (store) => store.putRecord(key, bytes)),
    getRecord: (key, { check, ...options } = {}) =>
      firstAnswer(set, options, (store, asked) =>
        store.getRecord(key, { ...asked, ...(check && { check }) }),
      ),
  }
}

function absentIfMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}

function missing(what: string, { stores }: StoreSet): never {
  throw new StoreError(
    'blob-missing',
    `${what} is in none of ${stores.map(({ name }) => name).join(', ')}: its owner has not put it, or put it elsewhere.`,
  )
}

// ---- writing

/** Writes to every store at once. One that takes it is enough. */
async function writeAll(set: StoreSet, write: (store: BlobStore) => Promise<unknown>): Promise<void> {
  const troubles: Trouble[] = []
  await Promise.all(
    set.stores.map(({ name, store }) =>
      write(store).catch((error: Error) => void troubles.push({ name, error })),
    ),
  )
  if (troubles.length === set.stores.length) throw notTaken(troubles)
  for (const { name, error } of troubles) set.onTrouble(name, error)
}

// ---- reading

/** `undefined` means that the store does not have it. */
type Read<T> = (store: BlobStore, options: ReadOptions) => Promise<T | undefined>

/**
 * The first usable answer. The next store is asked when one has nothing, fails, or takes long; the others are left once
 * one has answered. While one still takes its time, those that had nothing are asked again and again: it must not keep
 * its reader from what comes to them meanwhile.
 *
 * @returns undefined when no store has it
 * @throws StoreError when none has it and at least one gave no usable answer
 */
async function firstAnswer<T>(set: StoreSet, { signal }: ReadOptions, read: Read<T>): Promise<T | undefined> {
  const leave = new AbortController()
  const options = { signal: signal ? AbortSignal.any([signal, leave.signal]) : leave.signal }
  const order = [...set.stores]
  const running = new Set<NamedStore>()
  const failures = new Map<NamedStore, Error | undefined>()
  const answer = Promise.withResolvers<T | undefined>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0

  const ask = (one: NamedStore) => {
    running.add(one)
    read(one.store, options).then(
      (found) => (found === undefined ? goOn(one) : win(one, found)),
      (error: Error) => goOn(one, error),
    )
  }
  const askNext = () => {
    clearTimeout(timer)
    timer = undefined
    const one = order[asked]
    if (one === undefined) return
    asked += 1
    if (asked < order.length) timer = setTimeout(askNext, set.hedgeMs)
    ask(one)
  }
  const askAgain = () => {
    timer = undefined
    for (const one of order) if (!running.has(one)) ask(one)
  }
  const goOn = (one: NamedStore, error?: Error) => {
    if (leave.signal.aborted) return
    running.delete(one)
    failures.set(one, error)
    if (asked < order.length) askNext()
    else if (running.size > 0) timer ??= setTimeout(askAgain, set.againMs)
    else end()
  }
  const end = () => {
    const troubles = [...failures].flatMap(([{ name }, error]) => (error ? [{ name, error }] : []))
    if (troubles.length > 0) answer.reject(noAnswer(troubles, set))
    else answer.resolve(undefined)
  }
  const win = (one: NamedStore, found: T) => {
    putLast(
      set,
      order.slice(0, asked).filter((other) => other !== one),
    )
    answer.resolve(found)
  }
  askNext()
  return answer.promise.finally(() => {
    clearTimeout(timer)
    leave.abort()
  })
}

/** Those that were asked before the store that answered, and did not answer, are asked last from now on. */
function putLast(set: StoreSet, slow: readonly NamedStore[]): void {
  set.stores = [...set.stores.filter((one) => !slow.includes(one)), ...slow]
}

/** Why no store gave a reader what it looked for. A single store says what it said. */
function noAnswer(troubles: readonly Trouble[], { stores }: StoreSet): Error {
  return stores.length === 1 ? troubles[0]!.error : together(troubles, 'unavailable')
}

/** Why no store took what a writer has: for the reason that all of them give, if they agree. */
function notTaken(troubles: readonly Trouble[]): Error {
  if (troubles.length === 1) return troubles[0]!.error
  const codes = new Set(
    troubles.map(({ error }) => (error instanceof StoreError ? error.code : 'unavailable')),
  )
  return together(troubles, codes.size === 1 ? [...codes][0]! : 'unavailable')
}

function together(troubles: readonly Trouble[], code: StoreErrorCode): Error {
  const odd = troubles.find(({ error }) => !(error instanceof StoreError))
  if (odd !== undefined) return odd.error
  const said = troubles.map(({ name, error }) => `${name}: ${error.message}`).join(' ')
  return new StoreError(code, `no store did it. ${said}`)
}
