import type { Sources } from '../solidity/sources.ts'

/** With its comment: one that is left alone would be that of the next function. */
const FUNCTION = /(?:^ {4}\/\/\/[^\n]*\n)*^ {4}function (\w+)\([^;{]*\{\n.*?^ {4}\}\n/gms
/** Its head as far as the bases' arguments. */
const CONSTRUCTOR = /(^ {4}constructor\(.*?\)) \{\n.*?^ {4}\}\n/gms
const CONTRACT = /^contract (\w+)\b.*?^\}\n/gms

/**
 * Leaves out what a property can't call: the compiler describes every function of every source to the solver, and does not come to an end
 * with some. Other properties of the file go, functions of libraries too; functions of contracts lose their bodies. So do constructors:
 * a property starts with any state and any immutables.
 *
 * @param sources formatted as prettier does it
 * @param file of the property
 * @param contract of the property
 * @returns the same for this property: a function whose name is used anywhere, from this contract on, stays as it is
 */
export function pruned(sources: Sources, file: string, contract: string): Sources {
  const contents = Object.entries(sources).map(([name, { content }]) => ({
    name,
    content: (name === file ? withoutOthers(content, contract) : content).replaceAll(CONSTRUCTOR, '$1 {}\n'),
  }))
  const isCalled = calledFrom(contents.map(({ content }) => content))
  return Object.fromEntries(
    contents.map(({ name, content }) => {
      const emptied = (text: string) =>
        isLibrary(content)
          ? ''
          : text.replace(/ \{\n.*$/s, / storage\)/.test(text) ? ' {\n        revert();\n    }\n' : ' {}\n')
      const text = content.replaceAll(FUNCTION, (text, called: string) =>
        isCalled(called) ? text : emptied(text),
      )
      return [name, { content: text }]
    }),
  )
}

function withoutOthers(content: string, contract: string): string {
  return content.replaceAll(CONTRACT, (text, name: string) => (name === contract ? text : ''))
}

/** Whether a name is used in code outside of functions, in `prove`, or in a function that is called. */
function calledFrom(contents: readonly string[]): (name: string) => boolean {
  let waiting = contents.flatMap((content) =>
    [...content.matchAll(FUNCTION)].map(([text, name]) => ({ name: name!, words: wordsOf(text) })),
  )
  const used = new Set(['prove', ...contents.flatMap((content) => wordsOf(content.replaceAll(FUNCTION, '')))])
  for (let isMore = true; isMore; ) {
    const found = waiting.filter(({ name }) => used.has(name))
    waiting = waiting.filter(({ name }) => !used.has(name))
    for (const word of found.flatMap(({ words }) => words)) used.add(word)
    isMore = found.length > 0
  }
  return (name) => used.has(name)
}

function isLibrary(content: string): boolean {
  return /^library /m.test(content) && !/^(abstract )?contract /m.test(content)
}

/** Names in code, not in comments, and not of functions that are only declared. */
function wordsOf(text: string): string[] {
  const code = text.replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, '').replaceAll(/^ {4}function \w+/gm, '')
  return code.match(/\w+/g) ?? []
}
