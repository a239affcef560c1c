import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { LANES } from './prove/lanes.ts'
import { PLAIN } from './prove/narrow.ts'
import { pruned } from './prove/pruned.ts'
import { OFFENCES, RESTATED_NAMES, restated } from './prove/restated.ts'
import { compiled } from './solidity/compiler.ts'
import { readSources } from './solidity/sources.ts'
import { artifactsOf, runSuites, suitesIn } from './solidity/test-runner.ts'

/**
 * Runs what is restated for the solver beside the text that it stands for, on random inputs. Packed words are real ones in both: what the
 * solver only assumes of them is required there, so that an assumption that doesn't hold reverts.
 */
const ROOT = join(import.meta.dirname, '..')
const KIND = 'ICourt.CaseKind'
const VALUE = /^(u?int\d*|bool|address|bytes\d+|ICourt\.CaseKind)$/

/** What a library asks of its parameters, by name or by function and name: what else it is given has no meaning. */
const ASKED: Record<string, Record<string, string>> = {
  [LANES]: {
    lanes: `& 0x${'7fff'.repeat(16)}`,
    'sum lanes': `& 0x${'0fff'.repeat(16)}`,
    set: `& 0x${'0001'.repeat(16)}`,
    'lowerMedians set': `& 0x${'00000001'.repeat(8)}`,
    count: '% 9',
  },
  'contracts/libraries/Penalties.sol': { before: '% 9' },
  'tools/prove/Narrow.sol': {
    'isSet place': '% 256',
    'withBit word': '% 2 ** 160',
    'withBit place': '% 160',
    watched: '% 2 == 0 ? p1 % 160 : p2 % 160',
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
      'testFuzz_amountOf',
      'testFuzz_to96',
      'testFuzz_withBit',
    ])
  })

  it('is noticed when it gives something else, or assumes too much', async () => {
    const name = 'contracts/types/StakeWord.sol'
    const penalties = 'contracts/libraries/Penalties.sol'
    const { failed } = await compare([name, LANES, penalties, ...Object.keys(PLAIN)], (text) =>
      text
        .replace('|| number == uint256(ICourt.CaseKind.UpdateUnavailable)', '')
        .replace('cut == value', 'cut == value + 1')
        .replace('watched == place ||', '')
        .replace('<= number) ++count', '< number) ++count')
        .replace('return ((StakeWord.unwrap(self) >> 96)', 'return ((StakeWord.unwrap(self) >> 95)')
        .replace(/require\((.*) == availableAtSeconds\)/, 'require($1 == availableAtSeconds + 1)'),
    )
    expect(failed).to.include.members(['testFuzz_unbonding', 'testFuzz_pack', 'testFuzz_lowerMedian'])
    expect(failed).to.include.members(['testFuzz_shareOf', 'testFuzz_to96', 'testFuzz_withBit'])
    expect(failed).not.to.include('testFuzz_active')
  })

  it('notes the same offences, and adds the same penalties', async () => {
    const { passed, failed } = await compareOffences((text) => text)
    expect(failed).to.deep.equal([])
    expect(passed).to.deep.equal(['testFuzz_offences'])
    const other = await compareOffences((text) => text.replace('else if (first != base)', 'else if (false)'))
    expect(other.failed).to.deep.equal(['testFuzz_offences'])
  })
})

/** Notes offences in both texts, and asks both for what is punished around them and what one more costs. */
async function compareOffences(change: (text: string) => string) {
  const noting = (from: string) => `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
import {Offences} from "${from}";
contract Noting is Offences {
    function note(Facts memory facts, address whose, uint256 base) external {
        _notePunished(facts, whose, base);
    }
    function asked(Facts memory facts, address whose, uint256 base) external view returns (bool, uint256) {
        return (_isPunished(facts.kind, facts.taskId, facts.round, whose), _penaltyFor(facts, whose, base));
    }
}
`
  const second = secondOf(OFFENCES)
  const suite = 'compare/Offences.sol'
  const texts = new Map([
    [second, change(restated(OFFENCES, textOf(OFFENCES), 'chain'))],
    ['compare/First.sol', noting(OFFENCES)],
    ['compare/Second.sol', noting(second)],
    [suite, OFFENCES_SUITE],
  ])
  const sources = pruned(readSources(ROOT, [suite], texts), suite, 'Comparison', 'testFuzz_offences')
  return run(artifactsOf(compiled(sources)), [suite])
}

const OFFENCES_SUITE = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
import {ICourt} from "contracts/interfaces/ICourt.sol";
import {Noting as First} from "./First.sol";
import {Noting as Second} from "./Second.sol";
contract Comparison {
    function testFuzz_offences(uint8 kind, uint64 taskId, uint16 round, uint8[3] memory gaps, uint96[4] memory bases, address whose) external {
        (First first, Second second) = (new First(), new Second());
        ICourt.Facts memory facts;
        (facts.kind, facts.taskId, facts.round) = (ICourt.CaseKind(kind % 10), taskId, round);
        for (uint256 i = 0; i < 3; ++i) {
            uint256 base = i == 2 ? bases[0] : uint256(bases[i]) + 1;
            first.note(facts, whose, base);
            second.note(facts, whose, base);
            facts.round += gaps[i] % 9;
        }
        uint32 last = facts.round + 8;
        for (facts.round = round > 8 ? round - 8 : 0; facts.round <= last; ++facts.round) {
            (bool isOne, uint256 one) = first.asked(facts, whose, bases[3]);
            (bool isOther, uint256 other) = second.asked(facts, whose, bases[3]);
            require(isOne == isOther && one == other, "differs");
        }
    }
}
`

function textOf(name: string): string {
  return PLAIN[name] ?? readFileSync(join(ROOT, name.startsWith('@') ? `node_modules/${name}` : name), 'utf8')
}

/** Runs both texts of some libraries, the second one changed. @returns names of tests */
async function compare(names: readonly string[], change: (text: string) => string) {
  const texts = new Map<string, string>()
  for (const name of names) {
    texts.set(name, textOf(name))
    texts.set(secondOf(name), change(restated(name, textOf(name), 'chain')))
    texts.set(`compare/${name}`, comparisonOf(name))
  }
  const entries = names.map((name) => `compare/${name}`)
  return run(artifactsOf(compiled(readSources(ROOT, entries, texts))), entries)
}

/** Runs the suites of some files. @returns names of tests */
async function run(artifacts: ReturnType<typeof artifactsOf>, entries: readonly string[]) {
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
import {ICourt} from "contracts/interfaces/ICourt.sol";
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
  const plain = (type: string) => (type === word ? 'uint256' : type === KIND ? 'uint8' : type)
  const typed = takes.map((type, i) => `${plain(type)} p${i}`).join(', ')
  const call = (from: string) => {
    const given = takes.map((type, i) =>
      type === word ? `${from}${word}.wrap(p${i} & USED)` : type === KIND ? `${KIND}(p${i} % 10)` : `p${i}`,
    )
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
