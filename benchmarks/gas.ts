import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import hre from 'hardhat'
import { zeroHash } from 'viem'
import { complaints, type Figures, table } from './gas/figures.ts'
import { measure } from './gas/measure.ts'
import { readOptions } from './options.ts'

/**
 * What Assay costs on chain, beside what peers published: whole transactions on Hardhat's in-process EVM, with the contracts as they
 * ship and real signatures. Committees of 5, 11 validators. Reported are the first round, the second, the twelfth, and the dearest from the second on.
 *
 *   npm run bench:gas -- [--json FILE] [--contributors 10,100,1000] [--seed TEXT]
 *
 * Ends with exit code 1 when a budget is broken at the largest number of contributors, or when a user's call grows with it.
 */
const values = readOptions('npm run bench:gas -- [--json FILE] [--contributors 10,100,1000] [--seed TEXT]', {
  json: { type: 'string' },
  contributors: { type: 'string', default: '10,100,1000' },
  seed: { type: 'string', default: 'gas' },
})
const sizes = values.contributors.split(',').map(Number)
if (sizes.length === 0 || sizes.some((size) => !Number.isSafeInteger(size) || size < 2)) {
  console.error(
    `--contributors takes whole numbers of at least 2, separated by commas: "${values.contributors}"`,
  )
  process.exit(2)
}

await hre.tasks.getTask('build').run({ quiet: true })
const seed = deriveSeed(zeroHash, values.seed)
const byContributors = new Map<number, Figures>()
for (const size of sizes) {
  const startedAt = performance.now()
  byContributors.set(size, await measure(seed, size))
  console.log(`N = ${size}: measured in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
}

console.log(`\n${table(byContributors)}\n`)
console.log(
  'Rows without a round are of the twelfth: the ring of eight rounds is full, and newcomers’ audits are over.',
)
if (values.json !== undefined) await writeWholeFile(values.json, `${JSON.stringify(asJson(), null, 2)}\n`)

const found = complaints(byContributors)
for (const complaint of found) console.error(`✗ ${complaint}`)
if (found.length === 0)
  console.log('✓ Every budget holds, and no user’s call grows with the number of contributors.')
process.exit(found.length === 0 ? 0 : 1)

/** The largest stage's figures, and those of all stages. */
function asJson() {
  return { ...byContributors.get(Math.max(...sizes)), byContributors: Object.fromEntries(byContributors) }
}
