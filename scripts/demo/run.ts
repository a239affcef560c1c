import { join } from 'node:path'
import { POOL_FILE } from '@assay/engine/package/pool.ts'
import { buildDigitsTask, digitsTestSet, digitsTrainingSet } from '@assay/lab/digits.ts'
import { httpStore } from '@assay/store/http-store.ts'
import { demoSeed } from './cast.ts'
import { accuraciesOf, trainCentrally } from './central.ts'
import { type PlayedTask, type Progress, runFederation } from './federation.ts'
import { type Ledger, readLedger } from './ledger.ts'
import type { DemoOptions } from './options.ts'
import { makeReport } from './report.ts'
import type { DemoReport } from './report-types.ts'
import { type FederatedTask, writeShards } from './setup.ts'

const LARGEST_MODEL_BYTES = 64 * 1024 * 1024

export interface DemoRun {
  report: DemoReport
  ledger: Ledger
}

/** Runs the whole demo: a federation that trains the digits, and a report of what came of it. See {@link runFederation}. */
export function runDemo(options: DemoOptions, progress: Progress, signal: AbortSignal): Promise<DemoRun> {
  const plan = {
    makeTask: (workDir: string) => digitsOf(options, workDir),
    finish: (played: PlayedTask) => {
      progress.step('training centrally for comparison, measuring accuracies')
      return report(options, played)
    },
  }
  return runFederation(options, plan, progress, signal)
}

/** Writes the digits task and everybody's shard. */
async function digitsOf(options: DemoOptions, workDir: string): Promise<FederatedTask> {
  const packageDir = join(workDir, 'package')
  const poolFile = join(workDir, POOL_FILE)
  const taskPackage = await buildDigitsTask({
    dir: packageDir,
    poolFile,
    seed: demoSeed(options.seed),
    hasWeakSpot: options.attackers.some(({ behaviour }) => behaviour.needsWeakGraph),
  })
  const shards = await writeShards(options, { taskPackage }, workDir)
  return { taskPackage, packageDir, poolFile, shards }
}

async function report(options: DemoOptions, played: PlayedTask): Promise<DemoRun> {
  const { reader, taskId, taskPackage, cast, storeUrl, startedAt } = played
  const ledger = await readLedger(reader, taskId)
  const store = httpStore({ url: storeUrl })
  const test = await digitsTestSet()
  const models = await Promise.all(
    ledger.rounds.map(({ modelHash }) => store.get(modelHash, { maxBytes: LARGEST_MODEL_BYTES })),
  )
  const accuracies = await accuraciesOf({ taskPackage, models, test })
  const centralized = await trainCentrally({
    taskPackage,
    data: await digitsTrainingSet(),
    test,
    rounds: ledger.rounds.length,
    seed: demoSeed(options.seed),
  })
  const { seed, slowStores } = options
  return {
    report: await makeReport({
      reader,
      taskId,
      cast,
      ledger,
      seed,
      slowStores,
      startedAt,
      accuracies,
      centralized,
    }),
    ledger,
  }
}
