import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openSpool } from './spool.ts'

/**
 * The one runner of checks, Solidity tests, contract tests and package tests. Each check counts as one passed or failed test, so that a failed check can't hide behind passing tests. The sum stands alone on the last line.
 *
 *   npm test
 *   npm run test:full                the same, Solidity tests search longer, and the worked examples run
 *   npm test -- --only checks | compile | lint | types | unused | lockfile | solidity | contracts | packages | examples
 */
const root = join(import.meta.dirname, '..')
const solidityFiles = '{contracts,test}/**/*.sol'

interface Counts {
  passed: number
  failed: number
  skipped: number
}

interface Part {
  names: string[]
  run: () => Promise<Counts>
}

/** Runs of fuzz and invariant tests in `npm run test:full`, unless the environment has others; hardhat.config.ts reads them. */
const FULL_SEARCH = { ASSAY_FUZZ_RUNS: '10000', ASSAY_INVARIANT_RUNS: '512' }

const { values } = parseArgs({ options: { only: { type: 'string' }, full: { type: 'boolean' } } })
const only = values.only
if (values.full) process.env = { ...FULL_SEARCH, ...process.env }
const openTrack = openSpool((text) => process.stdout.write(text))
const counting = await mkdtemp(join(tmpdir(), 'assay-test-'))

// The tests and most checks read what compiling writes: the contracts' types and ABIs.
const compiling: Part = check(
  ['compile', 'types', 'unused', 'solidity', 'contracts', 'packages', 'examples'],
  'compile the contracts',
  [['node', 'tools/compile.ts', 'contracts']],
)

const compilingTests: Part = check(['compile', 'solidity', 'contracts'], 'compile their tests', [
  ['node', 'tools/compile.ts', 'tests'],
])

const checksOfSources: Part[] = [
  check(['lint'], 'TypeScript lint and format', [['biome', 'ci', '.', '--error-on-warnings']]),
  check(['lint'], 'Solidity lint and format', solidityLint()),
  check(['lockfile'], 'lockfile', [
    ['npm', 'ci', '--dry-run', '--no-audit', '--no-fund', '--loglevel=error'],
  ]),
]

const checks: Part[] = [
  check(['types'], 'types', [['tsc', '--noEmit', '--pretty']]),
  check(['unused'], 'unused code and dependencies', [['knip', '--no-progress']]),
]

const testsOfContracts: Part[] = [
  tested('solidity', 'test/solidity/**/*.t.sol', () => ['node', 'tools/test-solidity.ts']),
  tested('contracts', 'test/contracts/**/*.test.ts', (files) => [
    'hardhat',
    'test',
    'mocha',
    '--no-compile',
    ...files,
  ]),
]

const testsOfPackages: Part = tested(
  'packages',
  '{sdk,engine,store,daemon,oracle,contributor,cli,lab,benchmarks,scripts,tools,test/e2e}/**/*.test.ts',
  (files) => ['mocha', '--parallel', '--jobs', '2', '--reporter', 'tools/count-reporter.cjs', ...files],
)

/** Minutes of federations: only when everything is wanted, or they are. */
const testsOfExamples = tested('examples', 'test/examples/**/*.test.ts', (files) => [
  'mocha',
  '--reporter',
  'tools/count-reporter.cjs',
  ...files,
])
const testsOfSome = values.full || only === 'examples' ? [testsOfExamples] : []

// The checks come after the compilation, which writes the types that they read.
const afterCompilation = [compilingTests, ...checks, ...testsOfContracts]
const tests = [...testsOfContracts, testsOfPackages, testsOfExamples]
const parts = [compiling, ...checksOfSources, ...afterCompilation, testsOfPackages, testsOfExamples]
const known = new Set(['checks', ...parts.flatMap((part) => part.names)])
if (only !== undefined && !known.has(only)) {
  console.error(`--only ${only} is unknown; one of: ${[...known].join(', ')}`)
  process.exit(2)
}

const sum: Counts = { passed: 0, failed: 0, skipped: 0 }
await runInLanes()
await rm(counting, { recursive: true })

if (sum.skipped > 0) console.log(`${sum.skipped} skipped`)
console.log(`${sum.passed} passed, ${sum.failed} failed`)
process.exitCode = sum.failed > 0 ? 1 : 0

/**
 * The compiler takes one core, and package tests often wait for chains and daemons: two lanes keep two cores at work. What
 * reads sources alone doesn't wait for the contracts.
 */
async function runInLanes(): Promise<void> {
  const compiled = runInTurn([compiling])
  const packages = runInTurn(checksOfSources).then(async () => {
    await compiled
    await runInTurn([testsOfPackages, ...testsOfSome])
  })
  await compiled
  await Promise.all([packages, runInTurn(afterCompilation)])
}

async function runInTurn(lane: readonly Part[]): Promise<void> {
  for (const part of lane.filter(isWanted)) add(await part.run())
}

function isWanted(part: Part): boolean {
  if (only === undefined || part.names.includes(only)) return true
  return only === 'checks' && !tests.includes(part)
}

function add({ passed, failed, skipped }: Counts): void {
  sum.passed += passed
  sum.failed += failed
  sum.skipped += skipped
}

/** Commands that pass or fail as one. What they print is shown when they fail. */
function check(names: string[], title: string, commands: string[][]): Part {
  const run = async (): Promise<Counts> => {
    const startedAt = performance.now()
    let output = ''
    for (const command of commands) {
      const code = await execute(command, (text) => (output += text))
      if (code === 0) continue
      say(`✗ ${title}\n\n${output.trimEnd()}\n\n`)
      return { passed: 0, failed: 1, skipped: 0 }
    }
    say(`✓ ${title} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)\n`)
    return { passed: 1, failed: 0, skipped: 0 }
  }
  return { names: ['checks', ...names], run }
}

function solidityLint(): string[][] {
  if (globSync(solidityFiles, { cwd: root }).length === 0) return []
  return [
    ['prettier', '--check', '--log-level', 'warn', solidityFiles],
    ['solhint', '--noPoster', '--disc', '--max-warnings', '0', solidityFiles],
  ]
}

/** Tests that count themselves; a run that fails without counting a failure counts as one. */
function tested(name: string, pattern: string, commandFor: (files: string[]) => string[]): Part {
  const run = async (): Promise<Counts> => {
    const files = globSync(pattern, { cwd: root, exclude: ['**/node_modules/**'] }).sort()
    if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 }

    const track = openTrack()
    track.write(`\n${name}\n\n`)
    const file = join(counting, `${name}.json`)
    const code = await execute(commandFor(files), track.write, { ASSAY_TEST_COUNTS: file })
    track.end()
    const counts = await readFile(file, 'utf8').then(
      (text) => JSON.parse(text) as Counts,
      () => ({ passed: 0, failed: 1, skipped: 0 }),
    )
    return code === 0 ? counts : { ...counts, failed: Math.max(counts.failed, 1) }
  }
  return { names: [name], run }
}

/** Runs a command to its end. @returns its exit code */
function execute(
  [command = '', ...args]: string[],
  onText: (text: string) => void,
  variables: Record<string, string> = {},
): Promise<number> {
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}), ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', onText)
    }
    child.on('error', ({ message }) => {
      onText(`${message}\n`)
      done(127)
    })
    child.on('close', (code) => done(code ?? 1))
  })
}

/** Prints a few lines of their own, between what tests say. */
function say(text: string): void {
  const track = openTrack()
  track.write(text)
  track.end()
}
