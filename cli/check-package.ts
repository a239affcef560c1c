import { keepApart } from '@assay/engine/author/keep-apart.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { shareText } from '@assay/engine/run/time-shares.ts'
import type { Trial } from '@assay/engine/run/trial.ts'
import { NO_PROGRAM } from '@assay/sdk/protocol/program.ts'
import type { Answer } from './answer.ts'
import { CliError } from './failure.ts'
import { modeText } from './mode-text.ts'
import { type SandboxReport, tryPackage } from './package-trial.ts'
import { poolFileOf } from './pool-options.ts'
import { readPackage, readPool, readSamples } from './read-package.ts'
import { sizeText } from './size.ts'
import { replayWindowsOf, sharesOf } from './task-shares.ts'
import { readTerms } from './task-terms.ts'
import { programText } from './verbs/look-at-tasks.ts'

export interface CheckOptions {
  pool?: string
  data?: string[]
  terms?: string
  maxBlob?: number
  force?: boolean
}

/** Everything that can be told of a package on this machine without a chain. @throws CliError when it is refused */
export async function checkPackage(dir: string, options: CheckOptions): Promise<Answer> {
  const task = await readPackage(dir)
  const terms = options.terms === undefined ? undefined : readTerms(options.terms)
  const poolFile = poolFileOf({ package: dir, pool: options.pool })
  const pool = poolFile === undefined ? undefined : (await readPool(poolFile, task.spec)).samples
  const data = new Map<string, Dataset>()
  for (const file of options.data ?? []) data.set(file, await readSamples(file, task))
  if (pool !== undefined) requireApart(pool, data)
  const samples = [...data.values()][0] ?? pool
  if (samples === undefined)
    throw new CliError(
      'usage',
      `There is no held-out pool beside ${dir}, and no samples are named.`,
      'Give --pool, or --data with samples of your own: graphs are tried on real samples.',
    )
  const report = await tryPackage(task, {
    samples,
    pool,
    shares:
      terms &&
      ((trial) => sharesOf(task.spec, { ...terms, replayWindows: replayWindowsOf(task.spec) }, trial)),
    maxBlobBytes: options.maxBlob,
    force: options.force,
  })
  return answerOf(dir, task, report)
}

function requireApart(pool: Dataset, data: ReadonlyMap<string, Dataset>): void {
  try {
    keepApart(pool, data)
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError('failed', `Pool and samples overlap: ${error.message}.`, 'Change one of the two.')
  }
}

function answerOf(
  dir: string,
  { spec, specHash, programRoot, costs }: TaskPackage,
  report: SandboxReport,
): Answer {
  const { trial, memoryBytes, memoryLimitBytes, blobs, pool, shares } = report
  const { engine } = spec
  const times = ({ stepMs, evaluationMs }: Trial['real']) =>
    `${stepMs.toFixed(1)} ms a step, ${evaluationMs.toFixed(1)} ms an evaluation of ${spec.evalBatchSize} samples`
  const lines = [
    `${dir} is a package that runs: spec hash ${specHash}`,
    `mode      ${modeText(spec.mode)}`,
    `program   ${programRoot === NO_PROGRAM ? programText(programRoot) : `${programRoot}, derived from step.onnx; the task on chain names it`}`,
    `engine    ${engine.name} ${engine.version}, wasm sha256 ${engine.wasmSha256}`,
    `runs      ${times(trial.real)}; on the slowest inputs ${times(trial.slowest)}`,
    `counts    ${costs.step.operations} operations a step, ${costs.evaluation.operations} an evaluation`,
    `memory    ${sizeText(memoryBytes)} of ${sizeText(memoryLimitBytes)}`,
    `store     ${blobs.map(({ what, bytes }) => `${what} up to ${sizeText(bytes)}`).join(', ')}`,
    pool === undefined
      ? 'pool      not at hand, not checked'
      : `pool      ${pool.samples} samples; training on one half takes the other's loss from ${pool.lossBefore.toFixed(3)} to ${pool.lossAfter.toFixed(3)}`,
    ...shares.map((share) => `time      ${shareText(share)}`),
  ]
  return { data: { specHash, programRoot, engine, costs, ...report }, text: lines.join('\n') }
}
