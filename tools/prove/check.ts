import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { readSources, type Sources } from '../solidity/sources.ts'
import { assertionsIn, avoided, opened, type Property, played, withEnd } from './properties.ts'
import { pruned } from './pruned.ts'
import { restated } from './restated.ts'

/** What a solver says of a property. Only with `proved` it holds. */
export type Verdict =
  | { kind: 'proved' }
  /** A run breaks it. */
  | { kind: 'violated'; counterexample: string }
  /** No run is known that comes to its last assertion, so that it may say nothing. */
  | { kind: 'vacuous'; why: string }
  | { kind: 'undecided'; why: string }
  /** It doesn't compile, or names what isn't there any more. */
  | { kind: 'broken'; why: string }

/** Seconds that the processor worked, whatever else the machine does. */
export interface Work {
  seconds: number
}

/** A message of the compiler. */
export interface Message {
  severity: string
  message: string
  formattedMessage: string
  sourceLocation?: { file: string; start: number }
  /** Of a broken assertion: the values that break it. */
  secondarySourceLocations?: { message: string }[]
}

/**
 * Asks the solver about a property, and whether any run reaches its last assertion.
 *
 * @param root folder of the repository
 * @param property to prove
 * @param seconds that the processor may work for it
 * @param replaced text of files that aren't read, by path
 * @param work gets the processor's seconds
 * @throws if the property doesn't compile, with the compiler's message
 */
export async function check(
  root: string,
  property: Property,
  seconds: number,
  replaced: ReadonlyMap<string, string> = new Map(),
  work: Work = { seconds: 0 },
): Promise<Verdict> {
  const input = inputFor(property, sourcesFor(root, property, replaced))
  const answer = await compile(input, seconds)
  if (typeof answer === 'string') {
    if (answer === OUT_OF_TIME) work.seconds += seconds
    return {
      kind: 'undecided',
      why: answer === OUT_OF_TIME ? `no answer within ${seconds} s of work` : answer,
    }
  }
  work.seconds += answer.workSeconds
  return verdictOf(answer.messages, property, input.sources[property.file]!.content)
}

/** The sources of a property, as the solver gets them. */
function sourcesFor(
  root: string,
  property: Property,
  replaced: ReadonlyMap<string, string> = new Map(),
): Sources {
  const { [property.file]: own } = readSources(root, [property.file], replaced)
  const ended = withEnd(own!.content, property.contract, property.reaches)
  const sources = readSources(root, [property.file], new Map([...replaced, [property.file, ended]]))
  for (const [name, source] of Object.entries(sources)) source.content = restated(name, source.content)
  const others = Object.values(sources).map(({ content }) => content)
  const change = (path: string, how: (source: string) => string) => {
    const source = sources[path]
    if (source === undefined) throw new Error(`${property.contract} opens ${path}, but doesn't import it`)
    source.content = how(source.content)
  }
  for (const path of property.opened) change(path, opened)
  const changeAll = (places: string[], how: (source: string, name: string) => string) => {
    for (const [path, name] of places.map((one) => one.split(':')))
      change(path!, (source) => how(source, name!))
  }
  changeAll(property.played, (source, name) => played(source, name, others))
  changeAll(property.avoided, avoided)
  return pruned(sources, property.file, property.contract)
}

function inputFor(property: Property, sources: Sources) {
  const modelChecker = {
    engine: property.engine,
    contracts: { [property.file]: [property.contract] },
    targets: ['assert'],
    solvers: ['z3'],
    showProvedSafe: true,
    showUnproved: true,
    ...(property.engine === 'bmc' ? { bmcLoopIterations: property.loops } : {}),
  }
  const settings = { modelChecker, outputSelection: { [property.file]: { [property.contract]: ['abi'] } } }
  return { language: 'Solidity', sources, settings }
}

/** What a process of the compiler tells. */
interface Answer {
  messages: Message[]
  workSeconds: number
}

/** A condition of many parts is as deep for the compiler as it has parts. */
const STACK_KIB = 61_440
/** What the system tells a process that worked for longer than it may. */
const OUT_OF_TIME = 'SIGXCPU'

/**
 * The compiler's answer, or why its process ended without one: a solver can run out of memory. The system counts the processor's time, and
 * no other: a busy machine decides as much as an idle one.
 */
function compile(input: object, seconds: number): Promise<Answer | string> {
  return new Promise((done) => {
    const node = [process.execPath, `--stack-size=${STACK_KIB - 4096}`, ...process.execArgv]
    const limits = `ulimit -c 0; ulimit -S -s ${STACK_KIB}; ulimit -S -t ${seconds}; exec "$@"`
    const child = spawn('sh', ['-c', limits, 'sh', ...node, join(import.meta.dirname, 'solver.ts')], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    let answer: Answer | undefined
    child.on('message', (said) => {
      answer = said as Answer
    })
    child.on('exit', (code, signal) => {
      const end = signal === OUT_OF_TIME ? signal : `the compiler ended with ${signal ?? `code ${code}`}`
      done(answer ?? end)
    })
    child.send(input)
  })
}

/**
 * What the messages say of a property's assertions. One that no message calls safe isn't proved.
 *
 * @param messages of the compiler
 * @param property that was asked about
 * @param source text of its file; the last assertion is that no run reaches the end
 * @throws if it didn't compile
 */
export function verdictOf(messages: readonly Message[], property: Property, source: string): Verdict {
  const failure = messages.find(({ severity }) => severity === 'error')
  if (failure) throw new Error(failure.formattedMessage)
  const places = assertionsIn(source, property.contract).map((at) => Buffer.byteLength(source.slice(0, at)))
  const end = places.pop()!
  const isAt = ({ sourceLocation }: Message, at: number) =>
    sourceLocation?.file === property.file && sourceLocation.start === at
  const said = messages.filter(({ message }) => /^(BMC|CHC): /.test(message))
  const others = said.filter((one) => !isAt(one, end))
  const violation = others.find(isViolation)
  if (violation) {
    const values = violation.secondarySourceLocations?.map(({ message }) => message.trim()) ?? []
    return { kind: 'violated', counterexample: [violation.message, ...values].join('\n') }
  }
  const doubt = others.find((one) => !isSafe(one))
  if (doubt) return { kind: 'undecided', why: doubt.message.split('\n')[0]! }
  if (places.length === 0 || !places.every((at) => others.some((one) => isAt(one, at))))
    return { kind: 'undecided', why: 'the solver says nothing of an assertion' }
  return ofEnd(said.filter((one) => isAt(one, end)))
}

function isSafe({ message }: Message): boolean {
  return message.includes('check is safe')
}

function isViolation({ message }: Message): boolean {
  return message.includes(' violation happens here')
}

/** The verdict on a property whose assertions are safe, from what is said of its end. */
function ofEnd(said: readonly Message[]): Verdict {
  if (said.some(isViolation)) return { kind: 'proved' }
  const why = said.some(isSafe)
    ? 'the solver proves that it is never reached'
    : said[0]?.message.split('\n')[0]
  return { kind: 'vacuous', why: `no run is known to reach the last assertion: ${why ?? 'nothing is said'}` }
}
