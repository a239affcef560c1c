import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

/**
 * The one runner: checks, then Solidity tests, contract tests and package tests. Each check counts as one passed or failed test, so that a failed check can't hide behind passing tests. The sum stands alone on the last line.
 *
 *   npm test
 *   npm run test:full                the same, and Solidity tests search longer
 *   npm test -- --only checks | compile | lint | types | unused | lockfile | solidity | contracts | packages
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
const counting = await mkdtemp(join(tmpdir(), 'assay-test-'))

// The tests and most checks read what compiling writes: the contracts' types and ABIs.
const compiling: Part = check(
  ['compile', 'types', 'unused', 'solidity', 'contracts', 'packages'],
  'compile',
  [['node', 'tools/compile.ts']],
)

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

const tests: Part[] = [
  tested('solidity', 'test/solidity/**/*.t.sol', () => ['node', 'tools/test-solidity.ts']),
  tested('contracts', 'test/contracts/**/*.test.ts', (files) => [
    'hardhat',
    'test',
    'mocha',
    '--no-compile',
    ...files,
  ]),
  tested(
    'packages',
    '{sdk,engine,store,daemon,oracle,contributor,cli,lab,benchmarks,scripts,tools,test/e2e}/**/*.test.ts',
    (files) => ['mocha', '--parallel', '--jobs', '2', '--reporter', 'tools/count-reporter.cjs', ...files],
  ),
]

const parts = [compiling, ...checksOfSources, ...checks, ...tests]
const known = new Set(['checks', ...parts.flatMap((part) => part.names)])
if (only !== undefined && !known.has(only)) {
  console.error(`--only ${only} is unknown; one of: ${[...known].join(', ')}`)
  process.exit(2)
}

const sum: Counts = { passed: 0, failed: 0, skipped: 0 }
for (const together of [[compiling, ...checksOfSources], checks])
  for (const counts of await Promise.all(together.filter(isWanted).map((part) => part.run()))) add(counts)
for (const part of tests.filter(isWanted)) add(await part.run())
await rm(counting, { recursive: true })

if (sum.skipped > 0) console.log(`${sum.skipped} skipped`)
console.log(`${sum.passed} passed, ${sum.failed} failed`)
process.exitCode = sum.failed > 0 ? 1 : 0

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
    for (const command of commands) {
      const { code, output } = await execute(command, 'collect')
      if (code !== 0) {
        console.log(`✗ ${title}\n\n${output.trimEnd()}\n`)
        return { passed: 0, failed: 1, skipped: 0 }
      }
    }
    console.log(`✓ ${title} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`)
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

    console.log(`\n${name}\n`)
    const file = join(counting, `${name}.json`)
    const { code } = await execute(commandFor(files), 'show', { ASSAY_TEST_COUNTS: file })
    const counts = await readFile(file, 'utf8').then(
      (text) => JSON.parse(text) as Counts,
      () => ({ passed: 0, failed: 1, skipped: 0 }),
    )
    return code === 0 ? counts : { ...counts, failed: Math.max(counts.failed, 1) }
  }
  return { names: [name], run }
}

function execute(
  [command = '', ...args]: string[],
  output: 'collect' | 'show',
  variables: Record<string, string> = {},
): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...variables },
      stdio: output === 'show' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    child.stdout?.on('data', (part) => (text += part))
    child.stderr?.on('data', (part) => (text += part))
    child.on('error', (error) => done({ code: 127, output: error.message }))
    child.on('close', (code) => done({ code: code ?? 1, output: text }))
  })
}
