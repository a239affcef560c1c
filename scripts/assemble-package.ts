import { assembleDraft } from './assemble/assemble-draft.ts'
import { UsageError } from './command/usage-error.ts'

const USAGE = `node scripts/assemble-package.ts DRAFT FOLDER

Makes a task package of what another program hands over, as the Python package assay-task does: FOLDER/package,
FOLDER/pool.safetensors, and FOLDER/shards if there are some. Then replays training steps from that package in the engine, and evaluates held-out samples, for
the other program to compare with its own.

DRAFT holds
  spec.json               fields of task.json, without those that follow from the files; unitsPerStep may be left out
  step.onnx, eval.onnx    the graphs, and predict.onnx
  preprocess.json         how files become samples, if the package shall say it
  init.safetensors        the state as training starts, a tensor a name
  pool.safetensors        the held-out samples, as in a data file, with their strata if the task has a column of them
  replay.safetensors      samples of the steps to replay, a batch after the other, as in a data file
  shard-1.safetensors …   samples of contributors to try the task with, as in a data file
and gets
  result.safetensors      state/<tensor> after the steps, losses of the steps, evaluation: losses and metrics [2, rows] of
                          as many held-out samples as an evaluation takes, from the first on; their predictions
  noise-000000.safetensors …  random inputs of each step by name, if the task has some

Prints JSON: spec hash, learning rate of each step, compute units and memory of a step.`

async function main([draft, folder, ...more]: string[]): Promise<void> {
  if (draft === '--help') return console.log(USAGE)
  if (draft === undefined || folder === undefined || more.length > 0)
    throw new UsageError('takes two folders: the draft, and where the package goes')
  console.log(JSON.stringify(await assembleDraft(draft, folder)))
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  const isUsage = error instanceof UsageError
  console.error(isUsage ? `${message}. See node scripts/assemble-package.ts --help` : message)
  process.exitCode = isUsage ? 2 : 1
}
