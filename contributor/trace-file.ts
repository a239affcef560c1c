import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseState, type State, stateHash, statePieces, stateRoot } from '@assay/engine/package/state.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { writeAndName } from '@assay/sdk/client/whole-file.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { Trace } from './behaviour.ts'
import type { Work } from './work-log.ts'

/**
 * Traces on disk, so that evidence for a window needs neither memory nor a second training. One file per work holds the
 * W + 1 states at its window borders, all of the same length. A trace that is lost or damaged is trained again.
 */
export type TraceFiles = {
  /**
   * Writes states as they come, so that memory holds one of them.
   *
   * @throws EngineRefusal `state` for one that isn't finite, and whatever making them throws: then nothing is kept
   */
  write(spec: TaskSpec, trace: Trace): Promise<WrittenTrace>
  /** The state at a border; undefined if the file is missing or holds another state than the work's. */
  read(work: TraceOf, spec: TaskSpec, border: number): Promise<State | undefined>
  /** Keeps the first of these files, and those after it while all together fit. Removes all others. */
  keepNewest(names: readonly Hash[]): Promise<void>
}

/** The trace that a work committed to. */
type TraceOf = Pick<Work, 'stateRoot' | 'stateHashes'>

/** A trace on disk, under its root. */
export type WrittenTrace = { stateHashes: Hash[]; stateRoot: Hash; final: State }

/** Most bytes of all traces together, unless the newest one alone takes more. */
const MOST_TRACE_BYTES = 2 ** 30

/**
 * Opens a contributor's traces, in a folder of its data directory. Each file is complete or missing, whenever the
 * process is killed.
 *
 * @param mostBytes of all traces; without a limit where they can't be trained again to the same bits
 */
export function openTraceFiles(dataDir: string, mostBytes = MOST_TRACE_BYTES): TraceFiles {
  const dir = join(dataDir, 'traces')
  return {
    write: (spec, trace) => write(dir, spec, trace),
    read: (work, spec, border) => read(join(dir, work.stateRoot), work, spec, border),
    keepNewest: (names) => keepNewest(dir, names, mostBytes),
  }
}

async function keepNewest(dir: string, names: readonly Hash[], mostBytes: number): Promise<void> {
  await mkdir(dir, { recursive: true })
  const files = new Set(await readdir(dir))
  const kept = new Set<string>()
  let bytes = 0
  for (const [i, name] of names.entries()) {
    if (!files.has(name)) continue
    bytes += (await stat(join(dir, name))).size
    if (i > 0 && bytes > mostBytes) break
    kept.add(name)
  }
  for (const file of files) if (!kept.has(file)) await rm(join(dir, file), { force: true })
}

async function write(dir: string, spec: TaskSpec, trace: Trace): Promise<WrittenTrace> {
  await mkdir(dir, { recursive: true })
  const stateHashes: Hash[] = []
  let final: State = new Map()
  async function* pieces() {
    for await (const state of trace) {
      stateHashes.push(stateHash(spec, state))
      final = state
      yield* statePieces(spec, state)
    }
  }
  await writeAndName(dir, pieces(), () => stateRoot(stateHashes))
  return { stateHashes, stateRoot: stateRoot(stateHashes), final }
}

async function read(path: string, work: TraceOf, spec: TaskSpec, border: number): Promise<State | undefined> {
  try {
    const state = parseState(spec, await readRecord(path, border, work.stateHashes.length))
    return stateHash(spec, state) === work.stateHashes[border] ? state : undefined
  } catch (error) {
    if (error instanceof EngineRefusal || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function readRecord(path: string, index: number, count: number): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const length = Math.floor((await file.stat()).size / count)
    const bytes = new Uint8Array(length)
    await file.read(bytes, 0, length, index * length)
    return bytes
  } finally {
    await file.close()
  }
}
