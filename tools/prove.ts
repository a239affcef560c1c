import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { check, type Verdict, type Work } from './prove/check.ts'
import { allProperties, FOLDER, type Property } from './prove/properties.ts'

/**
 * Proves the properties in test/properties/ with the SMTChecker of the compiler, and tells the time of each: by the clock, and what
 * the processor worked for it, which doesn't depend on what else the machine does. Ends with code 1 unless each is
 * proved, or says of itself why it can't be decided.
 */
const USAGE = `npm run prove -- [options]

  --only <text>     properties whose file or name contains it
  --seconds <n>     how long the processor may work for a property, 300 by default
  --jobs <n>        properties at once, by default as many as there are cores
  --list            names the properties and proves nothing
  --help            this text
`

const root = join(import.meta.dirname, '..')
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string', default: '300' },
    jobs: { type: 'string', default: String(cpus().length) },
    list: { type: 'boolean' },
    help: { type: 'boolean' },
  },
})
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}
const seconds = wholeNumber('seconds', values.seconds)
const jobs = wholeNumber('jobs', values.jobs)
const chosen = allProperties(root).filter(
  ({ file, contract }) => values.only === undefined || `${file} ${contract}`.includes(values.only),
)
if (chosen.length === 0) {
  console.error(`no property in ${FOLDER}/ has "${values.only}" in its file or name`)
  process.exit(2)
}
if (values.list) for (const { contract, claim } of chosen) console.log(`${contract}: ${claim}`)
else process.exitCode = (await proveAll()) ? 0 : 1

function wholeNumber(option: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  console.error(`--${option} must be a whole number from 1 on, not "${text}"`)
  process.exit(2)
}

/** Proves what was chosen, several at once. @returns whether all is as it should be */
async function proveAll(): Promise<boolean> {
  const waiting = [...chosen]
  const counts = { proved: 0, known: 0, failed: 0, seconds: 0 }
  const work = async () => {
    for (let property = waiting.shift(); property; property = waiting.shift()) {
      const startedAt = performance.now()
      const work = { seconds: 0 }
      const verdict = await check(root, property, seconds, new Map(), work).catch(uncompiled)
      report(property, verdict, (performance.now() - startedAt) / 1000, work)
      counts.seconds += work.seconds
      if (verdict.kind === 'proved') ++counts.proved
      else if (verdict.kind === 'undecided' && property.undecided !== undefined) ++counts.known
      else ++counts.failed
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
  const known = counts.known > 0 ? `, ${counts.known} undecided as they say` : ''
  console.log(
    `${counts.proved} proved${known}, ${counts.failed} failed, ${counts.seconds.toFixed(0)} s of work`,
  )
  return counts.failed === 0
}

/** One that doesn't compile any more keeps nobody from asking about the others. */
function uncompiled(error: Error): Verdict {
  return { kind: 'broken', why: error.message }
}

function report(property: Property, verdict: Verdict, took: number, work: Work): void {
  const time = `${took.toFixed(1)} s (${work.seconds.toFixed(1)} s of work)`.padStart(27)
  console.log(`${verdict.kind.padEnd(9)} ${time}  ${property.contract}: ${property.claim}`)
  if (verdict.kind === 'violated') console.log(verdict.counterexample.replaceAll(/^/gm, '    '))
  else if (verdict.kind === 'undecided') console.log(`    ${property.undecided ?? verdict.why}`)
  else if (verdict.kind !== 'proved') console.log(verdict.why.replaceAll(/^/gm, '    '))
}
