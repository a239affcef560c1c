import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { build } from './mutate/build.ts'
import { type Mutant, sitesIn } from './mutate/mutants.ts'
import { judged, keyOf, type Outcome, readOutcomes, sampleOf, writeOutcomes } from './mutate/results.ts'
import { IMPORTANT, testsOf } from './mutate/tests-of.ts'
import { tryMutants } from './mutate/try-mutants.ts'
import { syntaxOf } from './solidity/compiler.ts'
import { applied } from './solidity/edits.ts'

const ROOT = join(import.meta.dirname, '..')
const FILE = 'contracts/Tried.sol'
const SOURCE = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

contract Tried {
    uint256 private constant MOST = 5;
    uint256 public total;

    error Tried_TooMuch(uint256 given);

    /// @dev Adds up to MOST.
    function add(uint256 a, uint256 b) external returns (uint256 sum) {
        if (a > MOST) revert Tried_TooMuch(a);
        sum = a + b * 2;
        total += sum;
        ++total;
    }
}
`

describe('mutants', () => {
  const sites = () => sitesIn(FILE, SOURCE, syntaxOf(ROOT, [FILE], new Map([[FILE, SOURCE]]))[FILE]!)

  it('are all small changes of what a function does', () => {
    expect(
      sites().map(({ mutant: { line, text, instead } }) => `${line} ${text} → ${instead}`),
    ).to.have.members([
      '12 a > MOST → true',
      '12 a > MOST → false',
      '12 a > MOST → a >= MOST',
      '12 a > MOST → a <= MOST',
      '12 MOST → uint256(MOST + 1)',
      '13 sum = a + b * 2 → ',
      '13 a + b * 2 → a - b * 2',
      '13 b * 2 → b / 2',
      '13 2 → uint256(2 + 1)',
      '14 total += sum → ',
      '14 total += sum → total -= sum;',
      '15 ++total → ',
      '15 ++total → --total;',
    ])
    expect(sites().every(({ mutant }) => mutant.where === 'add')).to.equal(true)
  })

  it('are told apart where the same stands twice, and drawn alike whatever else changes', () => {
    const all = sites()
    expect(new Set(all.map(({ mutant }) => keyOf(mutant))).size).to.equal(all.length)
    const some = sampleOf(all, 5, 'seed')
    const left = all.filter((site) => site !== all.find((one) => !some.includes(one)))
    expect(sampleOf(left, 5, 'seed')).to.have.members(some)
    expect(sampleOf(all, 5, 'other')).not.to.have.members(some)
  })

  it('have tests that mirror their files, and the important files are there', () => {
    for (const file of IMPORTANT) expect(testsOf(ROOT, file), file).not.to.deep.equal([])
    expect(testsOf(ROOT, 'contracts/libraries/RewardFormula.sol')[0]).to.equal(
      'test/solidity/libraries/RewardFormula.t.sol',
    )
  })
})

describe('edits', () => {
  it('lie in each other, in bytes', () => {
    const wrap = (name: string) => (inner: string) => `${name}(${inner})`
    const edits = [
      { start: 3, end: 6, wrap: wrap('b') },
      { start: 0, end: 8, wrap: wrap('a') },
      { start: 3, end: 6, wrap: wrap('c') },
    ]
    expect(applied('ρ xyz! rest', edits)).to.equal('a(ρ b(c(xyz))! )rest')
    expect(() =>
      applied('abcdef', [
        { ...edits[0]!, start: 0, end: 3 },
        { ...edits[0]!, start: 2, end: 5 },
      ]),
    ).to.throw('edits overlap at byte 2')
  })
})

describe('a trial of mutants', () => {
  it('kills those that a test notices, and no others', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-mutants-'))
    const test = 'test/solidity/Tried.t.sol'
    const replaced = new Map([
      [FILE, SOURCE],
      [test, testSource('contracts/Tried.sol')],
    ])
    try {
      const wanted = sitesOf(replaced).filter(({ mutant }) => mutant.line >= 13)
      const { artifacts, sites, left } = build(ROOT, [test], wanted, join(folder, 'artifacts.json'), replaced)
      expect(left).to.deep.equal([])
      const options = { fuzzRuns: 4, invariantRuns: 1, invariantDepth: 1 }
      const survived: string[] = []
      await tryMutants(
        { root: ROOT, artifacts, tests: [test], ignored: [], numbers: [0, ...sites.keys()], options },
        (number, failed) => {
          if (failed?.length === 0) survived.push(number === 0 ? 'none' : sites.get(number)!.mutant.text)
        },
      )
      expect(survived).to.have.members(['none', '++total', '++total'])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

function sitesOf(replaced: ReadonlyMap<string, string>) {
  return sitesIn(FILE, SOURCE, syntaxOf(ROOT, [FILE], replaced)[FILE]!)
}

/** A test that notices everything but the last statement. */
function testSource(contract: string): string {
  return `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Tried} from "../../${contract}";

contract TriedTest {
    Tried private _tried = new Tried();

    function test_Sum() public {
        require(_tried.add(3, 2) == 7, "sum");
        require(_tried.total() >= 7 - 1, "total");
        require(_tried.add(1, 0) == 1 && _tried.total() >= 8 - 2 && _tried.total() <= 10, "total");
    }
}
`
}

describe('outcomes of mutants', () => {
  const mutant: Mutant = {
    file: 'a.sol',
    where: 'f',
    line: 3,
    text: 'a + b',
    instead: 'a - b',
    occurrence: 0,
  }
  const outcome = (kind: Outcome['kind'], occurrence: number): Outcome => ({
    mutant: { ...mutant, occurrence },
    kind,
    digest: 'd',
  })
  const explained = { file: 'a.sol', where: 'f', text: 'a + b', instead: 'a - b', why: 'b is 0' }

  it('are kept, and found again by what was changed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-mutants-'))
    const path = join(folder, 'deeper/outcomes.json')
    expect(readOutcomes(path).size).to.equal(0)
    writeOutcomes(path, new Map([[keyOf(mutant), outcome('killed', 0)]]))
    expect(readOutcomes(path).get(keyOf({ ...mutant, line: 9 }))).to.deep.equal(outcome('killed', 0))
    rmSync(folder, { recursive: true })
  })

  it('count what hangs as killed, what has no code as nothing, and name who survived without a reason', () => {
    const all = [outcome('killed', 0), outcome('hung', 1), outcome('survived', 2), outcome('uncompilable', 3)]
    const { compiled, killedShare, unexplained, needless } = judged(all, [])
    expect([compiled, killedShare]).to.deep.equal([3, 2 / 3])
    expect(unexplained.map(({ occurrence }) => occurrence)).to.deep.equal([2])
    expect(needless).to.deep.equal([])
    expect(judged(all, [{ ...explained, occurrence: 2 }]).unexplained).to.deep.equal([])
    expect(judged(all, [{ ...explained, occurrence: 0 }]).needless).to.have.length(1)
  })
})
