import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from './mutate/build.ts'
import { EXPLAINED } from './mutate/explained.ts'
import { type Mutant, type Site, sitesIn } from './mutate/mutants.ts'
import { judged, keyOf, type Outcome, readOutcomes, sampleOf, writeOutcomes } from './mutate/results.ts'
import { IMPORTANT, stepsOf } from './mutate/tests-of.ts'
import { tryBuild } from './mutate/try-mutants.ts'
import { syntaxOf } from './solidity/compiler.ts'
import { digestOf, readTestSources } from './solidity/sources.ts'

/**
 * Changes the contracts in small ways, one at a time, and tells which changes no Solidity test notices. All mutants of a compilation are
 * in the code at once, behind switches, so that each costs only its tests: those that reach it, and until one fails. It can be
 * interrupted, and goes on from where it was.
 */
const USAGE = `npm run mutate -- [options]

  --only <text>      mutants of files whose path contains it, and all of them; can be given several times
  --sample <n>       mutants of the other files, drawn by seed, 300 by default
  --seed <text>      of that sample, "assay" by default
  --again            tries those again that were tried before
  --help             this text
`
const RESULTS = '.assay/mutants/outcomes.json'
/** Shares of the mutants that tests must fail: of the important files, and of the sample. */
const LEAST_SHARES = { important: 0.97, sampled: 0.9 }
const OPTIONS = { fuzzRuns: 256, invariantRuns: 8, invariantDepth: 50 }

const root = join(import.meta.dirname, '..')
const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    sample: { type: 'string', default: '300' },
    seed: { type: 'string', default: 'assay' },
    again: { type: 'boolean' },
    help: { type: 'boolean' },
  },
})
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}
const size = Number(values.sample)
if (!Number.isSafeInteger(size) || size < 0) {
  console.error(`--sample must be a whole number from 0 on, not "${values.sample}"`)
  process.exit(2)
}
const outcomes = readOutcomes(join(root, RESULTS))
const chosen = choose()
for (const [steps, sites] of bySteps(chosen)) await tryGroup(steps, sites)
process.exitCode = report() ? 0 : 1

/** The mutants to try. */
function choose(): Site[] {
  const files = globSync('contracts/**/*.sol', { cwd: root, exclude: ['contracts/interfaces/**'] }).sort()
  const trees = syntaxOf(root, files)
  const sites = files.flatMap((file) => sitesIn(file, readFileSync(join(root, file), 'utf8'), trees[file]!))
  if (values.only !== undefined) {
    const isOf = (text: string) => (site: Site) => site.mutant.file.includes(text)
    const none = values.only.find((text) => !sites.some(isOf(text)))
    if (none === undefined) return sites.filter((site) => values.only!.some((text) => isOf(text)(site)))
    console.error(`no contract with a mutant has "${none}" in its path`)
    process.exit(2)
  }
  const isImportant = ({ mutant }: Site) => IMPORTANT.includes(mutant.file)
  return [
    ...sites.filter(isImportant),
    ...sampleOf(
      sites.filter((site) => !isImportant(site)),
      size,
      values.seed,
    ),
  ]
}

/** Mutants by the tests that they have to fail. */
function bySteps(sites: readonly Site[]): [steps: string[][], sites: Site[]][] {
  const groups = new Map<string, [string[][], Site[]]>()
  for (const site of sites) {
    const steps = stepsOf(root, site.mutant.file)
    const key = JSON.stringify(steps)
    const group = groups.get(key) ?? [steps, []]
    group[1].push(site)
    groups.set(key, group)
  }
  return [...groups.values()]
}

/** Tries mutants with the tests of one step after the other: what survives the last one survives. */
async function tryGroup(steps: string[][], sites: Site[]): Promise<void> {
  const files = [...new Set(sites.map(({ mutant }) => mutant.file))]
  const contracts = globSync('contracts/*.sol', { cwd: root })
  const digests = steps.map((_, i) =>
    digestOf(readTestSources(root, [...steps.slice(0, i + 1).flat(), ...files], contracts)),
  )
  let waiting = sites.filter(({ mutant }) => values.again || !isKnown(outcomes.get(keyOf(mutant)), digests))
  for (const [i, tests] of steps.entries()) {
    const survivors: Site[] = []
    const end = (site: Site, kind: 'survived' | 'uncompilable') => {
      if (i === steps.length - 1) note({ mutant: site.mutant, kind, digest: digests[i]! })
      else survivors.push(site)
    }
    await tryStep(tests, waiting, digests[i]!, end)
    waiting = survivors
  }
}

/** Whether an outcome still counts: of what was killed only the tests of the steps up to that matter. */
function isKnown(outcome: Outcome | undefined, digests: readonly string[]): boolean {
  if (outcome === undefined) return false
  const isKilled = outcome.kind === 'killed' || outcome.kind === 'hung'
  return isKilled ? digests.includes(outcome.digest) : outcome.digest === digests.at(-1)
}

async function tryStep(
  tests: string[],
  sites: Site[],
  digest: string,
  end: (site: Site, kind: 'survived' | 'uncompilable') => void,
): Promise<void> {
  let waiting = sites
  while (waiting.length > 0) {
    console.error(`compiling ${tests.length} test files with ${waiting.length} mutants`)
    const built = build(root, tests, waiting, join(root, `.assay/mutants/${digest}.json`))
    if (built.sites.size === 0) {
      for (const site of built.left) end(site, 'uncompilable')
      return
    }
    await tryBuild({ root, tests, options: OPTIONS }, built, (site, failed) => {
      if (failed === undefined) note({ mutant: site.mutant, kind: 'hung', digest })
      else if (failed.length === 0) end(site, 'survived')
      else note({ mutant: site.mutant, kind: 'killed', by: failed[0]!, digest })
    })
    waiting = built.left
  }
}

function note(outcome: Outcome): void {
  outcomes.set(keyOf(outcome.mutant), outcome)
  // Another run may have written since.
  writeOutcomes(join(root, RESULTS), readOutcomes(join(root, RESULTS)).set(keyOf(outcome.mutant), outcome))
  const { mutant, kind, by } = outcome
  console.log(`${kind.padEnd(9)} ${shown(mutant)}${by === undefined ? '' : `  (${by})`}`)
}

function shown({ file, line, where, text, instead }: Mutant): string {
  return `${file}:${line} ${where}: ${text} → ${instead || 'left out'}`
}

/** Prints what survived. @returns whether it is as it should be */
function report(): boolean {
  const all = chosen.map(({ mutant }) => outcomes.get(keyOf(mutant))!)
  const classes = [
    ['important', all.filter(({ mutant }) => IMPORTANT.includes(mutant.file))],
    ['sampled', all.filter(({ mutant }) => !IMPORTANT.includes(mutant.file))],
  ] as const
  let isGood = true
  for (const [name, part] of classes) {
    if (part.length === 0) continue
    const { survivors, unexplained, needless, compiled, killedShare } = judged(part, EXPLAINED)
    for (const mutant of unexplained) console.log(`survived, and isn't explained: ${shown(mutant)}`)
    for (const { file, where, text } of needless)
      console.log(`explained, but killed: ${file} ${where}: ${text}`)
    const share = (killedShare * 100).toFixed(1)
    console.log(
      `${name}: ${compiled - survivors.length} of ${compiled} mutants killed (${share} %), ` +
        `${survivors.length} survived, ${unexplained.length} of them not explained`,
    )
    if (killedShare < LEAST_SHARES[name] || unexplained.length > 0 || needless.length > 0) isGood = false
  }
  return isGood
}
