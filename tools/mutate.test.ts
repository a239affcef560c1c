import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { build } from './mutate/build.ts'
import { type Mutant, REPORTING, sitesIn } from './mutate/mutants.ts'
import { judged, keyOf, type Outcome, readOutcomes, sampleOf, writeOutcomes } from './mutate/results.ts'
import { IMPORTANT, stepsOf } from './mutate/tests-of.ts'
import { tryBuild, tryMutants } from './mutate/try-mutants.ts'
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
    for (const file of IMPORTANT) expect(stepsOf(ROOT, file).flat(), file).not.to.deep.equal([])
    expect(stepsOf(ROOT, 'contracts/libraries/RewardFormula.sol')[0]).to.deep.equal([
      'test/solidity/libraries/RewardFormula.t.sol',
    ])
    const tests = stepsOf(ROOT, 'contracts/court/Execution.sol').flat()
    expect(new Set(tests).size).to.equal(tests.length)
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
  let folder: string
  const test = 'test/solidity/Tried.t.sol'
  const early = 'test/solidity/Early.t.sol'
  const idle = 'test/solidity/Idle.t.sol'
  const replaced = new Map([
    [FILE, SOURCE],
    [test, testSource('contracts/Tried.sol')],
    [early, idleSource('new Tried().add(1, 1);')],
    [idle, idleSource('')],
  ])
  const given = {
    root: ROOT,
    tests: [test, early, idle],
    options: { fuzzRuns: 4, invariantRuns: 1, invariantDepth: 1 },
  }
  const built = () => {
    const wanted = sitesOf(replaced).filter(({ mutant }) => mutant.line >= 13)
    return build(ROOT, given.tests, wanted, join(folder, 'artifacts.json'), replaced)
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-mutants-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('kills those that a test notices, and no others', async () => {
    const { left, ...rest } = built()
    expect(left).to.deep.equal([])
    const survived: string[] = []
    await tryBuild(given, { left, ...rest }, ({ mutant }, failed) => {
      if (failed?.length === 0) survived.push(mutant.text)
    })
    expect(survived).to.have.members(['++total', '++total'])
  })

  it('tells which test files reach a mutant, also before their tests begin', async () => {
    const { artifacts, sites } = built()
    const numbers = [...sites.keys()]
    const work = { ...given, artifacts, ignored: [], reached: {}, gas: {}, numbers: [REPORTING] }
    let reached: Record<string, number[]> = {}
    await tryMutants(work, (_, answer) => {
      reached = answer!.reached
    })
    expect(reached[test]).to.have.members(numbers)
    expect(reached[early]).to.have.members(numbers)
    expect(reached[idle]).to.deep.equal([])
    // With mutants that it doesn't reach a file isn't run: nothing fails.
    const failed: string[][] = []
    await tryMutants({ ...work, reached: { [test]: [], [early]: [], [idle]: [] }, numbers }, (_, answer) =>
      failed.push(answer!.failed),
    )
    expect(failed.flat()).to.deep.equal([])
    expect(failed).to.have.length(numbers.length)
  })
})

/** A test that does nothing after this. */
function idleSource(setUp: string): string {
  return `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Tried} from "../../contracts/Tried.sol";

contract IdleTest {
    function setUp() public { ${setUp} }

    function test_Nothing() public pure {}
}
`
}

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
