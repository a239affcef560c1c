import { poolDoubt, tryPoolOften } from '@assay/engine/judge/pool-margin.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import { sampleBytes } from '@assay/engine/package/sample-spec.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { maxEvidenceBytes } from '@assay/engine/run/evidence.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { fitsPhase, shareText, type TimeShare } from '@assay/engine/run/time-shares.ts'
import { type Trial, tryTask } from '@assay/engine/run/trial.ts'
import { maxUpdateBytes } from '@assay/engine/run/update.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { DEFAULT_MAX_BLOB_BYTES } from '@assay/store/blob-store.ts'
import { EVIDENCE_OVERHEAD_BYTES } from '@assay/store/evidence-encryption.ts'
import { FatalDaemonError } from './errors.ts'
import type { WorkContext } from './work-context.ts'

/** Samples that anybody may enrol with: evidence of that many has the longest proofs. */
const MOST_SAMPLES = 2 ** 24
/** Most bytes that encryption adds to a pool. */
const ENCRYPTION_ROOM_BYTES = 4_096

export type TrialOptions = {
  /** Real samples of the task, where some are at hand. */
  samples?: Dataset | undefined
  /** The held-out pool, where it is at hand. */
  pool?: Dataset | undefined
  /** Somebody's shares of a round, from what a run takes. */
  shares?: ((trial: Trial) => TimeShare[]) | undefined
  /** Largest blob of the stores; their default by default. */
  maxBlobBytes?: number | undefined
}

export type TrialReport = {
  trial: Trial
  /** What people put into the store at most, by what it is. */
  blobs: { what: string; bytes: number }[]
  pool: { samples: number; lossBefore: number; lossAfter: number } | undefined
  shares: TimeShare[]
  /** Why one had better not take part: sentences. */
  problems: string[]
}

/**
 * Runs a task's graphs on this machine, before money depends on them.
 *
 * @throws EngineRefusal when a graph fails on what somebody may send, or training on real samples leads to no number
 */
export async function tryPackage(
  task: TaskPackage,
  engine: Engine,
  options: TrialOptions,
): Promise<TrialReport> {
  const { samples, maxBlobBytes = DEFAULT_MAX_BLOB_BYTES } = options
  const trial = await tryTask({ task, engine, samples })
  const pool = options.pool && (await judgePool(task, engine, options.pool))
  const blobs = blobsOf(task)
  const shares = options.shares?.(trial) ?? []
  const problems = [
    ...blobs
      .filter(({ bytes }) => bytes > maxBlobBytes)
      .map(
        ({ what, bytes }) =>
          `${what} may have ${bytes} bytes, and a store takes ${maxBlobBytes}: a smaller model or window is needed.`,
      ),
    ...(pool?.doubt === undefined ? [] : [pool.doubt]),
    ...shares
      .filter((share) => !fitsPhase(share))
      .map((share) => `${shareText(share)}, and a quarter must stay free for transfers.`),
  ]
  return { trial, blobs, pool, shares, problems }
}

/**
 * Runs the task's package on this machine before a daemon enters the task; once, however often it is called.
 *
 * @param options.toDo what the daemon is about to do, for messages: "enrol"
 * @throws FatalDaemonError when the package can't be run, or without `force` when this machine doesn't meet the task's phases
 */
export async function requireTrial(
  { bench, config, log }: Pick<WorkContext, 'bench' | 'log'> & { config: { force?: boolean | undefined } },
  specHash: Hash,
  options: TrialOptions & { toDo: string },
): Promise<void> {
  if (tried.has(bench)) return
  const { toDo, ...trial } = options
  try {
    const report = await tryPackage(await bench.package(specHash), await bench.engine(specHash), trial)
    for (const problem of config.force ? report.problems : [])
      log.warn({ problem }, `going to ${toDo} although`)
    if (report.problems.length > 0 && !config.force)
      throw new FatalDaemonError(
        `Not going to ${toDo}: ${report.problems.join(' ')} Use a faster machine or another task; --force goes on all the same.`,
      )
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    await bench.discardEngine()
    throw new FatalDaemonError(
      `Not going to ${toDo}: the task's package was tried and is refused: ${error.message}. ${adviceFor(error)}`,
    )
  }
  tried.add(bench)
}

function adviceFor({ code }: EngineRefusal): string {
  if (code === 'engine') return 'Mend what runs it here, and start again.'
  return `${code === 'limit' ? 'Use a faster machine, or choose' : 'Choose'} another task: assay task list.`
}

/** The benches whose package was tried. */
const tried = new WeakSet<object>()

async function judgePool(task: TaskPackage, engine: Engine, pool: Dataset) {
  const seed = deriveSeed(task.specHash, 'trial of the pool')
  const margin = await tryPoolOften({ engine, init: task.init, pool, seed })
  const { isFit, lossBefore, lossAfter } = margin.first
  const doubt = isFit ? poolDoubt(pool, margin) : unfitText(margin.first)
  return { samples: pool.n, lossBefore, lossAfter, doubt }
}

function unfitText({ lossBefore, lossAfter }: { lossBefore: number; lossAfter: number }): string {
  const losses = `loss ${lossBefore.toFixed(3)} before, ${lossAfter.toFixed(3)} after`
  return `A model that was trained on one half of the held-out pool does no better on the other than one that knows how frequent the classes are (${losses}): the labels may be wrong, or rootSteps too few.`
}

function blobsOf({ spec }: TaskPackage): { what: string; bytes: number }[] {
  return [
    { what: 'an update', bytes: maxUpdateBytes(spec) },
    { what: "a window's evidence", bytes: maxEvidenceBytes(spec, MOST_SAMPLES) + EVIDENCE_OVERHEAD_BYTES },
    { what: 'the held-out pool', bytes: spec.pool.samples * (sampleBytes(spec) + 4) + ENCRYPTION_ROOM_BYTES },
  ]
}
