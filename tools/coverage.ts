import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Branch, REPORT, reportSource, reports, sitesIn } from './coverage/branches.ts'
import { EXPLAINED } from './coverage/explained.ts'
import { judged } from './coverage/judged.ts'
import { compiled, syntaxOf } from './solidity/compiler.ts'
import { applied, withLibrary } from './solidity/edits.ts'
import { readSources } from './solidity/sources.ts'
import {
  artifactsOf,
  COLLECTOR,
  collectorLibrary,
  runSuites,
  suitesIn,
  type TestResult,
} from './solidity/test-runner.ts'

/**
 * Tells which branches of the contracts the Solidity tests take. Ends with code 1 if a branch is never taken and not explained, or
 * explained and taken.
 */
const USAGE = `npm run coverage -- [options]

  --tests <glob>    test files in test/solidity/, all by default; then branches of others count as never taken
  --fuzz-runs <n>   runs of each fuzz test, 64 by default
  --help            this text
`

const root = join(import.meta.dirname, '..')
const { values } = parseArgs({
  options: {
    tests: { type: 'string', default: '**/*.t.sol' },
    'fuzz-runs': { type: 'string', default: '64' },
    help: { type: 'boolean' },
  },
})
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}
const fuzzRuns = Number(values['fuzz-runs'])
if (!Number.isSafeInteger(fuzzRuns) || fuzzRuns < 1) {
  console.error(`--fuzz-runs must be a whole number from 1 on, not "${values['fuzz-runs']}"`)
  process.exit(2)
}
const tests = globSync(`test/solidity/${values.tests}`, { cwd: root }).sort()
if (tests.length === 0) {
  console.error(`no test file is called test/solidity/${values.tests}`)
  process.exit(2)
}

const { branches, sources } = instrumented()
console.error(`compiling ${Object.keys(sources).length} files that report ${branches.length} branches`)
const artifacts = artifactsOf(compiled(sources))
const { taken, failed } = await run()
for (const { suite, test, reason } of failed) console.log(`failed: ${suite}.${test}: ${reason}`)
process.exitCode = report() && failed.length === 0 ? 0 : 1

/** The contracts with reports in them, their tests, and all branches by number − 1. */
function instrumented() {
  const files = globSync('contracts/**/*.sol', { cwd: root, exclude: ['contracts/interfaces/**'] }).sort()
  const trees = syntaxOf(root, files)
  const branches: Branch[] = []
  const texts = new Map([
    [`${REPORT}.sol`, reportSource(COLLECTOR)],
    [COLLECTOR, collectorLibrary()],
  ])
  for (const file of files) {
    const source = readFileSync(join(root, file), 'utf8')
    const sites = sitesIn(file, source, trees[file]!)
    if (sites.length === 0) continue
    const numbers = new Map<Branch, number>()
    for (const branch of sites.flatMap((site) => site.branches)) numbers.set(branch, branches.push(branch))
    texts.set(
      file,
      withLibrary(
        applied(
          source,
          reports(sites, (branch) => numbers.get(branch)!),
        ),
        REPORT,
      ),
    )
  }
  return { branches, sources: readSources(root, [...tests, ...files], texts) }
}

async function run(): Promise<{ taken: Set<number>; failed: TestResult[] }> {
  const taken = new Set<number>()
  const failed: TestResult[] = []
  const onHits = (hits: bigint[]) => {
    for (const hit of hits) taken.add(Number(hit))
  }
  const options = { fuzzRuns, invariantRuns: 16, invariantDepth: 100, gasLimit: 2n ** 62n, onHits }
  for (const file of tests) {
    const results = await runSuites(root, artifacts, suitesIn(artifacts, file), options)
    failed.push(...results.filter(({ passed }) => !passed))
  }
  return { taken, failed }
}

/** Prints what is never taken. @returns whether it is as explained */
function report(): boolean {
  const { missing, needless, explained } = judged(branches, (number) => taken.has(number), EXPLAINED)
  for (const { file, line, where, way } of missing)
    console.log(`never taken: ${file}:${line} ${where}: ${way}`)
  for (const { file, where, way } of needless)
    console.log(`explained, but taken or not there: ${file} ${where}: ${way}`)
  const share = ((taken.size / branches.length) * 100).toFixed(2)
  console.log(
    `${taken.size} of ${branches.length} branches taken (${share} %), ${explained} explained, ${missing.length} neither`,
  )
  return missing.length === 0 && needless.length === 0
}
