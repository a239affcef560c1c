import { fork } from 'node:child_process'
import { join } from 'node:path'
import { readSources } from '../solidity/sources.ts'
import { assertionsIn, avoided, opened, type Property, played, withUnreachedEnd } from './properties.ts'
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
 * Asks the solver about a property, then whether any run reaches its last assertion.
 *
 * @param root folder of the repository
 * @param property to prove
 * @param seconds that each of the two questions may take
 * @param replaced text of files that aren't read, by path
 * @param work gets the processor's seconds of both questions; a question without an answer adds none
 * @throws if the property doesn't compile, with the compiler's message
 */
export async function check(
  root: string,
  property: Property,
  seconds: number,
  replaced: ReadonlyMap<string, string> = new Map(),
  work: Work = { seconds: 0 },
): Promise<Verdict> {
  const { file, contract } = property
  const texts = textsFor(root, property, replaced)
  const source = texts.get(file)!
  const verdict = await ask(root, property, texts, seconds, work)
  if (verdict.kind !== 'proved') return verdict

  texts.set(file, withUnreachedEnd(source, contract, property.reaches))
  const end = await ask(root, property, texts, seconds, work)
  if (end.kind === 'violated') return verdict
  const why = end.kind === 'undecided' ? end.why : 'the solver proves that it is never reached'
  return { kind: 'vacuous', why: `no run is known to reach the last assertion: ${why}` }
}

/** The property's file and those that it opens. */
function textsFor(
  root: string,
  property: Property,
  replaced: ReadonlyMap<string, string>,
): Map<string, string> {
  const sources = readSources(root, [property.file], replaced)
  const texts = new Map(replaced)
  texts.set(property.file, sources[property.file]!.content)
  const change = (path: string, how: (source: string) => string) => {
    const source = texts.get(path) ?? sources[path]?.content
    if (source === undefined) throw new Error(`${property.contract} opens ${path}, but doesn't import it`)
    texts.set(path, how(source))
  }
  for (const path of property.opened) change(path, opened)
  const changeAll = (places: string[], how: (source: string, name: string) => string) => {
    for (const [path, name] of places.map((one) => one.split(':')))
      change(path!, (source) => how(source, name!))
  }
  changeAll(property.played, played)
  changeAll(property.avoided, avoided)
  return texts
}

async function ask(
  root: string,
  property: Property,
  texts: ReadonlyMap<string, string>,
  seconds: number,
  work: Work,
): Promise<Verdict> {
  const input = inputFor(root, property, texts)
  const answer = await compile(input, seconds)
  if (answer === undefined) return { kind: 'undecided', why: `no answer within ${seconds} s` }
  work.seconds += answer.workSeconds
  return verdictOf(answer.messages, property, input.sources[property.file]!.content)
}

function inputFor(root: string, property: Property, texts: ReadonlyMap<string, string>) {
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
  const sources = readSources(root, [property.file], texts)
  for (const [name, source] of Object.entries(sources)) source.content = restated(name, source.content)
  return { language: 'Solidity', sources: pruned(sources, property.file, property.contract), settings }
}

/** What a process of the compiler tells. */
interface Answer {
  messages: Message[]
  workSeconds: number
}

/** The compiler's answer, or nothing if its process had to be ended, or ended by itself: a solver can run out of memory. */
function compile(input: object, seconds: number): Promise<Answer | undefined> {
  return new Promise((done) => {
    const child = fork(join(import.meta.dirname, 'solver.ts'), {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000)
    let answer: Answer | undefined
    child.on('message', (said) => {
      answer = said as Answer
    })
    child.on('exit', () => {
      clearTimeout(timer)
      done(answer)
    })
    child.send(input)
  })
}

/**
 * What the messages say of a property's assertions. One that no message calls safe isn't proved.
 *
 * @param messages of the compiler
 * @param property that was asked about
 * @param source text of its file
 * @throws if it didn't compile
 */
export function verdictOf(messages: readonly Message[], property: Property, source: string): Verdict {
  const failure = messages.find(({ severity }) => severity === 'error')
  if (failure) throw new Error(failure.formattedMessage)
  const places = assertionsIn(source, property.contract).map((at) => Buffer.byteLength(source.slice(0, at)))
  const said = messages.filter(({ message }) => /^(BMC|CHC): /.test(message))
  const violation = said.find(({ message }) => message.includes(' violation happens here'))
  if (violation) {
    const values = violation.secondarySourceLocations?.map(({ message }) => message.trim()) ?? []
    return { kind: 'violated', counterexample: [violation.message, ...values].join('\n') }
  }
  const doubt = said.find(({ message }) => !message.includes('check is safe'))
  if (doubt) return { kind: 'undecided', why: doubt.message.split('\n')[0]! }
  const isSafe = (at: number) =>
    said.some(({ sourceLocation }) => sourceLocation?.file === property.file && sourceLocation.start === at)
  if (places.length > 0 && places.every(isSafe)) return { kind: 'proved' }
  return { kind: 'undecided', why: 'the solver says nothing of an assertion' }
}
