import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { LANES } from './prove/lanes.ts'
import { RESTATED_NAMES, restated } from './prove/restated.ts'
import { compiled } from './solidity/compiler.ts'
import { readSources } from './solidity/sources.ts'
import { artifactsOf, runSuites, suitesIn } from './solidity/test-runner.ts'

/**
 * Runs what is restated for the solver beside the text that it stands for, on random inputs. Packed words are real ones in both: what the
 * solver only assumes of them is required there, so that an assumption that doesn't hold reverts.
 */
const ROOT = join(import.meta.dirname, '..')
const VALUE = /^(u?int\d*|bool|address|bytes\d+)$/

/** What a library asks of its parameters, by name or by function and name: what else it is given has no meaning. */
const ASKED: Record<string, Record<string, string>> = {
  [LANES]: {
    lanes: `& 0x${'7fff'.repeat(16)}`,
    'sum lanes': `& 0x${'0fff'.repeat(16)}`,
    set: `& 0x${'0001'.repeat(16)}`,
    'lowerMedians set': `& 0x${'00000001'.repeat(8)}`,
    count: '% 9',
  },
}

/** A function of a library with its parameters and results. */
interface Function {
  name: string
  names: string[]
  takes: string[]
  gives: string[]
}

describe('what is restated for the solver', () => {
  it('gives the same as what it stands for', async () => {
    const { passed, failed } = await compare(RESTATED_NAMES, (text) => text)
    expect(failed).to.deep.equal([])
    expect(passed).to.include.members([
      'testFuzz_toUint',
      'testFuzz_ternary',
      'testFuzz_pack',
      'testFuzz_withSeal',
      'testFuzz_lowerMedian',
      'testFuzz_lowerMedians',
    ])
  })

  it('is noticed when it gives something else, or assumes too much', async () => {
    const name = 'contracts/types/StakeWord.sol'
    const { failed } = await compare([name, LANES], (text) =>
      text
        .replace('<= number) ++count', '< number) ++count')
        .replace('return ((StakeWord.unwrap(self) >> 96)', 'return ((StakeWord.unwrap(self) >> 95)')
        .replace(/require\((.*) == availableAtSeconds\)/, 'require($1 == availableAtSeconds + 1)'),
    )
    expect(failed).to.include.members(['testFuzz_unbonding', 'testFuzz_pack', 'testFuzz_lowerMedian'])
    expect(failed).not.to.include('testFuzz_active')
  })
})

function textOf(name: string): string {
  return readFileSync(join(ROOT, name.startsWith('@') ? `node_modules/${name}` : name), 'utf8')
}

/** Runs both texts of some libraries, the second one changed. @returns names of tests */
async function compare(names: readonly string[], change: (text: string) => string) {
  const texts = new Map<string, string>()
  for (const name of names) {
    texts.set(secondOf(name), change(restated(name, textOf(name), 'chain')))
    texts.set(`compare/${name}`, comparisonOf(name))
  }
  const entries = names.map((name) => `compare/${name}`)
  const artifacts = artifactsOf(compiled(readSources(ROOT, entries, texts)))
  const suites = entries.flatMap((file) => suitesIn(artifacts, file))
  const options = { fuzzRuns: 256, invariantRuns: 1, invariantDepth: 1, gasLimit: 2n ** 40n }
  const results = await runSuites(ROOT, artifacts, suites, options)
  const nameOf = ({ test }: { test: string }) => test.replace(/\(.*/, '')
  return {
    passed: results.filter(({ passed }) => passed).map(nameOf),
    failed: results.filter(({ passed }) => !passed).map(nameOf),
  }
}

/** Beside the first, so that both import the same. */
function secondOf(name: string): string {
  return join(dirname(name), `Restated${name.split('/').at(-1)}`)
}

/** A suite that calls each function of a library in both texts. */
function comparisonOf(name: string): string {
  const text = textOf(name)
  const library = /^library (\w+)/m.exec(text)![1]!
  const word = /^type (\w+) is uint256;/m.exec(text)?.[1]
  const functions = functionsIn(text).filter(({ takes, gives }) =>
    [...takes, ...gives].every((type) => type === word || VALUE.test(type)),
  )
  expect(functions.length, `functions of ${library}`).to.be.above(0)
  const imported = (as: string) => `${library} as ${as}${word ? `, ${word} as ${as}${word}` : ''}`
  return `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
import {${imported('First')}} from "${name}";
import {${imported('Second')}} from "${secondOf(name)}";
contract Comparison {
    uint256 private constant USED = ${usedBits(text)};
    function same(bytes memory one, bytes memory other) private view {
        (bool isFirst, bytes memory first) = address(this).staticcall(one);
        (bool isSecond, bytes memory second) = address(this).staticcall(other);
        require(isFirst == isSecond && (!isFirst || keccak256(first) == keccak256(second)), "differs");
    }
${functions.map((one) => testOf(one, word, ASKED[name])).join('')}}
`
}

function testOf(
  { name, names, takes, gives }: Function,
  word?: string,
  asked: Record<string, string> = {},
): string {
  const plain = (type: string) => (type === word ? 'uint256' : type)
  const typed = takes.map((type, i) => `${plain(type)} p${i}`).join(', ')
  const call = (from: string) => {
    const given = takes.map((type, i) => (type === word ? `${from}${word}.wrap(p${i} & USED)` : `p${i}`))
    const results = gives.map((type, i) => `${type === word ? from : ''}${type} r${i}`)
    const shown = gives.map((type, i) => (type === word ? `${from}${word}.unwrap(r${i})` : `r${i}`))
    return `    function ${from}_${name}(${typed}) external view returns (bytes memory) {
        (${results.join(', ')}) = ${from}.${name}(${given.join(', ')});
        return abi.encode(${shown.join(', ')});
    }\n`
  }
  const test = (cut: string) => {
    const bound = (i: number) => asked[`${name} ${names[i]}`] ?? asked[names[i]!] ?? ''
    const given = takes
      .map((type, i) => (type === 'uint256' ? `(p${i} ${bound(i)})${cut}` : `p${i}`))
      .join(', ')
    return `        same(abi.encodeCall(this.First_${name}, (${given})), abi.encodeCall(this.Second_${name}, (${given})));\n`
  }
  // Numbers of 256 bits fit hardly any field.
  return `${call('First')}${call('Second')}    function testFuzz_${name}(${typed}) external view {
${test('')}${test(' % 2 ** 32')}    }\n`
}

/** Bits of a word that a field has: no word that is written has others. */
function usedBits(text: string): string {
  const fields = [...text.matchAll(/constant (\w+)_OFFSET = (\d+);\n.*?constant \1_BITS = (\d+);/gs)]
  const used = fields.reduce(
    (bits, [, , at, width]) => bits | (((1n << BigInt(width!)) - 1n) << BigInt(at!)),
    0n,
  )
  return `0x${used.toString(16)}`
}

/** Internal functions of a library with one result or more. */
function functionsIn(text: string): Function[] {
  const heads = text.matchAll(
    /^ {4}function (\w+)\(([^)]*)\)\s+internal (?:pure|view)\s+returns \(([^)]*)\)/gm,
  )
  const wordsOf = (list: string) =>
    list
      .split(',')
      .map((one) => one.trim().split(/\s+/))
      .filter(([first]) => first !== '')
  const types = (list: string) => wordsOf(list).map((words) => (words.length > 2 ? 'struct' : words[0]!))
  return [...heads].map(([, name, takes, gives]) => ({
    name: name!,
    names: wordsOf(takes!).map((words) => words.at(-1)!),
    takes: types(takes!),
    gives: types(gives!),
  }))
}
