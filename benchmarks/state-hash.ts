/**
 * How long does it take to hash a state, flat and as a tree?
 *
 *     npm run exec -- node benchmarks/state-hash.ts [--portable]
 *
 * Medians in milliseconds: a flat sha256 over the tensors' bytes, and the state tree with chunks of 1,024 and of 4,096
 * bytes, alone and after the look for NaN that tensors between two states need. With --portable without Node's own sha256, as in
 * browsers. 101,770 parameters are the digits task's, 784-128-10.
 */
import { cpus } from 'node:os'
import { readOptions } from './options.ts'

const { portable } = readOptions('npm run exec -- node benchmarks/state-hash.ts [--portable]', {
  portable: { type: 'boolean', default: false },
})
if (portable) Object.assign(process, { getBuiltinModule: undefined })
// Only now: hash.ts looks for Node's own sha256 when it is loaded.
const { rawBytes, sha256 } = await import('@assay/engine/hash.ts')
const { finiteTensorRoot, tensorRoot } = await import('@assay/engine/package/state-tree.ts')

const SIZES = [101_770, 8_400_000]
const WARM_UP_RUNS = 3
const MEASURED_VALUES = 30_000_000
const LEAST_RUNS = 5

console.log(`${cpus()[0]?.model} (1 of ${cpus().length} cores), Node ${process.versions.node}`)
for (const count of SIZES) {
  const values = Float32Array.from({ length: count }, (_, i) => i / count - 0.5)
  const report = (what: string, work: () => unknown) =>
    console.log(`  ${what.padEnd(30)} ${medianMs(count, work).toFixed(2).padStart(8)} ms`)
  console.log(`\n${count.toLocaleString('en')} parameters`)
  report('flat', () => sha256(rawBytes(values)))
  for (const chunkBytes of [1024, 4096]) {
    const chunks = `chunks of ${chunkBytes.toLocaleString('en')} bytes`
    report(chunks, () => finiteTensorRoot(values, chunkBytes))
    report(`${chunks}, NaN`, () => tensorRoot(values, chunkBytes))
  }
}

function medianMs(count: number, work: () => unknown): number {
  const runs = Math.max(LEAST_RUNS, Math.ceil(MEASURED_VALUES / count))
  for (let run = 0; run < WARM_UP_RUNS; run++) work()
  const times = Array.from({ length: runs }, () => {
    const started = performance.now()
    work()
    return performance.now() - started
  })
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)]!
}
