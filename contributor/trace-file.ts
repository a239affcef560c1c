import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseState, type State, serializeState, stateHash } from '@assay/engine/package/state.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { Work } from './work-log.ts'

/**
 * Traces on disk, so that evidence for a window needs neither memory nor a second training. One file per work holds the
 * W + 1 states at its window borders, all of the same length. A trace that is lost or damaged is trained again.
 */
export type TraceFiles = {
  write(name: Hash, spec: TaskSpec, borders: readonly State[]): Promise<void>
  /** The state at a border; undefined if the file is missing or holds another state than the work's. */
  read(work: Work, spec: TaskSpec, border: number): Promise<State | undefined>
  /** Keeps the first of these files, and those after it while all together fit. Removes all others. */
  keepNewest(names: readonly Hash[]): Promise<void>
}

/** Most bytes of all traces together, unless the newest one alone takes more. */
const MOST_TRACE_BYTES = 2 ** 30

/**
 * Opens a contributor's traces, in a folder of its data directory. Each file is complete or missing, whenever the
 * process is killed.
 */
export function openTraceFiles(dataDir: string, mostBytes = MOST_TRACE_BYTES): TraceFiles {
  const dir = join(dataDir, 'traces')
  return {
    write: (name, spec, borders) => write(dir, name, spec, borders),
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

async function write(dir: string, name: Hash, spec: TaskSpec, borders: readonly State[]): Promise<void> {
  await mkdir(dir, { recursive: true })
  await writeWholeFile(join(dir, name), statesIn(spec, borders))
}

/** One after the other, because all of them at once would take as much memory again. */
function* statesIn(spec: TaskSpec, borders: readonly State[]): Iterable<Uint8Array> {
  for (const border of borders) yield serializeState(spec, border)
}

async function read(path: string, work: Work, spec: TaskSpec, border: number): Promise<State | undefined> {
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
