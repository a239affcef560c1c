import type { Sources } from '../solidity/sources.ts'

const COMMENT = /^[ \t]*\/\/[^\n]*\n|[ \t]*\/\*.*?\*\/\n?/gms
const FUNCTION = /^ {4}function (\w+)\([^;{]*(?:;\n|\{\}\n|\{\n.*?^ {4}\}\n)/gms
const CONSTRUCTOR = /^ {4}constructor\([^;{]*(?:\{\}\n|\{\n.*?^ {4}\}\n)/gms
const SAID = /^ {4}(?:event|error) (\w+)\([^;]*;\n/gm
const VARIABLE = /^ {4}(?:mapping\([^;]*\)|[\w.]+(?:\[\w*\])?)(?: \w+)* (\w+)(?:\s=[^;]*)?;\n/gm
const NO_VARIABLE = /^ {4}(?:function|event|error|using|type)\b/
const CONTRACT = /^contract (\w+)\b.*?^\}\n/gms
const HEAD = /^(?:abstract )?contract \w+\s+is\b[^{]*\{/gm

/**
 * Leaves out what a property can't call or read: the compiler describes every function of a contract and of its bases to the solver, as
 * if each were called first, and does not come to an end with some. So other properties of the file go, and all functions, events,
 * errors and variables whose names nothing uses. Constructors go, too: a property starts with any state and any immutables.
 *
 * @param sources formatted as prettier does it
 * @param file of the property
 * @param contract of the property
 * @param entry name of the function that is called
 * @returns the same for this property
 */
export function pruned(sources: Sources, file: string, contract: string, entry = 'prove'): Sources {
  let contents = Object.entries(sources).map(([name, { content }]) => {
    const mine = name === file ? withoutOthers(content, contract) : content
    const code = mine.replaceAll(COMMENT, '').replaceAll(CONSTRUCTOR, '')
    return { name, content: code.replaceAll(HEAD, withoutArguments) }
  })
  const change = (how: (text: string) => string) => {
    contents = contents.map(({ name, content }) => ({ name, content: how(content) }))
  }
  const isCalled = calledFrom(
    contents.map(({ content }) => content),
    entry,
  )
  change((content) => content.replaceAll(FUNCTION, (text, name: string) => (isCalled(name) ? text : '')))
  const uses = countedWords(contents.map(({ content }) => content).join(''))
  change((content) => {
    const own = countedWords(content)
    const isUsed = (text: string, name: string) => (/\bprivate\b/.test(text) ? own : uses).get(name)! > 1
    const kept = (text: string, name: string) => (isUsed(text, name) || NO_VARIABLE.test(text) ? text : '')
    return content
      .replaceAll(SAID, (text, name: string) => (isUsed(text, name) ? text : ''))
      .replaceAll(VARIABLE, kept)
  })
  change(withoutUnread)
  return Object.fromEntries(contents.map(({ name, content }) => [name, { content }]))
}

/** Leaves out what a written word is known to have at places where nothing reads it. */
function withoutUnread(content: string): string {
  const known = /^ +require\(.*ecrecover\(bytes32\(changed\), (\d+), 0x.*\n/gm
  const rest = content.replaceAll(known, '')
  return content.replaceAll(known, (text, at: string) => (rest.includes(`)), ${at}, 0x`) ? text : ''))
}

function withoutOthers(content: string, contract: string): string {
  return content.replaceAll(CONTRACT, (text, name: string) => (name === contract ? text : ''))
}

/** A contract's head whose bases get nothing. */
function withoutArguments(head: string): string {
  const inner = head.replaceAll(/\([^()]*\)/g, '')
  return inner === head ? head : withoutArguments(inner)
}

/** Whether a name is called in code outside of functions, in the entry, or in a function that is called. */
function calledFrom(contents: readonly string[], entry: string): (name: string) => boolean {
  let waiting = contents.flatMap((content) =>
    [...content.matchAll(FUNCTION)].map(([text, name]) => ({ name: name!, calls: callsIn(text) })),
  )
  const outside = contents.map((content) => content.replaceAll(FUNCTION, '').replaceAll(SAID, ''))
  const called = new Set([entry, ...outside.flatMap(callsIn)])
  for (let isMore = true; isMore; ) {
    const found = waiting.filter(({ name }) => called.has(name))
    waiting = waiting.filter(({ name }) => !called.has(name))
    for (const name of found.flatMap(({ calls }) => calls)) called.add(name)
    isMore = found.length > 0
  }
  return (name) => called.has(name)
}

/** Names that are called, or stand behind a point. What else names a function doesn't compile any more. */
function callsIn(code: string): string[] {
  const text = code.replace(/^ {4}function \w+/, '')
  return [...text.matchAll(/\b(\w+)(?=[({])|\.(\w+)/g)].map(([, before, behind]) => before ?? behind!)
}

function countedWords(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [word] of text.matchAll(/\w+/g)) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
