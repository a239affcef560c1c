/**
 * Trains a large state's windows again from the evidence in a folder, as large-state.ts kept it: benchmarks/cpu.ts runs this under
 * other processors.
 *
 *     node benchmarks/large/replay.ts FOLDER
 *
 * Prints a line a window, and the memory that it took.
 */
import { openEngine } from '@assay/engine/node/session.ts'
import { checkWindowEvidence } from '@assay/engine/run/evidence.ts'
import { peakBytes } from '../peak-memory.ts'
import { readShown } from './shown.ts'
import { largeTask } from './task.ts'

const { values, evidence, claim } = await readShown(process.argv[2]!)
const { task } = await largeTask(values, evidence.length)
const engine = await openEngine(task)
for (const [window, shown] of evidence.entries()) {
  const found = await checkWindowEvidence({ engine, evidence: shown, window, start: task.init, ...claim })
  console.log(`window ${window}: ${found.ok ? 'the same bits' : found.reason}`)
}
await engine.close()
console.log(`${Math.round((await peakBytes()) / 2 ** 20)} MiB resident at most`)
