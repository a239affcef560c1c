/** Honest windows, trained, shown and replayed: how often does a replay call an honest step false? */
import { openEngine } from '@assay/engine/node/session.ts'
import { assembleTaskPackage, createTask } from '@assay/engine/node/task-package.ts'
import { type Dataset, sampleTree } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import { checkWindowEvidence, makeWindowEvidence } from '@assay/engine/run/evidence.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { train } from '@assay/engine/run/train.ts'
import { dataRootOf } from '@assay/sdk/protocol/data-root.ts'
import { treeRoot } from '@assay/sdk/protocol/merkle.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import type { LabDataset } from '../datasets/lab-dataset.ts'

export type Replays = { steps: number; mismatches: number; withheld: number }

const ROUND_STEPS = 60
const CONTRIBUTORS = 8

/**
 * Trains round after round, each contributor from where it ended, and has every window replayed from its evidence by another engine,
 * until so many steps were.
 *
 * @param onRound told of the figures so far
 */
export async function replayHonest(
  { dataset, seed, steps }: { dataset: LabDataset; seed: Hash; steps: number },
  onRound: (so: Replays) => void = () => undefined,
): Promise<Replays> {
  const { taskJson, files } = await createTask(await dataset.contents({ seed, steps: ROUND_STEPS }))
  const contents = await assembleTaskPackage(taskJson, files)
  const [trainer, checker] = [await openEngine(contents), await openEngine(contents)]
  const shards = await dataset.shards({ seed, contributors: CONTRIBUTORS, partition: { dirichlet: 0.5 } })
  const found: Replays = { steps: 0, mismatches: 0, withheld: 0 }
  let base = contents.init
  for (let round = 1; found.steps < steps; round++) {
    const place = { round, base, data: shards[round % CONTRIBUTORS]!, seed }
    base = await replayRound({ trainer, checker }, place, found, steps)
    onRound({ ...found })
  }
  await trainer.close()
  await checker.close()
  return found
}

/** Trains a round and replays its windows. @returns the state that it ends in */
async function replayRound(
  { trainer, checker }: { trainer: Engine; checker: Engine },
  { round, base, data, seed }: { round: number; base: State; data: Dataset; seed: Hash },
  found: Replays,
  steps: number,
): Promise<State> {
  const { spec } = trainer
  const secret = deriveSeed(seed, 'salts', BigInt(round))
  const batchSeed = deriveSeed(seed, 'batches', BigInt(round))
  const { borders, stateHashes, stateRoot, final } = await train({
    engine: trainer,
    base,
    data,
    round,
    batchSeed,
  })
  const tree = sampleTree(data, secret)
  const shown = { spec, stateHashes, start: base, data, secret, tree, batchSeed }
  const committed = {
    stateRoot,
    dataRoot: dataRootOf(treeRoot(tree), data.n),
    finalStateHash: stateHashes.at(-1)!,
  }
  const claim = {
    ...committed,
    round,
    sampleCount: data.n,
    batchSeed,
    start: base,
    startHash: stateHashes[0]!,
  }
  for (let window = 0; window < borders.length - 1 && found.steps < steps; window++) {
    const evidence = makeWindowEvidence({ ...shown, window, stateBefore: borders[window]! })
    const result = await checkWindowEvidence({ engine: checker, evidence, window, ...claim })
    found.steps += spec.commitEvery
    if (!result.ok) found[result.kind === 'withheld' ? 'withheld' : 'mismatches'] += 1
  }
  return final
}
